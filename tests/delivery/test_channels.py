"""How a result comes to the applicant: by the channel that was chosen and can carry it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from attrs import evolve

from tongban.kernel import Kernel, protocol
from tongban.kernel.audit import keys, signing
from tongban.plugins import delivery
from tongban.plugins.delivery import deliver
from tongban.plugins.delivery.documents import DocumentError
from tongban.plugins.delivery.post import movements, tracking_problem
from tongban.plugins.delivery.request import channels
from tongban.plugins.delivery.verifying import verify


@pytest.fixture
def online(desk: Callable[[str], Any]) -> Any:
    return desk("online").decided()


@pytest.fixture
def posted(desk: Callable[[str], Any]) -> Any:
    return desk("hukou").sent("post", "EA123456785CN")


def allowing(case: protocol.Case, *ways: str, chosen: str = "") -> protocol.Case:
    """The same case with other ways of delivery."""
    return evolve(
        case,
        decision={**case.decision, "delivery": list(ways)},
        application={**case.application, "deliver_by": chosen or None},
    )


def test_the_choice_comes_first_then_what_the_item_allows(posted: Any) -> None:
    case = allowing(posted.case, "electronic", "post", "pickup", chosen="post")
    assert channels(case) == ("post", "electronic", "pickup")
    assert channels(case, "pickup") == ("pickup", "post", "electronic")
    only = allowing(posted.case, "pickup", chosen="post")
    assert channels(only) == ("pickup",), "the item does not allow what was chosen"


def test_an_electronic_result_arrives_at_once_and_is_genuine(
    online: Any, key: signing.SigningKey
) -> None:
    made = deliver(online.case.to_dict(), online.request(key=key))
    assert made is not None
    assert (made["by"], made["status"]) == ("electronic", "arrived")
    files = {file["media_type"]: file["content"] for file in made["files"]}
    lead = online.case.plan.lead.key
    for media in ("application/pdf", "application/json"):
        assert verify(files[media], keys.KnownKey(key.public, (lead,))).verdict == "genuine"
    assert made["code"].encode() in files["application/json"]
    assert all("/" not in file["name"] and ".." not in file["name"] for file in made["files"])


def test_without_a_key_the_next_channel_carries_it(online: Any) -> None:
    case = allowing(online.case, "electronic", "post")
    made = deliver(case.to_dict(), online.request())
    assert made is not None
    assert made["by"] == "post"
    assert deliver(allowing(online.case, "electronic").to_dict(), online.request()) is None


def test_a_letter_has_a_label_and_the_applicant_pays(posted: Any, key: signing.SigningKey) -> None:
    request = posted.request(key=key, tracking="EA123456785CN")
    made = deliver(posted.case.to_dict(), request)
    assert made is not None
    label = made["label"]
    assert label["address"] == "青海省西宁市城东区金丝路88号"
    assert label["paid_by"] == "邮递费由申请人承担"
    assert label["tracking"] == "EA123456785CN"
    assert "户口" not in str(label), "what it is about is nobody's business on the way"


def test_a_letter_without_an_address_is_not_posted(posted: Any) -> None:
    request = posted.request(personal={"kind": "person", "name": "金丝雀"})
    assert deliver(posted.case.to_dict(), request) is None


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("handed_over", None),
        ("in_transit", "on_its_way"),
        ("signed_for", "arrived"),
        ("refused", "returned"),
        ("lost", "lost"),
    ],
)
def test_what_the_carrier_says_becomes_a_report(posted: Any, word: str, status: str | None) -> None:
    made = deliver(posted.case.to_dict(), posted.request(by="post", carrier_status=word))
    assert made == {"by": "post", "status": status}


def test_an_unknown_word_of_the_carrier_is_named(posted: Any) -> None:
    with pytest.raises(DocumentError, match="did you mean 'lost'"):
        deliver(posted.case.to_dict(), posted.request(by="post", carrier_status="losst"))


@pytest.mark.parametrize("number", ["", "EA473124829CN", "RA473124829CN", "1234567890123"])
def test_numbers_of_letters_that_may_be_right(number: str) -> None:
    assert tracking_problem(number) == ""


def test_a_mistyped_number_of_a_letter_is_found(posted: Any) -> None:
    assert "EA473124828CN" in tracking_problem("EA473124828CN")
    assert tracking_problem("EA474123829CN")
    with pytest.raises(DocumentError, match="EA473124828CN"):
        deliver(posted.case.to_dict(), posted.request(tracking="EA473124828CN"))


def test_a_lost_letter_is_issued_anew_and_its_way_is_on_record(
    desk: Callable[[str], Any], key: signing.SigningKey
) -> None:
    lost = desk("hukou").lost()
    lost.do(lost.lead, protocol.Report("on_its_way"))
    lost.do(lost.lead, protocol.Report("arrived"))
    way = [(one.delivery, one.status, one.official) for one in movements(lost.events)]
    assert way == [
        (1, "handed_over", "已交寄"),
        (1, "lost", "已丢失"),
        (2, "reissued", "补发"),
        (2, "handed_over", "已交寄"),
        (2, "on_its_way", "寄送途中"),
        (2, "arrived", "已签收"),
    ]
    again = lost.document("grant")
    assert again.number == "BJ20260302A1-2"
    assert again.facts["voided"] == ["BJ20260302A1-1"]


# At a window.


@pytest.fixture
def ready(desk: Callable[[str], Any]) -> Any:
    found = desk("hukou").sent("pickup")
    found.kept = allowing(found.case, "pickup")
    return found


def collect(ready: Any, **shown: str) -> Any:
    return deliver(ready.case.to_dict(), ready.request(presented=shown))


def test_a_result_waits_at_the_window(ready: Any, key: signing.SigningKey) -> None:
    made = deliver(ready.case.to_dict(), ready.request(key=key))
    assert made is not None
    assert made["window"] == "四川省成都市公安局"
    assert made["status"] is None
    assert len(made["pickup_number"]) == 6


def test_it_is_handed_over_to_the_applicant_and_nobody_else(ready: Any) -> None:
    done = collect(ready, id_number="630102199003071231")
    assert (done["status"], done["note"]) == ("arrived", "凭有效身份证件当面领取")
    ready.do(ready.lead, protocol.Report(done["status"], note=done["note"]))
    assert ready.case.state == "delivered"
    for wrong in ("510105198512120016", "", "630102199003071231 "):
        refused = collect(ready, id_number=wrong)
        assert refused["status"] is None
        assert refused["refused"]
        assert "6301" not in str(refused)


def test_an_agent_needs_the_letter_of_this_case(ready: Any) -> None:
    mine = {"id_number": "510105198512120016"}
    assert collect(ready, authorisation="WT-7", **mine)["status"] == "arrived"
    assert "授权委托书" in collect(ready, authorisation="WT-8", **mine)["refused"]
    stolen = collect(ready, authorisation="WT-7", id_number="630102199003071231")
    assert stolen["status"] is None, "the applicant's paper in the agent's hand"


def test_without_personal_data_a_person_has_to_look(ready: Any) -> None:
    request = ready.request(presented={"id_number": "630102199003071231"}, personal={})
    made = deliver(ready.case.to_dict(), request)
    assert made is not None
    assert "人工核验" in made["refused"]


# The hook.


def test_the_hook_names_an_unknown_key(posted: Any) -> None:
    with pytest.raises(DocumentError, match="did you mean 'tracking'"):
        deliver(posted.case.to_dict(), {"traking": "1"})


def test_any_document_of_the_case_can_be_asked_for(online: Any, key: signing.SigningKey) -> None:
    made = deliver(online.case.to_dict(), online.request(key=key, document="receipt"))
    assert made is not None
    assert made["title"] == "收件凭证"


def test_the_environment_names_a_font(
    online: Any, key: signing.SigningKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TONGBAN_FONT", "nowhere.ttf")
    with pytest.raises(DocumentError, match=r"nowhere\.ttf"):
        deliver(online.case.to_dict(), online.request(key=key))


def test_the_plugin_is_loaded_whole() -> None:
    (status,) = Kernel(plugins=[delivery]).plugins
    assert status.state == "loaded"
    assert set(status.hooks) == {"deliver", "findings", "register_commands"}
