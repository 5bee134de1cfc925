"""Personal data that is erased is gone from the folders too, and nothing else is."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from tongban.kernel import ErasingCarrier
from tongban.kernel import protocol as p
from tongban.plugins.exchange.envelope import letter

CANARY = "630102199003071231"


def asked(country: Callable[..., Any]) -> tuple[Any, str]:
    """A case whose lead has asked another node to confirm; the letter lies there unread."""
    place = country("chengdu", "xining")
    case = place.submit("hukou", "chengdu")
    chengdu = place.places["chengdu"]
    for _ in range(2):
        chengdu.work()
    chengdu.run()
    assert letters(place, "xining", "in"), "a letter lies there"
    return place, case


def letters(country: Any, name: str, part: str) -> list[Path]:
    return sorted((country.root / name / part).glob("*.json"))


def sealed(path: Path) -> bool:
    return bool(letter(path.read_bytes()).sealed)


def withdraw(country: Any, case: str) -> None:
    actor = p.Actor("applicant", "applicant-1")
    country.places["chengdu"].service.do(case, actor, p.Withdraw("不办了"))


def test_a_carrier_that_leaves_letters_about_can_erase(country: Callable[..., Any]) -> None:
    place = country("chengdu", "xining").places["chengdu"]
    assert isinstance(place.exchange, ErasingCarrier)


def test_a_request_that_was_cancelled_is_erased_where_it_came(country: Callable[..., Any]) -> None:
    place, case = asked(country)
    xining = place.places["xining"]
    xining.run()
    assert not xining.store.erased(case)
    withdraw(place, case)
    place.run()
    place.run()
    officer = p.Actor("officer", "o", "630100", "public_security")
    day = p.day_of(place.clock())
    assert xining.store.erase_personal(day) == ()
    assert xining.store.personal(case, officer, "核对") is not None
    assert xining.store.erase_personal(day + timedelta(days=1)) == (case,)
    assert xining.store.personal(case, officer, "核对") is None
    assert xining.store.erased(case)


def test_a_request_that_nobody_answered_is_kept_while_it_is_asked_for(
    country: Callable[..., Any],
) -> None:
    place, case = asked(country)
    xining = place.places["xining"]
    xining.run()
    for _ in range(3):
        place.clock.wait(days=8)
        place.places["chengdu"].service.tick()
        place.run()
    first = p.day_of(place.clock()) - timedelta(days=5)
    assert xining.store.erase_personal(first) == ()
    place.clock.wait(days=1000)
    assert xining.store.erase_personal(date(2028, 1, 1)) == (case,)


def test_a_letter_that_was_not_fetched_goes_and_comes_again_without_the_data(
    country: Callable[..., Any],
) -> None:
    place, case = asked(country)
    chengdu = place.places["chengdu"]
    withdraw(place, case)
    day = p.day_of(place.clock()) + timedelta(days=1)
    assert chengdu.store.erase_personal(day) == (case,)
    before = letters(place, "xining", "in")
    assert any(sealed(one) for one in before)
    # The day of the files is that of this machine: only letters about erased cases are due.
    assert chengdu.exchange.erase(chengdu.store, date(2000, 1, 1)) == ()
    assert not any(sealed(one) for one in letters(place, "xining", "in"))
    chengdu.run()
    after = letters(place, "xining", "in")
    assert not any(sealed(one) for one in after)
    assert {one.name for one in before} <= {one.name for one in after}
    place.places["xining"].run()


def test_what_lies_aside_goes_when_its_case_is_erased_or_it_is_old(
    country: Callable[..., Any],
) -> None:
    place, case = asked(country)
    chengdu, xining = place.places["chengdu"], place.places["xining"]
    folder = place.root / "xining"
    content = letters(place, "xining", "in")[0].read_bytes()
    xining.run()
    aside = folder / "aside"
    (aside / "kept.json").write_bytes(content)
    (aside / "kept.reason.txt").write_text("x", encoding="utf-8")
    (aside / "junk").write_bytes(b"\0" * 10)
    (aside / "link").symlink_to("/etc/passwd")
    old = aside / "old.json"
    old.write_bytes(b"{}")
    os.utime(old, (0, 0))
    assert xining.exchange.erase(xining.store, date(2000, 1, 1)) == ()
    assert not old.exists()
    assert sorted(one.name for one in aside.iterdir()) == [
        "junk", "kept.json", "kept.reason.txt", "link",
    ]  # fmt: skip
    withdraw(place, case)
    place.run()
    place.run()
    xining.store.erase_personal(p.day_of(place.clock()) + timedelta(days=1))
    xining.exchange.erase(xining.store, date(2000, 1, 1))
    assert sorted(one.name for one in aside.iterdir()) == ["junk", "link"]
    (aside / "folder").mkdir()
    tomorrow = date.today() + timedelta(days=2)
    (left,) = xining.exchange.erase(xining.store, tomorrow)
    assert "folder" in left
    assert Path("/etc/passwd").exists()
    assert not chengdu.store.erased("nobody")


def test_letters_of_open_cases_stay(country: Callable[..., Any]) -> None:
    place, case = asked(country)
    chengdu = place.places["chengdu"]
    before = letters(place, "xining", "in")
    assert chengdu.store.erase_personal(date(2030, 1, 1)) == ()
    chengdu.exchange.erase(chengdu.store, date(2000, 1, 1))
    assert letters(place, "xining", "in") == before
    assert chengdu.store.masked(case)
