"""`tongban ask`: asks only what matters, understands people, loses nothing."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from tongban.kernel import Item, Kernel

Run = Callable[..., Result]

ASKED = re.compile(r"\[([a-z_.]+)\]$", re.MULTILINE)
PLACES = ["西宁市", "510100", "拉萨", "大连市"]


def asked(result: Result) -> list[str]:
    """The names of what was asked, in order."""
    return ASKED.findall(result.stderr)


def interview(run: Run, *args: str, answers: list[str]) -> tuple[dict[str, Any], list[str]]:
    """Application and decision, and what was asked."""
    result = run("ask", *args, "--json", input="".join(f"{answer}\n" for answer in answers))
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout), asked(result)


def test_an_interview(run: Run) -> None:
    answers = ["window", "成都", "1", "是", "西宁市", "630200"]
    shown, names = interview(run, "1-07", answers=answers)
    assert names == [
        "channel",
        "received_at",
        "applicant.kind",
        "facts.transferable",
        "places.transfer_in",
        "places.transfer_out",
    ]
    assert shown["application"] == {
        "item": "1-07",
        "channel": "window",
        "received_at": "510100",
        "applicant": {"kind": "person"},
        "facts": {"transferable": True},
        "places": {"transfer_in": "630100", "transfer_out": "630200"},
    }
    assert shown["decision"]["outcome"] == "eligible"


def test_the_application_comes_to_the_same_when_routed(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "application.json"
    given = "online\nperson\n西宁\n"
    result = run("ask", "2-08", "--as-of", "2024-05-01", "--out", str(out), input=given)
    assert result.exit_code == 0
    assert f"tongban route {out}" in result.stderr
    screen, _, application = result.stdout.strip().rpartition("\n")
    assert json.loads(application) == json.loads(out.read_text(encoding="utf-8"))
    assert run("route", str(out)).stdout.strip().endswith(screen.strip().partition("\n")[2])
    decision = json.loads(run("route", "--json", str(out)).stdout)
    assert (decision["outcome"], decision["as_of"]) == ("eligible", "2024-05-01")


def any_answer(kernel: Kernel, raw: dict[str, Any], number: int) -> tuple[str, str, Any]:
    """What `ask` has to ask next, an answer to it, and its value."""
    if raw.get("channel") in ("window", "kiosk") and "received_at" not in raw:
        return "received_at", "510100", "510100"
    missing = kernel.decide(raw).missing[0]
    if missing.name.startswith("places."):
        code = ["630100", "510100", "540100", "210200"][number % 4]
        return missing.name, code, code
    if missing.values:
        value = missing.values[number % len(missing.values)]
        return missing.name, json.dumps(value).strip('"'), value
    return missing.name, "2", 2


@pytest.mark.parametrize("number", range(3))
def test_asks_what_is_missing_and_nothing_else(number: int, run: Run, kernel: Kernel) -> None:
    """For every item: each question is the first that the decision so far says is missing."""
    for item in kernel.items:
        raw: dict[str, Any] = {"item": item.id}
        expected: list[str] = []
        answers: list[str] = []
        while kernel_still_asks(kernel, raw):
            name, answer, value = any_answer(kernel, raw, number)
            expected.append(name)
            answers.append(answer)
            family, _, rest = name.partition(".")
            raw[family] = {**raw.get(family, {}), rest: value} if rest else value
        shown, names = interview(run, item.id, answers=answers)
        assert names == expected, item.id
        assert shown["application"] == raw
        assert shown["decision"] == kernel.decide(raw).to_dict()


def kernel_still_asks(kernel: Kernel, raw: dict[str, Any]) -> bool:
    if raw.get("channel") in ("window", "kiosk") and "received_at" not in raw:
        return True
    return bool(kernel.decide(raw).missing)


def test_a_refusal_ends_the_questions(run: Run) -> None:
    """Nothing more is asked where the outcome is settled."""
    shown, names = interview(run, "2-03", answers=["online", "person", "大中专毕业"])
    assert shown["decision"]["outcome"] == "ineligible"
    assert names[-1] == "facts.move_reason"
    assert not any(name.startswith("places.") for name in names)


@pytest.mark.parametrize(
    ("answer", "value"),
    [
        ("true", True), ("TRUE", True), ("yes", True), ("Y", True), ("是", True), ("1", True),
        ("false", False), ("no", False), ("n", False), ("否", False), ("2", False),
    ],
)  # fmt: skip
def test_yes_and_no(answer: str, value: bool, run: Run) -> None:
    given = f"online\nperson\n{answer}\n"
    result = run("ask", "1-07", input=given)
    assert json.loads(result.stdout.splitlines()[-1])["facts"] == {"transferable": value}


@pytest.mark.parametrize("answer", ["enrolment", "大中专院校录取", "2"])
def test_a_choice_by_value_term_and_number(answer: str, run: Run) -> None:
    shown, _ = interview(run, "2-04", answers=["1", "个人", answer, "西宁", "成都"])
    assert shown["application"]["facts"] == {"move_reason": "enrolment"}


def test_whole_numbers_are_numbers_and_no_places_in_a_list(run: Run) -> None:
    given = "online\nperson\nfour\n11\n0\n-1\n3\n西宁\n"
    result = run("ask", "2-17", "--json", input=given)
    assert json.loads(result.stdout)["application"]["facts"] == {"disability_grade": 3}
    assert "1 … 10" in result.stderr
    assert "four is not a whole number" in result.stderr
    assert result.stderr.count("must be a whole number from 1 to 10") == 2


def test_what_the_item_refuses_is_understood(run: Run) -> None:
    """企业 is none of the choices of an item for persons, and the decision tells why."""
    shown, _ = interview(run, "1-01", answers=["online", "企业"])
    assert shown["application"]["applicant"] == {"kind": "enterprise"}
    assert shown["decision"]["outcome"] == "ineligible"


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ("630100", "630100"),
        ("西宁市", "630100"),
        ("西宁", "630100"),
        ("青海省西宁市", "630100"),
        ("青海西宁", "630100"),
        ("青海省 西宁市", "630100"),
        ("成都", "510100"),
        ("四川成都锦江区", "510104"),
        ("北京", "110000"),
        ("内蒙古", "150000"),
        ("海西州", "632800"),
        ("格尔木", "632801"),
        ("浦东", "310115"),
        ("北京朝阳", "110105"),
        ("大柴旦", "632857"),
    ],
)
def test_names_of_places(answer: str, code: str, run: Run) -> None:
    shown, _ = interview(run, "2-08", answers=["window", answer, "person", "西宁"])
    assert shown["application"]["received_at"] == code


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (
            "朝阳区",
            ["朝阳区 is the name of 2 divisions", "110105 北京市朝阳区", "220104 吉林省"],
        ),
        ("朝阳", ["朝阳 is the name of 4 divisions", "211300 辽宁省朝阳市"]),
        ("吉林", ["220000 吉林省", "220200 吉林省吉林市"]),
        ("玉树", ["632700 青海省玉树藏族自治州", "632701 青海省玉树藏族自治州玉树市"]),
        ("大通", ["630121 青海省西宁市大通回族土族自治县", "340402 安徽省淮南市大通区"]),
        ("西宁巿", ["no division is called 西宁巿; did you mean 630100 青海省西宁市?"]),
        ("Xining", ["no division is called Xining (or give its six digits)"]),
        ("630199", ["unknown division code '630199'"]),
        ("6301", ["did you mean 630100 青海省西宁市?"]),
        ("9" * 5000, ["unknown division code"]),
        ("市", ["no division is called 市"]),
    ],
)
def test_places_that_cannot_be_taken(answer: str, says: list[str], run: Run) -> None:
    """They are asked again, with what could be meant."""
    result = run("ask", "2-08", "--json", input=f"window\n{answer}\n成都\nperson\n西宁\n")
    assert json.loads(result.stdout)["application"]["received_at"] == "510100"
    for one in says:
        assert one in result.stderr
    assert asked(result).count("received_at") == 1


def test_the_answer_is_shown_as_it_was_understood(run: Run) -> None:
    result = run("ask", "2-08", input="2\n成都\n个人\n西宁\n")
    for line in ("window 窗口", "510100 四川省成都市", "person 个人", "630100 青海省西宁市"):
        assert f"✓ {line}\n" in result.stderr


def test_wrong_answers_are_asked_again(run: Run) -> None:
    given = "onlin\n4\n0\n\n   \nwindow\n5\n成都\n\x1b[2J\nperson\n西宁\n"
    result = run("ask", "2-08", "--json", input=given)
    assert json.loads(result.stdout)["application"]["channel"] == "window"
    assert "onlin is none of these; did you mean online?" in result.stderr
    assert "4 is none of these; a number from 1 to 3 will do" in result.stderr
    assert "\x1b" not in result.stderr


@pytest.mark.parametrize(
    ("given", "application"),
    [
        ("", {"item": "1-07"}),
        ("\n\n", {"item": "1-07"}),
        ("online\n", {"item": "1-07", "channel": "online"}),
        ("window\n", {"item": "1-07", "channel": "window"}),
        (
            "window\n成都\nperson\n是\n",
            {
                "item": "1-07",
                "channel": "window",
                "received_at": "510100",
                "applicant": {"kind": "person"},
                "facts": {"transferable": True},
            },
        ),
        ("online\nmaybe", {"item": "1-07", "channel": "online"}),
    ],
)
def test_nothing_is_lost_at_the_end_of_input(
    given: str, application: dict[str, Any], run: Run, tmp_path: Path
) -> None:
    out = tmp_path / "application.json"
    result = run("ask", "1-07", "--out", str(out), input=given)
    assert result.exit_code == 3
    assert json.loads(result.stdout) == application
    assert "Stopped. The application so far:" in result.stderr
    assert not out.exists()


def test_the_open_question_is_given_as_json(run: Run) -> None:
    result = run("ask", "2-04", "--json", input="online\nperson\n")
    assert result.exit_code == 3
    shown = json.loads(result.stdout)
    assert shown["application"]["applicant"] == {"kind": "person"}
    question = shown["question"]
    assert (question["name"], question["type"]) == ("facts.move_reason", "enum")
    assert question["question"] == "因何需要迁移户口?"
    assert question["question_en"] == "Why does the household registration have to move?"
    assert {"value": "enrolment", "term": "大中专院校录取"} in question["values"]
    assert [one["rule"] for one in question["rules"]] == ["2-04.reason"]


@pytest.mark.parametrize("sign", ["?", "\uff1f"])
def test_why_something_is_asked(sign: str, run: Run) -> None:
    result = run("ask", "1-07", input=f"online\nperson\n{sign}\n是\n")
    assert "关系到可否办理 bears on the outcome" in result.stderr
    assert "1-07.transferable: 不符合转出条件" in result.stderr
    assert asked(result).count("facts.transferable") == 1


def test_answers_are_printed_where_the_file_cannot_be_written(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "no" / "such" / "folder.json"
    result = run("ask", "2-08", "--out", str(out), input="online\nperson\n西宁\n")
    assert result.exit_code == 74
    assert json.loads(result.stdout.splitlines()[-1])["places"] == {"hukou": "630100"}
    assert f"Error: {out}: No such file or directory" in result.stderr


def test_item_by_name_and_of_another_date(run: Run) -> None:
    answers = ["window", "成都", "person", "否", "成都", "西宁", "重庆"]
    shown, names = interview(run, "结婚登记", "--as-of", "2023-05-01", answers=answers)
    assert "facts.pilot_area" in names
    assert "places.spouse_hukou" in names
    assert shown["decision"]["as_of"] == "2023-05-01"
    assert shown["decision"]["outcome"] == "ineligible"


def test_every_question_is_a_question(run: Run, kernel: Kernel) -> None:
    """Each item's first questions are Chinese sentences with their path, choices numbered."""
    item: Item
    for item in kernel.items:
        result = run("ask", item.id, input="")
        assert asked(result) == ["channel"]
        assert "  1. online 网上\n" in result.stderr


