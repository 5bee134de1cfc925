"""Imported rules decide as the table does, told by an evaluation that knows nothing of rules."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import pytest
from attrs import frozen
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tongban.kernel import Kernel
from tongban.plugins.kit.dmn.table import TableError
from tongban.plugins.kit.examples import run_example

DAY = date(2021, 12, 31)


@frozen
class Cell:
    """An input cell: its text, and which values it holds for."""

    text: str
    holds: Callable[[Any], bool]


def number_cells() -> st.SearchStrategy[Cell]:
    ends = st.integers(0, 6)

    def ranged(a: int, b: int, opening: str, closing: str) -> Cell:
        low, high = min(a, b), max(a, b) + 2

        def holds(value: Any) -> bool:
            above = value >= low if opening == "[" else value > low
            return above and bool(value <= high if closing == "]" else value < high)

        return Cell(f"{opening}{low}..{high}{closing}", holds)

    compared = st.builds(
        lambda sign, n: Cell(
            f"{sign} {n}",
            {
                "<": lambda v: v < n,
                "<=": lambda v: v <= n,
                ">": lambda v: v > n,
                ">=": lambda v: v >= n,
            }[sign],
        ),
        st.sampled_from(["<", "<=", ">", ">="]),
        st.integers(1, 6),
    )
    single = st.builds(lambda n: Cell(str(n), lambda v: v == n), ends)
    ranges = st.builds(ranged, ends, ends, st.sampled_from("[]("), st.sampled_from("][)"))
    return lists_of(st.one_of(single, compared, ranges))


def text_cells() -> st.SearchStrategy[Cell]:
    return lists_of(st.builds(lambda t: Cell(f'"{t}"', lambda v: v == t), st.sampled_from("abc")))


def flag_cells() -> st.SearchStrategy[Cell]:
    return lists_of(
        st.builds(lambda f: Cell(str(f).lower(), lambda v: v is f), st.booleans()), most=1
    )


def date_cells() -> st.SearchStrategy[Cell]:
    def cell(days: int, sign: str) -> Cell:
        day = DAY + timedelta(days=days)
        holds: Mapping[str, Callable[[date], bool]] = {
            "": lambda v: v == day,
            "<": lambda v: v < day,
            ">=": lambda v: v >= day,
            ">": lambda v: v > day,
        }
        return Cell(f'{sign} date("{day}")'.strip(), holds[sign])

    return lists_of(st.builds(cell, st.integers(-2, 2), st.sampled_from(["", "<", ">", ">="])))


def lists_of(terms: st.SearchStrategy[Cell], most: int = 2) -> st.SearchStrategy[Cell]:
    def joined(cells: list[Cell], negated: bool) -> Cell:
        text = ", ".join(cell.text for cell in cells)
        if not negated:
            return Cell(text, lambda v: any(cell.holds(v) for cell in cells))
        return Cell(f"not({text})", lambda v: not any(cell.holds(v) for cell in cells))

    anything = st.sampled_from(["-", ""]).map(lambda text: Cell(text, lambda v: True))
    return anything | st.builds(joined, st.lists(terms, min_size=1, max_size=most), st.booleans())


INPUTS: Mapping[str, tuple[str, str, st.SearchStrategy[Cell], Sequence[Any]]] = {
    "count": ("integer", "[0..8]", number_cells(), range(9)),
    "letter": ("string", '"a","b","c","d"', text_cells(), "abcd"),
    "flag": ("boolean", "", flag_cells(), [True, False]),
    "day": ("date", "", date_cells(), [DAY + timedelta(days=n) for n in range(-4, 5)]),
    "birth_order": ("number", "", number_cells(), range(1, 10)),
    "own_record": ("boolean", "", flag_cells(), [True, False]),
}
"""Columns: type, allowed values, cells, and values that all cells together tell apart."""

SINGLE = {"eligible": ["true", "false"], "delivery": ['"post"', '"pickup"']}
OUTPUTS = {**SINGLE, "requires": ['"A"', '"B"', '["A", "B"]'], "time_limit": ["3", "7"]}


@st.composite
def drawn(
    draw: st.DrawFn, policy: str
) -> tuple[list[str], list[str], list[tuple[list[Cell], list[str]]], list[str]]:
    inputs = draw(st.lists(st.sampled_from([*INPUTS]), min_size=1, max_size=3, unique=True))
    known = (
        ["requires"] if policy == "COLLECT" else [*SINGLE] if policy == "PRIORITY" else [*OUTPUTS]
    )
    outputs = draw(st.lists(st.sampled_from(known), min_size=1, max_size=2, unique=True))
    row = st.tuples(
        st.tuples(*(INPUTS[name][2] for name in inputs)).map(list),
        st.tuples(*(st.sampled_from(OUTPUTS[name]) for name in outputs)).map(list),
    )
    rows = draw(st.lists(row, min_size=1, max_size=5))
    if policy == "UNIQUE" and draw(st.booleans()):
        rows = apart(inputs, rows)
    default = draw(st.tuples(*(st.sampled_from(["", *OUTPUTS[name]]) for name in outputs)))
    return inputs, outputs, rows, list(default)


def apart(
    inputs: Sequence[str], rows: Sequence[tuple[list[Cell], list[str]]]
) -> list[tuple[list[Cell], list[str]]]:
    """The rows that hold for no values that an earlier one holds for; the first at the least."""
    taken: list[tuple[list[Cell], list[str]]] = []
    for row in rows:
        spaces = itertools.product(*(INPUTS[name][3] for name in inputs))
        if not any(hold(row[0], vs) and any(hold(one, vs) for one, _ in taken) for vs in spaces):
            taken.append(row)
    return taken


def said(name: str, text: str) -> Any:
    """The value of an output cell."""
    if name == "requires":
        return ["A", "B"] if text.startswith("[") else [text.strip('"')]
    return {"true": True, "false": False}.get(text, text.strip('"'))


def hold(cells: Sequence[Cell], values: Sequence[Any]) -> bool:
    return all(cell.holds(value) for cell, value in zip(cells, values, strict=True))


def evaluate(
    policy: str,
    outputs: Sequence[str],
    rows: Sequence[tuple[list[Cell], list[str]]],
    default: Sequence[str],
    values: Sequence[Any],
) -> dict[str, Any]:
    """What the table says: the rows that hold, and of them those that its policy takes."""
    hits = [dict(zip(outputs, texts, strict=True)) for cells, texts in rows if hold(cells, values)]
    if not hits:
        return {n: said(n, text) for n, text in zip(outputs, default, strict=True) if text}
    if policy == "PRIORITY":
        hits.sort(key=lambda hit: [SINGLE[name].index(hit[name]) for name in outputs])
    if policy == "COLLECT":
        merged = {one for hit in hits for one in said("requires", hit["requires"])}
        return {"requires": merged}
    return {name: said(name, text) for name, text in hits[0].items()}


def got(kernel: Kernel, names: Sequence[str], values: Sequence[Any]) -> dict[str, Any]:
    """What the imported rules conclude: those of the table alone."""
    item = kernel.items[0]
    known = kernel.rulebook.vocabulary.facts
    facts = {
        said: value.isoformat() if isinstance(value, date) else value
        for name, value in zip(names, values, strict=True)
        for said in (name, f"example.{name}")
        if said in known
    }
    raw = {"item": item.key, "channel": "online", "facts": facts, "as_of": "2026-01-01"}
    decision = kernel.decide({**raw, "applicant": {"kind": item.applicant.value[0]}})
    assert decision.outcome != "incomplete"
    found: dict[str, Any] = {"eligible": decision.outcome == "eligible"}
    mine = [one for one in decision.reasons if one.rule.startswith("9-01.")]
    for one in mine:
        if one.conclusion == "requires":
            found.setdefault("requires", set()).add(one.value)
        elif one.conclusion in ("delivery", "time_limit"):
            found[one.conclusion] = one.value
    return found


def dmn(
    policy: str,
    inputs: Sequence[str],
    outputs: Sequence[str],
    rows: Any,
    default: Sequence[str],
    dmn_of: Any,
    head: Any,
) -> bytes:
    heads = [head(name, INPUTS[name][0], INPUTS[name][1]) for name in inputs]
    order = {name: ", ".join(SINGLE[name]) for name in outputs} if policy == "PRIORITY" else {}
    ends = [
        head(name, "", order.get(name, ""), default=text)
        for name, text in zip(outputs, default, strict=True)
    ]
    lines = [[*(cell.text for cell in cells), *texts] for cells, texts in rows]
    content: bytes = dmn_of(policy, heads, ends, lines)
    return content


def letters(
    policy: str,
) -> tuple[list[str], list[str], list[tuple[list[Cell], list[str]]], list[str]]:
    """A table that every policy takes: two rows that are apart."""
    output, texts = (
        ("requires", ['"A"', '"B"']) if policy == "COLLECT" else ("delivery", SINGLE["delivery"])
    )
    cells = [Cell('"a"', lambda v: v == "a"), Cell('"b", "c"', lambda v: v in ("b", "c"))]
    return ["letter"], [output], [([c], [t]) for c, t in zip(cells, texts, strict=True)], [""]


@pytest.mark.parametrize("policy", ["UNIQUE", "FIRST", "PRIORITY", "ANY", "COLLECT"])
def test_imported_rules_decide_as_the_table_does(
    policy: str, loaded: Callable[..., Kernel], make: tuple[Any, Any]
) -> None:
    decided = 0

    @settings(max_examples=25)
    @given(drawn(policy))
    @example(letters(policy))
    def check(table: Any) -> None:
        nonlocal decided
        inputs, outputs, rows, default = table
        domains = [INPUTS[name][3] for name in inputs]
        spaces = [*itertools.product(*domains)]
        hits = [
            [
                n
                for n, (cells, _) in enumerate(rows)
                if all(c.holds(v) for c, v in zip(cells, vs, strict=True))
            ]
            for vs in spaces
        ]
        never = any(
            not any(cell.holds(value) for value in domain)
            for cells, _ in rows
            for cell, domain in zip(cells, domains, strict=True)
        )
        overlap = any(len(one) > 1 for one in hits)
        disagree = any(len({tuple(rows[n][1]) for n in one}) > 1 for one in hits)
        content = dmn(policy, inputs, outputs, rows, default, *make)
        if never or (policy == "UNIQUE" and overlap) or (policy == "ANY" and disagree):
            with pytest.raises(TableError):
                loaded(content)
            return
        kernel = loaded(content)
        for values in spaces[:: max(1, len(spaces) // 40)]:
            expected = evaluate(policy, outputs, rows, default, values)
            eligible = expected.pop("eligible", True)
            found = got(kernel, inputs, values)
            assert found.pop("eligible") == eligible, values
            if eligible:
                if "time_limit" in expected:
                    expected["time_limit"] = [
                        {"step": "decide", "working_days": int(expected["time_limit"])}
                    ]
                if "requires" in expected:
                    expected["requires"] = set(expected["requires"])
                assert {k: plain(v) for k, v in found.items()} == expected, values
            decided += 1
        results = [run_example(kernel, item, case) for item in kernel.items for case in item.cases]
        assert [str(one) for one in results if not one.passed] == []

    check()
    assert decided >= len("abcd"), "the table that is always tried is decided, not refused"


def plain(value: Any) -> Any:
    if isinstance(value, tuple | list):
        return [{k: v for k, v in one.items() if v is not None} for one in value]
    return value
