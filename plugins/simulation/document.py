"""YAML as strict as in rule files: no key twice, no alias, every mistake with its line."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from attrs import define, field

from tongban.kernel import Node, compose
from tongban.plugins.simulation.shape import ScenarioError

__all__ = ["document"]

_INTEGER = re.compile("-?(?:0|[1-9][0-9]{0,17})")
_DECIMAL = re.compile(r"-?[0-9]{1,17}\.[0-9]{1,17}")
_DAY = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")
_YEARS = range(1900, 3000)


@define
class _Reader:
    where: str
    problems: list[str] = field(factory=list)

    def report(self, line: int, column: int, says: str) -> None:
        self.problems.append(f"{self.where}:{line}:{column}: {says}")

    def value(self, node: Node) -> Any:
        if node.kind == "mapping":
            return {key.text: self.value(value) for key, value in node.keys}
        if node.kind == "list":
            return [self.value(one) for one in node.items]
        return self._scalar(node) if node.plain else node.text

    def _scalar(self, node: Node) -> Any:
        text = node.text
        if text in ("", "~", "null"):
            return None
        if text in ("true", "false"):
            return text == "true"
        if _INTEGER.fullmatch(text):
            return int(text)
        if _DECIMAL.fullmatch(text):
            return float(text)
        return self._day(node) if _DAY.fullmatch(text) else text

    def _day(self, node: Node) -> date | None:
        try:
            day = date.fromisoformat(node.text)
        except ValueError:
            self.report(node.line, node.column, f"{node.text} is no day of the calendar")
            return None
        if day.year not in _YEARS:
            self.report(node.line, node.column, f"{node.text}: the years are 1900 to 2999")
        return day


def document(text: str, where: str) -> Any:
    """What a YAML document says: mappings with text as keys, lists, numbers, dates, text.

    Args:
        text: of the file.
        where: how messages name the file.

    Raises:
        ScenarioError: where it is not plain YAML, or holds a day that there is not; each
            mistake on a line of its own.
    """
    reader = _Reader(where)
    root = compose(text, reader.report)
    found = None if root is None else reader.value(root)
    if reader.problems:
        raise ScenarioError("\n".join(reader.problems))
    return found
