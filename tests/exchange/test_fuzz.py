"""Bytes of any kind in a node's folders: nothing raises, and only what is signed is taken."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tongban.plugins.exchange.envelope import Receipt, letter
from tongban.plugins.exchange.handed_back import Ask

_MANY = settings(
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture
def files(country: Callable[..., Any]) -> tuple[Any, dict[str, bytes]]:
    """Chengdu, and a genuine file of Xining's for each of its folders."""
    here = country("chengdu", "xining")
    case = here.submit("hukou", "chengdu")
    chengdu, xining = here.places.values()
    for _ in range(2):
        chengdu.work()
    chengdu.run()
    xining.run()
    xining.work()
    xining.run()
    (letter,) = (here.root / "chengdu" / "in").glob("*.json")
    genuine = {"in": letter.read_bytes()}
    letter.unlink()
    chengdu.run()
    key = here.keys["xining"]
    genuine["ack"] = Receipt("xining", "chengdu", case, "taken").signed(key).to_bytes()
    genuine["recovery"] = Ask("xining", "chengdu", "a" * 32, here.clock()).signed(key).to_bytes()
    return here, genuine


@_MANY
@given(data=st.data())
def test_a_changed_file_is_never_taken_and_never_stops_anything(
    files: tuple[Any, dict[str, bytes]], data: st.DataObject
) -> None:
    here, genuine = files
    part = data.draw(st.sampled_from(sorted(genuine)))
    content = bytearray(genuine[part])
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(content) - 1))
        kind = data.draw(st.sampled_from(["byte", "cut", "twice"]))
        if kind == "byte":
            content[place] = data.draw(st.integers(0, 255))
        elif kind == "cut":
            del content[place : place + data.draw(st.integers(1, 40))]
        else:
            content[place:place] = content[place : place + data.draw(st.integers(1, 40))]
        if not content:
            break
    chengdu = here.places["chengdu"]
    (here.root / "chengdu" / part / "00.json").write_bytes(bytes(content))
    report = chengdu.run()
    assert not (here.root / "chengdu" / part / "00.json").exists()
    # What is not covered by the signature (the head of a log beside it) says nothing of the case.
    said = letter(genuine["in"]).message
    assert set(report["taken"]) <= {said.id}
    kept = chengdu.store.incoming(kind=said.kind)
    assert [one.message for one in kept] in ([], [said])
    assert chengdu.store.incoming(kind="alarm") == ()
