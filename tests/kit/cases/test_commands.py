"""The commands themselves: their options, who acts, what is refused and with which exit status."""

from __future__ import annotations

import json
import shlex
from itertools import pairwise
from typing import Any, cast

import attrs
import click
import pytest

from tongban.kernel import Kernel, protocol
from tongban.plugins.casework.actors import FORMS, parse_actor
from tongban.plugins.casework.events import TELLERS
from tongban.plugins.casework.fields import body_of, options_of
from tongban.plugins.casework.groups import case as group
from tongban.plugins.casework.steps import BY_HAND, EXAMPLE_ACTORS, step_commands
from tongban.plugins.kit.testing.case_steps import BODIES, DEPENDING

CHENGDU, XINING = "officer:510100/public_security", "officer:630100/public_security"
WINDOW, APPLICANT = "window:510100", "applicant:a-1"
ARTICLE = "《行政许可法》第三十八条"
MACHINE = {"stop", "take_over", "mirror"}


def test_every_command_that_people_give_is_there() -> None:
    assert set(protocol.COMMAND_BODIES) - set(BY_HAND) == MACHINE
    assert {kind.replace("_", "-") for kind in BY_HAND} <= set(group.commands)


def test_every_event_has_what_it_says_and_every_command_a_choice_of_bodies() -> None:
    assert {*TELLERS} == {*protocol.EVENTS}
    assert {*BODIES} | {*DEPENDING} == {*protocol.COMMANDS}
    assert not {*BODIES} & {*DEPENDING}


@pytest.mark.parametrize("role", protocol.ROLES)
def test_a_command_for_any_role_has_an_example(
    role: protocol.Role, desk: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    step = attrs.evolve(protocol.COMMANDS["close"], roles=(role,))
    monkeypatch.setitem(cast(Any, protocol.COMMANDS), "close", step)
    example = EXAMPLE_ACTORS[role]
    close = next(one for one in step_commands() if one.name == "close")
    assert f"--as {example}" in (close.help or "")
    kind = parse_actor(desk.kernel, example).kind
    assert kind == (role if role in protocol.ACTORS else "officer")


@pytest.mark.parametrize("kind", BY_HAND)
def test_the_example_of_a_command_is_a_whole_one(kind: str) -> None:
    """Each option of it that takes a value has one, and none that is needed is left out."""
    command = group.commands[kind.replace("_", "-")]
    said = shlex.split((command.help or "").partition("Examples:")[2].replace("\\\n", " "))
    flags = {flag: one for one in command.params for flag in one.opts + one.secondary_opts}
    for flag, value in pairwise([*said, "--"]):
        one = flags.get(flag)
        if isinstance(one, click.Option) and not one.is_flag:
            assert not value.startswith("--"), flag
    needed = [one for one in command.params if one.required and one.param_type_name == "option"]
    assert all({*one.opts, *one.secondary_opts} & {*said} for one in needed)


BY_ITSELF = ("submit", "change_contact", "amend")
"""Commands whose options are not their fields: they bring personal data."""


@pytest.mark.parametrize("kind", [kind for kind in BY_HAND if kind not in BY_ITSELF])
def test_every_field_of_a_command_has_an_option_that_says_what_it_is(kind: str) -> None:
    body: Any = protocol.COMMAND_BODIES[kind]
    options = {option.name: option for option in options_of(kind)}
    assert list(options) == [field.name for field in attrs.fields(body)]
    typed = {param.name for param in group.commands[kind.replace("_", "-")].params}
    assert set(options) <= typed
    for field in attrs.fields(body):
        option = options[field.name]
        assert option.help
        free = (kind, field.name) in {("forward", "materials"), ("supply", "given")}
        assert option.required is (field.default is attrs.NOTHING and not free)


def test_what_is_not_said_keeps_the_default_of_the_protocol() -> None:
    assert body_of("extend", {"reasons": ("案情复杂",), "step": None, "working_days": None}) == (
        protocol.Extend(("案情复杂",))
    )
    assert body_of("settle", {"goes_on": False, "reason": "规则有误"}) == protocol.Adjudicate(
        False, "规则有误"
    )


@pytest.mark.parametrize(
    ("text", "actor"),
    [
        ("window:510100", protocol.Actor("window", "", "510100")),
        ("officer:630100/postal", protocol.Actor("officer", "", "630100", "postal")),
        ("officer:630100/postal@li", protocol.Actor("officer", "li", "630100", "postal")),
        ("officer:-/postal", protocol.Actor("officer", "", None, "postal")),
        ("supervisor:630000", protocol.Actor("supervisor", "", "630000")),
        ("applicant:a-17", protocol.Actor("applicant", "a-17")),
        ("system", protocol.SYSTEM),
    ],
)
def test_an_actor_is_read_as_it_is_written(text: str, actor: protocol.Actor, desk: Any) -> None:
    assert parse_actor(desk.kernel, text) == actor


def test_an_agent_has_the_number_of_the_letter(desk: Any) -> None:
    agent = parse_actor(desk.kernel, "agent:g-1/委-7")
    assert (agent.id, agent.authorisation) == ("g-1", "委-7")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("windw:510100", "did you mean 'window'?"),
        ("window:510199", "no division has the code '510199'"),
        ("window:成都市", "did you mean 510100"),
        ("window:", "write it as window:510100"),
        ("officer:630100", "the department is missing"),
        ("officer:630100/public_securty", "did you mean 'public_security'"),
        ("applicant:", "the id is missing"),
        ("agent:g-1", "write it as agent:ID/NUMBER"),
        ("", "say who acts with --as"),
    ],
)
def test_a_wrong_actor_is_told_the_form(text: str, says: str, desk: Any, applications: Any) -> None:
    path = desk.file("hukou", applications["hukou"])
    more = ["--as", text] if text else []
    answer = desk("case", "receive", path, *more, status=2)
    assert says in " ".join(answer.stderr.split())
    assert "Traceback" not in answer.output


