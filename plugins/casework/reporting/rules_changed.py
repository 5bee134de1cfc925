"""`tongban report --rules-changed`: cases whose rules are others by now than at their receipt."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

import click
from attrs import frozen

from tongban.kernel import MODES, ApplicationError, Kernel, TongbanError, protocol
from tongban.kernel.engine import rules_version
from tongban.kernel.model import official
from tongban.kernel.ports import rows
from tongban.plugins.casework.naming import state_name
from tongban.plugins.casework.reporting.figures import within
from tongban.plugins.casework.reporting.tables import csv_text
from tongban.plugins.casework.session import Session
from tongban.plugins.console.options import as_json
from tongban.plugins.console.tables import is_terminal, table

SEE = "tongban diff git:REVISION:rules installed"
"""Shows what changed in the rules themselves."""

COLUMNS = (
    "办件 case", "事项 item", "名称 name", "状态 state", "收件 received", "当时规则 rules then",
    "现行规则 rules now", "变化 change",
)  # fmt: skip
_NARROW = ("办件 case", "规则 rules", "变化 change")

_UNDECIDED = ("withdrawn", "terminated", "lapsed", "returned")
"""Ends without a decision: no rule has said anything that lasts."""

_SHORT = 12


@frozen
class Change:
    """What the rules of today say otherwise of a case.

    Attributes:
        field, name: of what differs, `outcome` and `结果`.
        then, now: as texts, "" for nothing.
    """

    field: str
    name: str
    then: str
    now: str

    @property
    def line(self) -> str:
        """`结果 outcome: eligible → ineligible`."""
        return f"{self.name} {self.field}: {self.then or '—'} → {self.now or '—'}"


@frozen
class ChangedRules:
    """A case whose rules have changed.

    Attributes:
        now: the hash of the rules that are installed; None where the item has none any more.
        changes: of its decision by these rules, as far as the log has its facts; none where
            it comes to the same, and None where that cannot be said, which `unknown` explains.
        elsewhere: whether it was handed in at another store, whose rules may have been others.
    """

    case: protocol.Case
    now: str | None
    changes: tuple[Change, ...] | None
    unknown: str = ""
    elsewhere: bool = False

    @property
    def received(self) -> date:
        """The day of its receipt; of its application, where it was not received yet."""
        return protocol.day_of(self.case.received_at or self.case.submitted_at)

    def lines(self) -> list[str]:
        """What changed, in words."""
        if self.now is None:
            found = [f"规则已不在 no rules here any more: {self.unknown}"]
        elif self.changes is None:
            found = [f"无法比较 cannot be compared: {self.unknown}"]
        else:
            same = "按现行规则结论相同 the decision is the same by the rules now"
            found = [one.line for one in self.changes] or [same]
        if self.elsewhere:
            found.append("他库收件,其规则可能不同 handed in at another store, by the rules there")
        return found

    def to_dict(self) -> dict[str, Any]:
        """For JSON; hashes in full."""
        case = self.case
        return {
            "case": case.id,
            "item": rows.item_key(case),
            "name": case.item.get("name", ""),
            "state": case.state,
            "open": not case.over,
            "granted": case.granted,
            "received": self.received.isoformat(),
            "rules_then": case.rules,
            "rules_now": self.now,
            "changes": None
            if self.changes is None
            else [{"field": one.field, "then": one.then, "now": one.now} for one in self.changes],
            "unknown": self.unknown,
            "elsewhere": self.elsewhere,
        }


@frozen
class RulesReport:
    """Cases whose rules have changed, the newest first.

    Attributes:
        looked_at: how many cases were compared.
        since, until: handed in between these days; None is open.
    """

    cases: tuple[ChangedRules, ...]
    looked_at: int
    since: date | None
    until: date | None

    def text(self, json: bool, form: str) -> str | None:
        """As JSON or CSV; None for a table."""
        if json:
            shown = {
                "kind": "rules-changed",
                "from": self.since.isoformat() if self.since else None,
                "until": self.until.isoformat() if self.until else None,
                "looked_at": self.looked_at,
                "see": SEE,
                "cases": [one.to_dict() for one in self.cases],
            }
            return as_json(shown) + "\n"
        return csv_text(COLUMNS, _rows(self.cases)) if form == "csv" else None

    def on_screen(self) -> None:
        """Writes the table."""
        if is_terminal():
            table(_NARROW, _narrow(self.cases))
        else:
            table(COLUMNS, _rows(self.cases))

    def tell(self) -> None:
        """Says how many, and where the change itself is shown."""
        open_ones = sum(not one.case.over for one in self.cases)
        count = f"{len(self.cases)} 件规则已变 cases with other rules, {open_ones} 件在办 open"
        click.echo(f"{count}; 比较了 compared {self.looked_at}", err=True)
        if self.cases:
            click.echo(f"规则本身的变化 what changed in the rules: {SEE}", err=True)


def changed(session: Session, since: date | None, until: date | None) -> RulesReport:
    """Open, decided and refused cases whose rules are others by now than the hash that they keep.

    What ended without a decision is left out.

    Args:
        session: an open store.
        since, until: handed in between these days; None is open.
    """
    found, count = [], 0
    for case in within(session.store.snapshots(), since, until):
        if case.state in _UNDECIDED:
            continue
        count += 1
        one = _compared(session.kernel, case)
        if one.now != case.rules:
            first = session.store.events(case.id)[:1]
            taken = bool(first) and first[0].kind == "taken_over"
            found.append(ChangedRules(case, one.now, one.changes, one.unknown, taken))
    return RulesReport(tuple(found), count, since, until)


def _compared(kernel: Kernel, case: protocol.Case) -> ChangedRules:
    key = rows.item_key(case)
    if key not in kernel.rulebook.items:
        return ChangedRules(case, None, None, f"没有事项 {key} (no item {key})")
    now = rules_version(kernel.program(key))
    if now == case.rules:
        return ChangedRules(case, now, ())
    try:
        decided = kernel.decide({**case.as_decided, "item": key}).to_dict()
    except ApplicationError as error:
        says = f"在案申请不合现行规则 (the application does not fit the rules now: {error})"
        return ChangedRules(case, now, None, says)
    except TongbanError as error:
        return ChangedRules(case, now, None, f"未能重新判定 (not decided again: {error})")
    if decided["outcome"] == "incomplete":
        asked = "、".join(one["question"] for one in decided["missing"])
        return ChangedRules(case, now, None, f"日志缺少 the log lacks: {asked}")
    return ChangedRules(case, now, tuple(_differences(case.decision, decided)))


_NAMES = {
    "outcome": "结果",
    "modes": official("conclusion")["modes"],
    "authorities": "办理机关",
    "receiving": official("conclusion")["receiving"],
    "limits": official("conclusion")["time_limit"],
    "delivery": official("conclusion")["delivery"],
    "reasons": "理由",
}


def _differences(then: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[Change]:
    before, after = _texts(then), _texts(now)
    for field, name in _NAMES.items():
        if before[field] != after[field]:
            yield Change(field, name, before[field], after[field])


def _texts(decision: Mapping[str, Any]) -> dict[str, str]:
    """What is compared of a decision, as texts that a person reads."""
    receiving = decision.get("receiving") or {}
    acting = (one for one in decision.get("handling", ()) if one.get("acts", True))
    limits = (f"{one.get('step')} {one.get('working_days')}" for one in decision["time_limit"])
    return {
        "outcome": str(decision["outcome"]),
        "modes": _joined(MODES.get(one, one) for one in decision["modes"]),
        "authorities": _joined(
            f"{one['division'] or '-'}/{one['department']}{'*' if one['lead'] else ''}"
            for one in acting
        ),
        "receiving": str(receiving.get("division") or ""),
        "limits": _joined(limits),
        "delivery": _joined(decision["delivery"]),
        "reasons": _joined(f"{one['rule']} {one['because']}" for one in decision["reasons"]),
    }


def _joined(texts: Iterable[str]) -> str:
    return "、".join(sorted(set(texts)))


def _rows(found: Iterable[ChangedRules]) -> list[tuple[str, ...]]:
    """Rows of `COLUMNS`."""
    return [
        (
            one.case.id,
            rows.item_key(one.case),
            str(one.case.item.get("name", "")),
            state_name(one.case.state),
            one.received.isoformat(),
            one.case.rules[:_SHORT],
            (one.now or "无 none")[:_SHORT],
            "\n".join(one.lines()),
        )
        for one in found
    ]


def _narrow(found: Iterable[ChangedRules]) -> list[tuple[str, ...]]:
    """Rows of `_NARROW`, what there is room for on a terminal."""
    return [
        (f"{id}\n{item} {name}\n{state}, {day}", f"{then}\n→ {now}", change)
        for id, item, name, state, day, then, now, change in _rows(found)
    ]
