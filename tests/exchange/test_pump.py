"""Messages between stores: what people notice."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tongban.kernel import protocol, service


def states(country: Any, case: str) -> dict[str, str | None]:
    found = {name: place.store.case(case) for name, place in country.places.items()}
    return {name: one.state if one else None for name, one in found.items()}


def test_a_case_is_forwarded_and_the_window_sees_how_it_goes_on(
    country: Callable[..., Any],
) -> None:
    here = country("chengdu", "xining")
    case = here.submit("licence", "chengdu")
    here.settle()
    assert states(here, case) == {"chengdu": "closed", "xining": "closed"}
    chengdu, xining = (one.store for one in here.places.values())
    mine, theirs = chengdu.case(case), xining.case(case)
    assert mine.to_dict() | {"seen": ()} == theirs.to_dict() | {"seen": ()}
    assert chengdu.outgoing("pending") == chengdu.outgoing("failed") == ()
    assert xining.outgoing("pending") == xining.outgoing("failed") == ()


def test_the_other_authority_confirms_without_having_the_case(country: Callable[..., Any]) -> None:
    here = country("chengdu", "xining")
    case = here.submit("hukou", "chengdu")
    here.settle()
    assert states(here, case) == {"chengdu": "closed", "xining": None}
    (answer,) = here.places["chengdu"].store.incoming(kind="confirmation")
    assert answer.message.signature
    assert answer.message.collaboration == here.places["chengdu"].store.case(case).collaboration


def test_personal_data_travels_sealed_and_arrives(country: Callable[..., Any]) -> None:
    here = country("xian", "chengdu", "xining")
    case = here.submit("pension", "xian")
    seen: list[bytes] = []
    write = here.spool.write

    def look(path: Path, content: bytes, own: int = 2) -> None:
        seen.append(content)
        write(path, content, own)

    here.spool.write = look
    here.settle()
    assert len(seen) > 5
    assert not [one for one in seen if "金丝雀".encode() in one or b"630102199003071231" in one]
    lead = protocol.Actor("officer", "officer-1", "510100", "human_resources")
    found = here.places["chengdu"].store.personal(case, lead, "办理")
    assert found is not None
    assert found.data["name"] == "金丝雀"


def test_what_nobody_serves_is_shown_kept_and_tried_again_later(
    country: Callable[..., Any],
) -> None:
    here = country("chengdu")
    here.submit("licence", "chengdu")
    chengdu = here.places["chengdu"]
    chengdu.work()
    chengdu.work()
    (failed,) = chengdu.run()["failed"]
    assert "没有节点服务 630100/postal" in failed["reason"]
    assert chengdu.run()["failed"] == [failed]
    (kept,) = chengdu.store.outgoing("failed")
    assert kept.attempts == 1, "a second try at the same moment"
    here.clock.wait(seconds=61)
    chengdu.run()
    (kept,) = chengdu.store.outgoing("failed")
    assert kept.attempts == 2

    from tongban.plugins.exchange.membership import make_node
    from tongban.plugins.exchange.pump import Exchange

    make_node(here.root, "xining", ("630000",), here.keys["chengdu"])
    here.clock.wait(minutes=2)
    later = Exchange(here.node("chengdu", "510000"))
    assert kept.message.id in later.run(chengdu.store, chengdu.take, here.clock())["sent"]
    assert chengdu.store.outgoing("failed") == ()


def test_a_letter_that_was_changed_is_put_aside_and_shown(country: Callable[..., Any]) -> None:
    here = country("chengdu", "xining")
    case = here.submit("hukou", "chengdu")
    chengdu, xining = here.places.values()
    for _ in range(2):
        chengdu.work()
    chengdu.run()
    (letter,) = (here.root / "xining" / "in").glob("*.json")
    genuine = letter.read_bytes()
    raw = json.loads(genuine)
    raw["message"]["body"]["item"]["name"] = "别的事项"
    letter.write_text(json.dumps(raw), encoding="utf-8")
    (aside,) = xining.run()["aside"]
    assert "签名不符" in aside["reason"]
    assert not letter.exists()
    assert (here.root / "xining" / "aside" / letter.name).exists()
    assert xining.store.incoming() == ()
    # It is still owed, so it is sent again, and the case goes on.
    here.settle()
    assert states(here, case)["chengdu"] == "closed"


def test_a_node_speaks_for_its_own_places_alone(country: Callable[..., Any]) -> None:
    from tongban.plugins.exchange.envelope import Letter

    here = country("chengdu", "xian", "xining")
    case = here.submit("hukou", "chengdu")
    chengdu = here.places["chengdu"]
    for _ in range(2):
        chengdu.work()
    (request,) = chengdu.store.outgoing("pending", case)[-1:]
    assert request.message.kind == "request"
    actor = protocol.Actor("officer", "officer-9", "630100", "public_security")
    forged = protocol.answer(request.message, actor, protocol.Refuse("伪造"), here.clock())
    assert isinstance(forged, protocol.Message)
    letter = Letter("xian", "chengdu", forged).signed(here.keys["xian"])
    folder = here.root / "chengdu" / "in"
    (folder / "forged.json").write_bytes(letter.to_bytes())
    (aside,) = chengdu.run()["aside"]
    assert "无权代表 630100/public_security" in aside["reason"]
    # An officer of Xining that Xi'an relays is no more than that.
    command = protocol.Command("c1", case, actor, protocol.Refuse("伪造"))
    message = protocol.relay(chengdu.store.case(case), command, "610100/window", here.clock())
    letter = Letter("xian", "chengdu", message).signed(here.keys["xian"])
    (folder / "relayed.json").write_bytes(letter.to_bytes())
    (aside,) = chengdu.run()["aside"]
    assert "无权发出" in aside["reason"]
    assert chengdu.store.case(case).state == "cohandling"


def test_a_command_that_the_case_refuses_comes_back_with_the_reason(
    country: Callable[..., Any],
) -> None:
    here = country("chengdu", "xining")
    case = here.submit("licence", "chengdu")
    here.settle()
    chengdu = here.places["chengdu"]
    window = protocol.Actor("window", "window-1", "510100")
    relayed = chengdu.service.do(case, window, protocol.Withdraw())
    assert isinstance(relayed, service.Relayed)
    here.run()
    refused = [*here.run()["chengdu"]["refused"], *here.run()["chengdu"]["refused"]]
    assert {one["id"] for one in refused} == {relayed.message.id}
    here.clock.wait(days=3)
    assert chengdu.run()["sent"] == chengdu.run()["refused"] == [], "it is not sent again"
    (back,) = chengdu.store.incoming("510100/window", case, "notice", open_only=True)
    assert "“撤回”应由申请人、代办人办理" in str(back.message.body["reason"])


def test_a_folder_that_cannot_be_written_loses_nothing(country: Callable[..., Any]) -> None:
    here = country("chengdu", "xining")
    case = here.submit("hukou", "chengdu")
    folder = here.root / "xining" / "in"
    folder.rmdir()
    folder.write_text("no folder")
    chengdu = here.places["chengdu"]
    for _ in range(2):
        chengdu.work()
    (failed,) = chengdu.run()["failed"]
    assert "无法投递至 xining" in failed["reason"]
    folder.unlink()
    folder.mkdir()
    here.clock.wait(minutes=2)
    here.settle()
    assert states(here, case)["chengdu"] == "closed"


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"format": "tongban.envelope/1"}'])
def test_what_is_no_letter_is_put_aside(country: Callable[..., Any], content: bytes) -> None:
    here = country("chengdu")
    for part in ("in", "ack"):
        (here.root / "chengdu" / part / "x.json").write_bytes(content)
    report = here.places["chengdu"].run()
    assert [one["id"] for one in report["aside"]] == ["x"]
    assert not list((here.root / "chengdu" / "in").iterdir())
    assert not list((here.root / "chengdu" / "ack").iterdir())


def test_a_store_that_is_alone_delivers_everything_inside(country: Callable[..., Any]) -> None:
    from tongban.plugins.exchange import exchange

    here = country("chengdu")
    place = here.places["chengdu"]
    carrier = exchange("")
    assert carrier is not None
    place.service = service.Service(place.service.kernel, place.store, carrier.serves)
    case = here.submit("hukou", "chengdu")
    for _ in range(12):
        place.work()
        carrier.run(place.store, place.service.receive_message, here.clock())
    assert place.store.case(case).state == "closed"
    assert place.store.outgoing("pending") == place.store.outgoing("failed") == ()
    notices = place.store.incoming("applicant", case)
    assert [one.message.body["document"] for one in notices][:2] == ["收件凭证", "受理通知书"]
