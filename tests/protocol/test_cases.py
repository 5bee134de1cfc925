"""One case per mode, from a real application to its rating."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tongban.kernel import Kernel
from tongban.kernel import protocol as p

Make = Callable[..., Any]


def test_a_joint_case_from_receipt_to_rating(make: Make) -> None:
    world = make("hukou")
    world.received()
    assert world.here.state == "arrived"
    assert world.documents() == ["收件凭证"]
    world.do(world.lead, p.Accept())
    assert world.here.state == "cohandling"
    (request,) = world.sent("request")
    assert (request.sender, request.receiver) == (
        "510100/public_security",
        "630100/public_security",
    )
    assert request.collaboration == world.here.collaboration != ""
    assert world.refused(world.lead, p.Grant()).code == "wrong_state"
    world.do(world.officer(world.plan.others[0]), p.Confirm("同意迁出"))
    world.do(world.lead, p.Examine("符合迁入条件"))
    world.do(world.lead, p.Grant())
    world.do(world.lead, p.Deliver(tracking="EMS 2"))
    world.do(world.lead, p.Report("on_its_way"))
    world.do(world.applicant, p.Report("arrived"))
    world.tick()
    assert world.here.state == "closed"
    world.do(world.applicant, p.Rate("510100/public_security", "very_satisfied"))
    world.do(world.applicant, p.Rate("630100/public_security", "satisfied"))
    assert world.kinds() == [
        "submitted",
        "received",
        "arrived",
        "accepted",
        "cohandling_requested",
        "cohandling_confirmed",
        "cohandling_completed",
        "examined",
        "decided",
        "delivery_started",
        "delivery_reported",
        "delivered",
        "closed",
        "rated",
        "rated",
    ]
    assert world.documents() == ["收件凭证", "受理通知书", "准予决定书", "送达告知书"]
    assert [one.body["grade"] for one in world.sent("rating")] == ["非常满意", "满意"]


def test_a_joint_case_that_is_collected_elsewhere(make: Make) -> None:
    """1-07: received in Xi'an, accepted in Chengdu, confirmed by Xining."""
    world = make("pension")
    world.received()
    assert world.here.state == "received"
    assert world.here.arrived_at is None
    world.wait(1)
    world.do(world.window, p.Forward(world.papers, "post", "EMS 1"))
    (sent,) = world.sent("forward")
    assert sent.receiver == "510100/human_resources"
    assert [one["name"] for one in sent.body["materials"]] == ["申请表", "证明"]
    world.wait(2)
    world.do(world.accepting, p.Arrive(missing=("证明",)))
    (receipt,) = world.sent("arrival")
    assert (receipt.receiver, receipt.body) == ("610100/window", {"missing": ["证明"]})
    assert (world.here.arrived_at - world.here.received_at).days == 3
    world.do(world.accepting, p.Accept())
    world.do(world.officer(world.plan.others[0]), p.Confirm())
    world.do(world.lead, p.Grant())
    world.do(world.lead, p.Deliver())
    world.do(world.lead, p.Report("arrived"))
    world.do(world.lead, p.Close())
    world.do(world.applicant, p.Rate("610100/window", "fairly_satisfied"))
    assert world.here.state == "closed"
    assert {one.receiver for one in world.sent("progress")} == {"610100/window"}


def test_a_licence_collected_at_a_window_elsewhere(make: Make) -> None:
    world = make("licence")
    world.closed()
    assert world.plan.modes == ("collect",)
    assert world.here.granted is True
    world.do(world.applicant, p.Rate("510100/window", "satisfied"))


