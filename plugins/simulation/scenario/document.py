"""YAML as strict as in rule files: no key twice, no alias, every mistake with its line."""

from __future__ import annotations

import re
from typing import Any

from attrs import define, field

from tongban.kernel.rulefile import Node, compose, scalar
from tongban.plugins.simulation.scenario.fields import ScenarioError

_DECIMAL = re.compile(r"-?[0-9]{1,17}\.[0-9]{1,17}")
_NOTHING = ("", "~", "null")


@define
class _Reader:
    where: str
    decimals: bool
    problems: list[str] = field(factory=list)

    def report(self, line: int, column: int, says: str) -> None:
        self.problems.append(f"{self.where}:{line}:{column}: {says}")

    def value(self, node: Node) -> Any:
        if node.kind == "mapping":
            return {key.text: self.value(value) for key, value in node.keys}
        if node.kind == "list":
            return [self.value(one) for one in node.items]
        if self.decimals and node.plain and _DECIMAL.fullmatch(node.text):
            return float(node.text)
        found = scalar(node)
        if found is None and node.text not in _NOTHING:
            says = f"{node.text} is not a day of the calendar in the years 1900 to 2999"
            self.report(node.line, node.column, says)
        return found


def document(text: str, where: str, decimals: bool = True) -> Any:
    """What a YAML document says: mappings with text as keys, lists, numbers, dates, text.

    Args:
        text: of the file.
        where: how messages name the file.
        decimals: whether `1.50` is a number; in rule files it is text.

    Raises:
        ScenarioError: where it is not plain YAML, or holds a day that there is not; each
            mistake on a line of its own.
    """
    reader = _Reader(where, decimals)
    root = compose(text, reader.report)
    found = None if root is None else reader.value(root)
    if reader.problems:
        raise ScenarioError("\n".join(reader.problems))
    return found
