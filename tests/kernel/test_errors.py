"""Errors keep what they say when they go from one process to another."""

from __future__ import annotations

import pickle

import pytest

from tongban.kernel import ApplicationError, Defect, Problem, RulebookError, TongbanError, store


@pytest.mark.parametrize(
    "error",
    [
        ApplicationError([Defect("item", "unknown item"), Defect("channel", "unknown value")]),
        RulebookError([Problem("a.yaml", 3, 1, "9-01.x", "no such fact")]),
        store.Conflict("BJ1", 3, 4),
    ],
    ids=lambda error: type(error).__name__,
)
def test_an_error_can_be_copied(error: TongbanError) -> None:
    again = type(error)(*error.args)
    sent = pickle.loads(pickle.dumps(error))
    assert str(again) == str(sent) == str(error)
    assert vars(again) == vars(sent) == vars(error)
