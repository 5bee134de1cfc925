"""The next question of an application, and an answer understood: without a terminal."""

from __future__ import annotations

import json
import re
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from tongban.kernel import ApplicationError, Decision, Kernel
from tongban.kernel.engine import AnswerError, Question, answered, next_question, question
from tongban.kernel.model import Text
from tongban.kernel.model.vocabulary import Attribute

PAGE = Path(__file__).resolve().parents[2] / "docs" / "asking.md"
PLACES = ("630100", "510100", "540100", "210200")


def following(kernel: Kernel, raw: dict[str, Any]) -> Question:
    found = next_question(kernel, raw)
    assert isinstance(found, Question)
    return found


def json_answer(one: Question, number: int) -> Any:
    """Some value that a page would send."""
    if one.type == "division":
        return PLACES[number % len(PLACES)]
    if one.type == "int":
        return one.low or 0
    if one.type == "text":
        return "630102199005200011"
    return list(one.values)[number % len(one.values)]


@pytest.mark.parametrize("number", range(4))
def test_every_item_comes_to_a_decision_question_by_question(number: int, kernel: Kernel) -> None:
    for item in kernel.items:
        raw: dict[str, Any] = {"item": item.key}
        asked = []
        while isinstance(one := next_question(kernel, raw), Question):
            assert one.name not in asked
            asked.append(one.name)
            before = deepcopy(raw)
            after = answered(kernel, raw, one, json_answer(one, number + len(asked)))
            assert raw == before
            raw = after
        assert one == kernel.decide(raw)
        assert one.outcome != "incomplete"
        assert json.loads(json.dumps(raw)) == raw


def test_everything_that_is_asked_is_asked_in_both_languages(kernel: Kernel) -> None:
    vocabulary = kernel.rulebook.vocabulary
    item = kernel.items[0]
    names = ["channel", "applicant.kind", "received_at", "deliver_by"]
    names += [f"facts.{one.name}" for one in vocabulary.facts.values() if one.asked]
    names += [f"places.{one.name}" for one in vocabulary.places.values() if one.division]
    assert len(names) == 4 + 39 + 28
    for name in names:
        one = question(kernel.rulebook, item, name)
        assert one.name == name
        assert one.wording.zh.endswith("?")
        assert one.wording.en.endswith("?")
        assert one.wording.en.isascii()
        assert one.label.zh
        assert one.label.en
        shown = one.to_dict()
        assert (shown["question"], shown["question_en"]) == (one.wording.zh, one.wording.en)
        assert json.dumps(shown)


def test_a_department_may_ask_in_chinese_alone(kernel: Kernel) -> None:
    """Its question has no English, and its title says in English what is asked for."""
    item, rulebook = kernel.items[0], kernel.rulebook
    draught = Attribute("harbour.draught", "int", "吃水深度", "draught", Text("船舶吃水多少米?"))
    vocabulary = rulebook.vocabulary.with_facts([draught])
    one = question(evolve(rulebook, vocabulary=vocabulary), item, "facts.harbour.draught")
    assert one.wording == Text("船舶吃水多少米?", "")
    assert one.label == Text("吃水深度", "draught")


@pytest.mark.parametrize(
    "name", ["facts.identity.age", "facts.nothing", "places.military", "places.x", "date", "x"]
)
def test_what_nobody_is_asked_has_no_question(name: str, kernel: Kernel) -> None:
    with pytest.raises(KeyError):
        question(kernel.rulebook, kernel.items[0], name)


@pytest.mark.parametrize("channel", ["window", "kiosk"])
def test_a_desk_without_its_place_is_a_question(channel: str, kernel: Kernel) -> None:
    raw = {"item": "2-08", "channel": channel}
    one = following(kernel, raw)
    assert (one.name, one.type) == ("received_at", "division")
    assert "窗口" in one.purpose.zh
    assert answered(kernel, raw, one, "上海浦东")["received_at"] == "310115"
    with pytest.raises(ApplicationError, match="received_at: is needed"):
        kernel.decide(raw)


def test_another_mistake_is_still_one(kernel: Kernel) -> None:
    raw = {"item": "2-08", "channel": "window", "places": {"hukou": "630199"}}
    with pytest.raises(ApplicationError) as error:
        next_question(kernel, raw)
    assert [one.field for one in error.value.defects] == ["places.hukou"]


def test_a_question_says_why_it_is_asked(kernel: Kernel) -> None:
    raw = {"item": "1-07", "channel": "online", "applicant": {"kind": "person"}}
    one = following(kernel, raw)
    assert one.name == "facts.transferable"
    assert one.purpose == Text("关系到可否办理", "bears on the outcome")
    assert [(rule.rule, rule.conclusions) for rule in one.rules] == [
        ("1-07.transferable", ("eligible",))
    ]
    assert "不符合转出条件" in one.rules[0].because
    place = following(kernel, {**raw, "facts": {"transferable": True}})
    assert place.purpose.zh.endswith("由哪里的机关办理")


@pytest.mark.parametrize(
    ("name", "answer", "value"),
    [
        ("channel", "window", "window"),
        ("channel", " 窗口 ", "window"),
        ("channel", "\uff12", "window"),
        ("facts.transferable", True, True),
        ("facts.transferable", "不是", False),
        ("facts.disability_grade", 3, 3),
        ("facts.disability_grade", "\uff13", 3),
        ("facts.move_reason", "投靠配偶", "joining_spouse"),
        ("applicant.kind", "企业", "enterprise"),
        ("deliver_by", "邮寄送达", "post"),
        ("places.hukou", 630100, "630100"),
        ("places.hukou", "西宁城东", "630102"),
        ("received_at", "上海南汇", "310115"),
    ],
)
def test_answers(name: str, answer: object, value: Any, kernel: Kernel) -> None:
    one = question(kernel.rulebook, kernel.items[0], name)
    said = answered(kernel, {"item": "1-07"}, one, answer)
    family, _, rest = name.partition(".")
    assert (said[family][rest] if rest else said[family]) == value


