"""From tables to the text of a department's rule file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from attrs import field, frozen

from tongban.plugins.kit.dmn.cases import cases
from tongban.plugins.kit.dmn.inputs import Inputs, read_inputs
from tongban.plugins.kit.dmn.notes import reason
from tongban.plugins.kit.dmn.outputs import read_outputs
from tongban.plugins.kit.dmn.rules import Translated, example, gaps, translate
from tongban.plugins.kit.dmn.table import Refusal, Table, TableError
from tongban.plugins.kit.formatting.scalars import Bare, in_flow

MOST_TOLD = 20
"""Rows of a table that a warning names each."""


@frozen
class Wishes:
    """What a DMN file does not say of a department and its items.

    Attributes:
        items: ids, one for each table.
        names: attributes and conclusions by the names of columns.
        scope: `510000/` before ids of rules, "" in the default jurisdiction.
    """

    department: str
    jurisdiction: str
    items: tuple[str, ...]
    names: Mapping[str, str] = field(factory=dict)
    kind: str = "证明"
    applicant: tuple[str, ...] = ("person",)
    handled_at: str = "central"
    row: str = ""
    scope: str = ""


@frozen
class Imported:
    """A rule file, and what its author should know of it."""

    text: str
    warnings: tuple[str, ...]


def imported(
    tables: Sequence[Table],
    vocabulary: Any,
    sources: Mapping[str, Mapping[str, Any]],
    wishes: Wishes,
) -> Imported:
    """The rule file of a department that decides as the tables do.

    Args:
        tables: of a DMN file, one for each item.
        vocabulary: of the kernel.
        sources: that may be cited, by id.
        wishes: what the tables do not say.

    Raises:
        TableError: with everything that cannot be read.
    """
    refusals: list[Refusal] = []
    inputs: Inputs | None = None
    try:
        inputs = read_inputs(tables, vocabulary, wishes.department, wishes.names)
    except TableError as error:
        refusals += error.refusals
    outputs = []
    for table in tables:
        try:
            outputs.append(read_outputs(table, wishes.names))
        except TableError as error:
            refusals += error.refusals
    if refusals or inputs is None:
        raise TableError(refusals)
    warnings: list[str] = []
    items = []
    for n, (table, id) in enumerate(zip(tables, wishes.items, strict=True)):
        domains = [inputs.domains[name] for name in inputs.attributes[n]]
        try:
            rules = translate(table, domains, inputs.boxes[n], outputs[n])
        except TableError as error:
            refusals += error.refusals
            continue
        warnings += _warnings(table, rules)
        for box in () if table.default else gaps(domains, inputs.boxes[n])[:1]:
            facts = ", ".join(f"{name} = {_plain(v)}" for name, v in example(domains, box).items())
            rest = "an item is eligible unless a rule says no"
            warnings.append(f"{table.at()}: no row says what holds for {facts}; {rest}")
        found = [*cases(table, domains, rules, f"{wishes.scope}{id}", vocabulary, inputs.declared)]
        for rule, case in found:
            if case is None:
                warnings.append(f"{table.at(rule.row)}: no case could be made up; write one")
        told = [case for _, case in found if case]
        items.append(_item(table, id, rules, told, sources, wishes))
    if refusals:
        raise TableError(refusals)
    head = {
        "id": wishes.department,
        "jurisdiction": Bare(wishes.jurisdiction),
        "name": "TODO 请填写部门名称",
        "title": "TODO plain English",
    }
    whole: dict[str, Any] = {"department": head}
    if inputs.declared:
        whole["attributes"] = dict(inputs.declared)
    return Imported(in_flow({**whole, "items": items}) + "\n", tuple(warnings))


def _warnings(table: Table, rules: Sequence[Translated]) -> list[str]:
    never = [rule for rule in rules if not rule.reach]
    told = [
        f"{table.at(rule.row)}: never holds, stronger rows take all its facts; left out"
        for rule in never[:MOST_TOLD]
    ]
    more = len(never) - len(told)
    return told + ([f"{table.at()}: so do {more} more rows"] if more else [])


def _item(
    table: Table,
    id: str,
    rules: Sequence[Translated],
    told: Sequence[Mapping[str, Any]],
    sources: Mapping[str, Mapping[str, Any]],
    wishes: Wishes,
) -> dict[str, Any]:
    cite = {"row": Bare(wishes.row)} if wishes.row else {"section": "TODO"}
    item: dict[str, Any] = {
        "id": Bare(id),
        "name": " ".join(table.name.split()) or table.id or "TODO 请填写事项名称",
        "title": "TODO plain English",
        "kind": wishes.kind,
        "applicant": [*wishes.applicant],
        "handled_at": {
            "value": [wishes.handled_at],
            "basis": "inferred",
            "because": "TODO 决策表未写明办理地",
        },
        "available": {},
        "cite": cite,
        "basis": "inferred",
    }
    written = [_rule(rule, cite, sources) for rule in rules if rule.reach and _says(rule)]
    if written:
        item["rules"] = written
    return item | ({"cases": [*told]} if told else {})


def _says(rule: Translated) -> dict[str, Any]:
    """What a rule concludes; that an item is eligible holds without saying."""
    return {k: v for k, v in rule.then.items() if (k, v) != ("eligible", True)}


def _rule(
    rule: Translated, cite: Mapping[str, Any], sources: Mapping[str, Mapping[str, Any]]
) -> dict[str, Any]:
    said = reason(rule.row.annotations, rule.row.number, sources)
    own = {"id": rule.row.id, **rule.condition, "then": _says(rule)}
    return {**own, "cite": cite, **said}


def _plain(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