class Talk:
    """The program on a terminal, as a person talks to it."""

    def __init__(self, *args: str) -> None:
        self.ours, theirs = pty.openpty()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tongban", *args],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
            env={**os.environ, "TERM": "xterm", "NO_COLOR": "1", "COLUMNS": "100"},
        )
        os.close(theirs)
        self.raw = b""

    @property
    def shown(self) -> str:
        """What was shown since somebody last spoke."""
        return self.raw.decode("utf-8", "replace")

    def until(self, text: str, again: Callable[[], None] | None = None) -> None:
        """Reads what the program shows until `text`; what a person does `again` meanwhile."""
        waited = 0
        while text not in self.shown:
            ready, _, _ = select.select([self.ours], [], [], 5)
            waited = 0 if ready else waited + 5
            if waited == 60:
                self.process.kill()
                self.end()
                pytest.fail(f"{text!r} never came, but {self.shown!r}")
            if not ready:
                again() if again else None
                continue
            try:
                piece = os.read(self.ours, 65536)
            except OSError:
                piece = b""
            assert piece, f"the program ended before {text!r}: {self.shown!r}"
            self.raw += piece

    def say(self, text: str) -> None:
        """Types `text` and forgets what was shown."""
        self.raw = b""
        os.write(self.ours, text.encode())

    def end(self) -> int:
        """Reads the rest; the exit status."""
        while True:
            try:
                piece = os.read(self.ours, 65536)
            except OSError:
                break
            if not piece:
                break
            self.raw += piece
        os.close(self.ours)
        return self.process.wait()


