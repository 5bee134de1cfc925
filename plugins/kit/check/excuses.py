"""Comments that excuse findings: `# tongban: ignore TB204`, and those that excuse nothing."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence

from attrs import define, field, frozen

from tongban.kernel import nearest
from tongban.kernel.rulefile import Node
from tongban.plugins.kit.check.documents import Document
from tongban.plugins.kit.check.findings import CODES, Finding, found

_MARK = re.compile(r"#+\s*tongban\b\s*:?\s*", re.IGNORECASE)
_WORD = re.compile(r"[A-Za-z]\w*")
_CODE = re.compile(r"TB\w*", re.IGNORECASE)
_IGNORE = "ignore"
_MINE = "tongban"
_STRANGE = re.compile(r"#+\s*(\w+)\s*[:\uff1a=]?\s*(\w*)\W*TB\w", re.IGNORECASE)
"""A comment that names a code after a word or two: of another tool, or a mistyped mark."""

_BETWEEN = " ,;\t\uff0c\uff1b\u3001"
"""What may stand between two codes, the signs of Chinese text among it."""


@frozen
class _Excuse:
    """One code that a comment excuses.

    Attributes:
        line: of the comment.
        column: where the code stands in it.
        lines: for which it holds.
    """

    code: str
    line: int
    column: int
    lines: tuple[int, ...]


@define
class Excuses:
    """The excuses of one file, and which of them were of use.

    Attributes:
        document: the file.
        wrong: findings at comments that are not excuses but were meant as such.
    """

    document: Document
    wrong: list[Finding] = field(factory=list)
    _of_line: dict[tuple[str, int], list[_Excuse]] = field(init=False, factory=dict)
    _all: list[_Excuse] = field(init=False, factory=list)
    _used: set[_Excuse] = field(init=False, factory=set)

    def __attrs_post_init__(self) -> None:
        if not any(_CODE.search(line) or _MINE in line.lower() for line in self._commented()):
            return
        for line, column, text, alone in _comments(self.document):
            for excuse in self._read(line, column, text, (line, line + 1) if alone else (line,)):
                self._all.append(excuse)
                for one in excuse.lines:
                    self._of_line.setdefault((excuse.code, one), []).append(excuse)

    def _commented(self) -> Iterator[str]:
        return (line for line in self.document.lines if "#" in line)

    def covers(self, finding: Finding) -> bool:
        """Whether a comment in the finding's line, or alone in the line above, excuses it."""
        if finding.severity == "error":
            return False
        excuses = self._of_line.get((finding.code, finding.line), [])
        self._used.update(excuses)
        return bool(excuses)

    def unused(
        self, examined: Callable[[str], bool], findings: Sequence[Finding]
    ) -> Iterator[Finding]:
        """A finding for each excuse that excused nothing.

        Args:
            examined: whether a code was looked for; of others nothing is said.
            findings: all that was found, to say where a code was found instead.
        """
        for excuse in self._all:
            if excuse in self._used or not examined(excuse.code):
                continue
            elsewhere = sorted(
                {one.line for one in findings if (one.code, one.file) == (excuse.code, self._file)}
            )
            if elsewhere:
                lines = ", ".join(map(str, elsewhere[:3]))
                says, fix = f"it is found in line {lines}", "Put the comment there."
            else:
                says, fix = "nothing in the file needs it", "Remove the comment."
            message = f"excuses {excuse.code}, which is not found here; {says}"
            yield self._found(excuse.line, excuse.column, message, fix)

    @property
    def _file(self) -> str:
        return self.document.file

    def _found(self, line: int, column: int, message: str, fix: str = "") -> Finding:
        return found("TB223", self._file, line, message, column=column, fix=fix)

    def _read(self, line: int, column: int, text: str, lines: tuple[int, ...]) -> Iterator[_Excuse]:
        """The excuses that a comment holds; one that is mistyped is noted."""
        marks = [*_MARK.finditer(text)]
        if not marks or marks[0].start():
            strange = _STRANGE.match(text)
            if strange and (strange[1].lower() == "noqa" or nearest(strange[1].lower(), [_MINE])):
                right = "write '# tongban: ignore TB208'"
                self.wrong.append(
                    self._found(line, column, f"excuses nothing: {text[:60]!r}", right)
                )
            return
        ends = [*(one.start() for one in marks[1:]), len(text)]
        for mark, end in zip(marks, ends, strict=True):
            said = text[:end].rstrip()
            yield from self._of_mark(line, column, said, mark, lines)

    def _of_mark(
        self, line: int, column: int, text: str, mark: re.Match[str], lines: tuple[int, ...]
    ) -> Iterator[_Excuse]:
        """The excuses after one mark, to the end of a text."""
        word = _WORD.match(text, mark.end())
        said = word[0] if word else ""
        codes = [*_CODE.finditer(text, mark.end())]
        if said != _IGNORE or ":" not in mark[0]:
            # A comment that only speaks of Tongban names no codes and is not a mistake.
            if codes or (said and nearest(said.lower(), [_IGNORE])):
                written = text[mark.start() :][:60]
                right = f"# tongban: ignore {codes[0][0].upper() if codes else 'TB208'}"
                self.wrong.append(
                    self._found(line, column, f"excuses nothing: {written!r}", f"write {right!r}")
                )
            return
        after = word.end() if word else 0
        listed = 0
        for code in codes:
            if text[after : code.start()].strip(_BETWEEN):
                break  # what follows is the reason
            after = code.end()
            listed += 1
            at = column + code.start()
            if code[0] in CODES and CODES[code[0]].severity != "error":
                yield _Excuse(code[0], line, at, lines)
            else:
                self.wrong.append(self._found(line, at, *_why_not(code[0])))
        if not listed:
            self.wrong.append(
                self._found(line, column, "names no code after `ignore`", "write `ignore TB208`")
            )


