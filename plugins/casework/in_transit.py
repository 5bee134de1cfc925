"""What is on its way to other offices and was not acknowledged; what came back refused."""

from __future__ import annotations

from typing import Any

from attrs import frozen

from tongban.kernel import protocol
from tongban.kernel.ports import store
from tongban.plugins.casework.naming import command_name, key_name, moment
from tongban.plugins.casework.session import Session

SILENT_AFTER = 2
"""After this many working days without a receipt somebody has to ask: whatever failed was tried
again once a day at least, and other stores take in what comes on every working day."""


@frozen
class Silent:
    """A message to another office that was not acknowledged for too long.

    Attributes:
        days: working days since it was sent.
        reason: why it failed the last time, "" where nothing is known.
    """

    message: protocol.Message
    days: int
    reason: str

    def line(self, session: Session) -> str:
        """What it is, to whom, since when, and who has to ask."""
        sent, kernel = self.message, session.kernel
        word = f"{protocol.MESSAGES[sent.kind].official} {sent.kind}"
        since = protocol.day_of(sent.sent_at)
        why = f": {self.reason}" if self.reason else ""
        return (
            f"{sent.case} {word} → {key_name(kernel, sent.receiver)}: 自 {since} 起未获回执,"
            f" 已 {self.days} 个工作日 not acknowledged since {since}; 由"
            f" {key_name(kernel, self.asks)} 查询 has to ask{why}"
        )

    @property
    def asks(self) -> str:
        """The address of who has to ask: who sent it; for the machine, a supervisor there."""
        if self.message.sender != "system":
            return self.message.sender
        place = self.message.receiver.partition("/")[0]
        return protocol.supervisor_of(None if place == "-" else place)

    def to_dict(self) -> dict[str, Any]:
        """The stable JSON form."""
        sent = self.message
        return {
            "silent": sent.id,
            "case": sent.case,
            "kind": sent.kind,
            "sender": sent.sender,
            "receiver": sent.receiver,
            "since": protocol.day_of(sent.sent_at).isoformat(),
            "working_days": self.days,
            "asks": self.asks,
            "reason": self.reason,
        }


def silent(session: Session, case: str | None = None) -> tuple[Silent, ...]:
    """Messages to other offices that were not acknowledged for too long, the oldest first.

    Args:
        session: whose store sent them.
        case: of one case; None for all.
    """
    waiting = (*session.store.outgoing("pending", case), *session.store.outgoing("failed", case))
    found = []
    for one in sorted(waiting, key=lambda one: one.position):
        sent = one.message
        if "/" not in sent.receiver:
            continue  # the applicant and the machine are here
        place = sent.sender.partition("/")[0]
        calendar = session.service.calendar(place if place.isdigit() else None)
        today = protocol.day_of(session.now)
        days = calendar.between(protocol.day_of(sent.sent_at), today)
        if days > SILENT_AFTER:
            found.append(Silent(sent, days, one.reason))
    return tuple(found)


def came_back(session: Session, case: str | None = None) -> tuple[store.Incoming, ...]:
    """Commands that were passed on from here and refused, until they are handled.

    Args:
        session: whose store passed them on.
        case: of one case; None for all.
    """
    notices = session.store.incoming(case=case, kind="notice", open_only=True)
    return tuple(one for one in notices if protocol.came_back(one.message))


def concerns(actor: protocol.Actor | None, address: str) -> bool:
    """Whether what lies with an office is somebody's to see: theirs, or of whom they oversee.

    Args:
        actor: None for everybody.
        address: of the office.
    """
    if actor is None or actor.kind == "system":
        return True
    place, _, department = address.partition("/")
    division = None if place == "-" else place
    if actor.kind == "supervisor":
        return protocol.oversees(actor.division, division)
    return actor.serves(protocol.Office("", division, department))


def came_back_lines(session: Session, one: store.Incoming) -> list[str]:
    """A command that came back: what, of when, why, and what to type when it is handled."""
    says: Any = one.message.body
    command = str(says.get("command", ""))
    name = command_name(command) if command in protocol.COMMANDS else command
    sender = key_name(session.kernel, one.message.sender)
    return [
        f"{moment(one.message.sent_at)}  {name}: {sender} 未予办理 refused: {says.get('reason')}",
        f"    处理后 when handled: tongban case handled {one.message.case}",
    ]


def came_back_json(one: store.Incoming) -> dict[str, Any]:
    """The same, for machines."""
    sent = one.message
    names = ("command", "given_at", "code", "reason")
    return {
        "came_back": sent.id,
        "case": sent.case,
        "sender": sent.sender,
        "receiver": sent.receiver,
        **{name: sent.body.get(name) for name in names},
    }
