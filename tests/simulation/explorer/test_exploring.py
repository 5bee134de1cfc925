"""The protocol holds in every interleaving; each planted bug is found, by the shortest way."""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from click.testing import CliRunner

import tongban.plugins.simulation.explorer.site as sites
from tongban.kernel import protocol as p
from tongban.kernel.ports.store import Outgoing
from tongban.kernel.protocol import decider
from tongban.plugins.simulation.explorer.breach import INVARIANTS
from tongban.plugins.simulation.explorer.command import explore as command
from tongban.plugins.simulation.explorer.history import tell
from tongban.plugins.simulation.explorer.model import Model
from tongban.plugins.simulation.explorer.scenario import Scenario, built_in, find, read, within
from tongban.plugins.simulation.explorer.search import Explored, explore
from tongban.plugins.simulation.explorer.site_state import Crash, CrashingStore, SiteState
from tongban.plugins.simulation.store.transaction import MemoryTransaction

LIMITS = import_module("tongban.kernel.protocol.limits")
"""The module; the package has a function of that name."""

STATES = 3_000

COLLECT = """
title: a window and an authority
application:
  item: 1-52
  channel: window
  received_at: "510100"
  applicant: {kind: enterprise}
  places: {operating_area: "630100"}
nodes: {成都: ["5101"], 西宁: ["6301"]}
days: [2026-03-02]
bounds: {in_flight: 2, lost: 1, doubled: 1, crashes: 1}
moves:
  - {id: submit, by: window@510100, do: submit}
  - {id: receive, by: window@510100, do: receive}
  - {id: forward, by: window@510100, do: forward, with: {materials: [{name: 申请表}]}}
  - {id: chase, by: window@510100, do: chase}
  - {id: withdraw, by: applicant, at: 成都, do: withdraw}
"""


@pytest.fixture(scope="module")
def small() -> Scenario:
    return read(COLLECT, "small")


@pytest.mark.parametrize("name", list(built_in()))
def test_every_invariant_holds_in_the_states_that_are_reached_first(name: str) -> None:
    """All that there are: `make deep`."""
    found = explore(within(find(name), states=STATES))
    assert found.violation is None, (found.violation, tell(found.world, found.way))
    assert not found.complete
    assert found.states >= STATES
    assert found.transitions > found.states


def test_the_same_search_finds_the_same(small: Scenario) -> None:
    small = evolve(small, bounds=evolve(small.bounds, doubled=0))

    def figures(found: Explored) -> tuple[Any, ...]:
        return found.states, found.transitions, found.depth, found.ended, found.node_steps

    assert figures(explore(small)) == figures(explore(small))


