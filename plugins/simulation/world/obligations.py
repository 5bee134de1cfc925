"""What an authority must put right: what a remedy orders, and what it found wrong itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from tongban.kernel import protocol
from tongban.plugins.simulation.world.task import (
    Act,
    Task,
    officer_of,
    round_of,
    supervisor_of,
)

if TYPE_CHECKING:
    from tongban.plugins.simulation.checks.record import Record

OWN = "own account"
"""How a task begins that no remedy asks for."""


def owed_tasks(case: protocol.Case) -> Iterator[Task]:
    """What remedies oblige an authority to do next, one after the other."""
    for one in protocol.owed(case)[:1]:
        command = "correct" if case.decided_at else "reopen"
        office = case.plan.lead if case.decided_at else case.holder
        yield Task(command, office, f"remedy {one.number}")


def put_right(record: Record, case: protocol.Case, task: Task) -> Act | None:
    """How a decision is corrected or a case reopened; None where that is no longer to be done.

    Args:
        record: of the case.
        case: as the store here has it.
        task: what is on the list.
    """
    owed = [one.number for one in protocol.owed(case)]
    own = task.name.startswith(OWN)
    number = 0 if own else int(task.name.removeprefix("remedy "))
    if (owed if own else number not in owed) or _done_otherwise(case, task):
        return None
    decided = case.decided_at is not None
    if decided != (task.command == "correct") or (not decided and not case.over):
        return None
    if decided:
        return officer_of(case.plan.lead, record), _corrected(case, number)
    why = f"依第{number}号复议、诉讼的结果重新办理" if number else "经复核,原处理有误"
    actor = officer_of(case.holder, record)
    if case.holder not in (case.accepting, case.plan.lead):
        actor = supervisor_of(case.holder)
    return actor, protocol.Reopen(why, _article(case, number), number)


def _done_otherwise(case: protocol.Case, task: Task) -> bool:
    """Whether what the authority found wrong itself was put right in another way meanwhile."""
    return task.name.startswith(OWN) and task.name != f"{OWN}{round_of(case)}"


def _corrected(case: protocol.Case, number: int) -> protocol.Correct:
    granted, reasons = not case.granted, (f"按第{number}号复议、诉讼的结果更正",)
    if not number:
        reasons = ("经复核,原决定认定事实有误",)
    return protocol.Correct(granted, reasons, _article(case, number), number)


def _article(case: protocol.Case, number: int) -> str:
    if number:
        return case.remedies[number - 1].document or "《行政复议法》第七十七条"
    return "《行政许可法》第六十九条"