@pytest.mark.parametrize(
    ("name", "answer", "chinese", "english", "near"),
    [
        ("channel", "widow", "是否指 window?", "did you mean window?", "window"),
        ("channel", "7", "可填序号 1 至 3", "a number from 1 to 3 will do", None),
        ("channel", 2, "请从可选项中选择", "give one of the values", None),
        ("channel", "", "请从可选项中选择", "give one of the values", None),
        ("facts.transferable", 1, "请答是或否", "answer yes or no", None),
        ("facts.transferable", None, "请答是或否", "answer yes or no", None),
        ("facts.disability_grade", True, "请填整数", "give a whole number", None),
        ("facts.disability_grade", 3.0, "请填整数", "give a whole number", None),
        ("facts.disability_grade", 11, "不符合要求", "from 1 to 10", None),
        ("places.hukou", ["630100"], "请填地名", "six digits", None),
        ("places.hukou", "西宁巿", "是否指 630100", "did you mean 630100", "630100"),
        ("places.hukou", -1, "不符合要求", "six digits", None),
        ("places.hukou", "香港", "港澳台", "give the code of a place in the mainland", None),
        ("deliver_by", "default", "不在可选项中", "none of these", None),
    ],
)
def test_answers_that_cannot_be_taken(
    name: str, answer: object, chinese: str, english: str, near: Any, kernel: Kernel
) -> None:
    one = question(kernel.rulebook, kernel.items[0], name)
    raw = {"item": "1-07"}
    with pytest.raises(AnswerError) as caught:
        answered(kernel, raw, one, answer)
    error = caught.value
    assert raw == {"item": "1-07"}
    assert chinese in str(error)
    assert english in error.text.en
    assert error.near == near
    assert error.question is one
    assert json.dumps(error.to_dict())


@pytest.mark.parametrize("name", ["facts.disability_grade", "places.hukou", "channel"])
def test_a_huge_number_is_refused(name: str, kernel: Kernel) -> None:
    one = question(kernel.rulebook, kernel.items[0], name)
    for answer in (10**5000, -(10**5000)):
        with pytest.raises(AnswerError):
            answered(kernel, {"item": "1-07"}, one, answer)


def test_a_name_of_several_places_gives_them_all(kernel: Kernel) -> None:
    one = question(kernel.rulebook, kernel.items[0], "places.hukou")
    with pytest.raises(AnswerError) as caught:
        answered(kernel, {"item": "1-07"}, one, "吉林")
    assert caught.value.candidates == {"220000": "吉林省", "220200": "吉林省吉林市"}


def test_the_same_wrong_answer_is_refused_again(kernel: Kernel) -> None:
    one = question(kernel.rulebook, kernel.items[0], "places.hukou")
    for raw in ({"item": "1-07"}, {"item": "1-07", "places": {"hukou": "630199"}}):
        with pytest.raises(AnswerError, match="630199"):
            answered(kernel, raw, one, "630199")


def test_a_choice_that_makes_an_earlier_answer_wrong_is_refused(kernel: Kernel) -> None:
    """Where the chosen place lies outside the mainland, no authority acts there."""
    items = [i for i in kernel.items if i.choice and "residence" in i.handled_at.value]
    assert items
    raw = {"item": items[0].key, "places": {"residence": "810000"}}
    one = question(kernel.rulebook, items[0], "facts.handle_at")
    with pytest.raises(AnswerError, match="places.residence: 810000"):
        answered(kernel, raw, one, "residence")


def test_parts_that_are_no_objects_are_named(kernel: Kernel) -> None:
    one = question(kernel.rulebook, kernel.items[0], "places.hukou")
    with pytest.raises(ApplicationError, match="places: must be an object"):
        answered(kernel, {"item": "1-07", "places": "西宁"}, one, "西宁")


def test_the_program_of_the_page_prints_what_the_page_says(
    capsys: pytest.CaptureFixture[str],
) -> None:
    text = PAGE.read_text("utf-8")
    (program,) = re.findall(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    (output,) = re.findall(r"^```text\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    exec(compile(program, str(PAGE), "exec"), {"__name__": "page"})
    assert capsys.readouterr().out == output


SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=70)
ANSWERS = st.recursive(SCALARS, lambda part: st.lists(part) | st.dictionaries(st.text(), part))


@given(data=st.data())
def test_any_answer_is_taken_or_refused(data: st.DataObject, kernel: Kernel) -> None:
    item = data.draw(st.sampled_from(kernel.items))
    names = ["channel", "received_at", "applicant.kind", "deliver_by", "places.hukou"]
    names += [
        f"facts.{name}" for name, fact in kernel.rulebook.vocabulary.facts.items() if fact.asked
    ]
    one = question(kernel.rulebook, item, data.draw(st.sampled_from(names)))
    raw = {"item": item.key}
    after = taken(kernel, raw, one, data.draw(ANSWERS))
    if isinstance(after, AnswerError):
        assert after.text.zh
        assert after.text.en
    else:
        assert isinstance(next_question(kernel, after), Question | Decision)
    assert raw == {"item": item.key}


def taken(
    kernel: Kernel, raw: dict[str, Any], one: Question, answer: object
) -> dict[str, Any] | AnswerError:
    try:
        return answered(kernel, raw, one, answer)
    except AnswerError as error:
        return error
