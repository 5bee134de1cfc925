"""Questions to an applicant: what may be answered, and what an answer means."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from attrs import field, frozen

from tongban.kernel import Kernel, nearest
from tongban.plugins.console.decisions import answers
from tongban.plugins.console.terms import division_name, plain

__all__ = ["RECEIVED", "Question", "Refused", "question", "understand"]

MAX_CANDIDATES = 9
YES_NO = {
    "y": True, "yes": True, "true": True, "是": True, "对": True,
    "n": False, "no": False, "false": False, "否": False, "不是": False,
}  # fmt: skip


class Refused(ValueError):
    """An answer that cannot be taken, and what can."""


@frozen
class Question:
    """One question.

    Attributes:
        name: path in the application, `facts.transferable`.
        text: the question, in Chinese.
        type: `division`, `bool`, `int`, `date`, `text`, or `enum` for a choice.
        title: plain English for it, "" without any.
        values: what may be answered, each with its Chinese term; empty where that is open.
        also: what else is understood, though the item refuses it.
    """

    name: str
    text: str
    type: str
    title: str = ""
    values: Mapping[Any, str] = field(factory=dict)
    also: Mapping[Any, str] = field(factory=dict)

    def choices(self) -> Iterator[str]:
        """What may be answered, as numbered lines; of whole numbers only their range."""
        if self.type == "int":
            if self.values:
                yield f"{min(self.values)} … {max(self.values)}"
            return
        for n, (value, term) in enumerate(self.values.items(), 1):
            yield f"{n}. {plain(value)} {term}".rstrip()

    def shown(self, kernel: Kernel, value: Any) -> str:
        """An answer as it was understood."""
        if self.type == "division":
            code = str(value)
            return division_name(kernel, code) if code in kernel.base.divisions else code
        return f"{plain(value)} {({**self.also, **self.values}).get(value, '')}".rstrip()


RECEIVED = Question(
    "received_at", "在哪里提交申请?", "division", "Where is the application handed in?"
)


def question(kernel: Kernel, name: str, text: str, values: tuple[Any, ...]) -> Question:
    """The question for what a decision says is missing.

    Args:
        kernel: whose vocabulary it is.
        name, text, values: as `Decision.missing` has them.
    """
    vocabulary = kernel.rulebook.vocabulary
    family, _, rest = name.partition(".")
    if name == RECEIVED.name:
        return RECEIVED
    if family == "places":
        return Question(name, text, "division", vocabulary.places[rest].question.en)
    attribute = vocabulary.attributes[rest if family == "facts" else name]
    kind = "enum" if attribute.type == "place" else attribute.type
    shown = answers(kernel, name, values)
    return Question(
        name, text, kind, attribute.question.en or attribute.title, shown, attribute.values or {}
    )


def understand(kernel: Kernel, one: Question, answer: str) -> Any:
    """The value that `answer` stands for; whether it is allowed, the application's check says.

    Raises:
        Refused: where it can mean nothing, or several things.
    """
    digits = answer.isascii() and answer.isdigit()
    if one.type == "division":
        return answer if digits else _division(kernel, answer)
    if one.type == "int":
        if not digits or len(answer) > 9:
            raise Refused(f"{answer[:60]} is no whole number")
        return int(answer)
    if not one.values:
        return answer
    if digits and 1 <= int(answer[:9]) <= len(one.values):
        return list(one.values)[int(answer) - 1]
    if one.type == "bool" and answer.lower() in YES_NO:
        return YES_NO[answer.lower()]
    known = {**one.also, **one.values}
    by_word = {plain(value): value for value in known}
    by_word |= {term: value for value, term in known.items() if term}
    if answer in by_word:
        return by_word[answer]
    near = nearest(answer, by_word) or next((word for word in by_word if answer in word), None)
    numbers = "1" if len(one.values) == 1 else f"a number from 1 to {len(one.values)}"
    hint = f"did you mean {near}?" if near else f"{numbers} will do"
    raise Refused(f"{answer[:60]} is none of these; {hint}")


def _division(kernel: Kernel, answer: str) -> str:
    codes = kernel.base.divisions.find(answer)
    if len(codes) == 1:
        return codes[0]
    if codes:
        shown = [f"    {division_name(kernel, code)}" for code in codes[:MAX_CANDIDATES]]
        more = [f"    … and {len(codes) - MAX_CANDIDATES} more"] if codes[MAX_CANDIDATES:] else []
        says = f"{answer[:60]} is the name of {len(codes)} divisions; give the code, or say more:"
        raise Refused("\n".join([says, *shown, *more]))
    meant = kernel.base.divisions.near(answer)
    hint = f"; did you mean {division_name(kernel, meant)}?" if meant else ""
    raise Refused(f"no division is called {answer[:60]}{hint} (or give its six digits)")
