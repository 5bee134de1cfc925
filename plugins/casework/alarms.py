"""What has to be looked at of other stores: contradictions, and other decisions here."""

from __future__ import annotations

from typing import Any

from tongban.kernel import protocol
from tongban.kernel.ports import store
from tongban.plugins.casework.naming import key_name, moment
from tongban.plugins.casework.session import Session


def alarms(session: Session, case: str | None = None) -> tuple[store.Incoming, ...]:
    """Letters that contradicted what is here, until they are handled.

    Args:
        session: whose store put them aside.
        case: of one case; None for all.
    """
    return session.store.incoming(case=case, kind="alarm", open_only=True)


def _what(one: store.Incoming) -> str:
    says: Any = one.message.body
    why = protocol.REJECTIONS.get(says.get("code"))
    kind = protocol.MESSAGES.get(str(says.get("kind")))
    word = f"{kind.official} {says.get('kind')}" if kind else "来信 letter"
    return f"{says.get('node')} {word}: {why.zh if why else ''} {says.get('code')}"


def alarm_cells(session: Session, one: store.Incoming) -> tuple[str, ...]:
    """A row of `case next`."""
    sent = one.message
    return (
        sent.case,
        "",
        "核对来信 handled",
        key_name(session.kernel, sent.receiver),
        str(sent.body.get("reason")),
        _what(one),
    )


def alarm_lines(session: Session, one: store.Incoming) -> list[str]:
    """What was put aside, why, and what to type when it was looked at."""
    sent = one.message
    return [
        f"{moment(sent.sent_at)}  {_what(one)}: {sent.body.get('reason')}",
        f"    处理后 when handled: tongban case handled {sent.case}",
    ]


def alarm_json(one: store.Incoming) -> dict[str, Any]:
    """The same, for machines."""
    sent = one.message
    names = ("code", "reason", "node", "kind", "letter")
    return {
        "alarm": sent.id,
        "case": sent.case,
        "receiver": sent.receiver,
        "since": sent.sent_at.isoformat(),
        **{name: sent.body.get(name) for name in names},
    }


def reviews(
    session: Session, case: str | None = None, *, open_only: bool = True
) -> tuple[store.Incoming, ...]:
    """Cases of other stores that the rules here decide otherwise, or cannot decide.

    Args:
        session: whose store took them over.
        case: one case; None for all.
        open_only: whether only those that are not handled.
    """
    return session.store.incoming(case=case, kind="review", open_only=open_only)


def review_cells(session: Session, one: store.Incoming) -> tuple[str, ...]:
    """A row of `case next`."""
    sent = one.message
    to = key_name(session.kernel, sent.receiver)
    says = str(sent.body.get("says"))
    return sent.case, "", "复核 handled", to, says, protocol.MESSAGES["review"].official


def review_lines(session: Session, case: str) -> list[str]:
    """What the rules here say otherwise of a case, and what to type when it was looked at."""
    lines = []
    for one in reviews(session, case, open_only=False):
        lines.append(f"{moment(one.message.sent_at)}  {one.message.body.get('says')}")
        if one.handled_at is None:
            lines.append(f"    处理后 when handled: tongban case handled {case}")
    return lines


def review_json(one: store.Incoming) -> dict[str, Any]:
    """The same, for machines."""
    sent = one.message
    handled = one.handled_at.isoformat() if one.handled_at else None
    return {
        "review": sent.id,
        "case": sent.case,
        "receiver": sent.receiver,
        "since": sent.sent_at.isoformat(),
        "says": sent.body.get("says"),
        "handled_at": handled,
    }
