"""From the rows of a table to rules with the same meaning."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from math import prod
from typing import Any

from attrs import frozen

from tongban.plugins.commands.dmn.boxes import Box, TooManyBoxes, meet, without
from tongban.plugins.commands.dmn.domains import Domain, Inexpressible
from tongban.plugins.commands.dmn.outputs import priorities
from tongban.plugins.commands.dmn.table import Refusal, Refused, Row, Table

__all__ = ["Translated", "example", "gaps", "translate"]

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
        conclusions: what each row concludes.

    Raises:
        Refused: where rows of UNIQUE overlap or rows of ANY disagree.
    """
    if table.policy in ("UNIQUE", "ANY"):
        _refuse_overlaps(table, domains, boxes, conclusions)
    ranks: Sequence[Any] = range(len(boxes))
    if table.policy == "PRIORITY":
        ranks = priorities(table)
    exclusive = table.policy in ("FIRST", "PRIORITY")
    found = []
    for n, (row, box, then) in enumerate(zip(table.rows, boxes, conclusions, strict=True)):
        stronger = [
            other
            for m, other in enumerate(boxes)
            if exclusive and ranks[m] < ranks[n] and meet(box, other)
        ]
        try:
            reach = tuple(without(box, stronger))
            condition = _condition(domains, box, stronger, reach) if reach else {}
        except (TooManyBoxes, Inexpressible):
            message = "overlaps the stronger rows in too many ways; split the table"
            raise Refused([Refusal(table.at(row), "", message)]) from None
        found.append(Translated(row, then, condition, reach))
    return tuple(found)


def gaps(domains: Sequence[Domain], boxes: Sequence[Box]) -> tuple[Box, ...]:
    """The facts for which no row says anything; of a table too wide to tell, none."""
    try:
        return tuple(without(tuple(domain.all for domain in domains), boxes))
    except TooManyBoxes:
        return ()


def _refuse_overlaps(
    table: Table,
    domains: Sequence[Domain],
    boxes: Sequence[Box],
    conclusions: Sequence[Mapping[str, Any]],
) -> None:
    refusals = []
    for (n, one), (m, other) in combinations(enumerate(boxes), 2):
        shared = meet(one, other)
        if shared is None or (table.policy == "ANY" and conclusions[n] == conclusions[m]):
            continue
        first, second = table.rows[n], table.rows[m]
        cells = [
            f"{column}: {first.inputs[k] or '-'!r} and {second.inputs[k] or '-'!r}"
            for k, column in enumerate(table.inputs)
        ]
        facts = ", ".join(f"{name} = {value}" for name, value in example(domains, shared).items())
        what = "overlaps" if table.policy == "UNIQUE" else "concludes another thing than"
        message = f"{what} row {first.number}, which {table.policy} forbids"
        both = f"both hold for {facts}" if facts else "both always hold"
        refusals.append(Refusal(table.at(second), "", f"{message}: {both} ({'; '.join(cells)})"))
    if refusals:
        raise Refused(refusals)


def example(domains: Sequence[Domain], box: Box) -> dict[str, Any]:
    """Facts within a box."""
    facts = {}
    for domain, chosen in zip(domains, box, strict=True):
        there = [domain.classes[n] for n in sorted(chosen) if domain.classes[n].value is not None]
        if there and chosen != domain.all:
            facts[domain.attribute] = there[0].value
    return facts


def _condition(
    domains: Sequence[Domain], box: Box, stronger: Sequence[Box], reach: Sequence[Box]
) -> dict[str, Any]:
    when = _mapping(domains, box)
    exceptions = [
        # Where a row admits all that this one does, it need not be said again.
        _mapping(
            domains,
            tuple(
                domain.all if mine <= theirs else theirs
                for domain, mine, theirs in zip(domains, box, other, strict=True)
            ),
        )
        for other in stronger
    ]
    said = {"when": when} if when else {}
    unless = [one for n, one in enumerate(exceptions) if one not in exceptions[:n]]
    if not unless:
        return said
    if _ways(when) * prod(map(_tests, unless)) <= MOST_ALTERNATIVES:
        return {**said, "unless": unless[0] if len(unless) == 1 else unless}
    if len(reach) > 4 * MOST_ALTERNATIVES:
        raise TooManyBoxes
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