def _why_not(code: str) -> tuple[str, str]:
    """Why a code excuses nothing, and what would be right."""
    if code in CODES:
        return f"excuses {code}, which is an error; errors are mended", "Mend what it names."
    # Letters that look like digits are what is mistyped first.
    meant = code.upper()[:2] + code.upper()[2:].translate(str.maketrans("OIL", "011"))
    near = meant if meant in CODES else nearest(code, CODES)
    hint = f"; did you mean {near!r}?" if near else ""
    return f"excuses {code!r}, which is not a code{hint}", f"write {near}" if near else ""


def _comments(document: Document) -> Iterator[tuple[int, int, str, bool]]:
    """Every comment: its line and column, its text, and whether it stands alone in its line."""
    # A mark at the beginning of the file is none of the reader's characters.
    text = document.text.removeprefix("\ufeff")
    spans = [*_scalars(document.root, text)] if document.root else []
    starts = [start for start, _ in spans]
    at = 0
    for number, line in enumerate(text.splitlines(keepends=True), 1):
        for match in re.finditer(r"(?:^|(?<=\s))#", line):
            place = at + match.start()
            before = bisect_right(starts, place) - 1
            if before >= 0 and place < spans[before][1]:
                continue
            said = line[match.start() :].rstrip()
            yield number, match.start() + 1, said, not line[: match.start()].strip()
            break
        at += len(line)


def _scalars(node: Node, text: str) -> Iterator[tuple[int, int]]:
    """Where scalars begin and end, in the order of the text; no comment begins inside of one."""
    if node.kind == "scalar":
        start = node.start
        if text[start : start + 1] in ("|", ">"):
            # The line that opens a text of several lines can carry a comment.
            start = max(text.find("\n", start), start)
        yield start, node.end
    for key, value in node.keys:
        yield from _scalars(key, text)
        yield from _scalars(value, text)
    for one in node.items:
        yield from _scalars(one, text)
