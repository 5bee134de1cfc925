"""The hook, called as Tongban calls it."""

from __future__ import annotations

from datetime import date

import pytest
from tongban.kernel import Application, Party

from sichuan_human_resources.hooks import derive_facts

ITEM = "510000/1-03"


def derived(number: str | None, day: date = date(2026, 1, 1), item: str = ITEM) -> object:
    application = Application(item, as_of=day, applicant=Party("person", id_number=number))
    return dict(derive_facts(application, item))


@pytest.mark.parametrize(
    ("day", "old_enough"),
    [(date(2028, 3, 31), False), (date(2028, 4, 1), True), (date(2028, 4, 2), True)],
)
def test_the_sixteenth_birthday_is_enough(day: date, old_enough: bool) -> None:
    assert derived("510104201204012057", day) == {"human_resources.old_enough": old_enough}


@pytest.mark.parametrize("number", [None, "", "5101041", "510104201213402057", "x" * 18])
def test_a_number_that_tells_no_birth_derives_nothing(number: str | None) -> None:
    assert derived(number) == {}


def test_other_items_are_left_alone() -> None:
    assert derived("510104201204012057", item="510000/1-01") == {}
    assert derived("510104201204012057", item="1-05") == {}
