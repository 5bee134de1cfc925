"""`tongban why-not`: what it finds, what it holds, what it refuses."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from click.testing import Result

from tongban.kernel import Kernel
from tongban.plugins.kit.why_not import repairs

Run = Callable[..., Result]
Found = Callable[..., dict[str, Any]]
Golden = Callable[[str, str], None]

PACKAGE = "tongban.plugins.kit"

FIRST_CARD: dict[str, Any] = {
    "item": "3-02", "channel": "window", "received_at": "610100", "as_of": "2026-11-22",
    "applicant": {"kind": "person"},
    "places": {"present": "610100", "hukou": "630121"},
    "facts": {"first_id_card": True, "pilot_area": True, "guardian_applies": True},
}  # fmt: skip
MOVE: dict[str, Any] = {
    "item": "2-03", "channel": "window", "received_at": "620100", "as_of": "2026-11-22",
    "applicant": {"kind": "person"}, "places": {"move_in": "510100", "move_out": "630100"},
    "facts": {"move_reason": "job_transfer"},
}  # fmt: skip
GOLMUD: dict[str, Any] = {
    "item": "1-21", "channel": "online", "as_of": "2026-03-01",
    "applicant": {"kind": "person"}, "places": {"property": "632801"},
}  # fmt: skip


def with_(raw: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {**raw, **changes}


def names(way: dict[str, Any]) -> list[str]:
    return [change["name"] for change in way["changes"]]


def test_one_change_with_the_rule_that_asks_for_it(found: Found, kernel: Kernel) -> None:
    shown = found(FIRST_CARD)
    (way,) = shown["ways"]
    (change,) = way["changes"]
    assert (change["name"], change["from"], change["to"]) == ("facts.guardian_applies", True, False)
    assert change["question"] == "是否由监护人代办?"
    (rule,) = change["rules"]
    assert rule["rule"] == "3-02.guardian"
    assert rule["cite"] == {"row": "3/2", "words": "监护人代办的除外"}
    checked = kernel.application(way["application"])
    checked = evolve(checked, facts={**checked.facts, **way["derived"]})
    assert kernel.decide(checked).to_dict() == way["decision"]
    assert way["decision"]["outcome"] == "eligible"


def test_what_a_plugin_has_to_derive_is_said_where_it_cannot_be_tried(
    found: Found, kernel: Kernel
) -> None:
    (way,) = found(FIRST_CARD)["ways"]
    assert way["derived"] == {"identity.age": 16}
    assert kernel.decide(way["application"]).outcome == "incomplete"
    applicant = {"kind": "person", "id_number": "630102199005200017"}
    (way,) = found(with_(FIRST_CARD, applicant=applicant))["ways"]
    assert way["derived"] == {}
    assert kernel.decide(way["application"]).outcome == "eligible"


def test_two_changes_where_one_does_not_do(found: Found) -> None:
    shown = found(with_(FIRST_CARD, applicant={"kind": "enterprise"}))
    assert sorted(names(shown["ways"][0])) == ["applicant.kind", "facts.guardian_applies"]
    asked = {c["name"]: [r["rule"] for r in c["rules"]] for c in shown["ways"][0]["changes"]}
    assert asked["applicant.kind"] == ["3-02.applicant"]


def test_waiting_shows_the_first_day(found: Found) -> None:
    shown = found(with_(MOVE, as_of="2021-06-01"))
    (change,) = shown["ways"][0]["changes"]
    assert (change["name"], change["from"], change["to"]) == ("as_of", "2021-06-01", "2021-12-31")
    assert change["rules"][0]["rule"] == "2-03.available"


def test_days_do_not_come_back(run: Run, kernel: Kernel, tmp_path: Path) -> None:
    """An item that has ended stays so, and the proof says that it is too late."""
    file = tmp_path / "ended.yaml"
    text = """
department: {id: ended, jurisdiction: 510000, name: 省某厅, title: Ended}
items:
  - {id: 9-01, name: 已停办事项, title: ended, kind: 查询, applicant: [person],
     handled_at: [hukou], available: {from: 2020-12-31, until: 2021-12-31}, cite: {row: 9/1}}
