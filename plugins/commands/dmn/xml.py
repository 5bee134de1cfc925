"""Reading the XML of DMN 1.1 to 1.5, safely."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from xml.etree import ElementTree as ET

from tongban.plugins.commands.dmn.table import POLICIES, Column, Refusal, Refused, Row, Table

__all__ = ["MAX_SIZE", "VERSIONS", "tables"]

MAX_SIZE = 4_000_000
"""Largest file, in bytes."""

VERSIONS = {
    "http://www.omg.org/spec/DMN/20151101/dmn.xsd": "1.1",
    "http://www.omg.org/spec/DMN/20180521/MODEL/": "1.2",
    "https://www.omg.org/spec/DMN/20191111/MODEL/": "1.3",
    "https://www.omg.org/spec/DMN/20211108/MODEL/": "1.4",
    "https://www.omg.org/spec/DMN/20230324/MODEL/": "1.5",
}
"""Namespaces of the versions that are read."""

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


class _Builder(ET.TreeBuilder):
    """Refuses a document type, and with it every entity but XML's own five."""

    def doctype(self, name: str, pubid: str | None, system: str | None) -> None:
        raise Refused([Refusal("", "<!DOCTYPE", "is not read: a DMN file has no document type")])


def tables(content: bytes, only: Collection[str] = ()) -> tuple[Table, ...]:
    """The decision tables of a file.

    Args:
        content: of a .dmn file.
        only: ids or names of decisions; none for all of them.

    Raises:
        Refused: where it is no DMN, or holds anything but decision tables that
            stand alone.
    """
    if len(content) > MAX_SIZE:
        raise Refused([Refusal("", "", f"the file has more than {MAX_SIZE:,} bytes")])
    try:
        root = ET.XML(content, ET.XMLParser(target=_Builder()))  # noqa: S314 - see _Builder
    except ET.ParseError as error:
        line, column = error.position
        said = str(error).partition(": line")[0]
        message = f"this is not XML (line {line}, column {column + 1}): {said}"
        raise Refused([Refusal("", "", message)]) from None
    except (ValueError, LookupError) as error:
        raise Refused([Refusal("", "", f"this is not XML: {error}")]) from None
    namespace, _, name = root.tag.rpartition("}")
    namespace = namespace.removeprefix("{")
    if name != "definitions" or namespace not in VERSIONS:
        known = ", ".join(VERSIONS.values())
        message = f"is no DMN that is read: expected <definitions> of DMN {known}"
        raise Refused([Refusal("", f"<{name}> of {namespace!r}", message)])
    reader = _Reader(f"{{{namespace}}}")
    found = [*reader.decisions(root, only)]
    if not found and not reader.refusals:
        reader.refusals.append(Refusal("", "", "no decision table in the file"))
    if reader.refusals:
        raise Refused(reader.refusals)
    return tuple(found)