def test_an_online_case_is_with_the_authority_at_once(make: Make) -> None:
    world = make("online")
    world.received()
    assert world.here.state == "arrived"
    assert world.here.arrived_at == world.here.received_at
    world.do(world.lead, p.Accept())
    world.do(world.lead, p.Deny(("不符合条件",), article="第三十八条"))
    (denied,) = [one for one in world.sent("notice") if one.body["document"] == "不予决定书"]
    assert denied.body["reasons"] == ["不符合条件"]
    assert "行政复议" in denied.body["remedy"]
    world.do(world.lead, p.Deliver())
    assert world.here.state == "delivered"
    world.do(p.SYSTEM, p.Close())


def test_a_local_case_is_decided_where_it_was_received(make: Make) -> None:
    world = make("local")
    world.received()
    assert world.plan.modes == ("local",)
    assert world.here.collaboration == ""
    world.do(world.lead, p.Accept())
    world.do(world.lead, p.Grant())
    world.do(world.lead, p.Deliver())
    assert (world.here.state, world.here.deliveries[0].by) == ("delivering", "pickup")
    world.do(world.window, p.Report("arrived"))
    assert world.here.state == "delivered"


def test_a_newborn_is_accepted_at_birth_place_and_registered_at_the_parents_hukou(
    make: Make,
) -> None:
    world = make("newborn")
    world.received()
    assert world.here.state == "arrived"
    assert world.here.accepting.place == "birth"
    world.do(world.accepting, p.Accept())
    assert world.refused(world.lead, p.Grant()).code == "wrong_state"
    world.do(world.accepting, p.Forward(world.papers, "message"))
    assert world.here.state == "dispatched"
    world.do(world.lead, p.Arrive())
    assert world.here.state == "accepted"
    world.do(world.lead, p.Grant())
    assert world.here.state == "decided"


def test_three_offices_on_the_way_window_who_accepts_who_decides(make: Make) -> None:
    world = make("newborn_elsewhere")
    world.received()
    assert [office.key for office in world.plan.way] == [
        "610100/window",
        "510100/public_security",
        "630100/public_security",
    ]
    world.forwarded()
    assert world.here.state == "arrived"
    assert world.refused(world.window, p.Forward(world.papers)).code == "wrong_state"
    world.do(world.accepting, p.Accept())
    assert world.refused(world.window, p.Forward(world.papers)).code == "not_your_step"
    world.forwarded()
    assert world.here.state == "accepted"
    world.do(world.lead, p.Grant())
    told = {one.receiver for one in world.sent("progress")}
    assert told == {"610100/window", "510100/public_security"}


def test_every_defect_is_named_at_once(make: Make) -> None:
    world = make("hukou")
    world.opened()
    defects = (
        p.Defect("applicant.phone", "手机号有误"),
        p.Defect("materials.证明", "缺页"),
        p.Defect("applicant.id_number", "请核对", warning=True),
    )
    world.do(world.window, p.Receive(defects, identified=False))
    assert world.here.state == "returned"
    (notice,) = world.sent("notice")
    assert notice.body["document"] == "退件通知书"
    assert len(notice.body["defects"]) == 4
    assert any("身份" in one for one in notice.body["defects"])


def test_a_warning_keeps_nothing_back(make: Make) -> None:
    world = make("hukou")
    world.opened()
    world.do(world.window, p.Receive((p.Defect("applicant.id_number", "请核对", warning=True),)))
    assert world.here.state == "arrived"
    assert world.sent("notice")[0].body["warnings"] == ["applicant.id_number: 请核对"]


def test_what_is_missing_is_asked_for_once(make: Make) -> None:
    world = make("licence")
    world.arrived()
    world.do(world.lead, p.RequestSupplement(("场地证明", "安全制度"), 10))
    assert world.refused(world.applicant, p.Supply(("别的",))).code == "bad_input"
    world.do(world.applicant, p.Supply(("安全制度",)))
    assert world.here.supplement.outstanding == ("场地证明",)
    assert world.here.state == "supplementing"
    world.do(world.window, p.Supply(("场地证明",)))
    assert world.here.state == "arrived"
    assert world.refused(world.lead, p.RequestSupplement(("更多",))).code == "once_only"
    world.do(world.lead, p.Decline(("不属于本机关职权",), article="第三十二条"))
    assert world.here.state == "declined"


