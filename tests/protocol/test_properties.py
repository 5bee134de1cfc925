"""Whatever comes in whatever order: legal steps only, one end, nothing lost, nothing twice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tongban.kernel import protocol as p

Make = Callable[..., Any]

TEXTS = st.sampled_from(["证明", "章程", "理由", ""])
ARTICLES = st.sampled_from(["", "《行政许可法》第三十八条", "附件2/3", "依照有关规定", " "])
MANY = st.lists(TEXTS, max_size=2).map(tuple)
ACCOUNTS = st.sampled_from(["", "officer-1", "window-1", "officer-2"])
DAYS = st.sampled_from([None, 5, 1, 10, 15, 0, -1, 10**12])
BY_KIND: dict[str, st.SearchStrategy[p.CommandBody]] = {
    p.Receive.kind: st.builds(
        p.Receive, st.just(()) | st.just((p.Defect("a", "b"),)), st.booleans()
    ),
    p.Forward.kind: st.builds(p.Forward, st.sampled_from([(p.Document("申请表"),), ()])),
    p.Arrive.kind: st.builds(p.Arrive),
    p.Chase.kind: st.builds(p.Chase),
    p.Accept.kind: st.builds(p.Accept),
    p.RequestSupplement.kind: st.builds(p.RequestSupplement, MANY, DAYS),
    p.Supply.kind: st.builds(p.Supply, MANY),
    p.Decline.kind: st.builds(p.Decline, MANY, ARTICLES),
    p.Examine.kind: st.builds(p.Examine, TEXTS),
    p.Confirm.kind: st.builds(p.Confirm),
    p.Refuse.kind: st.builds(p.Refuse, TEXTS),
    p.Pause.kind: st.builds(p.Pause, st.sampled_from(sorted(p.PROCEDURES)), TEXTS, DAYS),
    p.Resume.kind: st.builds(p.Resume),
    p.Extend.kind: st.builds(p.Extend, MANY, st.sampled_from(["decide", "deliver", "x"]), DAYS),
    p.Grant.kind: st.builds(
        p.Grant,
        valid_until=st.sampled_from([None, date(2026, 3, 1), date(2026, 3, 20), date(2026, 9, 1)]),
        reasons=MANY,
        article=ARTICLES,
    ),
    p.Deny.kind: st.builds(p.Deny, MANY, article=ARTICLES),
    p.Deliver.kind: st.builds(
        p.Deliver, st.sampled_from(["", "post", "pickup", "electronic", "x"])
    ),
    p.Report.kind: st.builds(
        p.Report, st.sampled_from(sorted(p.DELIVERY_STATUSES)), st.integers(-1, 3)
    ),
    p.Close.kind: st.builds(p.Close),
    p.Insist.kind: st.builds(p.Insist, TEXTS),
    p.Withdraw.kind: st.builds(p.Withdraw),
    p.Terminate.kind: st.builds(p.Terminate, TEXTS),
    p.Amend.kind: st.builds(
        p.Amend,
        st.fixed_dictionaries({"item": st.sampled_from(["x", ""])}),
        st.fixed_dictionaries({"outcome": st.sampled_from(["eligible", "ineligible", "x"])}),
        st.sampled_from([(), (p.Document("户口簿"),)]),
        TEXTS,
        st.sampled_from(["", "0" * 64]),
        MANY,
    ),
    p.Correct.kind: st.builds(p.Correct, st.booleans(), MANY, ARTICLES, st.integers(-1, 2)),
    p.Reopen.kind: st.builds(p.Reopen, TEXTS, ARTICLES, st.integers(-1, 2)),
    p.Lodge.kind: st.builds(
        p.Lodge, st.sampled_from(sorted(p.REMEDIES)), TEXTS, TEXTS, st.none() | st.dates()
    ),
    p.Admit.kind: st.builds(
        p.Admit, st.booleans(), st.integers(-1, 3), st.none() | st.dates(), TEXTS
    ),
    p.Resolve.kind: st.builds(
        p.Resolve, st.sampled_from(sorted(p.REMEDY_OUTCOMES)), st.integers(-1, 3)
    ),
    p.Rate.kind: st.builds(
        p.Rate,
        st.sampled_from(["630100/postal", "510100/window", "x"]),
        st.sampled_from(sorted(p.GRADES)),
    ),
    p.FollowUp.kind: st.builds(p.FollowUp, st.just("630100/postal"), TEXTS),
    p.Suspend.kind: st.builds(p.Suspend, st.just("durable-rules"), st.just(("a",)), MANY),
    p.Adjudicate.kind: st.builds(p.Adjudicate, st.booleans(), TEXTS),
    p.Authorise.kind: st.builds(
        p.Authorise,
        st.sampled_from(["agent-1", "agent-2", "", "a\nb"]),
        st.sampled_from(["委1", "委2", ""]),
        st.lists(st.sampled_from(sorted(p.SCOPES)), max_size=3).map(tuple),
        st.sampled_from([None, date(2026, 3, 1), date(2026, 4, 1)]),
        st.sampled_from([None, date(2026, 3, 1), date(2026, 5, 1)]),
        st.sampled_from([None, "parent"]),
    ),
    p.CheckClock.kind: st.builds(p.CheckClock, TEXTS),
    p.ChangeContact.kind: st.builds(
        p.ChangeContact,
        st.sampled_from([("phone",), ("delivery",), ("address", "delivery"), ()]),
        st.sampled_from(["", "post", "pickup", "x"]),
        st.sampled_from(["", "0" * 64, "1" * 64]),
    ),
    p.Recuse.kind: st.builds(p.Recuse, TEXTS, ACCOUNTS, TEXTS, ACCOUNTS),
    p.Readmit.kind: st.builds(p.Readmit, ACCOUNTS, TEXTS),
    p.Claim.kind: st.builds(p.Claim),
    p.Release.kind: st.builds(p.Release, TEXTS),
    p.TakeOver.kind: st.builds(p.TakeOver, st.just({})),
    p.Mirror.kind: st.builds(p.Mirror, st.just(())),
}
BODIES = st.one_of(*BY_KIND.values())
ENDING = ("withdraw", "terminate", "decline", "refuse", "stop", "chase")
ONCE_AT_MOST = (
    "submitted",
    "received",
    "accepted",
    "supplement_requested",
    "cohandling_requested",
    "cohandling_completed",
    "decided",
    "delivered",
    "closed",
)

ANEW = {
    "received": "reopened",
    "accepted": "reopened",
    "cohandling_requested": "reopened",
    "cohandling_completed": "reopened",
    "delivered": "corrected",
    "closed": "corrected",
}
"""What may happen once more after a case was reopened, or its decision corrected."""


def test_every_command_in_an_open_case_is_drawn() -> None:
    assert {*BY_KIND} == {*p.COMMANDS} - {"submit"}


def people(world: Any) -> list[p.Actor]:
    others = [world.officer(office) for office in world.plan.offices]
    return [
        world.applicant,
        world.window,
        p.SYSTEM,
        p.Actor("supervisor", "s", "630000"),
        p.Actor("agent", "agent-1", authorisation="委1"),
        p.Actor("officer", "stranger", "110000", "postal"),
        *others,
    ]


@pytest.mark.parametrize(
    "name",
    [
        "licence",
        "hukou",
        "pension",
        "local",
        "online",
        "newborn",
        "refused_elsewhere",
        "refused_licence",
        "refused",
    ],
)
def test_any_order_of_commands_repeats_and_losses(make: Make, name: str) -> None:
    class AnyOrder(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            self.world = make(name)
            if name.startswith("refused"):
                self.world.opened()
                self.world.do(self.world.applicant, p.Insist())
            else:
                self.world.received()
            self.given: list[p.Command] = []
            self.ended: str | None = None
            self.anew = 0

        @rule(body=BODIES, who=st.integers(0, 9))
        def somebody_wants_something(self, body: p.CommandBody, who: int) -> None:
            actors = people(self.world)
            self.give(actors[who % len(actors)], body)

        @rule(data=st.data())
        def a_step_that_is_open(self, data: st.DataObject) -> None:
            self.open_step(data, ending=False)

        @rule(data=st.data())
        def another_step_that_is_open(self, data: st.DataObject) -> None:
            self.open_step(data, ending=False)

        @rule(data=st.data())
        def a_step_that_is_open_and_may_end_it(self, data: st.DataObject) -> None:
            self.open_step(data, ending=data.draw(st.integers(0, 3)) == 3)

        def open_step(self, data: st.DataObject, ending: bool) -> None:
            case = self.world.here
            may = [(kind, who) for who in people(self.world) for kind in p.allowed(case, who)]
            may = [one for one in may if ending or one[0] not in ENDING]
            kinds = sorted({kind for kind, _ in may} & set(BY_KIND))
            if kinds:
                kind = data.draw(st.sampled_from(kinds))
                who = data.draw(st.sampled_from([who for one, who in may if one == kind]))
                self.give(who, data.draw(BY_KIND[kind]))

        def give(self, actor: p.Actor, body: p.CommandBody) -> None:
            number = f"c{len(self.given)}"
            self.given.append(p.Command(number, "CASE-1", actor, body))
            self.world.attempt(actor, body, id=number)

        @precondition(lambda self: self.given)
        @rule(which=st.integers(0, 99))
        def a_command_comes_again(self, which: int) -> None:
            again = self.given[which % len(self.given)]
            known = again.id in self.world.here.seen
            result = self.world.attempt(again.actor, again.do, id=again.id)
            if known:
                assert result == p.Step(repeated=True)

        @rule(hours=st.sampled_from([1, 24, 24 * 4, 24 * 9, 24 * 40]))
        def time_passes(self, hours: int) -> None:
            self.world.now += timedelta(hours=hours)

        @rule()
        def the_clock_is_looked_at(self) -> None:
            self.world.tick()

        @invariant()
        def nothing_happens_twice(self) -> None:
            kinds = self.world.kinds()
            for kind in ONCE_AT_MOST:
                again = kinds.count(ANEW[kind]) if kind in ANEW else 0
                assert kinds.count(kind) <= 1 + again, kind

        @invariant()
        def what_is_over_stays_over(self) -> None:
            case = self.world.here
            anew = len(case.corrections) + len(case.reopenings)
            if anew > self.anew:
                self.anew, self.ended = anew, None
            if self.ended:
                assert case.state == self.ended
            elif case.over:
                self.ended = case.state

        @invariant()
        def what_was_granted_was_confirmed_by_all(self) -> None:
            case = self.world.here
            if case.granted:
                outcome = case.decision["outcome"]
                assert outcome == "eligible" or (case.article and case.reasons)
                assert all(one.confirmed for one in case.answers.values())
                assert set(case.answers) == {one.key for one in case.plan.others}

        @invariant()
        def every_limit_can_be_shown(self) -> None:
            world = self.world
            for one in p.limits(world.here, world.calendars, world.now):
                assert one.left >= 0
                assert (one.due is None) == (one.state == "stopped")

        @invariant()
        def time_brings_nothing_before_the_day_to_look(self) -> None:
            world = self.world
            running = p.limits(world.here, world.calendars, world.now)
            found = p.wakes_on(world.here, world.calendars, running)
            today = p.day_of(world.now)
            days = {0, 3, 30, (found - today).days - 1 if found else 60}
            for day in (today + timedelta(days=n) for n in days if n >= 0):
                if found is None or day < found:
                    now = world.now + (day - today)
                    assert not p.tick(world.here, p.Context(now, world.calendars)).events

    run_state_machine_as_test(
        AnyOrder, settings=settings(max_examples=25, stateful_step_count=40, deadline=None)
    )


OFFICES = tuple(p.Office(f"place_{n}", f"63010{n}", "public_security") for n in range(1, 5))


@st.composite
def answers(draw: st.DrawFn) -> tuple[list[p.CommandBody], list[int]]:
    """What each of four authorities answers, and an order in which it comes, with repeats."""
    said = [
        draw(st.sampled_from([p.Confirm("同意"), p.Refuse(f"理由{n}")]))
        for n in range(len(OFFICES))
    ]
    order = draw(st.permutations(list(range(len(OFFICES)))))
    repeats = draw(st.lists(st.integers(0, len(OFFICES) - 1), max_size=4))
    whole = list(order)
    for repeat in repeats:
        whole.insert(draw(st.integers(0, len(whole))), repeat)
    return said, whole


@given(given=answers(), pause=st.integers(-1, 5), on_refusal=st.sampled_from(["end", "return"]))
def test_joint_cases_end_the_same_way_whatever_the_order(
    make: Make, given: tuple[list[p.CommandBody], list[int]], pause: int, on_refusal: Any
) -> None:
    said, order = given

    def carried(sequence: list[int], pause: int) -> p.Case:
        world = make("hukou", on_refusal=on_refusal)
        world.received()
        case: p.Case = evolve(world.here, plan=evolve(world.plan, others=OFFICES))
        give: list[tuple[p.Actor, p.CommandBody]] = [(world.lead, p.Accept())]
        give += [(world.officer(OFFICES[n]), said[n]) for n in sequence]
        for n, (actor, body) in enumerate(give):
            if n == pause:
                case = _take(case, world, f"pause-{n}", world.lead, p.Pause("test", "检测"))
            case = _take(case, world, f"give-{n}", actor, body)
        if case.state == "paused":
            case = _take(case, world, "resume", world.lead, p.Resume())
        return case

    usual, other = carried(list(range(len(OFFICES))), -1), carried(order, pause)
    assert other.state == usual.state
    assert other.answers == usual.answers
    assert other.reasons == usual.reasons
    refused = any(isinstance(one, p.Refuse) for one in said)
    ended = "returned" if on_refusal == "return" else "terminated"
    assert usual.state == (ended if refused else "accepted")


def _take(case: p.Case, world: Any, number: str, actor: p.Actor, body: p.CommandBody) -> p.Case:
    result = p.handle(case, p.Command(number, case.id, actor, body), world.context())
    for event in result.events:
        case = p.evolve(case, event)
    return case


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)


@given(kind=st.sampled_from(sorted(p.COMMAND_BODIES)), data=JSON)
def test_hostile_commands_are_refused_with_one_error(kind: str, data: Any) -> None:
    raw = {"id": "1", "case": "C", "actor": {"kind": "system"}, "kind": kind, "data": data}
    try:
        command = p.Command.from_dict(raw)
    except p.FormatError:
        return
    assert command.do.kind == kind


@given(decision=st.dictionaries(st.sampled_from(["handling", "legs", "item", "reasons"]), JSON))
def test_hostile_decisions_are_refused_with_a_sentence(make: Make, decision: Any) -> None:
    world = make("hukou")
    body = evolve(world.given, decision={**world.given.decision, **decision})
    command = p.Command("1", "C", world.window, body)
    result = p.handle(None, command, world.context())
    if isinstance(result, p.Refusal):
        assert result.code in ("bad_input", "not_a_party")
    else:
        assert p.evolve(None, result.events[0]).state == "submitted"


@given(
    decision=st.dictionaries(
        st.sampled_from(["receiving", "modes", "item", "reasons", "time_limit", "outcome"]), JSON
    )
)
def test_hostile_refusals_are_refused_with_a_sentence(make: Make, decision: Any) -> None:
    world = make("refused_elsewhere")
    body = evolve(world.given, decision={**world.given.decision, **decision})
    actor = p.Actor("window", "w", "610100")
    result = p.handle(None, p.Command("1", "C", actor, body), world.context())
    if isinstance(result, p.Refusal):
        assert result.code in ("bad_input", "not_a_party", "not_open")
    else:
        assert [one.kind for one in result.events] == ["submitted", "ruled_ineligible"]