def test_what_is_worked_out_once_is_what_would_be_worked_out_again(
    small: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Forgetful(dict[Any, Any]):
        def __contains__(self, key: object) -> bool:
            return False

    small = evolve(small, bounds=evolve(small.bounds, lost=0, doubled=0))
    remembered = explore(small)
    init = Model.__init__

    def forgetful(self: Model, scenario: Scenario) -> None:
        init(self, scenario)
        self._memo = Forgetful()

    monkeypatch.setattr(Model, "__init__", forgetful)
    again = explore(small)
    assert (again.states, again.transitions) == (remembered.states, remembered.transitions)


def test_a_bound_on_states_ends_the_search_and_is_said(small: Scenario) -> None:
    found = explore(within(small, states=100))
    assert found.violation is None
    assert not found.complete
    assert 100 <= found.states < 200


def test_more_faults_reach_more_states(small: Scenario) -> None:
    calm = evolve(small, bounds=evolve(small.bounds, lost=0, doubled=0, crashes=0))
    fewer = explore(calm)
    assert fewer.complete
    assert explore(within(small, states=fewer.states + 1)).states > fewer.states > 0


# Planted bugs. Each test says which promise breaks, and in how many steps at the fewest.


def found_in(scenario: Scenario, invariant: str, steps: int) -> tuple[str, ...]:
    """Explores, and gives what happened in the last step."""
    found = explore(scenario)
    assert found.violation is not None
    assert found.violation.invariant == invariant, found.violation
    told = tell(found.world, found.way)
    assert len(told) == len(found.way) == steps, [one.what for one in told]
    assert not found.complete
    return tuple(f"{one.what} {one.fault}" for one in told)


def without_crashes(name: str) -> Scenario:
    """A built-in world where a bug needs none: the shortest way is the same, and found sooner."""
    found = find(name)
    return evolve(found, bounds=evolve(found.bounds, crashes=0))


def without_memory_of_commands(monkeypatch: pytest.MonkeyPatch) -> None:
    real = decider._repeated

    def careless(case: p.Case | None, command: p.Command) -> p.Step | None:
        return real(evolve(case, seen=()) if case else None, command)

    monkeypatch.setattr(decider, "_repeated", careless)


def test_the_same_command_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    without_memory_of_commands(monkeypatch)
    *_, given, again = found_in(find("joint"), "once", 5)
    assert "chase" in given
    assert "crashes before it answers" in given
    assert "again" in again


def test_a_relayed_command_twice(monkeypatch: pytest.MonkeyPatch, small: Scenario) -> None:
    without_memory_of_commands(monkeypatch)
    receive = MemoryTransaction.receive
    monkeypatch.setattr(MemoryTransaction, "receive", lambda *of: receive(*of) or True)
    alone = evolve(small, bounds=evolve(small.bounds, doubled=0, crashes=0))
    history = found_in(alone, "once", 8)
    assert sum("command chase" in one and "receives" in one for one in history) == 2
    assert any("acknowledgement is lost" in one for one in history)


def test_an_acknowledgement_before_the_store(
    monkeypatch: pytest.MonkeyPatch, small: Scenario
) -> None:
    def hasty(
        message: p.Message, take: Callable[[Any], None], acknowledge: Callable[[Any], None]
    ) -> None:
        acknowledge(message)
        take(message)

    monkeypatch.setattr(sites, "carry", hasty)
    *_, last = found_in(small, "kept", 4)
    assert "receives 转办 forward" in last
    assert "crashes before it is stored" in last


def test_a_limit_that_runs_while_the_clock_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    real = LIMITS._limit
    monkeypatch.setattr(LIMITS, "_limit", lambda case, *of: real(evolve(case, pauses=()), *of))
    *_, last = found_in(find("clock"), "pause", 4)
    assert "特别程序" in last


def test_a_standstill_that_is_forgotten_when_it_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    real = LIMITS._limit

    def forgetful(case: p.Case, *of: Any) -> p.Limit:
        over = case.pauses and case.pauses[-1].until is not None
        found: p.Limit = real(evolve(case, pauses=()) if over else case, *of)
        return found

    monkeypatch.setattr(LIMITS, "_limit", forgetful)
    *_, last = found_in(find("clock"), "pause", 7)
    assert "what time has brought" in last


def test_a_delay_that_nobody_reports(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(p.Overdue, "messages")
    *_, last = found_in(find("clock"), "limits", 5)
    assert "what time has brought" in last


def test_a_refusal_that_is_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    real = p.Refuse.handle
    monkeypatch.setattr(p.Refuse, "handle", lambda *of: real(*of)[:1])
    *_, last = found_in(find("joint"), "refusal", 6)
    assert "receives 不予确认反馈" in last


def test_a_late_answer_that_changes_a_case_that_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    real = p.Refuse.handle

    def eager(*of: Any) -> list[Any]:
        return [*real(*of)[:1], p.Terminated("不予确认")]

    monkeypatch.setattr(p.Refuse, "handle", eager)
    history = found_in(find("joint"), "steps", 7)
    assert any("withdraw" in one for one in history)


def test_a_case_that_ends_without_a_word_to_the_applicant(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(p.Withdrawn, "messages")
    *_, last = found_in(find("joint"), "told", 2)
    assert "withdraw" in last


def without(kept: SiteState, which: Callable[[Outgoing], bool]) -> SiteState:
    """The same, but for some messages in the outbox."""
    contents = kept.contents.copy()
    for one in filter(which, kept.outbox):
        del contents.outbox[one.message.id]
        left = (id for id in contents.sent_of[one.message.case] if id != one.message.id)
        contents.sent_of[one.message.case] = tuple(left)
    return SiteState(contents, kept.answered)


def test_messages_that_a_restart_forgets(monkeypatch: pytest.MonkeyPatch, small: Scenario) -> None:
    def forgetful(kept: SiteState) -> SiteState:
        return without(kept, lambda one: one.status != "delivered")

    monkeypatch.setattr(sites, "restart", forgetful)
    quiet = evolve(small, moves=small.moves[:3])
    *_, last = found_in(quiet, "told", 1 + 1)
    assert "before it answers" in last


def test_a_request_that_a_restart_forgets(monkeypatch: pytest.MonkeyPatch) -> None:
    def forgetful(kept: SiteState) -> SiteState:
        return without(
            kept, lambda one: one.status != "delivered" and one.message.kind == "request"
        )

    monkeypatch.setattr(sites, "restart", forgetful)
    joint = find("joint")
    stubborn = tuple(one for one in joint.moves if one.id in ("submit", "receive", "accept"))
    confirms = next(one for one in joint.moves if one.id == "confirm")
    grants = tuple(one for one in joint.moves if one.id in ("grant", "deliver", "close"))
    waiting = evolve(joint, moves=(*stubborn, confirms, *grants))
    *_, last = found_in(waiting, "ends", 3)
    assert "accept" in last
    assert "before it answers" in last


def test_a_case_that_ends_on_the_way_goes_back_to_the_sender(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The protocol once did so: neither store then has the case, and what people want is lost."""

    def holder(case: p.Case) -> p.Office:
        return case.plan.way[case.at + (case.state == "dispatched")]

    monkeypatch.setattr(p.Case, "holder", property(holder))
    history = found_in(without_crashes("collect"), "commands", 11)
    assert any("receives 转交事项 command withdraw" in one for one in history)


def test_a_refusal_that_does_not_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who gave a command where the case is not never hears that it was refused."""
    monkeypatch.setattr(p, "came_back", lambda message: False)
    history = found_in(without_crashes("collect"), "commands", 14)
    assert any("receives 告知 notice" in one for one in history)


def test_a_supply_in_time_for_which_nobody_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_module("tongban.kernel.protocol.ticking"), "UNDER_WAY", 0)
    found = explore(find("supply"))
    assert found.violation is not None
    assert found.violation.invariant == "in_time"
    assert "on its way" in found.violation.says


def test_a_step_that_raises(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*of: Any) -> list[Any]:
        raise ZeroDivisionError("half a case")

    monkeypatch.setattr(p.Accept, "handle", broken)
    found = explore(find("joint"))
    assert found.violation is not None
    assert found.violation.invariant == "code"
    assert "half a case" in found.violation.says
    assert len(found.way) == 3


def test_what_is_written_before_a_crash_is_not_kept(small: Scenario) -> None:
    world = Model(small)
    store = CrashingStore("memory", lambda: world.now, world.calendar)
    store.crashes = True
    with pytest.raises(Crash), store.transaction() as writes:
        writes.keep_personal({"kind": "person", "name": "夜鹭"})
    assert SiteState(store.contents).key == SiteState().key
    assert not store.contents.personal


# The command.


def test_the_command_shows_figures_and_says_that_all_is_well(tmp_path: Any) -> None:
    path = tmp_path / "small.yaml"
    path.write_text(COLLECT.replace("lost: 1, doubled: 1", "lost: 1, doubled: 0"), "utf-8")
    shown = CliRunner().invoke(command, [str(path)])
    assert shown.exit_code == 0, shown.output
    assert "every state visited" in shown.output
    result = CliRunner().invoke(command, [str(path), "--json"])
    found = json.loads(result.stdout)
    assert found["complete"] is True
    assert found["violation"] is None
    assert f"{found['states']:,}" in shown.output
    assert found["bounds"] == {
        "in_flight": 2, "lost": 1, "doubled": 0, "crashes": 1, "states": 1_000_000, "days": 1,
        "restores": 0, "rotations": 0,
    }  # fmt: skip


def test_the_command_tells_the_shortest_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(p.Withdrawn, "messages")
    shown = CliRunner().invoke(command, ["joint"])
    assert shown.exit_code == 1
    text = shown.output
    assert INVARIANTS["told"] in text
    steps = text[text.index("2 steps") :].splitlines()[1:]
    assert steps == [
        "    1. 2026-03-02 成都 收件窗口 510100 申请 submit",
        "       + #1 申请 submitted",
        "    2. 2026-03-02 成都 申请人 撤回 withdraw",
        "       + #2 撤回 withdrawn",
    ]
    result = CliRunner().invoke(command, ["joint", "--json"])
    history = json.loads(result.stdout)["violation"]["history"]
    assert [one["events"] for one in history] == [["#1 申请 submitted"], ["#2 撤回 withdrawn"]]


def test_the_command_lists_what_is_built_in() -> None:
    shown = CliRunner().invoke(command, ["--list"])
    assert [line.split()[0] for line in shown.output.splitlines()] == list(built_in())
    lines = CliRunner().invoke(command, ["--list", "--json"]).output.splitlines()
    assert [json.loads(line)["scenario"] for line in lines] == list(built_in())


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("title:", "titel:", "did you mean 'title'?"),
        ("do: chase", "do: chaise", "no command 'chaise'; did you mean 'chase'?"),
        ("lost: 1", "lost: some", "bounds.lost: must be a number from 0 to 15"),
        ("id: chase", "id: receive", "the id 'receive' is used twice"),
        ("by: window@510100, do: receive", "by: window@110100, do: receive", "say where with `at`"),
        ("by: applicant, at: 成都", "by: applicant, at: 北京", "no node '北京'"),
        ("by: applicant", "by: passer-by", "no actor 'passer-by'"),
        ("[2026-03-02]", "[2026-03-02, 2026-03-01]", "days: must be in order"),
        ("do: submit", "do: receive", "the first, and no other, must be `do: submit`"),
        ("{name: 申请表}", "{nome: 申请表}", "unknown field 'nome'"),
        ("item: 1-52", "item: 9-99", "9-99"),
        ("title: a window", "title: [", "not YAML"),
        ("{operating_area:", "{hukou:", "incomplete"),
    ],
)
def test_a_scenario_that_is_wrong(tmp_path: Any, old: str, new: str, says: str) -> None:
    assert old in COLLECT
    path = tmp_path / "wrong.yaml"
    path.write_text(COLLECT.replace(old, new, 1), "utf-8")
    shown = CliRunner().invoke(command, [str(path)])
    assert shown.exit_code == 2, shown.output
    assert says in shown.output
    assert "Traceback" not in shown.output


def test_a_scenario_that_is_not_there() -> None:
    shown = CliRunner().invoke(command, ["jiont"])
    assert shown.exit_code == 2
    assert "did you mean 'joint'?" in shown.output
    assert CliRunner().invoke(command, ["nowhere.yaml"]).exit_code == 2


def test_the_scenario_in_the_documentation_can_be_explored() -> None:
    text = (Path(__file__).parents[3] / "docs" / "exploring.md").read_text("utf-8")
    scenario = read(text.split("```yaml\n")[1].split("```")[0], "documented")
    found = explore(within(scenario, states=STATES))
    assert found.violation is None, found.violation
    assert found.states >= STATES


def test_the_documentation_lists_every_invariant() -> None:
    text = (Path(__file__).parents[3] / "docs" / "exploring.md").read_text("utf-8")
    assert all(f"| `{name}` | {promise} |" in text for name, promise in INVARIANTS.items())