def test_a_refusal_ends_a_joint_case_and_says_why(make: Make) -> None:
    world = make("hukou")
    world.arrived()
    world.do(world.lead, p.Accept())
    world.do(world.officer(world.plan.others[0]), p.Refuse("户口已冻结"))
    assert world.here.state == "terminated"
    notice = world.sent("notice")[-1]
    assert notice.body["document"] == "终止办理通知书"
    assert "630100/public_security: 户口已冻结" in notice.body["reasons"]


def test_a_refusal_returns_the_case_where_the_rule_says_so(make: Make) -> None:
    world = make("hukou", on_refusal="return")
    world.arrived()
    world.do(world.lead, p.Accept())
    world.do(world.officer(world.plan.others[0]), p.Refuse("户口已冻结"))
    assert world.here.state == "returned"
    assert "630100/public_security: 户口已冻结" in world.sent("notice")[-1].body["reasons"]


def test_a_lost_letter_is_issued_anew_and_the_old_one_is_void(make: Make) -> None:
    world = make("licence")
    world.decided()
    world.do(world.lead, p.Deliver(tracking="EMS 7"))
    first = world.here.result
    world.do(world.lead, p.Report("lost"))
    assert world.here.state == "undelivered"
    world.do(world.lead, p.Deliver(tracking="EMS 8"))
    assert world.here.voided == (first,)
    assert world.here.result != first
    found = world.do(world.applicant, p.Report("arrived", delivery=1))
    assert [one.kind for one in found.events] == ["void_found"]
    assert world.do(world.lead, p.Report("arrived", delivery=1)).repeated
    assert world.here.state == "delivering"
    world.do(world.applicant, p.Report("arrived", delivery=2))
    assert world.here.state == "delivered"
    assert "补发告知书" in world.documents()


def test_old_news_of_a_letter_is_harmless(make: Make) -> None:
    world = make("licence")
    world.decided()
    world.do(world.lead, p.Deliver())
    world.do(world.lead, p.Report("lost"))
    for status in ("lost", "on_its_way"):
        assert world.do(world.lead, p.Report(status)) == p.Step(repeated=True)
    world.do(world.applicant, p.Report("arrived"))
    assert world.do(world.lead, p.Report("lost")) == p.Step(repeated=True)
    assert world.here.state == "delivered"


def test_a_letter_that_came_back_goes_out_again_as_it_is(make: Make) -> None:
    world = make("licence")
    world.decided()
    world.do(world.lead, p.Deliver())
    number = world.here.result
    world.do(world.lead, p.Report("returned"))
    world.do(world.lead, p.Deliver("pickup"))
    assert (world.here.result, world.here.voided) == (number, ())
    (handed,) = world.sent("result")
    assert handed.receiver == "510100/window"


@pytest.mark.parametrize("grade", ["dissatisfied", "very_dissatisfied"])
def test_a_bad_rating_opens_a_follow_up(make: Make, grade: Any) -> None:
    world = make("licence")
    world.closed()
    side = "630100/postal"
    world.do(world.applicant, p.Rate(side, grade, "太慢"))
    assert str(world.limit("follow_up").due) == "2026-03-23"  # 15 working days
    assert world.sent("urge")[-1].receiver == "630100/supervisor"
    assert world.refused(world.applicant, p.Rate(side, "satisfied")).code == "once_only"
    assert world.refused(world.window, p.FollowUp(side, "已道歉")).code == "not_your_step"
    world.do(world.lead, p.FollowUp(side, "已回访并改进"))
    assert world.limit("follow_up").state == "met"


