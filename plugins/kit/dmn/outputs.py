"""From output columns to conclusions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tongban.kernel import DELIVERIES, MODES, nearest
from tongban.kernel.model import COLLECTED, RULE_STEPS, SINGLE
from tongban.plugins.kit.dmn.feel import Literal, UnreadError, literals
from tongban.plugins.kit.dmn.table import Column, Refusal, Row, Table, TableError

__all__ = ["COLLECTED", "CONCLUSIONS", "is_conclusion", "priorities", "read_outputs"]

LEFT_OUT = "-"
"""What `--map` says of an output column that concludes nothing here."""

CONCLUSIONS = (*SINGLE, *COLLECTED)


def read_outputs(table: Table, names: Mapping[str, str]) -> tuple[Mapping[str, Any], ...]:
    """What each row concludes, and at the end the default outputs, as `then` of a rule says it.

    Args:
        table: a table.
        names: conclusions by the name or label of a column (`--map`).

    Raises:
        TableError: with every column and cell that cannot be read.
    """
    refusals: list[Refusal] = []
    targets = [_target(table, column, names, refusals) for column in table.outputs]
    for n, target in enumerate(targets):
        if target and target in targets[:n]:
            where = table.at(None, table.outputs[n])
            refusals.append(Refusal(where, "", f"concludes {target} once more"))
    rows = []
    for row in (*table.rows, *([table.default] if table.default else [])):
        then: dict[str, Any] = {}
        for column, target, text in zip(table.outputs, targets, row.outputs, strict=True):
            if target:
                _conclude(
                    then,
                    target,
                    text,
                    lambda message, row=row, column=column, text=text: (  # type: ignore[misc]
                        refusals.append(Refusal(table.at(row, column), text, message))
                    ),
                )
        rows.append(then)
    if refusals:
        raise TableError(refusals)
    return tuple(rows)


def _target(table: Table, column: Column, names: Mapping[str, str], refusals: list[Refusal]) -> str:
    """The conclusion that a column draws, "" where there is none."""
    said = next((names[one] for one in (column.name, column.label) if one in names), "")
    if said == LEFT_OUT:
        return ""
    target = said or next((one for one in (column.name, column.label) if is_conclusion(one)), "")
    where = table.at(None, column)
    if not is_conclusion(target):
        near = nearest(column.name or column.label, CONCLUSIONS)
        hint = f"; did you mean {near!r}?" if near else ""
        names_of = ", ".join((*CONCLUSIONS, "time_limit.STEP"))
        message = f"is not a conclusion{hint}; name it {names_of}, or say so with --map"
        refusals.append(Refusal(where, target or column.name or column.label, message))
        return ""
    if table.policy == "COLLECT" and target not in COLLECTED:
        message = f"has one value, but COLLECT gathers many; it gathers {', '.join(COLLECTED)}"
        refusals.append(Refusal(where, target, message))
        return ""
    return f"{target}.decide" if target == "time_limit" else target


def is_conclusion(target: str) -> bool:
    """Whether a rule concludes it: `eligible`, `time_limit.accept`."""
    name, _, step = target.partition(".")
    return target in CONCLUSIONS or (name == "time_limit" and step in RULE_STEPS)


def _conclude(then: dict[str, Any], target: str, text: str, refuse: Callable[[str], None]) -> None:
    try:
        values = literals(text)
    except UnreadError as error:
        refuse(str(error))
        return
    if not values:
        return
    wrong = _wrong(target, values)
    if wrong:
        refuse(wrong)
    elif target.startswith("time_limit."):
        limit = {"step": target.partition(".")[2], "working_days": values[0]}
        then.setdefault("time_limit", []).append(limit)
    else:
        many = target in COLLECTED and len(values) > 1
        then[target] = list(dict.fromkeys(values)) if many else values[0]


def _wrong(target: str, values: tuple[Literal, ...]) -> str:
    """What is wrong with the values of an output cell, "" for nothing."""
    if len(values) > 1 and target not in COLLECTED:
        return f"is a list, but {target} has one value"
    for value in values:
        if target == "eligible":
            if not isinstance(value, bool):
                return "is neither true nor false"
        elif target.startswith("time_limit."):
            if isinstance(value, bool) or not isinstance(value, int) or value < 1:
                return "is not a number of working days, a whole number from 1"
        elif not isinstance(value, str) or not value.strip() or "\n" in value:
            return 'is not a text in quotes, on one line, such as "online"'
        else:
            words: Mapping[str, str] = {"modes": MODES, "delivery": DELIVERIES}.get(target, {})
            if words and value not in words:
                near = nearest(value, words)
                hint = f"; did you mean {near!r}?" if near else ""
                return f"is none of {', '.join(words)}{hint}"
    return ""


def priorities(table: Table) -> tuple[tuple[int, ...], ...]:
    """How strong each row of a PRIORITY table is: the smaller, the stronger.

    Raises:
        TableError: where no output column lists its values, or a cell has none of them.
    """
    refusals: list[Refusal] = []
    orders: list[list[Any]] = []
    for column in table.outputs:
        try:
            allowed = literals(column.allowed)
        except UnreadError as error:
            allowed = ()
            refusals.append(Refusal(table.at(None, column), column.allowed, str(error)))
        orders.append([(type(one), one) for one in allowed])
    if not refusals and not any(orders):
        where = table.at(None, table.outputs[0] if len(orders) == 1 else None)
        message = "lists no allowed values; PRIORITY takes their order for that of the rows"
        refusals.append(Refusal(where, "", message))
    if refusals:
        raise TableError(refusals)
    ranks = [_rank(table, row, orders, refusals) for row in table.rows]
    if refusals:
        raise TableError(refusals)
    return tuple(ranks)


def _rank(
    table: Table, row: Row, orders: list[list[Any]], refusals: list[Refusal]
) -> tuple[int, ...]:
    """The rank of a row: its values' places in those columns that list theirs, left to right."""
    rank = []
    for column, order, text in zip(table.outputs, orders, row.outputs, strict=True):
        if not order:
            continue
        values = literals(text)
        if len(values) != 1 or (type(values[0]), values[0]) not in order:
            message = "is none of the column's allowed values, so it has no priority"
            refusals.append(Refusal(table.at(row, column), text, message))
            continue
        rank.append(order.index((type(values[0]), values[0])))
    return tuple(rank)
