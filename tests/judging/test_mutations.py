"""Honest letters are taken; with any one field changed they are put aside, or do no harm."""

from __future__ import annotations

import json
from collections.abc import Iterator
from copy import deepcopy
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import pytest
from attrs import frozen
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tongban.kernel import protocol as p
from tongban.kernel.audit import hash_chain
from tongban.kernel.protocol.judgement import LETTERS
from tongban.kernel.service import OutOfOrderError, RejectedError, Relayed, Sender

if TYPE_CHECKING:
    from tests.judging.conftest import Country, Province

LEAD, ASKED = "510100/public_security", "630100/public_security"
APPLICANT = p.Actor("applicant", "a-1")
PAPERS = (p.Document("申请表", "form"),)
BORN = {
    "item": "3-01",
    "channel": "window",
    "received_at": "530100",
    "as_of": "2026-03-02",
    "applicant": {"kind": "person", "name": "金示例", "id_number": "630102199003071231"},
    "places": {"birth": "510100", "parents_hukou": "630100"},
    "facts": {
        "parents_mainland": True,
        "parents_same_ethnicity": True,
        "born_in_wedlock": True,
        "born_in_mainland": True,
        "parents_collective_household": False,
        "registered_with_parent": True,
        "pilot_area": True,
    },
    "deliver_by": "pickup",
}
"""Handed in at Kunming, accepted in Chengdu, decided in Xining."""
Path_: TypeAlias = tuple[str | int, ...]


@frozen
class Recorded:
    """A letter as it was about to be given: to whom, by whom, and the store that it comes to."""

    message: p.Message
    sender: Sender
    target: str
    store: bytes
    now: datetime


def window(division: str) -> p.Actor:
    return p.Actor("window", "w", division)


def do(country: Country, name: str, case: str, actor: p.Actor, *bodies: p.CommandBody) -> None:
    for body in bodies:
        answer = country.places[name].do(case, actor, body)
        assert not isinstance(answer, p.Refusal), answer


def joint(country: Country) -> str:
    """Confirmed elsewhere, decided, picked up, rated badly."""
    case = country.handed_in("chengdu", country.MOVE)
    lead, asked = country.officer(LEAD), country.officer(ASKED)
    do(country, "chengdu", case, lead, p.Accept())
    assert country.carry() == []
    do(country, "chengdu", case, lead, p.Chase("请尽快"))
    assert country.carry() == []
    do(country, "xining", case, asked, p.Confirm("同意迁出"))
    assert country.carry() == []
    do(country, "chengdu", case, lead, p.Examine("符合条件"), p.Grant(), p.Deliver("pickup"))
    do(country, "chengdu", case, APPLICANT, p.Report("arrived"))
    do(country, "chengdu", case, APPLICANT, p.Rate(ASKED, "very_dissatisfied", "跑了三趟"))
    assert country.carry() == []
    do(country, "xining", case, asked, p.FollowUp(ASKED, "已致歉并改进"))
    assert country.carry() == []
    return case


def refused(country: Country) -> None:
    """An authority refuses; and a case that is taken back before the answer."""
    for end in (p.Refuse("不符合迁出条件"), p.Withdraw("不办了")):
        case = country.handed_in("chengdu", country.MOVE)
        do(country, "chengdu", case, country.officer(LEAD), p.Accept())
        assert country.carry() == []
        if isinstance(end, p.Refuse):
            do(country, "xining", case, country.officer(ASKED), end)
        else:
            do(country, "chengdu", case, APPLICANT, end)
        assert country.carry() == []


def forwarded(country: Country) -> None:
    """Two forwardings, a supplement, what is supplied at the first window, a pause, a delivery."""
    case = country.handed_in("kunming", BORN)
    first = window("530100")
    accepts, leads = country.officer(LEAD), country.officer(ASKED)
    do(country, "kunming", case, first, p.Forward(PAPERS, "message"))
    assert country.carry() == []
    do(country, "chengdu", case, accepts, p.Arrive(("申请表",)))
    do(country, "chengdu", case, accepts, p.RequestSupplement(("结婚证", "照片"), 3))
    assert country.carry() == []
    do(country, "kunming", case, first, p.Supply(("结婚证",)))
    do(country, "kunming", case, APPLICANT, p.Supply(("照片",)))
    assert country.carry() == []
    # Refused where the case is: that comes back to the window.
    assert isinstance(country.places["kunming"].do(case, first, p.Supply(("照片",))), Relayed)
    assert country.carry() == []
    do(country, "chengdu", case, accepts, p.Accept(), p.Forward(PAPERS, "message"))
    assert country.carry() == []
    do(country, "xining", case, leads, p.Arrive(), p.Pause("test", "检测", 5))
    country.later(days=1)
    do(country, "xining", case, leads, p.Resume(), p.Grant("符合条件"), p.Deliver("pickup"))
    assert country.carry() == []
    do(country, "xining", case, leads, p.Report("lost"), p.Deliver("pickup"))
    assert country.carry() == []  # what the window hands out is the last that it knows of
    do(country, "kunming", case, APPLICANT, p.Report("arrived"))
    assert country.carry() == []
    do(country, "xining", case, APPLICANT, p.Rate("530100/window", "dissatisfied", "慢"))
    country.later(days=40)
    country.places["xining"].service.tick()
    assert country.carry() == []


