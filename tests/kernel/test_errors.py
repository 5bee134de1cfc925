"""Errors keep what they say when they go from one process to another."""

from __future__ import annotations

import difflib
import pickle
from difflib import get_close_matches
from typing import Any

import pytest

from tongban.kernel import (
    ApplicationError,
    Defect,
    Kernel,
    Problem,
    RulebookError,
    TongbanError,
    nearest,
)
from tongban.kernel.engine import validation
from tongban.kernel.ports import store


@pytest.mark.parametrize(
    "error",
    [
        ApplicationError([Defect("item", "unknown item"), Defect("channel", "unknown value")]),
        RulebookError([Problem("a.yaml", 3, 1, "9-01.x", "no such fact")]),
        store.ConflictError("BJ1", 3, 4),
    ],
    ids=lambda error: type(error).__name__,
)
def test_an_error_can_be_copied(error: TongbanError) -> None:
    again = type(error)(*error.args)
    sent = pickle.loads(pickle.dumps(error))
    assert str(again) == str(sent) == str(error)
    assert vars(again) == vars(sent) == vars(error)


def test_the_nearest_of_a_great_many_words_is_looked_for_among_those_that_begin_alike(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    compared: list[int] = []

    def counting(word: str, words: list[str], **how: Any) -> list[str]:
        compared.append(len(words))
        return get_close_matches(word, words, **how)

    monkeypatch.setattr(difflib, "get_close_matches", counting)
    words = [f"a{n}" for n in range(40_000)] + ["hukou_place", "work_place"]
    assert nearest("hukou_plase", words) == "hukou_place"
    assert nearest("a39x", words) is not None
    assert nearest("zz", words) is None
    assert max(compared) <= 5_000


def test_of_many_mistakes_only_the_first_get_hints(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []
    monkeypatch.setattr(validation, "nearest", lambda word, known: asked.append(word))
    facts = {f"fact_{n}": 1 for n in range(30_000)}
    raw = {"item": "2-03", "channel": "online", "facts": facts, "places": dict(facts)}
    with pytest.raises(ApplicationError) as refused:
        Kernel(plugins=[]).application(raw)
    assert len(refused.value.defects) > 60_000
    assert str(refused.value.defects[-1]).startswith("facts.fact_29999: unknown fact")
    assert len(asked) <= validation.MOST_HINTS
    told = str(refused.value)
    assert len(told) < 10_000
    more = len(refused.value.defects) - 100
    assert told.endswith(f"; and {more:,} more mistakes")
