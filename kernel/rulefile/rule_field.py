"""How a list of rules is written, and the advice of a rule."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from attrs import frozen

from tongban.kernel.model.rules import CHANNELS, Advice, Rule
from tongban.kernel.model.vocabulary import Vocabulary
from tongban.kernel.rulefile import fields as s
from tongban.kernel.rulefile.contradictions import TooManyError, contradictions, never_holds
from tongban.kernel.rulefile.yaml_tree import Node

ITEM_ID = r"(?:[0-9]{6}/)?[0-9a-z]+(?:-[0-9a-z]+)*"


@frozen(eq=False, repr=False)
class RulesShape:
    """Rules of one layer: no id twice, no two that conclude differently for the same facts."""

    rule: s.Shape
    vocabulary: Vocabulary

    def read(self, node: Node, diag: s.Diagnostics) -> Any:
        if node.kind != "list":
            return s.ListOf(self.rule).read(node, diag)
        s.refuse_doubles(node, diag)
        pairs = [(one, self.rule.read(one, diag)) for one in node.items]
        good = [(one, rule) for one, rule in pairs if rule is not s.BAD]
        outer = diag.owner
        for one, rule in good:
            if never_holds(rule, self.vocabulary.attributes):
                diag.owner = rule.id
                diag.report(one, "can never hold: its tests, `unless` and dates exclude each other")
        for number, message in _contradictions([rule for _, rule in good], self.vocabulary):
            one, rule = good[number]
            diag.owner = rule.id
            diag.report(one, message)
        diag.owner = outer
        return tuple(rule for _, rule in good)

    def schema(self) -> dict[str, Any]:
        return s.ListOf(self.rule).schema()


def _contradictions(rules: list[Rule], vocabulary: Vocabulary) -> Iterator[tuple[int, str]]:
    """The number of a rule, and what is wrong with it beside the others."""
    try:
        for found in contradictions(rules, vocabulary.attributes):
            one, other = rules[found.first], rules[found.second]
            example = ", ".join(f"{name}: {_said(value)}" for name, value in found.example.items())
            yield (
                found.second,
                f"{_differs(one, other, found.conclusion)}, and both hold"
                f" {f'for {example}' if example else 'always'};"
                " narrow one of them by `when` or `unless`",
            )
    except TooManyError:
        yield len(rules) - 1, "too many rules and alternatives to be compared; use fewer"


def _differs(one: Rule, other: Rule, name: str) -> str:
    first, second = one.then[name], other.then[name]
    if isinstance(second, tuple):
        return f"concludes another {name} than {one.id} (line {one.line})"
    return (
        f"concludes {name}: {_said(second)}, but {one.id} (line {one.line})"
        f" concludes {_said(first)}"
    )


def _said(value: object) -> str:
    """A value as a rule writes it."""
    if isinstance(value, bool):
        return str(value).lower()
    return "nothing" if value is None else str(value)


@frozen(eq=False, repr=False)
class AdviceShape:
    """One piece of advice."""

    place: s.Shape

    def read(self, node: Node, diag: s.Diagnostics) -> Any:
        if node.kind == "scalar":
            return self._item(node, diag)
        targets: dict[str, tuple[str, s.Shape]] = {
            "channel": ("use_channel", s.Word("channel", tuple(CHANNELS))),
            "apply_at": ("apply_at", self.place),
            "bring": ("bring", s.Text("what to bring")),
        }
        if node.kind != "mapping" or len(node.keys) != 1:
            return diag.misread(node, f"expected an item's id or one of {', '.join(targets)}")
        key, value = node.keys[0]
        if key.text == "item":
            return self._item(value, diag)
        if key.text not in targets:
            diag.unknown(key, "advice", (*targets, "item"))
            return s.BAD
        do, shape = targets[key.text]
        target = shape.read(value, diag)
        return target if target is s.BAD else Advice(do, target)

    def _item(self, node: Node, diag: s.Diagnostics) -> Any:
        item = s.Name(ITEM_ID, "an item's id such as 2-03").read(node, diag)
        if item is s.BAD:
            return s.BAD
        diag.references.append(diag.mark(node))
        return Advice("use_item", item)

    def schema(self) -> dict[str, Any]:
        item = {"type": "string", "pattern": f"^{ITEM_ID}$"}
        keys = {
            "channel": s.Word("channel", tuple(CHANNELS)).schema(),
            "apply_at": self.place.schema(),
            "bring": s.Text().schema(),
            "item": item,
        }
        table = {
            "type": "object",
            "properties": keys,
            "additionalProperties": False,
            "minProperties": 1,
            "maxProperties": 1,
        }
        return {"anyOf": [item, table]}