class _Reader:
    def __init__(self, prefix: str) -> None:
        self.prefix = prefix
        self.refusals: list[Refusal] = []

    def decisions(self, root: ET.Element, only: Collection[str]) -> Iterator[Table]:
        for element in root:
            kind = self._kind(element)
            name = element.get("name") or element.get("id") or ""
            if only and not {element.get("id"), element.get("name")} & {*only}:
                continue
            if kind == "decision":
                table = self._decision(element, f'decision "{name}"', name)
                if table:
                    yield table
            elif kind in ("businessKnowledgeModel", "decisionService", "import"):
                self._refuse(f'{kind} "{name}"', "", "is not read; decision tables alone are")

    def _kind(self, element: ET.Element) -> str:
        """The local name of an element of DMN, "" for others'."""
        return element.tag.removeprefix(self.prefix) if element.tag.startswith(self.prefix) else ""

    def _refuse(self, where: str, text: str, message: str) -> None:
        self.refusals.append(Refusal(where, text, message))

    def _decision(self, element: ET.Element, where: str, name: str) -> Table | None:
        table = None
        for part in element:
            kind = self._kind(part)
            if kind == "informationRequirement" and self._all(part, "requiredDecision"):
                self._refuse(where, "", "depends on another decision; bring one table for both")
            elif kind == "knowledgeRequirement":
                self._refuse(where, "", "depends on a business knowledge model; none is read")
            elif kind in _BOXED:
                message = f"is {_BOXED[kind]}; decision tables alone are read"
                self._refuse(where, self._text(part), message)
            elif kind == "decisionTable":
                table = part
        if table is None:
            if not any(one.where == where for one in self.refusals):
                self._refuse(where, "", "has no decision table")
            return None
        return self._table(table, element.get("id") or "", name, where)

    def _table(self, element: ET.Element, id: str, name: str, where: str) -> Table | None:
        policy = element.get("hitPolicy") or "UNIQUE"
        before = len(self.refusals)
        if policy not in POLICIES:
            allowed = ", ".join(POLICIES)
            self._refuse(where, policy, f"is a hit policy that is not read; read are {allowed}")
        if element.get("aggregation"):
            message = "is an aggregation; COLLECT is read without one"
            self._refuse(where, element.get("aggregation") or "", message)
        inputs = tuple(
            self._input(n, one, where) for n, one in enumerate(self._all(element, "input"), 1)
        )
        outputs = tuple(
            self._output(n, one, where) for n, one in enumerate(self._all(element, "output"), 1)
        )
        rows = tuple(
            self._row(n, one, inputs, outputs, where)
            for n, one in enumerate(self._all(element, "rule"), 1)
        )
        if not outputs or not rows:
            self._refuse(where, "", "its table has no output column or no row")
        if len(self.refusals) > before:
            return None
        return Table(id, name, policy, inputs, outputs, rows)

    def _input(self, number: int, element: ET.Element, where: str) -> Column:
        expression = element.find(f"{self.prefix}inputExpression")
        name, kind = "", ""
        if expression is not None:
            name = self._text(expression)
            kind = expression.get("typeRef") or ""
        allowed = self._text(element.find(f"{self.prefix}inputValues"))
        column = Column("input", number, _line(element.get("label")), name, _type(kind), allowed)
        self._check_language(expression, f"{where}, {column}", name)
        return column

    def _output(self, number: int, element: ET.Element, where: str) -> Column:
        allowed = self._text(element.find(f"{self.prefix}outputValues"))
        name = element.get("name") or ""
        kind = _type(element.get("typeRef") or "")
        column = Column("output", number, _line(element.get("label")), name, kind, allowed)
        default = element.find(f"{self.prefix}defaultOutputEntry")
        if default is not None:
            message = "is a default output; write a last row with - in every cell, and FIRST"
            self._refuse(f"{where}, {column}", self._text(default), message)
        return column

    def _row(
        self,
        number: int,
        element: ET.Element,
        inputs: tuple[Column, ...],
        outputs: tuple[Column, ...],
        where: str,
    ) -> Row:
        here = f"{where}, row {number}"
        cells = {}
        for kind, columns in (("inputEntry", inputs), ("outputEntry", outputs)):
            entries = self._all(element, kind)
            if len(entries) != len(columns):
                self._refuse(here, "", f"has {len(entries)} {kind} for {len(columns)} columns")
            for column, entry in zip(columns, entries, strict=False):
                self._check_language(entry, f"{here}, {column}", self._text(entry))
                boxed = [self._kind(one) for one in entry if self._kind(one) in _BOXED]
                if boxed:
                    message = f"holds {_BOXED[boxed[0]]}; a cell holds text"
                    self._refuse(f"{here}, {column}", "", message)
            cells[kind] = tuple(map(self._text, entries))
        notes = [self._text(one) for one in self._all(element, "annotationEntry")]
        notes.append(_line(element.findtext(f"{self.prefix}description")))
        annotations = tuple(dict.fromkeys(_line(note) for note in notes if note))
        return Row(number, cells["inputEntry"], cells["outputEntry"], annotations)

    def _check_language(self, element: ET.Element | None, where: str, text: str) -> None:
        language = (element.get("expressionLanguage") if element is not None else "") or ""
        if language and "feel" not in language.lower():
            self._refuse(where, text, f"is written in {language}; FEEL alone is read")

    def _all(self, element: ET.Element, kind: str) -> list[ET.Element]:
        return element.findall(f"{self.prefix}{kind}")

    def _text(self, element: ET.Element | None) -> str:
        if element is None:
            return ""
        return (element.findtext(f"{self.prefix}text") or "").strip()


def _line(text: str | None) -> str:
    return " ".join((text or "").split())


def _type(reference: str) -> str:
    return reference.rpartition(":")[2].rpartition("}")[2].lower()
