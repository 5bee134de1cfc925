"""A task on the list of an office, and who does it."""

from __future__ import annotations

from typing import TypeAlias

from attrs import frozen

from tongban.kernel import protocol

Act: TypeAlias = tuple[protocol.Actor, protocol.CommandBody]

WINDOW = "window"


@frozen
class Task:
    """One thing to do.

    Attributes:
        command: kind of the command that is awaited.
        office: whose task; None for the machine itself.
        name: makes it another task than the same one earlier in the case.
        by_window: whether a window clerk does it.
        wait: minutes before anybody can begin.
    """

    command: str
    office: protocol.Office | None
    name: str
    by_window: bool = False
    wait: int = 0


def officer_of(office: protocol.Office) -> protocol.Actor:
    """Somebody who serves an office."""
    if office.department == WINDOW:
        return protocol.Actor("window", "window-1", office.division)
    return protocol.Actor("officer", "officer-1", office.division, office.department)


def supervisor_of_holder(case: protocol.Case) -> protocol.Actor:
    """The supervisor of the place that has it: the one that accepts may not know it yet."""
    division = case.holder.division
    province = f"{division[:2]}0000" if division else None
    return protocol.Actor("supervisor", "supervisor-1", province)


def round_of(case: protocol.Case) -> str:
    """What tells draws and tasks apart that come again: "" until something is done anew."""
    anew = len(case.reopenings) + len(case.corrections) + (case.insisted_at is not None)
    return f" anew {anew}" if anew else ""
