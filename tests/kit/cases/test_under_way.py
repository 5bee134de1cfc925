"""What another store refused, and letters that never came, are seen until somebody acts."""

from __future__ import annotations

from typing import Any

import pytest

WINDOW, APPLICANT, POSTAL = "window:510100", "applicant:a-1", "officer:630100/postal"


def carry(*desks: Any) -> None:
    for _ in range(3):
        for desk in desks:
            desk("case", "exchange")


@pytest.fixture
def asked(two: tuple[Any, Any], applications: Any) -> str:
    """A case of Chengdu's window for which Xining asked for a paper."""
    chengdu, xining = two
    case = str(chengdu.receive(applications["licence"]))
    chengdu("case", "forward", case, "--all", as_=WINDOW)
    carry(chengdu, xining)
    xining("case", "arrive", case, as_=POSTAL)
    xining("case", "supplement", case, "--wanted", "授权书", as_=POSTAL)
    carry(xining, chengdu)
    return case


def test_what_came_back_is_shown_until_it_is_handled(two: tuple[Any, Any], asked: str) -> None:
    chengdu, xining = two
    chengdu("case", "supply", asked, "--given", "照片", as_=WINDOW)
    carry(chengdu, xining)
    why = "未要求补正:照片"
    for said in (
        chengdu("case", "next", as_=WINDOW),
        chengdu("case", "next", as_="supervisor:510000"),
        chengdu("case", "show", asked),
        chengdu("doctor"),
    ):
        assert why in said.stdout
    assert why not in chengdu("case", "next", as_="window:510300").stdout
    assert chengdu.json("case", "show", asked)["came_back"][0]["code"] == "bad_input"
    assert "0 项已处理" in chengdu("case", "handled", asked, as_="window:510300").stdout
    assert "1 项已处理" in chengdu("case", "handled", asked, as_=WINDOW).stdout
    assert chengdu.json("case", "show", asked)["came_back"] == []
    assert why not in chengdu("case", "next", as_=WINDOW).stdout
    assert why not in chengdu("doctor").stdout


def test_a_letter_that_never_comes_is_seen_with_who_has_to_ask(
    two: tuple[Any, Any], applications: Any
) -> None:
    chengdu, xining = two
    case = chengdu.receive(applications["licence"])
    chengdu("case", "forward", case, "--all", as_=WINDOW)
    chengdu("case", "exchange")
    chengdu.later(days=2)
    assert "未获回执" not in chengdu("doctor").stdout, "two working days are not a reason to ask"
    chengdu.later(days=1)
    line = "自 2026-03-02 起未获回执, 已 3 个工作日"
    assert line in chengdu("doctor", status=1).stdout
    assert line in chengdu("case", "show", case).stdout
    assert line in chengdu("report").stderr
    (letter,) = chengdu.json("report")["silent"]
    assert letter["case"] == case
    assert (letter["kind"], letter["since"]) == ("forward", "2026-03-02")
    assert (letter["receiver"], letter["asks"]) == ("630100/postal", "510100/window")
    assert "查询送达" in chengdu("case", "next", as_=WINDOW).stdout
    assert "查询送达" not in chengdu("case", "next", as_="window:510300").stdout
    page = chengdu.folder / "report.html"
    chengdu("report", "-o", str(page))
    assert "未获回执" in page.read_text(encoding="utf-8")
    carry(chengdu, xining)
    assert "未获回执" not in chengdu("doctor").stdout
    assert chengdu.json("report")["silent"] == []


def test_a_window_is_not_asked_to_settle_what_engines_disagree_on(
    desk: Any, applications: Any
) -> None:
    from tongban.kernel import protocol
    from tongban.plugins.stores.sqlite.embedded import open_store

    case = desk.receive(applications["licence"])
    with open_store(desk.db, clock=lambda: desk.clock[0]) as store, store.transaction() as writes:
        found = writes.case(case)
        assert found is not None
        stop = protocol.Command(
            "stop", case, protocol.SYSTEM, protocol.Suspend("e", ("a",), ("b",))
        )
        context = protocol.Context(desk.clock[0], lambda division: protocol.Calendar())
        step = protocol.handle(found, stop, context)
        writes.append(case, found.version, step.events)
    shown = desk("case", "show", case).stdout
    assert f"tongban case settle {case} --as supervisor:510100" in shown
    assert desk.json("case", "next", as_="supervisor:510100")["command"] == "settle"
    settle = ("case", "settle", case, "--reason", "以规则为准")
    assert "--goes-on" in desk(*settle, as_="supervisor:510100", status=2).stderr
    desk(*settle, "--goes-on", as_="supervisor:510100")
    assert desk.state(case) == "received"
