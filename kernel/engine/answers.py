"""An answer understood: from what an applicant says to an application that says one thing more."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from tongban.kernel.engine.questions import Question, Rules
from tongban.kernel.engine.validation import application_defects
from tongban.kernel.errors import ApplicationError, Defect, Text, TongbanError, nearest
from tongban.kernel.model.conditions import Scalar
from tongban.kernel.model.divisions import Divisions
from tongban.kernel.model.id_numbers import without_id_numbers
from tongban.kernel.model.moments import day_of

YES_NO = {
    "y": True, "yes": True, "true": True, "是": True, "对": True,
    "n": False, "no": False, "false": False, "否": False, "不是": False,
}  # fmt: skip

_MOST_DIGITS = 9
_DATE = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?")


class AnswerError(TongbanError):
    """An answer that cannot be taken.

    Attributes:
        question: that it was an answer to; it holds what is allowed.
        text: what is wrong and what would be right.
        near: the value that was probably meant, None where nothing is like it.
        candidates: the divisions that the answer can mean, code to full name.
    """

    def __init__(
        self,
        question: Question,
        text: Text,
        near: Scalar | None = None,
        candidates: Mapping[str, str] | None = None,
    ) -> None:
        self.question, self.text, self.near = question, text, near
        self.candidates = dict(candidates or {})
        super().__init__(text.both)

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "name": self.question.name,
            "error": self.text.to_dict(),
            "near": self.near,
            "candidates": [{"code": code, "name": name} for code, name in self.candidates.items()],
            "values": [*self.question.values],
        }


def answered(
    rules: Rules, raw: Mapping[str, Any], question: Question, answer: object
) -> dict[str, Any]:
    """The raw application with the answer in it; `raw` itself stays as it is.

    Args:
        rules: the kernel.
        raw: the application as far as it goes.
        question: that was put.
        answer: text as a person writes it, or a value as JSON has it.

    Raises:
        AnswerError: where the answer can mean nothing or several things, or the check of
            applications refuses it, for itself or beside what was said before.
        ApplicationError: where `places`, `facts` or `applicant` of `raw` is not an object.
    """
    family = raw.get(question.name.partition(".")[0])
    if "." in question.name and not (family is None or isinstance(family, Mapping)):
        raise ApplicationError(_defects(rules, raw))
    value = understood(rules.rulebook.vocabulary.divisions, question, answer)
    trial = _with(raw, question.name, value)
    before = {*_defects(rules, raw)}
    wrong = [
        defect
        for defect in _defects(rules, trial)
        if defect.field == question.name or defect not in before
    ]
    if wrong:
        said = [_said(one, question.name) for one in wrong]
        zh = ";".join(one.zh for one in said if one.zh) or "填写的内容不符合要求"
        raise AnswerError(question, Text(zh, "; ".join(one.en or one.zh for one in said)))
    return trial


def _said(wrong: Defect, asked: str) -> Text:
    """What a defect says; the part of the application with it, unless it is what was asked."""
    text = Text.read(wrong.message)
    if wrong.field == asked:
        return text
    return Text(text.zh and f"{wrong.field}: {text.zh}", f"{wrong.field}: {text.en or text.zh}")


def _defects(rules: Rules, raw: Mapping[str, Any]) -> tuple[Defect, ...]:
    today = day_of(rules.clock())
    return application_defects(raw, rules.rulebook, today, step_by_step=True)


def _with(raw: Mapping[str, Any], name: str, value: Scalar) -> dict[str, Any]:
    family, _, rest = name.partition(".")
    return {**raw, family: {**(raw.get(family) or {}), rest: value} if rest else value}


def understood(divisions: Divisions, question: Question, answer: object) -> Scalar:
    """The value that an answer stands for; whether it is allowed, the check of applications says.

    A value counts as it is, a text as the value, its Chinese term, its number in the list of
    values, yes or no, a date in digits, or the name of a place.

    Args:
        divisions: the table of places.
        question: that was put.
        answer: text, or a value as JSON has it.

    Raises:
        AnswerError: with what would do.
    """
    if question.type == "bool" and isinstance(answer, bool):
        return answer
    if type(answer) is int and question.type in ("int", "division"):
        is_code = question.type == "division" and 0 <= answer < 1_000_000
        return f"{answer:06d}" if is_code else answer
    if not isinstance(answer, str) or not answer.strip():
        raise AnswerError(question, _wanted(question))
    said = answer.strip()
    digits = unicodedata.normalize("NFKC", said[:60])
    if question.type == "division":
        return digits if _is_number(digits) else _division(divisions, question, said)
    if question.type == "int":
        return _whole(question, digits)
    if question.type == "date":
        found = _DATE.fullmatch(digits)
        return f"{found[1]}-{int(found[2]):02d}-{int(found[3]):02d}" if found else said
    return _choice(question, said, digits) if question.values else said


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _cut(answer: str) -> str:
    """An answer as an error repeats it."""
    return without_id_numbers(answer[:60])


def _wanted(question: Question) -> Text:
    """What an answer has to be."""
    return {
        "division": Text("请填地名或六位区划代码", "give the name of a place or its six digits"),
        "bool": Text("请答是或否", "answer yes or no"),
        "int": Text("请填整数", "give a whole number"),
        "date": Text("请填日期,如2026-01-31", "give a date such as 2026-01-31"),
        "enum": Text("请从可选项中选择", "give one of the values"),
        "text": Text("请填文字", "give a text"),
    }[question.type]


def _whole(question: Question, digits: str) -> int:
    may_be_negative = question.low is not None and question.low < 0
    number = digits.removeprefix("-") if may_be_negative else digits
    if _is_number(number) and len(number) <= _MOST_DIGITS:
        return int(digits)
    cut = _cut(digits)
    raise AnswerError(question, Text(f"{cut} 不是整数", f"{cut} is not a whole number"))


def _choice(question: Question, said: str, digits: str) -> Scalar:
    known = {**question.also, **question.values}
    by_word: dict[str, Scalar] = {_plain(value): value for value in known}
    by_word |= {term: value for value, term in known.items() if term and term not in by_word}
    if said in by_word:
        return by_word[said]
    count = len(question.values)
    if _is_number(digits) and 1 <= int(digits[:_MOST_DIGITS]) <= count:
        return list(question.values)[int(digits) - 1]
    if question.type == "bool" and digits.lower() in YES_NO:
        return YES_NO[digits.lower()]
    near = nearest(said, by_word) or next((word for word in by_word if said in word), None)
    if near:
        hint = Text(f"是否指 {near}?", f"did you mean {near}?")
    else:
        chinese, english = (
            ("", "1") if count == 1 else (f" 至 {count}", f"a number from 1 to {count}")
        )
        hint = Text(f"可填序号 1{chinese}", f"{english} will do")
    cut = _cut(said)
    raise AnswerError(
        question,
        Text(f"{cut} 不在可选项中,{hint.zh}", f"{cut} is none of these; {hint.en}"),
        by_word[near] if near else None,
    )


def _plain(value: Scalar) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _division(divisions: Divisions, question: Question, said: str) -> str:
    codes = divisions.find(said)
    if len(codes) == 1:
        return codes[0]
    cut = _cut(said)
    if codes:
        raise AnswerError(
            question,
            Text(
                f"有 {len(codes)} 个区划称作 {cut},请填代码或写明上级区划",
                f"{cut} is the name of {len(codes)} divisions; give the code, or say more:",
            ),
            candidates={code: divisions.full_name(code) for code in codes},
        )
    near = divisions.near(said)
    meant = f"{near} {divisions.full_name(near)}" if near else ""
    raise AnswerError(
        question,
        Text(
            f"没有称作 {cut} 的区划" + (f",是否指 {meant}?" if near else ""),
            f"no division is called {cut}"
            + (f"; did you mean {meant}?" if near else "")
            + " (or give its six digits)",
        ),
        near,
    )
