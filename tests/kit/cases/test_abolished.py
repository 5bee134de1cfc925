"""Abolished divisions at the desk: cases, offices, lists and nodes go by what took their place."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pytest
from attrs import evolve

from tongban.kernel import Kernel, protocol
from tongban.kernel.engine import rules_version
from tongban.plugins.casework.actors import acting_in, parse_actor

ITEM = {"item": "2-69", "channel": "window", "applicant": {"kind": "person"}}


def open_case(desk: Any, received: str, hukou: str, window: str) -> Any:
    given = {**ITEM, "received_at": received, "as_of": "2026-11-22", "places": {"hukou": hukou}}
    file = desk.folder / "a.json"
    file.write_text(json.dumps(given), encoding="utf-8")
    return desk(
        "case", "receive", str(file), "--as", f"window:{window}", "--applicant", "a-17",
        "--material", "申请表:form",
    )  # fmt: skip


def test_a_case_goes_to_the_office_of_today_at_the_node_that_serves_it(
    make_desk: Any, tmp_path: Any
) -> None:
    folder = str(tmp_path / "exchange")
    desks = []
    for name, place in (("chengdu", "510000"), ("jinan", "371203"), ("laiwu", "371202")):
        desk = make_desk(name)
        key = str(desk.folder / "node.pem")
        done = desk("case", "join", folder, "--name", name, "--serves", place, "--key", key)
        assert {"371203": "370117", "371202": "370116"}.get(place, place) in done.output
        desks.append(desk)
    chengdu, _, laiwu = desks
    done = open_case(chengdu, "510100", "371202", "510100")
    assert "371202 莱城区已撤销" in done.output
    case = json.loads(chengdu("case", "list", "--json").output)["id"]
    chengdu("case", "forward", case, "--all", "--by", "message", "--as", "window:510100")
    chengdu("case", "exchange")
    laiwu("case", "exchange")
    for place in ("371202", "370116", "370100", "371200"):
        assert case in laiwu("case", "list", "--place", place).output
    assert case not in laiwu("case", "list", "--place", "371203").output
    done = laiwu("case", "arrive", case, "--as", "officer:371202/disabled_persons")
    assert "370116" in done.output or "莱芜区" in done.output


def test_a_window_of_an_abolished_district_is_that_of_its_successor(desk: Any) -> None:
    open_case(desk, "110103", "630100", "110103")
    shown = desk("case", "list", "--place", "110101", "--json").output
    assert json.loads(shown)["state"] == "received"


@pytest.mark.parametrize("place", ["341400", "330104/disabled_persons"])
def test_a_node_cannot_serve_what_was_divided(desk: Any, place: str, tmp_path: Any) -> None:
    key = str(desk.folder / "node.pem")
    done = desk(
        "case", "join", str(tmp_path / "x"), "--name", "n", "--serves", place, "--key", key,
        status=2,
    )  # fmt: skip
    assert place[:6] in done.output
    assert "已撤销" in done.output


def test_offices_of_cases_from_before_are_those_of_their_successors(kernel: Kernel) -> None:
    raw = {**ITEM, "received_at": "510100", "as_of": "2026-11-22", "places": {"hukou": "370116"}}
    application = kernel.application(raw)
    program = kernel.program(application.item)
    body = protocol.submit(
        kernel.decide(application), program.item, application,
        rules=rules_version(program), applicant="a",
    )  # fmt: skip
    now = protocol.Context(
        datetime(2026, 11, 22, 9, tzinfo=protocol.CHINA), lambda division: protocol.Calendar()
    )
    opened = protocol.handle(
        None, protocol.Command("c", "K", protocol.Actor("applicant", "a"), body), now
    )
    case = protocol.replay(opened.events)
    assert case is not None
    lead = case.plan.lead
    before = evolve(lead, division="371202")
    old = evolve(case, plan=evolve(case.plan, way=(case.plan.way[0], before)))
    for code, known, acts in (
        ("370116", case, "370116"),
        ("371202", case, "370116"),
        ("370116", old, "371202"),
        ("371202", old, "371202"),
        ("370117", old, "370117"),
        ("330104", old, "330104"),
    ):
        actor = parse_actor(kernel, f"officer:{code}/disabled_persons")
        assert acting_in(kernel, actor, known).division == acts


@pytest.mark.parametrize(
    ("name", "codes"),
    [
        ("湟中县", ("630106",)),
        ("巢湖地区", ("340100", "340200", "340500")),
        ("江干区", ("330102", "330114")),
        ("浙江省杭州市江干区", ("330102", "330114")),
        ("崇文区", ("110101",)),
    ],
)
def test_the_name_of_an_abolished_place_means_what_took_its_place(
    kernel: Kernel, name: str, codes: tuple[str, ...]
) -> None:
    assert kernel.base.divisions.find(name) == codes
