"""A case of another store is decided again by the rules here; what differs is shown."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from typing import TYPE_CHECKING, Any

import pytest
from attrs import evolve

from tongban.kernel import ApplicationError, Decision, Defect
from tongban.kernel import protocol as p
from tongban.kernel.service import Done, Service

if TYPE_CHECKING:
    from tests.judging.conftest import Country

LEAD = "510100/public_security"
WINDOW = p.Actor("window", "w", "630100")
PAPERS = (p.Document("申请表", "form"),)
Otherwise = Callable[[Decision], Decision]


def arrives(country: Country, otherwise: Otherwise | None) -> str:
    """A case of Xining's window comes to Chengdu, where the rules may come to something else."""
    chengdu = country.places["chengdu"]
    if otherwise is not None:
        kernel = copy(chengdu.kernel)
        kernel.decide = lambda application: otherwise(country.rules.decide(application))  # type: ignore[method-assign, misc, assignment]
        chengdu.service = Service(kernel, chengdu.store, chengdu.serves)
    case = country.handed_in("xining", country.FORWARDED)
    country.places["xining"].do(case, WINDOW, p.Forward(PAPERS, "message"))
    assert country.carry() == []
    return case


def ineligible(decision: Decision) -> Decision:
    why = evolve(decision.reasons[-1], conclusion="eligible", value=False, because="本市暂不办理")
    return evolve(decision, outcome="ineligible", handling=(), reasons=(why,))


def of_another_authority(decision: Decision) -> Decision:
    first, *rest = decision.handling
    return evolve(decision, handling=(evolve(first, department="postal"), *rest))


def test_the_same_decision_needs_nobody(country: Country) -> None:
    case = arrives(country, None)
    chengdu = country.places["chengdu"]
    assert chengdu.case(case).state == "dispatched"
    assert chengdu.store.incoming(kind="review") == ()


@pytest.mark.parametrize(
    ("otherwise", "shown"), [(ineligible, "本市暂不办理"), (of_another_authority, "510100/postal")]
)
def test_another_outcome_or_authority_stops_the_case(
    country: Country, otherwise: Otherwise, shown: str
) -> None:
    case = arrives(country, otherwise)
    chengdu, xining = country.places["chengdu"], country.places["xining"]
    assert chengdu.case(case).state == "stopped"
    lead = country.officer(LEAD)
    assert isinstance(chengdu.do(case, lead, p.Arrive()), p.Refusal)
    assert "settle" in chengdu.screen("case", "next", "--as", f"officer:{LEAD}")
    assert shown in chengdu.screen("case", "show", case)
    assert country.carry() == []
    assert xining.case(case).state == "stopped"  # the window sees it
    # A person rules, and the case goes on where it stopped.
    assert isinstance(chengdu.do(case, lead, p.Adjudicate(True, "经核对,可以办理")), Done)
    for body in (p.Arrive(), p.Accept()):
        assert isinstance(chengdu.do(case, lead, body), Done)
    assert country.carry() == []
    assert xining.case(case) == chengdu.case(case)


def test_a_person_may_end_it_as_well(country: Country) -> None:
    case = arrives(country, ineligible)
    chengdu, xining = country.places["chengdu"], country.places["xining"]
    chengdu.do(case, country.officer(LEAD), p.Adjudicate(False, "不属于本市办理范围"))
    assert country.carry() == []
    assert chengdu.case(case).state == xining.case(case).state == "terminated"


@pytest.mark.parametrize(
    "otherwise",
    [
        lambda decision: evolve(decision, modes=("online",)),
        lambda decision: evolve(decision, outcome="incomplete", missing=()),
    ],
    ids=["modes", "facts"],
)
def test_what_stops_nothing_is_shown_to_the_office(country: Country, otherwise: Any) -> None:
    case = arrives(country, otherwise)
    chengdu = country.places["chengdu"]
    assert chengdu.case(case).state == "dispatched"
    who = f"officer:{LEAD}"
    assert "复核" in chengdu.screen("case", "next", "--as", who)
    assert "复核" in chengdu.screen("case", "show", case)
    chengdu.screen("case", "handled", case, "--as", who)
    assert "复核" not in chengdu.screen("case", "next", "--as", who)
    assert "复核" in chengdu.screen("case", "show", case)


def test_where_the_rules_are_not_here_that_is_said(
    country: Country, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = country.handed_in("xining", country.FORWARDED)
    country.places["xining"].do(case, WINDOW, p.Forward(PAPERS, "message"))

    def unknown(raw: Any) -> Any:
        raise ApplicationError([Defect("item", "unknown item")])

    chengdu = country.places["chengdu"]
    with monkeypatch.context() as patched:
        patched.setattr(chengdu.kernel, "application", unknown)
        assert country.carry() == []
    assert "未作复核" in chengdu.screen("case", "show", case)
    assert "未作复核" not in chengdu.screen("case", "next", "--as", f"officer:{LEAD}")
    assert chengdu.case(case).state == "dispatched"


def test_other_rules_that_come_to_the_same_are_no_difference(
    country: Country, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tongban.kernel.service.review.rules_version", lambda program: "another")
    case = arrives(country, None)
    assert country.places["chengdu"].case(case).state == "dispatched"
