"""From the elements of a DMN file to tables: what is read of them, and what is refused."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from xml.etree import ElementTree as ET

from tongban.plugins.kit.dmn.lexis import BLANK, UnreadError, named, spaced
from tongban.plugins.kit.dmn.table import POLICIES, Column, Refusal, Row, Table
from tongban.plugins.kit.dmn.types import Type, Types, is_feel

_BOXED = {
    "literalExpression": "a FEEL expression",
    "invocation": "an invocation",
    "context": "a context",
    "list": "a list",
    "relation": "a relation",
    "functionDefinition": "a function",
    "conditional": "a conditional",
    "filter": "a filter",
    "for": "a loop",
    "every": "a quantifier",
    "some": "a quantifier",
}
_BESIDE = ("description", "extensionElements")
"""What may stand beside the text of a cell."""


class Reader:
    """Reads decisions, and notes what is refused of them.

    Args:
        prefix: `{namespace}` of DMN in the file.
        types: what the file declares.
    """

    def __init__(self, prefix: str, types: Types) -> None:
        self.prefix = prefix
        self.types = types
        self.refusals: list[Refusal] = []
        self._told: set[Refusal] = set()
        self._around: list[tuple[ET.Element, str]] = []

    def refuse(self, where: str, text: str, message: str) -> None:
        """Notes what cannot be read, once."""
        refusal = Refusal(where, text, message)
        if refusal not in self._told:
            self._told.add(refusal)
            self.refusals.append(refusal)

    def decisions(self, root: ET.Element, only: Collection[str]) -> Iterator[Table]:
        """The decision tables under `definitions`.

        Args:
            root: `definitions`.
            only: ids or names of decisions; none for all of them.
        """
        language = root.get("typeLanguage") or ""
        if not is_feel(language):
            self.refuse("", "", f"its types are those of {language}; FEEL's alone are read")
        self._around = [(root, "")]
        for element in root:
            kind = self._kind(element)
            name = element.get("name") or element.get("id") or ""
            if only and not {element.get("id"), element.get("name")} & {*only}:
                continue
            if kind == "decision":
                where = f'decision "{_line(name)}"'
                self._around[1:] = [(element, where)]
                table = self._decision(element, where, name)
                if table:
                    yield table
            elif kind in ("businessKnowledgeModel", "decisionService", "import"):
                self.refuse(f'{kind} "{name}"', "", "is not read; decision tables alone are")

    def _kind(self, element: ET.Element) -> str:
        """The local name of an element of DMN, "" for others'."""
        return element.tag.removeprefix(self.prefix) if element.tag.startswith(self.prefix) else ""

    def _decision(self, element: ET.Element, where: str, name: str) -> Table | None:
        found = []
        for part in element:
            kind = self._kind(part)
            if kind == "informationRequirement" and self._all(part, "requiredDecision"):
                self.refuse(where, "", "depends on another decision; bring one table for both")
            elif kind == "knowledgeRequirement":
                self.refuse(where, "", "depends on a business knowledge model; none is read")
            elif kind in _BOXED:
                message = f"is {_BOXED[kind]}; decision tables alone are read"
                said = part.findtext(f"{self.prefix}text") or ""
                self.refuse(where, said.strip(BLANK), message)
            elif kind == "decisionTable":
                found.append(part)
        if len(found) != 1:
            if not any(one.where == where for one in self.refusals):
                has = "more than one" if found else "no"
                self.refuse(where, "", f"has {has} decision table")
            return None
        variable = element.find(f"{self.prefix}variable")
        result = (variable.get("name") if variable is not None else "") or name
        return self._table(found[0], (element.get("id") or "", name, result), where)

    def _table(self, element: ET.Element, named: tuple[str, str, str], where: str) -> Table | None:
        id, name, result = named
        self._around[2:] = [(element, where)]
        policy = element.get("hitPolicy") or "UNIQUE"
        before = len(self.refusals)
        if policy not in POLICIES:
            allowed = ", ".join(POLICIES)
            self.refuse(where, policy, f"is a hit policy that is not read; read are {allowed}")
        if element.get("aggregation"):
            message = "is an aggregation; COLLECT is read without one"
            self.refuse(where, element.get("aggregation") or "", message)
        ends = self._all(element, "output")
        alone = (_line(result), _line(name)) if len(ends) == 1 else ("", "")
        inputs = tuple(
            self._input(n, one, where) for n, one in enumerate(self._all(element, "input"), 1)
        )
        outputs = tuple(self._output(n, one, where, *alone) for n, one in enumerate(ends, 1))
        rows = tuple(
            self._row(n, one, inputs, outputs, where)
            for n, one in enumerate(self._all(element, "rule"), 1)
        )
        if not outputs or not rows:
            self.refuse(where, "", "its table has no output column or no row")
        if len(self.refusals) > before:
            return None
        return Table(id, name, policy, inputs, outputs, rows)

    def _input(self, number: int, element: ET.Element, where: str) -> Column:
        label = _line(element.get("label"))
        expression = element.find(f"{self.prefix}inputExpression")
        if expression is None:
            expression = ET.Element("none")
        said = self._text(expression, f'{where}, input {number} "{label}"')
        here = f"{where}, {Column('input', number, label, said)}"
        self._check_language(expression, here, said)
        name, declared, unnamed = spaced(said), None, ""
        try:
            declared = self.types.name(name)
            if name and declared is None:
                named(name)
        except UnreadError as error:
            unnamed = str(error)
        other = self.types.results.get(name)
        if declared is None and other not in (None, self._around[1][0].get("name")):
            self.refuse(here, said, f"is the result of the decision {other!r}; one table is read")
        kind, allowed, untyped = "", "", ""
        try:
            kind, allowed = self._typed(expression.get("typeRef") or "", here, declared)
        except UnreadError as error:
            # Where the attribute is a known one its own type counts, so this is reported later.
            untyped = f"{expression.get('typeRef')!r} {error}"
        own = self._tests(element.find(f"{self.prefix}inputValues"), here)
        return Column(
            "input", number, label, name, kind, own or allowed, unnamed=unnamed, untyped=untyped
        )

    def _typed(self, reference: str, where: str, declared: Type | None) -> tuple[str, str]:
        """The type of a column and what it allows: its own, else that of the name it tests.

        Raises:
            UnreadError: where its own is not read.
        """
        said = self.types.reference(reference)
        mine = declared or said
        for one in (said, mine):
            if one.many or one.base == "list":
                self.refuse(where, reference, "is a list; a column tests one value")
            elif one.base == "context":
                self.refuse(where, reference, "is a structure; a column tests one of its parts")
        if said.base and mine.base and said.base != mine.base:
            message = f"is a {said.base} here, but the file declares it as a {mine.base}"
            self.refuse(where, "", message)
        return said.base or mine.base, said.allowed or mine.allowed

    def _output(
        self, number: int, element: ET.Element, where: str, result: str, decision: str
    ) -> Column:
        label = _line(element.get("label")) or ("" if element.get("name") else decision)
        name = _line(element.get("name")) or result
        here = f"{where}, {Column('output', number, label, name)}"
        kind, allowed = "", ""
        try:
            found = self.types.reference(element.get("typeRef") or "")
            kind, allowed = found.base, found.allowed
        except UnreadError as error:
            self.refuse(here, element.get("typeRef") or "", str(error))
        own = self._tests(element.find(f"{self.prefix}outputValues"), here)
        default = self._tests(element.find(f"{self.prefix}defaultOutputEntry"), here)
        return Column("output", number, label, name, kind, own or allowed, default)

    def _tests(self, element: ET.Element | None, where: str) -> str:
        """The text of allowed values or of a default; "" where there is none."""
        if element is None:
            return ""
        text = self._text(element, where)
        self._check_language(element, where, text)
        return text

    def _row(
        self,
        number: int,
        element: ET.Element,
        inputs: tuple[Column, ...],
        outputs: tuple[Column, ...],
        where: str,
    ) -> Row:
        here = f"{where}, row {number}"
        cells: dict[str, tuple[str, ...]] = {}
        for kind, columns in (("inputEntry", inputs), ("outputEntry", outputs)):
            entries = self._all(element, kind)
            if len(entries) != len(columns):
                self.refuse(here, "", f"has {len(entries)} {kind} for {len(columns)} columns")
            texts = []
            for column, entry in zip(columns, entries, strict=False):
                text = self._text(entry, f"{here}, {column}")
                self._check_language(entry, f"{here}, {column}", text)
                texts.append(text)
            cells[kind] = tuple(texts)
        notes = ["".join(one.itertext()) for one in self._all(element, "annotationEntry")]
        notes.append(element.findtext(f"{self.prefix}description") or "")
        annotations = tuple(dict.fromkeys(line for note in notes if (line := _line(note))))
        return Row(number, cells["inputEntry"], cells["outputEntry"], annotations)

    def _check_language(self, element: ET.Element, where: str, text: str) -> None:
        """Refuses another language than FEEL, where it is declared: at a cell or around it."""
        own = element.get("expressionLanguage") or ""
        if own:
            if not is_feel(own):
                self.refuse(where, text, f"is written in {own}; FEEL alone is read")
            return
        for around, there in reversed(self._around):
            language = around.get("expressionLanguage") or ""
            if language:
                if not is_feel(language):
                    self.refuse(there, "", f"its cells are written in {language}; FEEL is read")
                return

    def _all(self, element: ET.Element, kind: str) -> list[ET.Element]:
        return element.findall(f"{self.prefix}{kind}")

    def _text(self, element: ET.Element, where: str) -> str:
        """The text of a cell; what else stands in it is refused, never passed over."""
        found = ""
        stray = [element.text, *(one.tail for one in element)]
        texts = 0
        for one in element:
            kind = self._kind(one)
            if kind == "text":
                texts += 1
                found = (one.text or "").strip(BLANK)
                if len(one):
                    self.refuse(where, found, "holds elements in its text")
            elif kind not in _BESIDE:
                held = _BOXED.get(kind, f"<{one.tag.rpartition('}')[2]}>")
                self.refuse(where, "", f"holds {held}; a cell holds text")
        outside = next((said.strip() for said in stray if said and said.strip()), "")
        if outside or texts > 1:
            self.refuse(where, outside, "stands outside of <text>, or there are several texts")
        return found


def _line(text: str | None) -> str:
    return " ".join((text or "").split())
