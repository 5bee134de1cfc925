"""What the rules refuse is a case; who insists gets a person's decision; departures say why."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from attrs import evolve

from tongban.kernel import protocol as p
from tongban.kernel.protocol.commands import RefusedError
from tongban.kernel.protocol.grounds import need_article

Make = Callable[..., Any]
ARTICLE = "《行政许可法》第三十八条"
WHY = ("规则所称情形与事实不符",)


def insisted(make: Make, name: str = "refused_elsewhere") -> Any:
    world = make(name)
    world.opened()
    world.do(world.applicant, p.Insist("调令在手"))
    return world


def with_lead(make: Make, name: str = "refused_elsewhere") -> Any:
    """Insisted on, received, forwarded and accepted by a person."""
    world = insisted(make, name)
    online = world.given.application["channel"] == "online"
    world.do(p.SYSTEM if online else world.window, p.Receive(materials=world.papers))
    while world.here.state == "received":
        world.forwarded()
    world.do(world.accepting, p.Accept())
    return world


@pytest.mark.parametrize(
    ("name", "way"),
    [
        ("refused", ["510100/public_security"]),
        ("refused_elsewhere", ["610100/window", "510100/public_security"]),
        ("refused_licence", ["510100/window", "630100/postal"]),
        ("refused_online", ["630100/postal"]),
    ],
)
def test_what_the_rules_refuse_is_a_case_that_is_over(
    make: Make, name: str, way: list[str]
) -> None:
    world = make(name)
    world.opened()
    case = world.here
    assert world.kinds() == ["submitted", "ruled_ineligible"]
    assert (case.state, case.over, case.ended_at) == ("ineligible", True, world.now)
    assert [one.key for one in case.plan.way] == way
    (ground,) = world.events[-1].body.grounds
    (reason,) = case.decision["reasons"]
    assert (ground.rule, ground.cite, case.reasons) == (
        reason["rule"],
        reason["cite"],
        (reason["because"],),
    )
    assert p.awaited(case) == ()
    assert p.limits(case, world.calendars, world.now + timedelta(days=90)) == ()
    assert p.wakes_on(case, world.calendars, ()) is None
    licence = name != "refused" and name != "refused_elsewhere"
    assert world.documents() == ["不予受理决定书" if licence else "不予办理告知书"]
    assert world.sent("notice")[0].body["remedy"] == p.REMEDY


def test_who_insists_is_received_like_anybody(make: Make) -> None:
    world = insisted(make)
    case = world.here
    assert (case.state, case.ended_at, case.insisted_at) == ("submitted", None, world.now)
    assert case.reasons == ()
    assert p.awaited(case) == ((case.plan.way[0], "receive"),)
    world.do(world.window, p.Receive(materials=world.papers))
    world.forwarded()
    world.do(world.accepting, p.Accept())
    world.do(world.lead, p.Grant("核实", "", WHY, ARTICLE))
    assert world.here.granted is True


def test_blanks_are_no_reason_to_insist(make: Make) -> None:
    world = make("refused")
    world.opened()
    world.do(world.applicant, p.Insist(" \t\u3000"))
    assert world.events[-1].body == p.Insisted("")


def test_to_insist_is_for_the_applicant_the_agent_and_the_window_once(make: Make) -> None:
    world = make("refused_elsewhere")
    world.opened()
    lead = world.officer(world.plan.lead)
    for actor, code in (
        (lead, "not_your_step"),
        (p.Actor("applicant", "somebody else"), "not_a_party"),
        (p.Actor("agent", "a", authorisation="x"), "not_a_party"),
        (p.Actor("window", "w", "110000"), "not_a_party"),
    ):
        assert world.refused(actor, p.Insist()).code == code
    world.do(world.window, p.Insist())
    again = world.refused(world.applicant, p.Insist())
    assert again.code == "wrong_state"
    assert "坚持申请" in again.message


def test_an_open_case_needs_nobody_to_insist(make: Make) -> None:
    world = make("hukou")
    world.opened()
    refused = world.refused(world.applicant, p.Insist())
    assert (refused.code, "不予办理" in refused.text.zh) == ("wrong_state", True)


def test_what_is_left_of_a_refused_case_is_said(make: Make) -> None:
    world = make("refused")
    world.opened()
    refused = world.refused(world.window, p.Receive())
    assert refused.code == "over"
    assert "坚持申请" in refused.text.zh
    assert "insist" in refused.text.en
    assert p.possible(world.here, world.applicant) == (*("insist", "amend", "lodge", "authorise"),)


def test_what_is_in_doubt_is_not_refused_by_the_rules(make: Make) -> None:
    """A second engine finds otherwise: the case stops, and a person settles it."""
    world = make("refused")
    world.do(world.window, evolve(world.given, doubted=True))
    assert world.here.state == "submitted"
    world.do(p.SYSTEM, p.Suspend("second", ("a",), ()))
    world.do(world.officer(world.plan.lead), p.Adjudicate(True, "须由人核实"))
    assert world.here.state == "submitted"


@pytest.mark.parametrize(
    "way",
    [
        (),
        (p.Office("received", "610100", "window"),),
        (p.Office("move_in", "110000", "public_security"),),
        (p.Office("nowhere", "510100", "public_security"),),
        (p.Office("move_in", None, "public_security"),),
        (
            p.Office("received", "110000", "window"),
            p.Office("move_in", "510100", "public_security"),
        ),
        (p.Office("move_in", "510100", "public_security"),) * 2,
        (p.Office("received", "610100", "window"),) * 3,
    ],
    ids=str,
)
def test_a_way_that_does_not_fit_opens_nothing(make: Make, way: tuple[p.Office, ...]) -> None:
    world = make("refused_elsewhere")
    refused = world.refused(world.window, evolve(world.given, way=way))
    assert (refused.code, world.case) == ("bad_input", None)
    assert "submit.way" in refused.text.en


@pytest.mark.parametrize("outcome", ["", "maybe", None, 1, [], {}])
def test_an_outcome_that_is_none_opens_nothing(make: Make, outcome: Any) -> None:
    world = make("hukou")
    decision = {**world.given.decision, "outcome": outcome}
    assert world.refused(world.window, evolve(world.given, decision=decision)).code == "bad_input"


DEPARTING: dict[str, tuple[str, Callable[[str], p.CommandBody]]] = {
    "grant": ("refused", lambda article: p.Grant("核实", "", WHY, article)),
    "deny": ("local", lambda article: p.Deny(WHY, article=article)),
}


@pytest.mark.parametrize("kind", DEPARTING)
@pytest.mark.parametrize("article", ["", "  ", "依照有关规定", "见规定", "第条"])
def test_a_departure_from_the_rules_names_an_article(make: Make, kind: str, article: str) -> None:
    name, body = DEPARTING[kind]
    world = with_lead(make, name) if name == "refused" else make(name)
    if name != "refused":
        world.accepted()
    refused = world.refused(world.lead, body(article))
    assert refused.code == "bad_input"
    assert refused.text.zh
    assert refused.text.en
    if not article:
        outcome = {"grant": "不予办理", "deny": "可以办理"}[kind]
        assert outcome in refused.text.zh
        assert "2-03.reason" in refused.text.zh or kind == "deny"
    world.do(world.lead, body(ARTICLE))
    found = p.departs(world.here)
    assert found is not None
    assert (found.article, found.reasons) == (ARTICLE, WHY)
    assert found.chosen == {"grant": "granted", "deny": "denied"}[kind]


def test_to_decline_what_the_rules_allow_names_an_article(make: Make) -> None:
    world = make("local")
    world.arrived()
    assert world.refused(world.accepting, p.Decline(WHY)).code == "bad_input"
    world.do(world.accepting, p.Decline(WHY, "《行政许可法》第三十二条"))
    found = p.departs(world.here)
    assert found is not None
    assert (found.chosen, found.outcome) == ("declined", "eligible")
    assert world.sent("notice")[-1].body["article"] == "《行政许可法》第三十二条"


def test_a_grant_of_what_the_rules_refuse_says_why(make: Make) -> None:
    world = with_lead(make, "refused")
    for reasons in ((), ("",), (" ",)):
        refused = world.refused(world.lead, p.Grant("", "", reasons, ARTICLE))
        assert refused.code == "bad_input"


@pytest.mark.parametrize("article", ["", ARTICLE])
def test_what_agrees_with_the_rules_rests_on_them(make: Make, article: str) -> None:
    denied, declined, granted = with_lead(make), insisted(make, "refused"), make("local")
    denied.do(denied.lead, p.Deny(WHY, article=article))
    declined.do(declined.window, p.Receive())
    declined.do(declined.accepting, p.Decline(WHY, article))
    granted.accepted()
    granted.do(granted.lead, p.Grant("符合条件", article=article))
    for world in (denied, declined, granted):
        assert p.departs(world.here) is None
        assert world.here.article == article


def test_what_was_written_before_articles_were_asked_for_reads_as_it_was(make: Make) -> None:
    """Neither events nor cases have a new field where nothing is in it."""
    world = make("licence")
    world.decided()
    assert "article" not in world.events[-1].to_dict()["data"]
    assert not {"article", "insisted_at"} & set(world.here.to_dict())
    assert not {"way", "doubted"} & set(
        p.Command("1", "C", world.window, world.given).to_dict()["data"]
    )


@pytest.mark.parametrize(
    "article",
    [
        "第三十八条",
        "《中华人民共和国行政许可法》第三十八条第二款",
        "行政许可法第 38 条",
        "附件2/3",
        "附件 1-52",
        "附件2第3项",
        "方案二(三)",
        "方案二、（三）",
        "国办发〔2020〕35号",
        "国办发[2020]35号",
        "国办发(2020)35号",
        "依照有关规定(国办发〔2020〕35号)",
        " 《户口登记条例》第十条 ",
        "《某条例》第一百零二条",
        "第〇八条",
    ],
)
def test_an_article_can_be_looked_up(article: str) -> None:
    assert need_article(article) == article.strip()


@pytest.mark.parametrize(
    "article",
    [
        "",
        " ",
        "\n\t",
        "依照有关规定",
        "依据相关法律法规的规定",
        "按照国家政策",
        "规定",
        "第条",
        "第×条",
        "第 条",
        "有关规定第三条",
        "条例",
        "2020年文件",
        "〔2020〕号",
        "领导要求",
        "article",
        "35号",
    ],
)
def test_what_nobody_can_look_up_is_no_article(article: str) -> None:
    with pytest.raises(RefusedError) as refused:
        need_article(article)
    assert refused.value.code == "bad_input"
    assert refused.value.text.zh
    assert refused.value.text.en


@pytest.mark.parametrize("place", ["四川省成都市", ""])
def test_a_remedy_has_term_organ_and_articles(place: str) -> None:
    first, second = p.recourses(place)
    assert (first.kind, second.kind) == ("reconsideration", "litigation")
    assert "六十日内" in first.says.zh
    assert "六个月内" in second.says.zh
    for one in (first, second):
        assert place in one.organ.zh
        assert "None" not in str(one.to_dict())
        assert one.basis == "inferred"