def test_on_a_terminal() -> None:
    talk = Talk("ask", "2-08", "--as-of", "2026-11-22")
    for shown, answer in (
        ("3. kiosk 自助", "widow"),
        ("did you mean window?", "2"),
        ("[received_at]", "朝阳区"),
        ("110105 北京市朝阳区", "北京朝阳区"),
        ("[applicant.kind]", "个人"),
        ("[places.hukou]", "西宁"),
    ):
        talk.until(shown)
        talk.until("> ")
        talk.say(f"{answer}\n")
    talk.until('"places": {"hukou": "630100"}}')
    assert "可以办理 eligible" in talk.shown
    assert talk.end() == 0


@pytest.mark.parametrize("key", ["\x03", "\x04"], ids=["ctrl_c", "ctrl_d"])
def test_stopped_on_a_terminal(key: str) -> None:
    talk = Talk("ask", "2-08")
    talk.until("> ")
    talk.say("online\n")
    talk.until("[applicant.kind]")
    talk.until("> ")
    talk.say(key)

    def interrupt() -> None:
        if key == "\x03":
            talk.process.send_signal(signal.SIGINT)  # the terminal is not its controlling one

    interrupt()
    # One that comes in the instant before the program waits for input is seen with the next.
    talk.until('{"item": "2-08", "channel": "online"}', again=interrupt)
    assert "Traceback" not in talk.shown
    assert talk.end() == (130 if key == "\x03" else 3)


def test_a_number_from_which_a_fact_follows_is_asked_until_it_can_be_one(run: Run) -> None:
    before, after = ["window", "440300", "person", "否", "是", "是"], ["西宁", "440300", ""]
    wrong, right = "630102200903150028", "630102200903150029"
    result = run("ask", "3-02", "--json", input="\n".join([*before, wrong, right, *after]))
    assert result.exit_code == 0, result.stderr
    assert "申请人的公民身份号码是多少?" in result.stderr
    assert "校验码与前17位不符" in result.stderr
    found = json.loads(result.stdout)
    assert found["application"]["applicant"]["id_number"] == right
    assert found["decision"]["outcome"] == "eligible"
