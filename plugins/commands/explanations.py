"""How an explanation reads: every rule, what it saw, and what would have passed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from tongban.kernel import Decision, Kernel
from tongban.kernel.model import term
from tongban.plugins.console.tables import View
from tongban.plugins.console.terms import cited, concluded, plain


def explanation_view(
    kernel: Kernel, decision: Decision, explanation: Mapping[str, Any], where: str = ""
) -> View:
    """Every rule that could matter, by its result.

    Args:
        kernel: whose rules they are.
        decision: what they came to.
        explanation: `Explanation.to_dict()`.
        where: the file and line of the application, where there are several.
    """
    view = View("逐条说明 rule by rule", where)
    beaten = {one.rule: one.by for one in decision.overridden}
    groups: dict[str, list[Mapping[str, Any]]] = {"holds": [], "near": [], "no": [], "open": []}
    for rule in explanation["rules"]:
        groups[_group(rule)].append(rule)

    def lines(name: str) -> Iterable[str]:
        return (line for rule in groups[name] for line in _rule(kernel, rule, beaten))

    view.add("成立 holds", lines("holds"), "green")
    view.add("差一步 near miss", lines("near"), "yellow")
    view.add("不成立 does not hold", lines("no"))
    view.add("未知 open", lines("open"), "yellow")
    view.add("无关 cannot matter", ", ".join(explanation["dropped"]) or [], "dim")
    return view


def _group(rule: Mapping[str, Any]) -> str:
    if rule["held"] is None:
        return "open"
    if rule["held"]:
        return "holds"
    return "near" if rule["near_miss"] else "no"


def _rule(kernel: Kernel, rule: Mapping[str, Any], beaten: Mapping[str, str]) -> Iterable[str]:
    then = ", ".join(concluded(kernel, name, value) for name, value in rule["then"].items())
    by = beaten.get(rule["rule"])
    overridden = f", 被取代 overridden by {by}" if by else ""
    yield f"{rule['rule']}: {then}{overridden}"
    yield f"    {rule['because']} ({term('layer', rule['layer'])}, {cited(kernel, rule['cite'])})"
    for test in rule["tests"]:
        yield f"    {_test(test)}"


def _test(test: Mapping[str, Any]) -> str:
    name, seen = test["attribute"], plain(test["value"])
    wanted = re.sub(r"^not \((.*)\)$", r"not \1", test["wanted"])
    if test["passed"] is None:
        return f"? {name} is not known; holds with: {wanted}"
    if test["passed"]:
        return f"✓ {name} is {seen}" + (f" ({wanted})" if wanted != seen else "")
    return f"✗ {name} is {seen}; would hold with: {wanted}"