def test_forms_are_actors(desk: Any) -> None:
    for form in FORMS.values():
        parse_actor(desk.kernel, form)


def test_a_refusal_is_an_answer(desk: Any, applications: Any) -> None:
    """Exit status 4, the sentence, and what may be done now; as JSON too."""
    case = desk.receive(applications["hukou"])
    answer = desk("case", "grant", case, as_=CHENGDU, status=4)
    assert "本办件现为“待受理”,不能准予" in answer.stderr
    assert "现在可以 allowed now: 受理 accept、一次性补正告知 supplement" in answer.stderr
    assert "转办 forward" not in answer.stderr
    told = desk.json("case", "grant", case, as_=CHENGDU, status=4)
    said = told["refused"]
    assert said["code"] == "wrong_state"
    assert said["message"] == f"{said['zh']} ({said['en']})"
    assert said["en"].startswith("the case is arrived; grant needs")
    assert told["allowed"] == ["accept", "supplement", "decline", "terminate"]


def test_an_attempt_of_a_stranger_is_refused_and_shown(desk: Any, applications: Any) -> None:
    case = desk.receive(applications["hukou"])
    desk("case", "accept", case, as_="officer:440300/public_security", status=4)
    shown = desk("case", "show", case).stdout
    assert "越权拒绝 attempt_refused · 广东省深圳市" in shown


def test_what_the_rules_refuse_is_a_case(desk: Any, applications: Any) -> None:
    wrong = {**applications["hukou"], "facts": {"move_reason": "graduation"}}
    desk("case", "receive", desk.file("wrong", wrong), as_=WINDOW)
    listed = desk.json("case", "list")
    assert listed["state"] == "ineligible"
    assert "因工作调动" in str(desk.json("case", "show", listed["id"]))


def test_where_facts_are_missing_nothing_is_opened(desk: Any, applications: Any) -> None:
    open_question = {**applications["hukou"], "facts": {}}
    answer = desk("case", "receive", desk.file("open", open_question), as_=WINDOW, status=4)
    assert "还须补充" in answer.stderr
    assert desk.json("case", "list") == []


