"""Loss, doubling, reordering, a crash between any two steps: each message has its effect once."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from .test_recovery import Backup, ended, logs_agree, step

ROUNDS = 40
_SLOW = settings(
    max_examples=3,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def stormy(here: Any, rounds: int) -> int:
    """Everybody works and pumps in any order, and their processes die; how often."""
    deaths = 0
    died = here.spool.crash
    for _ in range(rounds):
        place = here.spool.random.choice(list(here.places.values()))
        if here.spool.random.random() < 0.5:
            place.work()
        with suppress(died):
            place.run()
            continue
        deaths += 1
    return deaths


def story(here: Any, case: str) -> dict[str, Any]:
    """What happened to a case, wherever it is; not when."""
    found = {}
    for name, place in here.places.items():
        kinds = [event.kind for event in place.store.events(case)]
        kept = place.store.case(case)
        found[name] = (kinds, kept.state if kept else None, kept.version if kept else 0)
    return found


def once(here: Any) -> None:
    """Every message that left a store came in exactly once, and nothing is still owed."""
    for place in here.places.values():
        assert place.store.outgoing("pending") == ()
        assert place.store.outgoing("failed") == ()
        for one in place.store.outgoing("delivered"):
            homes = [
                name
                for name, other in here.places.items()
                for come in other.store.incoming(case=one.message.case)
                if come.message.id == one.message.id
            ]
            assert len(homes) == 1, (one.message.kind, one.message.receiver, homes)


@pytest.mark.parametrize("name", ["hukou", "licence", "pension"])
@_SLOW
@given(seed=st.integers(0, 10**9))
def test_the_end_is_the_same_in_any_weather(
    country: Callable[..., Any], name: str, seed: int
) -> None:
    cities = ("xian", "chengdu", "xining")
    start = "xian" if name == "pension" else "chengdu"
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
        calm = country(*cities, root=Path(one))
        expected = calm.submit(name, start)
        calm.settle()
        here = country(*cities, seed=seed, root=Path(other))
        case = here.submit(name, start)
        stormy(here, ROUNDS)
        here.spool.calm = True
        here.settle()
        once(here)
        assert story(here, case) == story(calm, expected)
        assert "closed" in {state for _, state, _ in story(here, case).values()}
        for made in (calm, here):
            made.close()


@pytest.mark.parametrize(("name", "who"), [("licence", "xining"), ("pension", "chengdu")])
@settings(_SLOW, max_examples=2)
@given(seed=st.integers(0, 10**9))
def test_a_backup_is_put_in_place_in_any_weather(
    country: Callable[..., Any], name: str, who: str, seed: int
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        here = country("xian", "chengdu", "xining", seed=seed, root=Path(folder))
        # What still travels while others are asked comes to light as a contradiction later.
        here.spool.slow = False
        case = here.submit(name, "xian" if name == "pension" else "chengdu")
        stormy(here, here.spool.random.randrange(ROUNDS))
        backup = Backup(here, who, Path(folder) / "backup")
        stormy(here, here.spool.random.randrange(ROUNDS))
        backup.put_in_place()
        stormy(here, ROUNDS // 2)
        here.spool.calm = True
        for _ in range(200):
            step(here)
            here.clock.wait(hours=2)  # what was lost is asked for again after a day
            if ended(here, case) and here.places[who].store.restored is None:
                break
        assert here.places[who].store.restored is None
        logs_agree(here, case)
        assert ended(here, case)
        here.close()


def test_the_weather_is_really_bad(country: Callable[..., Any]) -> None:
    here = country("xian", "chengdu", "xining", seed=7)
    here.submit("pension", "xian")
    assert stormy(here, 3 * ROUNDS) > 10
