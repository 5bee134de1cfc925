"""The texts of sources: their rows, sections and articles, and where words stand in them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from difflib import SequenceMatcher
from functools import cached_property
from pathlib import Path
from unicodedata import normalize

from attrs import frozen

LONG_SENTENCE = 20
"""From how many characters on a sentence cannot be a mere phrase that anybody would write."""


ALIKE = 0.5
"""From which ratio on (difflib) two texts are alike enough to be shown beside each other."""


def plain(text: str) -> str:
    """Without white space and the bars of tables, in half-width punctuation."""
    return re.sub(r"[\s|]", "", normalize("NFKC", text))


@frozen(eq=False)
class Text:
    """The text of one source.

    Attributes:
        whole: as it stands, in half-width punctuation.
    """

    whole: str

    @cached_property
    def passages(self) -> Mapping[str, str]:
        """Its rows, sections and articles, by `2/3`, `二(一)2`, `第七条`."""
        found = {**dict(_rows(self.whole)), **_sections(self.whole), **dict(_articles(self.whole))}
        return {plain(name): plain(text) for name, text in found.items()}

    @cached_property
    def whole_plain(self) -> str:
        """All of it, as quotations are compared."""
        return plain(self.whole)

    @cached_property
    def sentences(self) -> frozenset[str]:
        """What ends with a full stop, within one cell or paragraph."""
        cells = re.split(r"\||\n(?=\d+\.|\([一二三四]\))", self.whole)
        return frozenset(plain(one) for cell in cells for one in cell.split("。")[:-1])

    @cached_property
    def long_sentences(self) -> tuple[str, ...]:
        """Sentences that are not written by accident."""
        return tuple(one for one in self.sentences if len(one) > LONG_SENTENCE)

    def passage(self, kind: str, where: str) -> str | None:
        """What stands at a citation; all where the text is not divided so, None where nothing does.

        Args:
            kind: `row`, `section` or `article`.
            where: `2/3`; several articles are joined by `、`.
        """
        marks = {"row": "/", "article": "条"}
        divided = any(_kind(name) == kind for name in self.passages)
        if not divided:
            return self.whole_plain
        names = plain(where).split("、") if kind in marks else [plain(where)]
        texts = [self.passages[name] for name in names if name in self.passages]
        return "".join(texts) if len(texts) == len(names) else None

    def where(self, words: str) -> list[str]:
        """The smallest passages in which `words` stand, verbatim."""
        said = plain(words)
        found = [name for name, text in self.passages.items() if said in text]
        return [n for n in found if not any(o != n and o.startswith(n) for o in found)]

    def names(self, kind: str) -> Collection[str]:
        """The names of all rows, sections or articles."""
        return [name for name in self.passages if _kind(name) == kind]


def nearest_passage(words: str, text: str) -> str:
    """The part of `text` that is most like `words`, "" where nothing is."""
    said = plain(words)
    blocks = SequenceMatcher(None, said, text, autojunk=False).get_matching_blocks()
    starts = {max(block.b - block.a, 0) for block in blocks if block.size}
    parts = [text[start : start + len(said)] for start in sorted(starts)]
    alike = {part: SequenceMatcher(None, said, part, autojunk=False).ratio() for part in parts}
    best = max(parts, key=alike.__getitem__, default="")
    return best if alike.get(best, 0) >= ALIKE else ""


def read_text(path: Path) -> Text:
    """The text in a file.

    Raises:
        OSError: where it cannot be read.
        UnicodeDecodeError: where it is not UTF-8.
    """
    return Text(normalize("NFKC", path.read_bytes().decode("utf-8-sig")).replace("\r\n", "\n"))


def _kind(name: str) -> str:
    if re.fullmatch(r"\d+/\d+", name):
        return "row"
    return "article" if name.startswith("第") else "section"


def _rows(text: str) -> Iterator[tuple[str, str]]:
    """Each row of the annex as it stands, by list and number."""
    for numeral, body in _parts(r"^([一二三四五六七八九])、.*事项\(\d+项\)$", text):
        number = "一二三四五六七八九".index(numeral) + 1
        body = body.partition("\n注:")[0]
        for row, says in _parts(r"^(\d+) \|$", body):
            yield f"{number}/{row}", says


def _sections(text: str) -> Mapping[str, str]:
    """Each section with what stands in it, by `二`, `二(一)`, `二(一)2`, `注1`."""
    plan, _, rest = text.partition("\n附件\n")
    sections: dict[str, str] = {}
    path = ["", "", ""]
    heads = (r"([一二三四五六七八九十]+)、", r"\(([一二三四五六七八九十]+)\)", r"(\d+)\.")
    for line in plan.splitlines():
        for depth, pattern in enumerate(heads):
            match = re.match(pattern, line)
            if match:
                sign = f"({match[1]})" if depth == 1 else match[1]
                path[depth:] = [sign, *[""] * (2 - depth)]
        for depth in range(3):
            name = "".join(path[: depth + 1])
            if path[depth]:
                sections[name] = sections.get(name, "") + line + "\n"
    for note in rest.partition("\n注:")[2].splitlines():
        number, _, says = note.partition(".")
        sections[f"注{number}"] = says
    return sections


def _articles(text: str) -> Iterator[tuple[str, str]]:
    """Each article of a law, by `第七条`."""
    return _parts(r"^\s*(第[〇零一二三四五六七八九十百千]+条)", text)


def _parts(heading: str, text: str) -> Iterator[tuple[str, str]]:
    """What stands after each heading, until the next one."""
    starts = [*re.finditer(heading, text, flags=re.MULTILINE)]
    for n, match in enumerate(starts):
        end = starts[n + 1].start() if n + 1 < len(starts) else len(text)
        yield match[1], text[match.end() : end]
