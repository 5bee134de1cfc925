"""The public conformance tables of DMN (dmn-tck/tck), where they lie beside the checkout.

Each table is imported once for each of its output columns, which `--map` sends to a
conclusion; the imported rules then decide the applications of the suite. What they
say is right, or the table was refused: never wrong.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

from attrs import frozen

from tongban.kernel import Kernel
from tongban.plugins.kit.dmn.document import Imported, Wishes, imported
from tongban.plugins.kit.dmn.names import spelled
from tongban.plugins.kit.dmn.table import TableError
from tongban.plugins.kit.dmn.xml import tables
from tongban.plugins.kit.formatting.layout import formatted

FOLDER = Path(__file__).resolve().parents[4] / "shared" / "dmn-tck"
TEST = "{http://www.omg.org/spec/DMN/20160719/testcase}"
XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
LEAST_RIGHT = 26
"""Results of the part that lies there which the rules give."""


@frozen
class Case:
    """What the suite expects of a decision."""

    inputs: dict[str, Any]
    expected: Any


@frozen
class Tried:
    """A table of a file, with its cases; the output columns by name."""

    file: Path
    decision: str
    outputs: tuple[str, ...]
    cases: tuple[Case, ...]


def value(element: ET.Element) -> Any:
    """What an element of the suite says: a value, a list, or parts by name."""
    held = element.find(f"{TEST}value")
    if held is not None:
        kind, text = (held.get(f"{XSI}type") or "").rpartition(":")[2], held.text or ""
        if kind in ("decimal", "double", "integer"):
            number = float(text)
            return int(number) if number.is_integer() else number
        return text == "true" if kind == "boolean" else None if held.get(f"{XSI}nil") else text
    items = element.find(f"{TEST}list")
    if items is not None:
        return [value(one) for one in items]
    return {str(one.get("name")): value(one) for one in element.findall(f"{TEST}component")} or None


def tried() -> Iterator[Tried]:
    for file in sorted(FOLDER.rglob("*.dmn")):
        root = ET.fromstring(file.read_bytes())
        prefix = root.tag.removesuffix("definitions")
        cases = [
            (str(result.get("name")), Case(_inputs(case), value(expected)))
            for suite in sorted(file.parent.glob("*.xml"))
            for case in ET.parse(suite).getroot().iter(f"{TEST}testCase")
            for result in case.iter(f"{TEST}resultNode")
            if (expected := result.find(f"{TEST}expected")) is not None
        ]
        for decision in root.iter(f"{prefix}decision"):
            table = decision.find(f"{prefix}decisionTable")
            name = str(decision.get("name"))
            mine = tuple(case for other, case in cases if other == name)
            if table is not None and mine:
                outputs = (one.get("name") or name for one in table.iter(f"{prefix}output"))
                yield Tried(file, name, tuple(outputs), mine)


def _inputs(case: ET.Element) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for node in case.findall(f"{TEST}inputNode"):
        said = value(node)
        parts = said if isinstance(said, dict) else {"": said}
        found |= {f"{node.get('name')}.{key}".rstrip("."): one for key, one in parts.items()}
    return found


def target(values: list[Any]) -> str:
    """The conclusion that can say such values."""
    flat = [one for some in values for one in (some if isinstance(some, list) else [some])]
    told = [one for one in flat if one is not None]
    if all(isinstance(one, bool) for one in told):
        return "eligible"
    return "time_limit" if all(isinstance(one, int) for one in told) else "requires"


def of_column(expected: Any, column: str) -> Any:
    if isinstance(expected, list):
        return [of_column(one, column) for one in expected]
    return expected.get(column) if isinstance(expected, dict) else expected


def decided(kernel: Kernel, case: Case, conclusion: str) -> Any:
    """What the imported rules say of a case."""
    known = kernel.rulebook.vocabulary.facts
    facts = {}
    for name, said in case.inputs.items():
        fact = known.get(f"example.{spelled(name)}")
        if fact is not None:
            facts[fact.name] = said if not fact.values or said in fact.values else "other"
    item = kernel.items[0]
    raw = {"item": item.key, "channel": "online", "as_of": "2026-01-01", "facts": facts}
    decision = kernel.decide({**raw, "applicant": {"kind": "person"}})
    assert decision.outcome != "incomplete", decision.missing
    if conclusion == "eligible":
        return decision.outcome == "eligible"
    mine = [one for one in decision.reasons if one.rule.startswith(f"{item.id}.")]
    said = [one.value for one in mine if one.conclusion == conclusion]
    return sorted({one[0]["working_days"] if conclusion == "time_limit" else one for one in said})


def meant(expected: Any, conclusion: str) -> Any:
    if conclusion == "eligible":
        return True if expected is None else expected
    if expected is None:
        return []
    # What two rows of COLLECT both give is given once (docs/dmn.md).
    return sorted({*expected}) if isinstance(expected, list) else [expected]


def test_a_table_of_the_suite_is_right_or_refused(bare: Kernel, tmp_path: Path) -> None:
    right, wrong = 0, []
    for one in tried():
        found = [True] * len(one.cases)
        for column in one.outputs:
            conclusion = target([of_column(case.expected, column) for case in one.cases])
            names = dict.fromkeys(one.outputs, "-") | {column: conclusion}
            try:
                text = rules_of(bare, one, names)
            except TableError:
                found = []
                break
            draft = tmp_path / "rules.yaml"
            draft.write_text(text, encoding="utf-8")
            kernel = Kernel(plugins=[], drafts=[draft])
            for n, case in enumerate(one.cases):
                expected = meant(of_column(case.expected, column), conclusion)
                found[n] = found[n] and decided(kernel, case, conclusion) == expected
        right += sum(found)
        wrong += [(one.file.name, one.decision, n) for n, good in enumerate(found) if not good]
    assert wrong == []
    assert right >= LEAST_RIGHT or not FOLDER.is_dir()


def rules_of(bare: Kernel, one: Tried, names: dict[str, str]) -> str:
    wishes = Wishes("example", "630000", ("9-01",), names)
    read = tables(one.file.read_bytes(), [one.decision])
    found: Imported = imported(read, bare.base.vocabulary, bare.base.sources, wishes)
    return formatted(found.text.encode()).text