def test_a_mistake_in_an_application_names_the_field(desk: Any, applications: Any) -> None:
    wrong = {**applications["hukou"], "places": {"move_in": "999999"}}
    answer = desk("case", "receive", desk.file("wrong", wrong), as_=WINDOW, status=2)
    assert "places.move_in" in answer.stderr


def test_many_applications_at_once(desk: Any, applications: Any) -> None:
    """JSON Lines: each its own case; a wrong line keeps nothing back."""
    path = desk.folder / "many.jsonl"
    good = json.dumps(applications["hukou"], ensure_ascii=False)
    path.write_text(f'{good}\n{{"item": "9-99"}}\n{good}\n', encoding="utf-8")
    answer = desk("case", "receive", str(path), as_=WINDOW, status=2)
    assert f"{path}:2: " in answer.stderr
    assert len(desk.json("case", "list")) == 2


def test_the_same_command_twice_has_the_effect_of_one(desk: Any, applications: Any) -> None:
    case = desk.receive(applications["hukou"])
    for _ in range(2):
        desk("case", "accept", case, "--id", "k-1", as_=CHENGDU)
    kinds = [one["kind"] for one in desk.json("case", "show", case)["timeline"]]
    assert kinds.count("accepted") == 1


def test_two_officers_at_once_one_conflict(desk: Any, applications: Any) -> None:
    """Who saw an older version is told so: exit status 5."""
    case = desk.receive(applications["hukou"])
    seen = str(desk.json("case", "show", case)["case"]["version"])
    desk("case", "accept", case, "--expect", seen, as_=CHENGDU)
    why = ("--reason", "材料不实", "--article", ARTICLE)
    late = desk("case", "decline", case, *why, "--expect", seen, as_=CHENGDU, status=5)
    assert "已被他人更新" in late.stderr
    assert desk.state(case) == "cohandling"


def test_a_wrong_id_is_answered_with_the_nearest(desk: Any, applications: Any) -> None:
    case = desk.receive(applications["hukou"])
    answer = desk("case", "show", f"{case[:-1]}Z", status=2)
    assert f"did you mean {case}?" in answer.stderr
    assert case in desk("case", "show", case.lower()).stdout


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (("case", "shw"), "did you mean 'show'?"),
        (("case", "rate", "X", "--side", "y", "--grade", "good"), "very_satisfied 非常满意"),
        (("case", "forward", "X", "--material", ":"), "write NAME:FORM:COPIES"),
        (("case", "list", "--state", "acepted"), "did you mean 'accepted'?"),
        (("case", "list", "--at", "noon"), "write it as 2026-03-02T09:00"),
        (("case", "list", "--place", "成都是"), "no division is called '成都是'"),
    ],
)
def test_bad_input_is_one_message(
    args: tuple[str, ...], says: str, desk: Any, applications: Any
) -> None:
    desk.receive(applications["hukou"])
    answer = desk(*args, status=2)
    assert says in " ".join(answer.stderr.split())
    assert "Traceback" not in answer.output


def test_without_cases_there_is_a_way_on(desk: Any) -> None:
    answer = desk("case", "list", status=2)
    assert "`tongban case receive` makes the file" in " ".join(answer.stderr.split())
    assert not desk.db.exists()


def test_lists_are_filtered(desk: Any, applications: Any) -> None:
    hukou, licence = desk.receive(applications["hukou"]), desk.receive(applications["licence"])

    def ids(*args: str, as_: str = "") -> set[str]:
        lines = desk("case", "list", "--json", *args, as_=as_).stdout.splitlines()
        return {json.loads(line)["id"] for line in lines}

    assert ids() == {hukou, licence}
    assert ids("--state", "待受理") == {hukou}
    assert ids("--place", "青海省") == {hukou, licence}
    assert ids("--department", "postal") == {licence}
    assert ids("--mode", "joint") == {hukou}
    assert ids("--item", "快递业务经营许可") == {licence}
    assert ids("--mine", as_=XINING) == {hukou}
    assert ids("--mine", as_=WINDOW) == {hukou, licence}
    assert ids("--over") == set()
    assert ids("--limit", "1") < {hukou, licence}


