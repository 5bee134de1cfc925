"""`missing` for every item, against all completions of partial applications."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest

from tongban.kernel import Kernel

DAYS = ("2026-01-01", "2026-01-01", "2021-10-01", "2024-06-01")


@pytest.mark.parametrize("number", range(138))
def test_every_item(kernel: Kernel, oracle: Callable[..., Any], number: int) -> None:
    """Outcome and missing facts are those of all completions; answers end in the whole decision."""
    item = kernel.items[number]
    pick = random.Random(item.id)
    compared = 0
    while compared < 3:
        one = oracle(kernel, item, pick.choice(DAYS))
        full = one.draw_full(pick)
        flat = one.draw_partial(full, pick)
        one.check_answers(flat, full, pick)
        one.check_irrelevant(flat, pick)
        compared += one.check_missing(flat, exact=True)
