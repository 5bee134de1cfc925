"""The short forms of `python -m benchmarks.soak_store` and `soak_damage`."""

from __future__ import annotations

from benchmarks.soak_damage import damage_files
from benchmarks.soak_store import soak


def test_writers_that_are_killed_lose_and_double_nothing() -> None:
    outcome = soak(kills=15, writers=3, seed=20260302)
    assert outcome.problems == ()
    assert outcome.kills == 15
    assert outcome.acknowledged > 15
    assert outcome.events >= outcome.acknowledged


def test_no_damage_passes_unseen() -> None:
    found = damage_files(60, seed=20260302)
    assert found.undetected == found.crashes == ()
    assert found.runs == {"cases.db": 20, "cases.db-wal": 20, "cases.db-head": 20}
    assert found.told > 15
