"""From the rows of a table to rules with the same meaning."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod
from typing import Any

from attrs import frozen

from tongban.plugins.kit.dmn.boxes import (
    Box,
    Budget,
    Rows,
    TooManyBoxesError,
    bits,
    first,
    meet,
    without,
)
from tongban.plugins.kit.dmn.domains import Domain, InexpressibleError
from tongban.plugins.kit.dmn.outputs import priorities
from tongban.plugins.kit.dmn.table import MOST_SHOWN, Refusal, Row, Table, TableError

MOST_OVERLAPS = 100
"""Pairs of rows that are reported at once."""

MOST_EXCEPTIONS = 8
"""Exceptions of a rule before the facts that are left are written out, where these are fewer."""

MOST_ALTERNATIVES = 60
"""In how many ways a rule with exceptions may hold before its boxes are written out instead."""


@frozen
class Translated:
    """A row as a rule.

    Attributes:
        row: of the table.
        then: what it concludes; nothing where it only keeps others from holding.
        condition: `when` and `unless` of the rule, where they are needed.
        reach: the facts for which it holds, as boxes; none where it never does.
    """

    row: Row
    then: Mapping[str, Any]
    condition: Mapping[str, Any]
    reach: tuple[Box, ...]


def translate(
    table: Table,
    domains: Sequence[Domain],
    boxes: Sequence[Box],
    conclusions: Sequence[Mapping[str, Any]],
) -> tuple[Translated, ...]:
    """The rows of a table as rules that hold together as its hit policy says.

    Args:
        table: the table.
        domains: of its input columns.
        boxes: what each row admits.
        conclusions: what each row concludes; one more for the default outputs, where it has them.

    Raises:
        TableError: where rows of UNIQUE overlap, or rows of ANY or of one priority disagree.
    """
    count = len(boxes)
    budget = Budget()
    rows = Rows(boxes, budget)
    ranks: Sequence[Any] = range(count)
    if table.policy == "PRIORITY":
        ranks = priorities(table)
    if table.policy in ("UNIQUE", "ANY", "PRIORITY"):
        _refuse_overlaps(table, domains, rows, conclusions, ranks)
    above = _stronger(ranks) if table.policy in ("FIRST", "PRIORITY") else [0] * count
    found = []
    for n, (row, box, then) in enumerate(zip(table.rows, boxes, conclusions, strict=False)):
        found.append(_translated(table, domains, rows, (row, box, above[n]), then))
    if table.default:
        whole = tuple(domain.all for domain in domains)
        every = (table.default, whole, (1 << count) - 1)
        found.append(_translated(table, domains, rows, every, conclusions[count]))
    return tuple(found)


def _translated(
    table: Table,
    domains: Sequence[Domain],
    rows: Rows,
    one: tuple[Row, Box, int],
    then: Mapping[str, Any],
) -> Translated:
    """A row with its box as a rule, where those rows are stronger of which a bit is set."""
    row, box, above = one
    try:
        over = rows.meeting(box) & above if above else 0
        reach = tuple(without(box, (rows.boxes[m] for m in bits(over)), rows.budget))
        condition: dict[str, Any] = {}
        if reach:
            stronger = [*dict.fromkeys(rows.boxes[m] for m in bits(over))]
            condition = _condition(domains, box, stronger, reach)
    except (TooManyBoxesError, InexpressibleError):
        message = "overlaps the stronger rows in too many ways; split the table"
        raise TableError([Refusal(table.at(row), "", message)]) from None
    return Translated(row, then, condition, reach)


def _stronger(ranks: Sequence[Any]) -> list[int]:
    """For each row those of a smaller rank, as bits."""
    found = [0] * len(ranks)
    before = seen = 0
    ordered = sorted(range(len(ranks)), key=lambda n: ranks[n])
    for place, n in enumerate(ordered):
        if place and ranks[n] != ranks[ordered[place - 1]]:
            before = seen
        found[n] = before
        seen |= 1 << n
    return found


def gaps(domains: Sequence[Domain], boxes: Sequence[Box]) -> tuple[Box, ...]:
    """The facts for which no row says anything; of a table too wide to tell, none."""
    try:
        return tuple(without(tuple(domain.all for domain in domains), boxes, Budget(300_000)))
    except TooManyBoxesError:
        return ()


def _refuse_overlaps(
    table: Table,
    domains: Sequence[Domain],
    rows: Rows,
    conclusions: Sequence[Mapping[str, Any]],
    ranks: Sequence[Any],
) -> None:
    """Refuses rows that may not hold together: any of UNIQUE, else those that disagree."""
    alike: dict[str, int] = {}
    peers: dict[Any, int] = {}
    for n, then in enumerate(conclusions[: len(rows.boxes)]):
        alike[repr(then)] = alike.get(repr(then), 0) | 1 << n
        peers[ranks[n]] = peers.get(ranks[n], 0) | 1 << n
    refusals: list[Refusal] = []
    for n in range(len(rows.boxes)):
        try:
            against = rows.meeting(rows.boxes[n]) >> n + 1 << n + 1
        except TooManyBoxesError:
            message = "overlaps other rows in too many ways to be compared; split the table"
            raise TableError([Refusal(table.at(table.rows[n]), "", message)]) from None
        if table.policy != "UNIQUE":
            against &= ~alike[repr(conclusions[n])]
        if table.policy == "PRIORITY":
            against &= peers[ranks[n]]
        for m in bits(against):
            if len(refusals) == MOST_OVERLAPS:
                raise TableError(refusals)
            refusals.append(_overlap(table, domains, (n, m), rows.boxes))
    if refusals:
        raise TableError(refusals)


_FORBIDDEN = {
    "UNIQUE": "overlaps row {}, which UNIQUE forbids",
    "ANY": "concludes another thing than row {}, which ANY forbids",
    "PRIORITY": "has the priority of row {} and concludes another thing; list the values of"
    " another output column, strongest first",
}


def _overlap(
    table: Table, domains: Sequence[Domain], pair: tuple[int, int], boxes: Sequence[Box]
) -> Refusal:
    one, other = (table.rows[n] for n in pair)
    shared = meet(boxes[pair[0]], boxes[pair[1]])
    assert shared is not None
    cells = [
        f"{column}: {_cell(one, k)} and {_cell(other, k)}" for k, column in enumerate(table.inputs)
    ]
    facts = ", ".join(f"{name} = {value}" for name, value in example(domains, shared).items())
    both = f"both hold for {facts}" if facts else "both always hold"
    message = _FORBIDDEN[table.policy].format(one.number)
    return Refusal(table.at(other), "", f"{message}: {both} ({'; '.join(cells)})")


def _cell(row: Row, number: int) -> str:
    text = row.inputs[number] or "-"
    return repr(text if len(text) <= MOST_SHOWN else f"{text[:MOST_SHOWN]}…")


def example(domains: Sequence[Domain], box: Box) -> dict[str, Any]:
    """Facts within a box."""
    return {
        domain.attribute: domain.classes[first(chosen)].value
        for domain, chosen in zip(domains, box, strict=True)
        if chosen & domain.there and chosen != domain.all
    }


def _condition(
    domains: Sequence[Domain], box: Box, stronger: Sequence[Box], reach: Sequence[Box]
) -> dict[str, Any]:
    when = _mapping(domains, box)
    exceptions = dict.fromkeys(
        # Where a row admits all that this one does, it need not be said again.
        tuple(
            domain.all if not mine & ~theirs else theirs
            for domain, mine, theirs in zip(domains, box, other, strict=True)
        )
        for other in stronger
    )
    if len(exceptions) > MOST_EXCEPTIONS and len(reach) < len(exceptions):
        return _spelled(domains, reach)
    said = {"when": when} if when else {}
    unless = [_mapping(domains, one) for one in exceptions]
    if not unless:
        return said
    if _ways(when) * prod(map(_tests, unless)) <= MOST_ALTERNATIVES:
        return {**said, "unless": unless[0] if len(unless) == 1 else unless}
    return _spelled(domains, reach)


def _spelled(domains: Sequence[Domain], reach: Sequence[Box]) -> dict[str, Any]:
    """The facts that are left, written out."""
    if len(reach) > 4 * MOST_ALTERNATIVES:
        raise TooManyBoxesError
    parts = [_mapping(domains, one) for one in reach]
    return {"when": parts[0] if len(parts) == 1 else {"any": parts}}


def _mapping(domains: Sequence[Domain], box: Box) -> dict[str, Any]:
    """A box as a condition."""
    single: dict[str, Any] = {}
    several: list[tuple[str, Sequence[Any]]] = []
    for domain, chosen in zip(domains, box, strict=True):
        tests = domain.tests(chosen)
        if tests is None:
            continue
        if len(tests) == 1:
            single[domain.attribute] = tests[0]
        else:
            several.append((domain.attribute, tests))
    return single | _any(several)


def _any(several: Sequence[tuple[str, Sequence[Any]]]) -> dict[str, Any]:
    if not several:
        return {}
    (name, tests), rest = several[0], several[1:]
    return {"any": [{name: test, **_any(rest)} for test in tests]}


def _ways(condition: Mapping[str, Any]) -> int:
    """In how many ways a condition can hold."""
    return sum(map(_ways, condition["any"])) if "any" in condition else 1


def _tests(condition: Mapping[str, Any]) -> int:
    """In how many ways a condition can fail to hold, at most."""
    own = sum(key != "any" for key in condition)
    return own + prod(map(_tests, condition["any"])) if "any" in condition else own