def test_an_agent_hands_in_with_an_authorisation(desk: Any, applications: Any) -> None:
    path = desk.file("online", applications["online"])
    agent = "agent:g-1/委-7"
    case = desk.json("case", "submit", path, "--applicant", "a-1", as_=agent)["case"]
    assert "代办人 agent g-1" in desk("case", "show", case).stdout
    assert "委-7" not in desk("case", "show", case, "--json").stdout
    desk("case", "withdraw", case, as_="agent:g-1/forged", status=4)
    desk("case", "withdraw", case, as_=agent)
    assert desk.state(case) == "withdrawn"


PERSONAL = ("金丝雀", "630102199003071231", "13897654321", "金丝路")


def test_personal_data_is_masked_wherever_it_is_shown(desk: Any, applications: Any) -> None:
    """Neither a screen, JSON, a refusal nor the log has it; a party may see it for a purpose."""
    case = desk.receive(applications["hukou"])
    shown = [
        desk("case", "show", case).output,
        desk("case", "show", case, "--json").output,
        desk("case", "list", "--json").output,
        desk("case", "next", "--json").output,
        desk("case", "grant", case, as_=CHENGDU, status=4).output,
        desk("report", "--json").output,
        desk("case", "show", case, "--personal", "好奇", as_="window:440300", status=2).output,
    ]
    assert "6301********1231" in shown[0]
    for text in shown:
        assert not [one for one in PERSONAL if one in text]
    whole = desk("case", "show", case, "--personal", "核验身份", as_=WINDOW).output
    assert all(one in whole for one in PERSONAL)


def test_an_id_number_in_a_reason_is_not_kept(desk: Any, applications: Any) -> None:
    case = desk.receive(applications["hukou"])
    words = "630102199003071231 户口冻结"
    answer = desk(
        "case",
        "decline",
        case,
        "--reason",
        words,
        "--article",
        "《行政许可法》第三十八条",
        as_=CHENGDU,
        status=2,
    )
    assert "630102199003071231" not in answer.output
    assert desk.state(case) == "arrived"


def test_a_kernel_of_its_own_is_not_changed_by_a_drill(desk: Any, applications: Any) -> None:
    """--at is for one command: the clock goes on as it was."""
    before = desk.kernel.clock()
    path = desk.file("hukou", applications["hukou"])
    case = desk.json("case", "receive", path, "--at", "2026-01-05T09:00", as_=WINDOW)["case"]
    assert case.startswith("BJ20260105")
    assert desk.kernel.clock() == before
    assert isinstance(desk.kernel, Kernel)


def test_help_is_whole() -> None:
    """Every command has a line for the list, examples, and words for each option."""
    for name, command in group.commands.items():
        assert command.short_help, name
        assert "Examples:" in str(command.help), name
        for option in command.params:
            assert not isinstance(option, click.Option) or option.help, (name, option.name)


def test_what_is_to_be_done_is_read_in_parts(desk: Any, applications: Any) -> None:
    """`--limit` and `--after`: the place stays good while others work."""
    cases = {desk.receive(applications["hukou"]) for _ in range(3)}
    whole = desk("case", "next", as_=CHENGDU)
    assert whole.stderr == "3 项 to do, 0 项逾期 overdue\n"
    first = desk("case", "next", "--limit", "1", as_=CHENGDU)
    summary, cursor = first.stderr.splitlines()
    assert summary == "1 项 to do, 0 项逾期 overdue;共 3 项 of 3"
    after = cursor.removeprefix("续看 go on with: --after ")
    done = after.split("/")[1]
    desk("case", "accept", done, as_=CHENGDU)
    task, last = desk.json("case", "next", "--limit", "1", "--after", after, as_=CHENGDU)
    assert set(last) == {"after", "count"}
    assert last["count"] == 2
    (rest,) = [desk.json("case", "next", "--after", last["after"], as_=CHENGDU)]
    assert {done, task["case"], rest["case"]} == cases


def test_a_place_that_is_none_is_told_with_the_form(desk: Any, applications: Any) -> None:
    desk.receive(applications["hukou"])
    answer = desk("case", "next", "--after", "17", status=2)
    assert "DUE/CASE/COMMAND/OFFICE" in " ".join(answer.stderr.split())
