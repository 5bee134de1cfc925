"""What the strategies' tests share: searches that start from a seed, so that none rests on luck."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, find, settings
from hypothesis import strategies as st

SLOW = [HealthCheck.too_slow, HealthCheck.large_base_example, HealthCheck.data_too_large]
Search = Callable[[st.SearchStrategy[Any], Callable[[Any], bool]], Any]


def _search(seed: int, *phases: Phase) -> Search:
    def search(strategy: st.SearchStrategy[Any], condition: Callable[[Any], bool]) -> Any:
        return find(
            strategy,
            condition,
            settings=settings(
                max_examples=5_000, phases=phases, database=None, suppress_health_check=SLOW
            ),
            random=Random(seed),
        )

    return search


@pytest.fixture(params=range(2))
def shrunk(request: pytest.FixtureRequest) -> Search:
    """What a strategy shrinks to under a condition, from several starts."""
    return _search(request.param, Phase.generate, Phase.shrink)


@pytest.fixture
def found() -> Search:
    """Something that a strategy draws and that meets a condition."""
    return _search(0, Phase.generate)
