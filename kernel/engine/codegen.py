"""The compiled engine: one plain Python function per item, which says which rules hold.

The function is generated through `ast` from the rules' intermediate form, never
from text that an author wrote. It is the reference for every other engine.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any, TypeAlias

from tongban.kernel.model.conditions import (
    AllOf,
    Between,
    Condition,
    Not,
    OneOf,
    Scalar,
    attributes,
)
from tongban.kernel.model.rules import Rule

Facts: TypeAlias = Mapping[str, Scalar | None]
Matcher: TypeAlias = Callable[[Facts], int]
"""Takes facts; returns a bit mask in which bit n is set where rule n holds."""
Deriver: TypeAlias = Callable[[Mapping[str, str], str | None, tuple[str, ...]], Scalar | None]
"""Takes places, the receiving division and the handling places; returns a value."""
Holding: TypeAlias = Callable[
    [
        Mapping[str, Scalar],
        Mapping[str, str],
        str | None,
        tuple[str, ...],
        str | None,
        date,
        str | None,
        str,
    ],
    int,
]
"""Takes facts, places, the receiving division, the handling places, and the parts that `_PARTS`
names; returns the mask of rules that hold."""
Judge: TypeAlias = Callable[[Facts, Collection[str]], tuple[int, int]]
"""Takes facts and unknown attributes; returns the masks of rules that hold and that are known."""


def compile_rules(rules: Sequence[Rule]) -> Matcher:
    """The function that tells which of `rules` hold.

    Args:
        rules: in the order of the bits of the result.
    """
    names, local, constants = _names(rules)
    body: list[ast.stmt] = [_assign(local[name], _get(name)) for name in names]
    body += _marking(rules, local, constants)
    match: Matcher = _function(["facts"], body, constants)
    return match


def compile_holding(rules: Sequence[Rule], derived: Mapping[str, Deriver], chosen: bool) -> Holding:
    """`compile_rules` for an application that says all: it looks the facts up itself.

    Args:
        rules: in the order of the bits of the result.
        derived: what derives the attributes that follow from places, by name.
        chosen: whether the applicant chooses the handling place.
    """
    names, local, constants = _names(rules)
    body: list[ast.stmt] = []
    scope: dict[str, Any] = {}
    for name in names:
        value = _load(_PARTS[name]) if name in _PARTS else _get(name)
        if name in derived:
            scope[f"derive_{local[name]}"] = derived[name]
            arguments = [_load(part) for part in ("places", "received_at", "handling")]
            value = ast.Call(_load(f"derive_{local[name]}"), arguments, [])
        elif name == "handle_at" and chosen:
            value = ast.Subscript(_load("handling"), ast.Constant(0), ast.Load())
        body.append(_assign(local[name], value))
    body += _marking(rules, local, constants)
    parts = ["facts", "places", "received_at", "handling", *_PARTS.values()]
    holding: Holding = _function(parts, body, {**constants, **scope})
    return holding


_PARTS = {
    "channel": "channel",
    "date": "day",
    "applicant.kind": "kind",
    "deliver_by": "deliver_by",
}
"""Attributes that are parts of every application, and what `Holding` calls them."""


def _marking(
    rules: Sequence[Rule], local: Mapping[str, str], constants: dict[str, Scalar]
) -> list[ast.stmt]:
    """Sets the bit of each rule that holds, and returns them."""
    body = [_assign("held", ast.Constant(0))]
    for n, rule in enumerate(rules):
        body.append(ast.If(_expression(rule.when, local, constants), [_mark("held", n)], []))
    return [*body, ast.Return(_load("held"))]


def compile_states(rules: Sequence[Rule]) -> Judge:
    """The function that tells which of `rules` hold, and of which that is known.

    It answers in three-valued logic, as `evaluate` does for each rule.

    Args:
        rules: in the order of the bits of the result.
    """
    names, local, constants = _names(rules)
    body: list[ast.stmt] = []
    for name in names:
        unknown = _compare(ast.Constant(name), ast.In(), _load("unknown"))
        body.append(_assign(f"no_{local[name]}", ast.UnaryOp(ast.Not(), unknown)))
        value = ast.IfExp(_load(f"no_{local[name]}"), _get(name), ast.Constant(None))
        body.append(_assign(local[name], value))
    body += [_assign("held", ast.Constant(0)), _assign("not_held", ast.Constant(0))]
    for n, rule in enumerate(rules):
        certain, never = (_certain(rule.when, holds, local, constants) for holds in (True, False))
        otherwise = ast.If(never, [_mark("not_held", n)], [])
        body.append(ast.If(certain, [_mark("held", n)], [otherwise]))
    known = ast.BinOp(_load("held"), ast.BitOr(), _load("not_held"))
    body.append(ast.Return(ast.Tuple([_load("held"), known], ast.Load())))
    judge: Judge = _function(["facts", "unknown"], body, constants)
    return judge


def _certain(
    condition: Condition, holds: bool, local: Mapping[str, str], constants: dict[str, Scalar]
) -> ast.expr:
    """Whether `condition` certainly holds, or certainly does not; an unknown value is None."""
    if isinstance(condition, Not):
        return _certain(condition.part, not holds, local, constants)
    if isinstance(condition, OneOf | Between):
        passes = _expression(condition, local, constants)
        if holds:
            return passes
        known = _load(f"no_{local[condition.attribute]}")
        return ast.BoolOp(ast.And(), [known, ast.UnaryOp(ast.Not(), passes)])
    conjunction = isinstance(condition, AllOf) is holds
    parts = [_certain(part, holds, local, constants) for part in condition.parts]
    return _join(ast.And() if conjunction else ast.Or(), parts, default=conjunction)


def _names(rules: Sequence[Rule]) -> tuple[list[str], dict[str, str], dict[str, Scalar]]:
    """The attributes that `rules` test, the variables that hold them, and no constants yet."""
    names = sorted(frozenset().union(*(attributes(rule.when) for rule in rules)))
    return names, {name: f"a{n}" for n, name in enumerate(names)}, {}


def _function(
    arguments: Sequence[str], body: list[ast.stmt], constants: Mapping[str, object]
) -> Any:
    function = ast.FunctionDef(
        name="match",
        args=ast.arguments(
            posonlyargs=[],
            args=[ast.arg(name) for name in arguments],
            kwonlyargs=[],
            kw_defaults=[],
            defaults=[],
        ),
        body=body,
        decorator_list=[],
    )
    module = ast.fix_missing_locations(ast.Module([function], []))
    scope: dict[str, object] = {"date": date, **constants}
    exec(compile(module, "<rules>", "exec"), scope)  # noqa: S102 - built from the form above
    return scope["match"]


def _mark(name: str, bit: int) -> ast.stmt:
    return ast.AugAssign(ast.Name(name, ast.Store()), ast.BitOr(), ast.Constant(1 << bit))


def _load(name: str) -> ast.expr:
    return ast.Name(name, ast.Load())


def _assign(name: str, value: ast.expr) -> ast.stmt:
    return ast.Assign([ast.Name(name, ast.Store())], value)


def _get(attribute: str) -> ast.expr:
    return ast.Call(ast.Attribute(_load("facts"), "get", ast.Load()), [ast.Constant(attribute)], [])


def _compare(left: ast.expr, operator: ast.cmpop, right: ast.expr) -> ast.expr:
    return ast.Compare(left, [operator], [right])


def _expression(
    condition: Condition, local: Mapping[str, str], constants: dict[str, Scalar]
) -> ast.expr:
    if isinstance(condition, OneOf):
        return _membership(condition, local[condition.attribute], constants)
    if isinstance(condition, Between):
        return _interval(condition, local[condition.attribute], constants)
    if isinstance(condition, Not):
        return ast.UnaryOp(ast.Not(), _expression(condition.part, local, constants))
    conjunction = isinstance(condition, AllOf)
    parts = [_expression(part, local, constants) for part in condition.parts]
    return _join(ast.And() if conjunction else ast.Or(), parts, default=conjunction)


def _join(operator: ast.boolop, parts: Sequence[ast.expr], default: bool) -> ast.expr:
    if not parts:
        return ast.Constant(default)
    return parts[0] if len(parts) == 1 else ast.BoolOp(operator, list(parts))


def _constant(value: Scalar, constants: dict[str, Scalar]) -> ast.expr:
    if isinstance(value, str | int):
        return ast.Constant(value)
    name = f"d{value.toordinal()}"
    constants[name] = value
    return _load(name)


def _has_type(name: str, kind: type) -> ast.expr:
    call = ast.Call(_load("type"), [_load(name)], [])
    return _compare(call, ast.Is(), _load(kind.__name__))


def _membership(test: OneOf, name: str, constants: dict[str, Scalar]) -> ast.expr:
    """Membership by type: a number is never a boolean, though Python calls them equal."""
    parts: list[ast.expr] = []
    for kind in dict.fromkeys(type(value) for value in test.values):
        values = [value for value in test.values if type(value) is kind]
        if kind is bool:
            parts += [
                _compare(_load(name), ast.Is(), ast.Constant(bool(value))) for value in values
            ]
            continue
        found = _equals(name, values, constants)
        if kind is not str:
            found = ast.BoolOp(ast.And(), [_has_type(name, kind), found])
        parts.append(found)
    among = _join(ast.Or(), parts, default=False)
    if not test.negated:
        return among
    exists = _compare(_load(name), ast.IsNot(), ast.Constant(None))
    return ast.BoolOp(ast.And(), [exists, ast.UnaryOp(ast.Not(), among)])


def _equals(name: str, values: Iterable[Scalar], constants: dict[str, Scalar]) -> ast.expr:
    options = [_constant(value, constants) for value in values]
    if len(options) == 1:
        return _compare(_load(name), ast.Eq(), options[0])
    return _compare(_load(name), ast.In(), ast.Tuple(options, ast.Load()))


def _interval(test: Between, name: str, constants: dict[str, Scalar]) -> ast.expr:
    kind = type(test.low if test.low is not None else test.high)
    parts = [_has_type(name, kind)]
    if test.low is not None:
        parts.append(_compare(_load(name), ast.GtE(), _constant(test.low, constants)))
    if test.high is not None:
        parts.append(_compare(_load(name), ast.LtE(), _constant(test.high, constants)))
    return _join(ast.And(), parts, default=True)