"""
    file.write_text(text, encoding="utf-8")
    ended = Kernel(drafts=[file])
    raw = {
        "item": "510000/9-01", "channel": "online", "as_of": "2022-01-01",
        "applicant": {"kind": "person"}, "places": {"hukou": "630100"},
    }  # fmt: skip
    from tongban.plugins.kit.why_not.attributes import Policy
    from tongban.plugins.kit.why_not.goals import default_wants

    late = repairs.examine(ended, raw, default_wants(), Policy())
    assert late.status == "impossible"
    assert [one.part.name for one in late.hindrances] == ["as_of"]
    assert [rule.id for rule in late.rules] == ["510000/9-01.available"]
    early = repairs.examine(ended, with_(raw, as_of="2020-01-01"), default_wants(), Policy())
    assert early.status == "turned"
    assert str(early.ways[0].changes[0].new) == "2020-12-31"


def test_a_child_waits_for_the_day_on_which_it_turns_sixteen(found: Found) -> None:
    """What plugins derive from the ID number changes with the day."""
    raw = with_(
        FIRST_CARD,
        received_at="510100",
        applicant={"kind": "person", "id_number": "630102201505200013"},
        places={"present": "510100", "hukou": "630100"},
        facts={"first_id_card": True, "pilot_area": True, "guardian_applies": False},
    )
    (change,) = found(raw, "--hold", "received_at")["ways"][0]["changes"]
    assert (change["name"], change["to"]) == ("as_of", "2031-05-20")
    assert [rule["rule"] for rule in change["rules"]] == ["3-02.minor"]


def test_what_nobody_can_change_is_held_and_proved(run: Run) -> None:
    result = run("why-not", "--json", "-", input=json.dumps(GOLMUD))
    assert result.exit_code == 1
    shown = json.loads(result.stdout)
    assert shown["status"] == "impossible"
    assert shown["ways"] == []
    assert [one["name"] for one in shown["held"]] == ["places.property"]
    assert [one["rule"] for one in shown["rules"]] == ["1-21.city"]
    assert [one["item"] for one in shown["advice"]] == ["2-27"]


def test_free_lets_it_change(found: Found, kernel: Kernel) -> None:
    shown = found(GOLMUD, "--free", "places.property")
    (change,) = shown["ways"][0]["changes"]
    assert change["name"] == "places.property"
    assert kernel.base.divisions[change["to"]].standing != "other"
    assert kernel.decide(shown["ways"][0]["application"]).outcome == "eligible"


def test_hold_keeps_it(run: Run, found: Found) -> None:
    online = found(MOVE, "--want", "modes=online")
    assert names(online["ways"][0]) == ["channel"]
    held = found(MOVE, "--want", "modes=online", "--hold", "channel")
    assert held["status"] == "impossible"
    assert [one["name"] for one in held["held"]] == ["channel"]
    assert "common.online" in [one["rule"] for one in held["rules"]]


def test_several_wants_together(found: Found) -> None:
    shown = found(MOVE, "--want", "modes=online", "--want", "delivery=post")
    assert sorted(names(shown["ways"][0])) == ["channel", "deliver_by"]
    decision = shown["ways"][0]["decision"]
    assert "online" in decision["modes"]
    assert decision["delivery"] == ["post"]


def test_a_mode_that_no_rule_can_conclude(found: Found) -> None:
    shown = found(FIRST_CARD, "--want", "modes=online")
    assert shown["status"] == "impossible"
    assert shown["held"] == []
    assert [one["rule"] for one in shown["rules"]] == ["common.online"]


def test_another_value_that_would_do_is_named(found: Found) -> None:
    (change,) = found(MOVE, "--want", "modes=online")["ways"][0]["changes"]
    assert {change["to"], *change["also"]} == {"online", "kiosk"}


def test_answers_are_free_and_not_changes(found: Found) -> None:
    raw = {**MOVE, "facts": {}, "places": {"move_in": "510100"}}
    shown = found(raw)
    (way,) = shown["ways"]
    assert way["changes"] == []
    answers = {one["name"]: one for one in way["answers"]}
    assert set(answers) == {"facts.move_reason", "places.move_out"}
    assert answers["facts.move_reason"]["to"] == "job_transfer"
    assert [rule["rule"] for rule in answers["facts.move_reason"]["rules"]] == ["2-03.reason"]
    assert answers["places.move_out"]["any"] is True


def test_alternatives_are_minimal_and_ranked(found: Found) -> None:
    """A pilot area is found by asking, elsewhere, or by waiting."""
    raw = {
        "item": "3-03", "channel": "window", "received_at": "510100", "as_of": "2024-06-01",
        "applicant": {"kind": "person"}, "facts": {"pilot_area": False},
        "places": {"present": "510100", "hukou": "630100", "spouse_hukou": "500000"},
    }  # fmt: skip
    one, all_ = found(raw), found(raw, "--all")
    assert len(one["ways"]) == 1
    sets = [names(way) for way in all_["ways"]]
    assert len(sets) > 1
    assert one["ways"][0] == all_["ways"][0]
    assert ["as_of"] in sets
    assert sets[0] == ["facts.pilot_area"]
    assert [len(one) for one in sets] == sorted(len(one) for one in sets)


def test_it_is_so_already(found: Found) -> None:
    assert found(MOVE)["status"] == "met"


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--want", "mode=online"], "unknown conclusion 'mode'; did you mean 'modes'?"),
        (["--want", "modes=onlin"], "unknown value of modes 'onlin'; did you mean 'online'?"),
        (["--want", "outcome"], "unknown value of outcome ''"),
        (["--want", "outcome=ineligible", "--want", "modes=online"], "neither modes nor delivery"),
        (["--hold", "chanel"], "did you mean 'channel'?"),
        (["--free", "disabilty_grade"], "did you mean 'facts.disability_grade'?"),
        (["--free", "channel", "--hold", "channel"], "channel: both held and free"),
    ],
)
def test_options_that_name_nothing(options: list[str], says: str, run: Run) -> None:
    result = run("why-not", *options, "-", input=json.dumps(MOVE))
    assert result.exit_code == 2
    assert says in result.stderr
    assert result.stdout == ""


def test_many_applications_and_a_bad_one(run: Run) -> None:
    lines = [json.dumps(FIRST_CARD), "{", json.dumps(with_(MOVE, channel="post")), json.dumps(MOVE)]
    result = run("why-not", "--json", "-", input="\n".join(lines))
    assert result.exit_code == 2
    shown = [json.loads(line) for line in result.stdout.splitlines()]
    assert [one.get("status", "bad") for one in shown] == ["turned", "bad", "bad", "met"]
    assert [one.get("line") for one in shown[1:3]] == [2, 3]
    assert "<stdin>:3: channel:" in result.stderr


def test_without_the_solver_it_says_what_to_install(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in sys.modules if name.startswith(f"{PACKAGE}.")]:
        if name.startswith((f"{PACKAGE}.solver", f"{PACKAGE}.why_not.")):
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "z3", None)
    result = run("why-not", "--all", "-", input=json.dumps(FIRST_CARD))
    assert result.exit_code == 2
    assert "pip install 'tongban[check]'" in result.stderr


def test_what_the_engine_does_not_confirm_is_called_a_bug(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(repairs, "_confirmed", lambda *_: None)
    result = run("why-not", "-", input=json.dumps(FIRST_CARD))
    assert result.exit_code == 70
    assert "facts.guardian_applies" in result.stderr
    assert "改变 change" not in result.stdout


@pytest.mark.parametrize(
    ("name", "raw", "options"),
    [
        ("first-card", FIRST_CARD, ["--all"]),
        ("golmud", GOLMUD, []),
        ("online-by-post", MOVE, ["--want", "modes=online", "--want", "delivery=post"]),
        ("waiting", with_(MOVE, as_of="2021-06-01"), []),
        ("answers", {"item": "1-04", "as_of": "2026-11-22", "channel": "online"}, []),
        ("never-online", FIRST_CARD, ["--want", "modes=online"]),
    ],
)
def test_screens(
    name: str, raw: dict[str, Any], options: list[str], run: Run, golden: Golden
) -> None:
    golden(f"{name}.txt", run("why-not", *options, "-", input=json.dumps(raw)).stdout)
