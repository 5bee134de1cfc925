"""What would have to be expected of a case, so that it says what comes out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from attrs import frozen

from tongban.plugins.kit.testing.report import written
from tongban.plugins.kit.testing.running import Ran


@frozen
class Change:
    """One key of `expect`, as it is and as it would be.

    Attributes:
        key: as it is.
        name: as it would be: `outcome` where `eligible: true` meets a decision that
            is incomplete, for which `eligible` has no word.
        new: None where there is no value to expect, so that the key goes.
    """

    key: str
    name: str
    old: Any
    new: Any

    def __str__(self) -> str:
        after = f"{self.name}: {written(self.new)}" if self.new is not None else "left out"
        return f"{self.key}: {written(self.old)} → {after}"


def changes(ran: Ran) -> tuple[Change, ...] | str:
    """The changes of `expect` after which a failing case passes.

    Args:
        ran: a case that failed.

    Returns:
        The changes, only of what differs; or why there can be none.
    """
    refused = next((one for one in ran.failures if one.key == "given"), None)
    if refused is not None:
        return f"nothing could be decided: {refused.got}"
    found = tuple(_changes(ran))
    if sum(one.new is None for one in found) == len(ran.case.expect):
        return "nothing that it expects can be said of what came out"
    return found


def _changes(ran: Ran) -> Iterator[Change]:
    expect = ran.case.expect
    got = {failure.key: failure.got for failure in ran.failures}
    if "outcome" in got:
        yield from _of_outcome(expect.get("eligible"), expect.get("outcome"), got.pop("outcome"))
    for key, value in got.items():
        if key == "reasons":
            yield Change(key, key, expect[key], _reasons(expect[key], value))
        elif isinstance(value, Sequence) and not isinstance(value, str):
            new = list(value) if key == "handling" else _in_old_order(expect[key], value)
            yield Change(key, key, expect[key], new)
        else:
            yield Change(key, key, expect[key], value)


def _of_outcome(eligible: bool | None, outcome: str | None, got: str) -> Iterator[Change]:
    if outcome is not None and outcome != got:
        yield Change("outcome", "outcome", outcome, got)
    if eligible is None or got == ("eligible" if eligible else "ineligible"):
        return
    if got != "incomplete":
        yield Change("eligible", "eligible", eligible, got == "eligible")
    elif outcome is None:
        yield Change("eligible", "outcome", eligible, got)
    else:
        yield Change("eligible", "eligible", eligible, None)


def _in_old_order(old: Sequence[Any], got: Sequence[Any]) -> list[Any]:
    """What came out, with what was expected first and as it was written."""
    kept = [one for one in old if one in got]
    return [*kept, *(one for one in got if one not in kept)]


def _reasons(old: Sequence[str], got: Sequence[str]) -> list[str]:
    """The expected reasons that came; where none did, the others, common ones last.

    More reasons than the author wanted to see are not written.
    """
    kept = [one for one in old if one in got]
    own = [one for one in got if not one.startswith("common.")]
    return kept or own or list(got)
