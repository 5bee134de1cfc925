"""What can go wrong, said so that its reader can mend it; the texts that it is said in."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import islice

import attrs
from attrs import frozen

__all__ = [
    "ApplicationError",
    "Defect",
    "HookError",
    "PluginError",
    "Problem",
    "RulebookError",
    "Text",
    "TongbanError",
    "nearest",
]

_CHINESE = "[\u3000-\u303f\u3400-\u9fff\uff00-\uffef“”]"
_PAIR = re.compile(rf"(?<={_CHINESE}) ?\(([ -~]*[a-z] [ -~]*)\)")
_MARKED = re.compile("(.*)\u00a0(?:\\((.*)\\))?", re.DOTALL)


def _plain_spaces(text: str) -> str:
    return text.replace("\u00a0", " ")


@frozen
class Text:
    """What people read: a terminal shows both, an official document the Chinese, a page one.

    Attributes:
        zh: in Chinese, with the official terms; or what a person typed, as typed.
        en: in plain English; "" where it is not written.
    """

    zh: str = ""
    en: str = attrs.field(default="", converter=_plain_spaces)

    @property
    def both(self) -> str:
        """The Chinese, and the English after it where there is one."""
        return f"{self.zh} {self.en}".strip()

    @property
    def bracketed(self) -> str:
        """The Chinese, with the English in brackets: as a terminal and the log have messages."""
        return f"{self.zh} ({self.en})" if self.zh and self.en else self.zh or self.en

    def __str__(self) -> str:
        """As one line that is stored: `bracketed`, from which `read` gets the same text.

        Where that would part it elsewhere, as what a person typed with brackets in it, a
        no-break space stands before the English, or at the end.
        """
        line = self.bracketed
        if Text.read(line) in (self, Text("", self.zh)):
            return line
        return f"{self.zh}\u00a0({self.en})" if self.en else f"{self.zh}\u00a0"

    @classmethod
    def read(cls, line: str) -> Text:
        """The text of a stored line, of one without Chinese as English.

        Args:
            line: what `str` made of a text; or a line from before the languages were kept
                apart, with English in brackets after each Chinese part.
        """
        marked = _MARKED.fullmatch(line)
        if marked:
            return cls(marked[1], marked[2] or "")
        if not re.search(_CHINESE, line):
            return cls("", line)
        return cls(_PAIR.sub("", line), "; ".join(_PAIR.findall(line)))

    def to_dict(self) -> dict[str, str]:
        """For JSON."""
        return {"zh": self.zh, "en": self.en}


class TongbanError(Exception):
    """The root of the errors that a caller may catch: its message is for the reader.

    Others are raised by one part of Tongban for another, which handles them: `HookError` at a
    hook, `OutOfOrderError` for a letter that has to wait, `ViolationError` in a simulated run.
    """


MOST_KNOWN = 5_000
"""Words that are compared with one that is not known; of more, only those that begin alike."""


def nearest(word: object, known: Iterable[str]) -> str | None:
    """The known word that `word` was probably meant to be, or None; of text alone.

    Args:
        word: what somebody wrote.
        known: the words that would have been right; of a great many, those that begin
            like `word` are looked at, so that a hint never takes longer than the mistake.
    """
    from difflib import get_close_matches  # noqa: PLC0415 - only when something is wrong

    if not isinstance(word, str):
        return None
    words = list(known)
    if len(words) > MOST_KNOWN:
        words = list(islice((one for one in words if one[:2] == word[:2]), MOST_KNOWN))
    matches = get_close_matches(word[:200], words, n=1, cutoff=0.6)
    return matches[0] if matches else None


@frozen
class Problem:
    """One mistake in a rule file.

    Attributes:
        file: name of the file, as its author knows it.
        line: counted from 1.
        column: counted from 1.
        rule: the rule, item or department that it stands in, "" where there is none.
        message: what is wrong and what would be right.
    """

    file: str
    line: int
    column: int
    rule: str
    message: str

    def __str__(self) -> str:
        owner = f" [{self.rule}]" if self.rule else ""
        return f"{self.file}:{self.line}:{self.column}:{owner} {self.message}"


class RulebookError(TongbanError):
    """Rule files that cannot be used; `problems` holds every mistake found."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(set(problems), key=lambda p: (p.file, p.line, p.column)))
        super().__init__(self.problems)

    def __str__(self) -> str:
        return "\n".join(map(str, self.problems))


def _line(message: str | Text) -> str:
    return str(message) if isinstance(message, Text) else message


@frozen
class Defect:
    """One mistake in an application.

    Attributes:
        field: path of the field, `places.hukou`.
        message: what is wrong and what is allowed, on one line; given as a `Text`, both
            languages, as `str` stores them. What a person typed is given as `Text(words)`, so
            that nothing in brackets is taken for English.
        warning: whether it is only to be looked at (提示), and keeps nothing from going on.
    """

    field: str
    message: str = attrs.field(converter=_line)
    warning: bool = False

    def __str__(self) -> str:
        return f"{self.field}: {self.message}" if self.field else self.message


MOST_TOLD = 100
"""Mistakes that the text of one error names; the others are counted."""


class ApplicationError(TongbanError):
    """An application that cannot be decided as it stands; `defects` holds every mistake."""

    def __init__(self, defects: Iterable[Defect]) -> None:
        self.defects = tuple(defects)
        super().__init__(self.defects)

    def __str__(self) -> str:
        told = [*map(str, self.defects[:MOST_TOLD])]
        more = len(self.defects) - len(told)
        return "; ".join([*told, f"and {more:,} more mistakes"] if more else told)


class PluginError(TongbanError):
    """A plugin that is broken, or two that claim the same thing."""


class HookError(Exception):
    """What a hook did wrong; the message goes on after the hook's name: `raised ValueError: …`."""
