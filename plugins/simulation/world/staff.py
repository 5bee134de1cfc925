"""Officers: who is free when, by working days, hours and illness. Minutes are whole numbers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from heapq import heapreplace

from attrs import define, field

from tongban.plugins.simulation.scenario.places import DAY, HOUR


@define(eq=False)
class Timetable:
    """The working hours of a place.

    Args:
        start: the first day of the run.
        hours: from and to.
        works: whether a day is a working day there.
    """

    start: date
    hours: tuple[int, int]
    works: Callable[[date], bool]
    _known: dict[int, bool] = field(factory=dict)

    def open_on(self, day: int) -> bool:
        """Whether a day of the run is a working day."""
        found = self._known.get(day)
        if found is None:
            found = self._known[day] = self.works(self.start + timedelta(days=day))
        return found

    def finish(self, moment: int, minutes: int, away: Callable[[int], bool]) -> int:
        """When work is done that begins at `moment` at the earliest.

        Args:
            moment: minutes since the run began.
            minutes: of work.
            away: whether the officer is away on a day.
        """
        opens, closes = self.hours[0] * HOUR, self.hours[1] * HOUR
        day, clock = divmod(moment, DAY)
        left = minutes
        for _ in range(2_000):
            clock = max(clock, opens)
            if clock < closes and self.open_on(day) and not away(day):
                if clock + left <= closes:
                    return day * DAY + clock + left
                left -= closes - clock
            day, clock = day + 1, 0
        return moment + minutes  # nobody works there at all: let it be seen as late, not lost


@define(eq=False)
class Pool:
    """The officers of one department of a province, or its windows: first come, first served.

    Args:
        name: for draws.
        size: how many.
        timetable: of the place.
        ill: whether an officer is away on a day.
    """

    name: str
    size: int
    timetable: Timetable
    ill: Callable[[str, int, int], bool]
    _free: list[tuple[int, int]] = field(init=False)

    @_free.default
    def _all_free(self) -> list[tuple[int, int]]:
        return [(0, number) for number in range(self.size)]

    def take(self, moment: int, minutes: int) -> int:
        """Gives work to the first who is free.

        Returns:
            The moment at which it is done.
        """
        free, number = self._free[0]
        done = self.timetable.finish(
            max(moment, free), minutes, lambda day: self.ill(self.name, number, day)
        )
        heapreplace(self._free, (done, number))
        return done

    def reset(self) -> None:
        """Nothing is in hand: the list of work is drawn up anew."""
        self._free = self._all_free()