def test_a_disagreement_of_engines_stops_the_case_until_a_person_settles_it(make: Make) -> None:
    world = make("online")
    world.received()
    world.do(p.SYSTEM, p.Suspend("durable-rules", ("1-52.a",), ()))
    assert world.here.state == "stopped"
    assert world.refused(world.lead, p.Accept()).code == "wrong_state"
    world.do(world.lead, p.Adjudicate(True, "以本机引擎为准"))
    assert world.here.state == "arrived"
    world.do(p.SYSTEM, p.Suspend("durable-rules", (), ("1-52.a",)))
    world.do(p.Actor("supervisor", "s", "630000"), p.Adjudicate(False, "规则有误"))
    assert world.here.state == "terminated"


def test_what_is_not_eligible_is_not_carried(make: Make) -> None:
    world = make("hukou")
    decision = {**world.given.decision, "outcome": "incomplete", "missing": [{"question": "谁?"}]}
    result = world.refused(world.window, p.Submit(**_given(world, decision=decision)))
    assert (result.code, world.case) == ("not_open", None)
    assert "谁?" in result.message


@pytest.mark.parametrize(
    "change",
    [
        {"item": None},
        {"handling": []},
        {"legs": [{"what": "application", "to": "nowhere"}], "handling": [1]},
        {"time_limit": [{"step": "decide", "working_days": 10**12}]},
        {"time_limit": [{"step": "dance", "working_days": 1}]},
        {"time_limit": [{"step": "decide", "working_days": "1"}]},
        {"receiving": None},
    ],
    ids=str,
)
def test_what_is_no_decision_of_the_kernel_opens_nothing(make: Make, change: Any) -> None:
    world = make("licence")
    decision = {**world.given.decision, **change}
    refused = world.refused(world.window, p.Submit(**_given(world, decision=decision)))
    assert refused.code == "bad_input"


def test_personal_data_does_not_enter_the_log(make: Make) -> None:
    world = make("hukou")
    assert "张三" not in str(world.given)
    whole = {**world.given.application, "applicant": {"kind": "person", "name": "张三"}}
    assert world.refused(world.window, p.Submit(**_given(world, application=whole))).code == (
        "bad_input"
    )


def _given(world: Any, **changes: Any) -> dict[str, Any]:
    names = ("rules", "application", "decision", "applicant")
    return {name: getattr(world.given, name) for name in names} | changes


def test_a_military_side_without_a_division_has_a_part_too(kernel: Kernel) -> None:
    """1-12: the other authority is one that no division code names."""
    (example,) = [
        one
        for one in kernel.rulebook.items["630000/1-12"].cases
        if one.expect.get("eligible") is True
    ][:1]
    raw = {"item": "1-12", "applicant": {"kind": "person"}, "as_of": "2026-01-01"}
    application = kernel.application(raw | dict(example.given))
    program = kernel.program(application.item)
    given = p.submit(
        kernel.decide(application), program.item, application, rules="r", applicant="a"
    )
    context = p.Context(kernel.clock(), lambda division: p.Calendar())
    case: p.Case | None = None

    def give(actor: p.Actor, body: p.CommandBody) -> p.Case:
        nonlocal case
        number = str(case.version if case else 0)
        step = p.handle(case, p.Command(number, "C", actor, body), context)
        assert isinstance(step, p.Step), step
        for event in step.events:
            case = p.evolve(case, event)
        assert case is not None
        return case

    give(p.Actor("applicant", "a"), given)
    now = give(p.SYSTEM, p.Receive())
    if now.state == "received":
        way = now.plan.way[0]
        give(p.Actor("window", "w", way.division), p.Forward((p.Document("申请表"),)))
        now = give(_officer(now.plan.lead), p.Arrive())
    now = give(_officer(now.plan.lead), p.Accept())
    assert [one.division for one in now.plan.others] == [None]
    assert give(_officer(now.plan.others[0]), p.Confirm()).state == "accepted"


def _officer(office: p.Office) -> p.Actor:
    return p.Actor("officer", "o", office.division, office.department)
