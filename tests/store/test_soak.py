"""The short form of `python -m benchmarks.soak_store`."""

from __future__ import annotations

from benchmarks.soak_store import soak


def test_writers_that_are_killed_lose_and_double_nothing() -> None:
    outcome = soak(kills=15, writers=3, seed=20260302)
    assert outcome.problems == ()
    assert outcome.kills == 15
    assert outcome.acknowledged > 15
    assert outcome.events >= outcome.acknowledged