@pytest.fixture(scope="module")
def letters(
    tmp_path_factory: pytest.TempPathFactory, country_at: Any
) -> tuple[Path, list[Recorded]]:
    """Every letter of an honest world, with the store to which it came."""
    root = tmp_path_factory.mktemp("honest")
    country: Country = country_at(root)
    found: list[Recorded] = []

    def note(source: Province, target: Province, message: p.Message) -> None:
        copied = root / f"{len(found)}.db"
        target.store.backup(copied)
        found.append(
            Recorded(message, source.sender, target.name, copied.read_bytes(), country.now[0])
        )
        copied.unlink()

    country.on_letter = note
    joint(country)
    refused(country)
    forwarded(country)
    country.close()
    return root, found


def test_every_kind_of_letter_is_among_the_honest_ones(
    letters: tuple[Path, list[Recorded]],
) -> None:
    assert {one.message.kind for one in letters[1]} == set(LETTERS)


def paths(value: Any, at: Path_ = ()) -> Iterator[Path_]:
    """Every place in a JSON value."""
    yield at
    if isinstance(value, dict):
        for key, one in value.items():
            yield from paths(one, (*at, key))
    elif isinstance(value, list):
        for n, one in enumerate(value):
            yield from paths(one, (*at, n))


ODD = [
    None, "", "x", "长" * 10_001, "\x1b[2J", "\ud800", "\u202e", "../../etc", "0001-01-01",
    "9999-12-31T23:59:59+08:00", "2026-03-02", "530100/public_security", "530100", "closed",
    True, False, 0, -1, 1, 99, 10**19, 1.5, float("nan"), float("inf"), [], {}, [None], {"x": 1},
]  # fmt: skip


@st.composite
def changed(draw: st.DrawFn, raw: dict[str, Any]) -> dict[str, Any]:
    """A letter with one thing in it that is otherwise."""
    found = deepcopy(raw)
    places = list(paths(found))[1:]
    place = draw(st.sampled_from(places))
    holder: Any = found
    for step in place[:-1]:
        holder = holder[step]
    last: Any = place[-1]
    how = draw(st.sampled_from(["odd", "swapped", "gone", "twice", "more", "nearly"]))
    here = holder[last]
    if how == "gone":
        del holder[last]
    elif how == "twice" and isinstance(here, list):
        here.extend(deepcopy(here))
    elif how == "more" and isinstance(here, dict):
        here["more"] = draw(st.sampled_from(ODD))
    elif how == "nearly" and isinstance(here, int):
        holder[last] = not here if isinstance(here, bool) else here + draw(st.integers(-3, 3))
    elif how == "nearly" and isinstance(here, str) and here:
        at = draw(st.integers(0, len(here) - 1))
        holder[last] = here[:at] + draw(st.sampled_from("0a/ -")) + here[at + 1 :]
    elif how == "swapped":
        other: Any = found
        for step in draw(st.sampled_from(places)):
            other = other[step]
        holder[last] = deepcopy(other)
    else:
        holder[last] = draw(st.sampled_from(ODD))
    return found


@pytest.fixture(scope="module")
def guizhou() -> Sender:
    """A node that is trusted and has no part in anything."""
    return Sender("guizhou", lambda address: address.startswith("52"))


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_whatever_a_node_without_a_part_signs_changes_nothing(
    letters: tuple[Path, list[Recorded]], country_at: Any, guizhou: Sender, data: st.DataObject
) -> None:
    root, honest = letters
    one = honest[data.draw(st.integers(0, len(honest) - 1), label="letter")]
    raw = json.loads(hash_chain.canonical(one.message.to_dict()))
    if data.draw(st.booleans(), label="changed at all"):
        raw = data.draw(changed(raw), label="changed")
    if data.draw(st.booleans(), label="under its own name"):
        raw["sender"] = "520100/public_security"
    if data.draw(st.booleans(), label="under a new id"):
        raw["id"] = "f" * 32
    try:
        message = p.Message.from_dict(raw)
    except p.FormatError:
        return  # no letter at all
    country = put_back(root, country_at, one)
    target = country.places[one.target]
    try:
        before = target.everything()
        with pytest.raises((RejectedError, OutOfOrderError)):
            target.service.receive_message(message, None, guizhou)
        assert target.everything() == before
    finally:
        country.close()


def put_back(root: Path, country_at: Any, one: Recorded) -> Country:
    """The store to which a letter came, as it was before."""
    for end in ("", "-wal", "-shm", "-head"):
        (root / f"{one.target}.db{end}").unlink(missing_ok=True)
    (root / f"{one.target}.db").write_bytes(one.store)
    country: Country = country_at(root, one.now, one.target)
    return country


@settings(max_examples=75, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_one_field_otherwise_does_no_harm(
    letters: tuple[Path, list[Recorded]], country_at: Any, data: st.DataObject
) -> None:
    root, honest = letters
    one = honest[data.draw(st.integers(0, len(honest) - 1), label="letter")]
    raw = json.loads(hash_chain.canonical(one.message.to_dict()))
    other = data.draw(changed(raw), label="changed")
    try:
        message = p.Message.from_dict(other)
    except p.FormatError:
        return  # no letter at all
    country = put_back(root, country_at, one)
    target = country.places[one.target]
    try:
        before = target.everything()
        try:
            answer = target.service.receive_message(message, None, one.sender)
        except (RejectedError, OutOfOrderError):
            assert target.everything() == before
            return
        del answer
        assert target.store.differences() == ()
        assert target.store.verify() == ()
        log = [event for row in target.store.cases() for event in target.store.events(row.id)]
        assert log == [] or all(event.at < one.now + timedelta(days=1, hours=1) for event in log)
        assert target.broken_screens(*(row.id for row in target.store.cases())) == []
    finally:
        country.close()
