"""Two stores in two provinces: what happens in one is known in the other, by the exchange alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

CHENGDU, XINING = "officer:510100/public_security", "officer:630100/public_security"
WINDOW, APPLICANT, POSTAL = "window:510100", "applicant:a-1", "officer:630100/postal"


def carry(*desks: Any) -> None:
    """Lets every message come to where it goes, and every receipt back."""
    for _ in range(3):
        for desk in desks:
            desk("case", "exchange")


def test_a_joint_case_between_two_stores(two: tuple[Any, Any], applications: Any) -> None:
    """The other store has the request and not the case; its answer lets the case go on."""
    chengdu, xining = two
    case = chengdu.receive(applications["hukou"])
    chengdu("case", "accept", case, as_=CHENGDU)
    carry(chengdu, xining)
    assert "协同确认 confirm、不予确认 refuse" in xining("case", "next", as_=XINING).stdout
    assert "协同办理请求 request" in xining("case", "show", case).stdout
    assert "由其他数据库办理" in xining("case", "show", case).stdout
    assert "协同办理确认 confirmation" in xining("case", "confirm", case, as_=XINING).stdout
    assert xining.json("case", "next", as_=XINING) == []
    assert chengdu.state(case) == "cohandling"
    carry(chengdu, xining)
    assert chengdu.state(case) == "accepted"
    chengdu("case", "grant", case, as_=CHENGDU)
    chengdu("case", "deliver", case, "--tracking", "EMS1", as_=CHENGDU)
    chengdu("case", "report", case, "--status", "arrived", as_=APPLICANT)
    chengdu("case", "tick")
    rate = ("case", "rate", case, "--grade", "satisfied", "--side")
    chengdu(*rate, "630100/public_security", as_=APPLICANT)
    assert chengdu.state(case) == "closed"
    assert chengdu.json("audit", "verify")["whole"] is True


def test_a_collected_case_moves_and_both_know(two: tuple[Any, Any], applications: Any) -> None:
    """It is forwarded to the other store, handled there, and followed here."""
    chengdu, xining = two
    case = chengdu.receive(applications["licence"])
    chengdu("case", "forward", case, "--all", as_=WINDOW)
    carry(chengdu, xining)
    assert xining.state(case) == "dispatched"
    xining("case", "arrive", case, as_=POSTAL)
    xining("case", "supplement", case, "--wanted", "授权书", as_=POSTAL)
    carry(xining, chengdu)
    assert chengdu.state(case) == "supplementing"
    relayed = chengdu("case", "supply", case, "--all", as_=WINDOW).stdout
    assert "转交事项 command" in relayed
    carry(chengdu, xining)
    assert xining.state(case) == "arrived"
    xining("case", "accept", case, as_=POSTAL)
    xining("case", "grant", case, as_=POSTAL)
    carry(xining, chengdu)
    here, there = (desk.json("case", "show", case)["case"] for desk in (chengdu, xining))
    assert here == there
    assert here["state"] == "decided"
    assert "630102199003071231" not in xining("case", "show", case).stdout


def test_tick_in_both_stores_says_each_thing_once(two: tuple[Any, Any], applications: Any) -> None:
    chengdu, xining = two
    case = chengdu.receive(applications["licence"])
    chengdu("case", "forward", case, "--all", as_=WINDOW)
    carry(chengdu, xining)
    xining("case", "arrive", case, as_=POSTAL)
    xining("case", "accept", case, as_=POSTAL)
    xining.later(days=60)
    for _ in range(3):
        for desk in two:
            desk("case", "tick")
    events = [one["kind"] for one in chengdu.json("case", "show", case)["timeline"]]
    assert events.count("overdue") == 1
    assert xining.json("case", "list", "--overdue")["id"] == case


def test_what_nobody_serves_is_shown_and_not_lost(two: tuple[Any, Any], applications: Any) -> None:
    chengdu, _ = two
    elsewhere = {**applications["hukou"], "places": {"move_in": "510100", "move_out": "440300"}}
    case = chengdu.receive(elsewhere)
    chengdu("case", "accept", case, as_=CHENGDU)
    told = chengdu("case", "exchange").stdout
    assert "无法送达 failed" in told
    assert "440300" in told
    assert "无法送达" in chengdu("doctor", status=1).stdout
    report = chengdu.json("case", "exchange")
    assert len(report["failed"]) == 1


def test_a_wrong_node_is_refused_and_leaves_nothing(make_desk: Callable[[str], Any]) -> None:
    desk = make_desk("wrong")
    key, folder = str(desk.folder / "k.pem"), str(desk.folder / "x")
    given = ("case", "join", folder, "--key", key)
    desk(*given, "--name", "Big Name", "--serves", "510000", status=2)
    desk(*given, "--name", "small", "--serves", "519999", status=2)
    assert not desk.db.with_suffix(".node.json").exists()


def test_a_node_that_is_not_the_one_that_was_named_is_not_trusted(
    two: tuple[Any, Any], applications: Any, tmp_path: Any
) -> None:
    """--trust: a card signed by another key is shown, and nothing goes there."""
    chengdu, _ = two
    given = ("case", "join", str(tmp_path / "exchange"), "--name", "chengdu", "--serves", "510000",
             "--key", str(chengdu.folder / "node.pem"))  # fmt: skip
    chengdu(*given, "--trust", f"xining={'0123456789abcdef' * 2}")
    case = chengdu.receive(applications["hukou"])
    chengdu("case", "accept", case, as_=CHENGDU)
    told = chengdu("case", "exchange").stdout
    assert "not signed by the key that is trusted" in told
    assert "无法送达 failed" in told
    assert chengdu.json("case", "exchange")["sent"] == []
    chengdu(*given, "--trust", "xining", status=2)
    short = chengdu(*given, "--trust", "xining=0123456789abcdef", status=2).stderr
    assert "write all 32" in short


def test_a_node_is_trusted_for_places_and_hands_on_its_key(
    two: tuple[Any, Any], applications: Any, tmp_path: Any
) -> None:
    chengdu, xining = two
    exchange = str(tmp_path / "exchange")
    mine = ("case", "join", exchange, "--name", "chengdu", "--serves", "510000",
            "--key", str(chengdu.folder / "node.pem"))  # fmt: skip
    theirs = ("case", "join", exchange, "--name", "xining", "--serves", "630000", "--key")
    pin = xining.json(*theirs, str(xining.folder / "node.pem"))["key"]
    chengdu(*mine, "--trust", f"xining={pin}@630000,-")
    assert "Tongban-For: 510000" in (chengdu.folder / "node.pem.pub").read_text("utf-8")
    case = chengdu.receive(applications["hukou"])
    chengdu("case", "accept", case, as_=CHENGDU)
    chengdu("case", "exchange")
    xining(*theirs, str(xining.folder / "next.pem"))  # what lies there is sealed for the key before
    carry(chengdu, xining)
    xining("case", "confirm", case, as_=XINING)
    carry(chengdu, xining)
    assert chengdu.state(case) == "accepted"
    xining(*theirs, str(xining.folder / "stolen.pem"), "--former-lost")
    told = chengdu("case", "exchange").stdout
    assert "ask its keeper" in told or "ask the node's keeper" in told


def test_what_lies_in_the_folder_is_put_aside_and_shown(
    two: tuple[Any, Any], applications: Any, tmp_path: Any
) -> None:
    chengdu, _ = two
    case = chengdu.receive(applications["hukou"])
    inside = tmp_path / "exchange" / "chengdu" / "in"
    (inside / "00.json").mkdir()
    (inside / "01.json").symlink_to(chengdu.folder / "node.pem")
    (inside / "02\n\x1b[2J.json").write_text("{}")
    told = chengdu("case", "exchange").stdout
    assert told.count("搁置 put aside") == 3
    assert "\x1b" not in told
    assert chengdu("case", "exchange").stdout.count("搁置") == 0, "it is told once"
    assert "3 件搁置 put aside" in chengdu("doctor").stdout
    assert "查看搁置 look" in chengdu("case", "next", as_="supervisor:510000").stdout
    assert "查看搁置 look" not in chengdu("case", "next", as_=CHENGDU).stdout
    assert chengdu.state(case) == "arrived"


def test_what_other_stores_ask_stands_in_the_first_part(
    two: tuple[Any, Any], applications: Any
) -> None:
    """It is counted in every part, and is not cut off unseen."""
    chengdu, xining = two
    own = [chengdu.receive(applications["licence"]) for _ in range(2)]
    for case in own:
        chengdu("case", "forward", case, "--all", as_=WINDOW)
    asked = chengdu.receive(applications["hukou"])
    chengdu("case", "accept", asked, as_=CHENGDU)
    carry(chengdu, xining)
    first, request, end = xining.json("case", "next", "--limit", "1")
    assert (first["command"], request["case"], end["count"]) == ("arrive", asked, 3)
    rest = xining.json("case", "next", "--after", end["after"])
    assert {first["case"], rest["case"]} == set(own)
    told = xining("case", "next", "--after", end["after"]).stderr
    assert told == "1 项 to do, 0 项逾期 overdue;共 3 项 of 3\n"
