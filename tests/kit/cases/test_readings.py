"""Who read whose personal data: for the applicant, an office, the supervisor, the keeper."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from attrs import evolve

from tongban.plugins.casework import audit_reads
from tongban.plugins.casework.readings import Wanted, noted_readings
from tongban.plugins.casework.session import Settings, open_session
from tongban.plugins.console import tables

CHENGDU, XINING = "officer:510100/public_security@wang", "officer:630100/public_security@li"
STRANGER, WINDOW = "officer:610100/public_security@zhao", "window:510100@w1"
APPLICANT, OTHER = "applicant:a-1", "applicant:a-2"
DATA = ("金丝雀", "630102199003071231", "13897654321", "金丝路")


def reads_it(desk: Any, case: str, who: str, purpose: str, status: int = 0) -> None:
    desk("case", "show", case, "--personal", purpose, as_=who, status=status)


@pytest.fixture
def case(desk: Any, applications: Any) -> str:
    """A case whose data was read by an officer twice, by the applicant, and wanted by others."""
    found = str(desk.receive(applications["hukou"]))
    reads_it(desk, found, CHENGDU, "核对身份")
    desk.later(days=1)
    reads_it(desk, found, CHENGDU, "电话通知")
    reads_it(desk, found, APPLICANT, "核对本人资料")
    reads_it(desk, found, STRANGER, "好奇", status=2)
    reads_it(desk, found, OTHER, "打听", status=2)
    return found


def told(desk: Any, *more: str, as_: str = "") -> list[tuple[str, str, bool]]:
    """Kind or account of each reader, purpose, and whether it was allowed."""
    found = desk.json("audit", "reads", *more, as_=as_)["readings"]
    named = [(one["reader"].get("id") or one["reader"]["kind"], one) for one in found]
    return [(name, one["purpose"], one["allowed"]) for name, one in named]


def test_the_keeper_sees_all_in_order(desk: Any, case: str) -> None:
    assert told(desk) == [
        ("wang", "核对身份", True),
        ("wang", "电话通知", True),
        ("a-1", "核对本人资料", True),
        ("zhao", "好奇", False),
        ("a-2", "打听", False),
    ]


def test_an_applicant_sees_who_read_theirs_without_ids_that_say_nothing(
    desk: Any, case: str
) -> None:
    found = desk.json("audit", "reads", as_=APPLICANT)
    assert found["for"] == "applicant"
    first, _, own, refused, other = found["readings"]
    assert first["reader"] == {
        "kind": "officer",
        "id": "wang",
        "office": "510100/public_security",
        "name": "四川省成都市公安部门 wang",
    }
    assert (first["parts"], first["own"], first["allowed"]) == ("all", False, True)
    assert first["at"] == "2026-03-02T09:00:00+08:00"
    assert (own["own"], refused["own"], refused["parts"]) == (True, False, "none")
    assert "ref" not in first
    assert "id" not in other["reader"]
    screen = desk("audit", "reads", as_=APPLICANT)
    assert "申请人本人" in screen.stdout
    assert "其他申请人" in screen.stdout
    assert "a-2" not in screen.stdout
    assert "仅本库记录" in screen.stderr
    assert desk.json("audit", "reads", as_=OTHER)["readings"] == []


def test_a_terminal_breaks_no_id_of_a_case(
    desk: Any, case: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (tables, audit_reads):
        monkeypatch.setattr(module, "is_terminal", lambda: True)
    desk.env["COLUMNS"] = "80"
    screen = desk("audit", "reads").stdout
    assert screen.count(case) == 5
    assert "被拒 refused" in screen
    assert "2/0/0/0" in desk("audit", "reads", "--counts").stdout


def test_no_data_is_shown_and_nothing_is_noted(desk: Any, case: str) -> None:
    before = desk("audit", "reads", "--json").stdout
    for more in ((), ("--counts",), ("--json",), ("--unusual",)):
        for who in ("", APPLICANT, CHENGDU, "supervisor:510000"):
            shown = desk("audit", "reads", *more, as_=who)
            assert [one for one in DATA if one in shown.stdout + shown.stderr] == []
    assert desk("audit", "reads", "--json").stdout == before


def test_an_office_sees_its_own_and_those_of_its_cases(
    desk: Any, case: str, applications: Any
) -> None:
    other = desk.receive(applications["licence"])
    reads_it(desk, other, CHENGDU, "看看", status=2)
    reads_it(desk, other, WINDOW, "核对")
    assert [one[1] for one in told(desk, as_=XINING)] == [
        "核对身份", "电话通知", "核对本人资料", "好奇", "打听",
    ]  # fmt: skip
    assert ("wang", "看看", False) in told(desk, as_=CHENGDU)
    assert ("w1", "核对", True) not in told(desk, as_=CHENGDU)
    assert told(desk, as_=STRANGER) == [("zhao", "好奇", False)]


def test_a_supervisor_counts_for_each_reader(desk: Any, case: str) -> None:
    found = desk.json("audit", "reads", "--counts", as_="supervisor:510000")["readers"]
    counts = {one["reader"]["id"]: one for one in found}
    assert found[0]["reader"]["id"] == "wang"
    assert (counts["wang"]["allowed"], counts["wang"]["refused"]) == (2, 0)
    assert counts["wang"]["cases"] == 1
    assert counts["wang"]["first"] != counts["wang"]["last"]
    assert (counts["a-1"]["own"], counts["zhao"]["refused"]) == (1, 1)
    # Xi'an's officer wanted data of a case in Sichuan: both supervisors hear of it.
    assert told(desk, as_="supervisor:610000") == [("zhao", "好奇", False)]
    assert told(desk, as_="supervisor:440000") == []
    assert "四川省成都市公安部门 wang\t2\t0\t0\t0\t1" in desk("audit", "reads", "--counts").stdout


@pytest.mark.parametrize(
    ("more", "count"),
    [
        (("--reader", "wang"), 2),
        (("--reader", "officer:510100/public_security"), 2),
        (("--reader", "officer:510100/public_security@li"), 0),
        (("--reader", "applicant:a-1"), 1),
        (("--reader", "system"), 0),
        (("--office", "510100/public_security"), 2),
        (("--office", "四川省"), 2),
        (("--office", "610100"), 1),
        (("--office", "510100/window"), 0),
        (("--from", "2026-03-03"), 4),
        (("--until", "2026-03-02"), 1),
        (("--unusual",), 2),
        (("--unusual", "--reader", "zhao"), 1),
    ],
)
def test_filters_hold_together(desk: Any, case: str, more: tuple[str, ...], count: int) -> None:
    assert len(told(desk, *more)) == count
    assert len(told(desk, "--case", case, *more)) == count


def test_who_has_no_part_in_the_case_now_is_marked(desk: Any, case: str) -> None:
    """As a case stands now; where it is not here, nobody can say."""
    with open_session(desk.kernel, Settings(desk.db, "", None, False)) as session:
        kept = list(session.store.readings())
        there = session.store.case(case)
    assert there is not None
    lead = evolve(there.plan.lead, department="health")
    moved = evolve(there, plan=evolve(there.plan, way=(lead,)))
    for now, part in ((there, True), (moved, False), (None, None)):
        stub = SimpleNamespace(readings=lambda of: iter(kept), case=lambda of, now=now: now)
        seen: Any = SimpleNamespace(kernel=desk.kernel, store=stub, actor=None)
        first, *_, refused, _ = noted_readings(seen, Wanted())
        assert (first.part, first.unusual) == (part, part is False)
        assert refused.unusual


def test_of_a_case_of_another_store_the_reading_is_listed_and_not_judged(
    two: Any, applications: Any
) -> None:
    chengdu, xining = two
    found = chengdu.receive(applications["hukou"])
    chengdu("case", "accept", found, as_=CHENGDU)
    for desk in (chengdu, xining):
        desk("case", "exchange")
    settings = Settings(xining.db, XINING, None, False)
    with open_session(xining.kernel, settings, writes=True) as session:
        assert session.store.personal(found, session.acting, "核对身份") is not None
    (one,) = xining.json("audit", "reads", "--case", found)["readings"]
    assert (one["part"], one["name"], one["parts"]) == (None, "", "all")
    assert "在其他库办理" in xining("audit", "reads", as_=XINING).stdout
    assert xining.json("audit", "reads", "--unusual")["readings"] == []
    assert len(xining.json("audit", "reads", as_="supervisor:630000")["readings"]) == 1
    sent = chengdu.json("audit", "reads")["readings"]
    assert {(one["reader"]["kind"], one["case"]) for one in sent} == {("system", found)}


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (("--case", "BJ000"), "no case"),
        (("--case", ""), "not an id of a case"),
        (("--reader", ""), "--reader needs a name"),
        (("--reader", "officer:510100"), "--reader 'officer:510100': the department is missing"),
        (("--reader", "oficer:510100/x"), "did you mean 'officer'?"),
        (("--office", "火星"), "no division is called"),
        (("--office", ""), "no division is called"),
        (("--office", "510100/public_securty"), "did you mean 'public_security'"),
        (("--from", "2026-03-03", "--until", "2026-03-02"), "is after"),
        (("--from", "gestern"), "not a date"),
    ],
)
def test_wrong_options_get_a_sentence(
    desk: Any, case: str, more: tuple[str, ...], says: str
) -> None:
    assert says in desk("audit", "reads", *more, status=2).stderr
