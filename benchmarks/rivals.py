"""The same rules, written for other engines.

Each gets what suits it best, by the fastest way that its documentation has: facts in its own
form, made beforehand, rules compiled beforehand, and all rules of an item in one call. A rule
that holds is a bit of a number, as in the kernel's engine.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from importlib import import_module
from typing import Any

from attrs import frozen
from benchmarks.engines import Question

from tongban.kernel import Condition
from tongban.kernel.engine import Facts, Program
from tongban.kernel.model import AllOf, Between, Literal, Not, OneOf, disjuncts


@frozen
class Rival:
    """Another engine with the rules of all items.

    Attributes:
        run: answers every question, in its own words.
        mask: what an answer says holds.
    """

    name: str
    run: Callable[[], list[Any]]
    mask: Callable[[Any], int]


def zen(programs: Mapping[str, Program], questions: Iterable[Question]) -> Iterator[Rival]:
    """zen-engine: an expression that gives the number, and a decision table.

    Facts are JSON texts for expressions, which take them faster, and dicts for tables. Tables
    come from a static loader: decisions made by `create_decision` take five times as long.

    Raises:
        ImportError: where it is not installed.
    """
    engine = import_module("zen")
    asked = [(item, _plain(facts)) for item, facts in questions]
    numbers = {
        key: engine.compile_expression(_sum(program, _ZEN)) for key, program in programs.items()
    }
    texts = [(item, json.dumps(facts).encode()) for item, facts in asked]
    yield Rival(
        "zen-engine, one compiled expression per item, facts as JSON",
        lambda: [numbers[item].evaluate(facts) for item, facts in texts],
        int,
    )
    content = {key: _table(program) for key, program in programs.items()}
    tables = engine.ZenEngine({"loader": {"type": "static", "content": content}})
    yield Rival(
        "zen-engine, one decision table per item, from a static loader",
        lambda: [tables.evaluate(item, facts)["result"] for item, facts in asked],
        lambda rows: _bits({row["rule"] for row in rows}),
    )


def datalogic(programs: Mapping[str, Program], questions: Iterable[Question]) -> Iterator[Rival]:
    """datalogic-py: JSONLogic that gives the number; facts as a dict, and parsed beforehand.

    Raises:
        ImportError: where it is not installed.
    """
    module = import_module("datalogic_py")
    engine = module.Engine()
    asked = [(item, _plain(facts)) for item, facts in questions]
    handles = [(item, module.DataHandle(facts)) for item, facts in asked]
    session = engine.session()
    rules = {
        key: engine.compile(
            {"+": [{"if": [_logic(r.when), 1 << n, 0]} for n, r in enumerate(program.rules)]}
        )
        for key, program in programs.items()
    }
    yield Rival(
        "datalogic-py, one rule per item, facts as a dict",
        lambda: [session.evaluate(rules[item], facts) for item, facts in asked],
        int,
    )
    yield Rival(
        "datalogic-py, the same, facts parsed beforehand",
        lambda: [session.evaluate_int(rules[item], facts) for item, facts in handles],
        int,
    )


def cel(programs: Mapping[str, Program], questions: Iterable[Question]) -> Iterator[Rival]:
    """CEL, by its implementation in Rust: an expression that gives the number.

    Raises:
        ImportError: where it is not installed.
    """
    module = import_module("cel")
    # A name that stands in an expression has to be there.
    unsaid = {key: {_name(name): None for name in p.tested} for key, p in programs.items()}
    asked = [(item, unsaid[item] | _plain(facts)) for item, facts in questions]
    compiled = {key: module.compile(_sum(program, _CEL)) for key, program in programs.items()}
    contexts = [(item, module.Context(facts)) for item, facts in asked]
    yield Rival(
        "CEL (common-expression-language), one program per item, facts as a dict",
        lambda: [compiled[item].execute(facts) for item, facts in asked],
        int,
    )
    yield Rival(
        "CEL, the same, facts in contexts made beforehand",
        lambda: [compiled[item].execute(context) for item, context in contexts],
        int,
    )


def durable_plugin(
    programs: Mapping[str, Program], questions: Iterable[Question]
) -> Iterator[Rival]:
    """The second opinion: durable-rules' C module, kept to its safe way.

    Raises:
        ImportError: where it is not installed.
    """
    plugin = import_module("tongban.plugins.engines.durable_rules")
    if getattr(plugin, "ABSENT", ""):
        raise ImportError(plugin.ABSENT)
    asked = [(programs[item], facts) for item, facts in questions]
    opinion = plugin.second_opinion
    yield Rival(
        "durable-rules, C module through our plugin",
        lambda: [(program, opinion(program, facts)) for program, facts in asked],
        lambda said: _bits(n for n, r in enumerate(said[0].rules) if r.id in said[1]),
    )


def _bits(numbers: Iterable[int]) -> int:
    return sum(1 << number for number in numbers)


def _value(value: object) -> object:
    return value.toordinal() if isinstance(value, date) else value


def _name(attribute: str) -> str:
    return attribute.replace(".", "_")


def _plain(facts: Facts) -> dict[str, object]:
    return {_name(name): _value(value) for name, value in facts.items()}


@frozen
class _Words:
    """How a language of expressions writes what both of them mean."""

    both: str
    either: str
    no: str


_ZEN, _CEL = _Words(" and ", " or ", "not "), _Words(" && ", " || ", "!")


def _sum(program: Program, words: _Words) -> str:
    terms = [f"({_expression(r.when, words)} ? {1 << n} : 0)" for n, r in enumerate(program.rules)]
    return " + ".join(terms)


def _expression(condition: Condition, words: _Words) -> str:
    if isinstance(condition, OneOf | Between):
        return f"({_tests(_name(condition.attribute), condition, words)})"
    if isinstance(condition, Not):
        return f"{words.no}({_expression(condition.part, words)})"
    conjunction = isinstance(condition, AllOf)
    parts = [_expression(part, words) for part in condition.parts]
    if not parts:
        return json.dumps(conjunction)
    return f"({(words.both if conjunction else words.either).join(parts)})"


def _tests(name: str, test: OneOf | Between, words: _Words = _ZEN) -> str:
    if isinstance(test, Between):
        bounds = [f"{name} != null"]
        bounds += [] if test.low is None else [f"{name} >= {_value(test.low)}"]
        bounds += [] if test.high is None else [f"{name} <= {_value(test.high)}"]
        return words.both.join(bounds)
    values = [json.dumps(_value(value), ensure_ascii=False) for value in test.values]
    among = f"{name} == {values[0]}" if len(values) == 1 else f"{name} in [{', '.join(values)}]"
    return f"{name} != null{words.both}{words.no}({among})" if test.negated else among


def _table(program: Program) -> dict[str, Any]:
    """A decision table that collects: a row for each alternative of each rule."""
    names = sorted(program.tested)
    rows: list[dict[str, str]] = []
    for n, rule in enumerate(program.rules):
        for number, literals in enumerate(disjuncts(rule.when)):
            row = {_name(name): _cell(name, literals) for name in names}
            rows.append({**row, "_id": f"{n}-{number}", "rule": str(n)})
    content = {
        "hitPolicy": "collect",
        "inputs": [{"id": _name(n), "name": n, "field": _name(n)} for n in names],
        "outputs": [{"id": "rule", "name": "rule", "field": "rule"}],
        "rules": rows,
    }
    nodes: list[dict[str, Any]] = [
        {"id": "in", "name": "in", "type": "inputNode"},
        {"id": "table", "name": "table", "type": "decisionTableNode", "content": content},
        {"id": "out", "name": "out", "type": "outputNode"},
    ]
    edges = [
        {"id": "1", "type": "edge", "sourceId": "in", "targetId": "table"},
        {"id": "2", "type": "edge", "sourceId": "table", "targetId": "out"},
    ]
    # The editor's positions are part of the format.
    return {"nodes": [node | {"position": {"x": 0, "y": 0}} for node in nodes], "edges": edges}


def _cell(attribute: str, literals: Sequence[Literal]) -> str:
    """What a column says of a row; nothing where it does not matter."""
    mine = [literal for literal in literals if literal[0].attribute == attribute]
    if len(mine) == 1 and _is_list(*mine[0]):
        values = getattr(mine[0][0], "values", ())
        return ", ".join(json.dumps(value, ensure_ascii=False) for value in values)
    # Not in parentheses: a cell that begins with one is a value to compare with.
    cells = [(_tests("$", test), wanted) for test, wanted in mine]
    return " and ".join(cell if wanted else f"not ({cell})" for cell, wanted in cells)


def _is_list(test: OneOf | Between, wanted: bool) -> bool:
    if isinstance(test, Between) or test.negated or not wanted:
        return False
    return all(isinstance(value, str) for value in test.values)


def _logic(condition: Condition) -> Any:
    """A condition as JSONLogic."""
    if isinstance(condition, Not):
        return {"!": [_logic(condition.part)]}
    if not isinstance(condition, OneOf | Between):
        conjunction = isinstance(condition, AllOf)
        parts = [_logic(part) for part in condition.parts]
        return {"and" if conjunction else "or": parts} if parts else conjunction
    value = {"var": _name(condition.attribute)}
    exists: dict[str, Any] = {"!==": [value, None]}
    if isinstance(condition, Between):
        bounds = [exists]
        bounds += [] if condition.low is None else [{">=": [value, _value(condition.low)]}]
        bounds += [] if condition.high is None else [{"<=": [value, _value(condition.high)]}]
        return {"and": bounds}
    values = [_value(one) for one in condition.values]
    among = {"===": [value, values[0]]} if len(values) == 1 else {"in": [value, values]}
    return {"and": [exists, {"!": [among]}]} if condition.negated else among
