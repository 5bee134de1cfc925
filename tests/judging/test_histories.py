"""Honest stores take every letter of each other, whatever happens in their cases."""

from __future__ import annotations

import shutil
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.judging.test_mutations import BORN

from tongban.kernel import protocol as p
from tongban.plugins.kit.testing.case_steps import legal

if TYPE_CHECKING:
    from tests.judging.conftest import Country

_NUMBERS = count(1)
_WAIT = st.sampled_from([timedelta(), timedelta(hours=5), *(timedelta(days=n) for n in (1, 7, 30))])


def _holder(country: Country, id: str) -> Any:
    """The province whose log goes furthest: it has the case."""
    known = [one for one in country.places.values() if one.store.case(id) is not None]
    return max(known, key=lambda one: one.case(id).version)


def _place_of(country: Country, actor: p.Actor, holder: Any) -> Any:
    """Where somebody is: people come to the place that has the case."""
    if not actor.division:
        return holder
    near = (one for one in country.places.values() if one.serves(f"{actor.division}/x"))
    return next(near, holder)


def _step(country: Country, id: str, data: st.DataObject) -> None:
    """One command that the case allows, given where its actor is."""
    holder = _holder(country, id)
    case = holder.case(id)
    context = p.Context(country.now[0], holder.service.calendar)
    may = legal(case, context)
    if not may:
        return
    kinds = sorted({one.do.kind for one in may})
    kind = data.draw(st.sampled_from(kinds), label="kind")
    command = data.draw(st.sampled_from([one for one in may if one.do.kind == kind]))
    place = _place_of(country, command.actor, holder)
    place.do(id, command.actor, command.do, id=f"{id}-{case.version}")


@pytest.mark.parametrize("start", ["joint", "forwarded", "two legs"])
@settings(max_examples=6)
@given(data=st.data())
def test_every_honest_letter_is_taken(
    tmp_path_factory: pytest.TempPathFactory, country_at: Any, start: str, data: st.DataObject
) -> None:
    root = tmp_path_factory.getbasetemp() / f"histories-{next(_NUMBERS)}"
    root.mkdir()
    country: Country = country_at(root)
    try:
        raw = {"joint": country.MOVE, "forwarded": country.FORWARDED, "two legs": BORN}[start]
        at = {"joint": "chengdu", "forwarded": "xining", "two legs": "kunming"}[start]
        id = country.handed_in(at, raw)
        for _ in range(data.draw(st.integers(3, 14), label="steps")):
            _step(country, id, data)
            if data.draw(st.booleans(), label="carried"):
                assert country.carry(rounds=1) == []
            country.later(seconds=data.draw(_WAIT, label="wait").total_seconds())
            for one in country.places.values():
                one.service.tick()
        assert country.carry(rounds=8) == []
        _everybody_agrees(country, id)
    finally:
        country.close()
        _gone(root)


def _everybody_agrees(country: Country, id: str) -> None:
    last = _holder(country, id).case(id)
    for one in country.places.values():
        assert [o.message.kind for o in one.store.outgoing("pending")] == []
        assert one.alarms() == []
        if one.store.case(id) is not None and any(one.serves(w.key) for w in last.plan.way[:1]):
            assert one.case(id) == last
        assert one.store.verify() == ()
        assert one.store.differences() == ()
        assert one.broken_screens(*(row.id for row in one.store.cases())) == []


def _gone(root: Path) -> None:
    shutil.rmtree(root)
