"""Article coverage: which rows, sections and articles of the sources no rule or item cites."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, groupby
from pathlib import Path
from typing import Any

import click
from attrs import frozen

from tongban.kernel import Citation, Item, Kernel, Stated
from tongban.kernel.model import STATED
from tongban.plugins.kit.sources import plain, read_text

PLAN = "plan"
"""The source that a citation means which names none."""

KINDS = ("row", "section", "article")


@frozen
class Articles:
    """One kind of passages of one source.

    Attributes:
        kind: `row`, `section` or `article`.
        cited: those that a rule or item cites, in order.
        missing: those that none cites, as far as it is known which there are.
        known: `text`, `outline` or `citations`: how it is known which there are. By the
            citations alone only gaps are found, rows before the last that is cited.
    """

    source: str
    name: str
    kind: str
    cited: tuple[str, ...]
    missing: tuple[str, ...]
    known: str

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "source": self.source,
            "name": self.name,
            "kind": self.kind,
            "cited": list(self.cited),
            "missing": list(self.missing),
            "known_by": self.known,
        }


def source_texts(kernel: Kernel, items: Sequence[Item], options: Sequence[str]) -> dict[str, Path]:
    """The files with the texts of sources, by the id of the source.

    Args:
        kernel: one that has loaded the items.
        items: whose sources are meant.
        options: each `FILE`, or `ID=FILE`.

    Raises:
        click.UsageError: where a file is not there, or it is not clear whose text it is.
    """
    found: dict[str, Path] = {}
    for option in options:
        source, _, file = option.rpartition("=")
        if source not in kernel.rulebook.sources:
            source, file = "", option
        path = Path(file)
        if not path.is_file():
            raise click.UsageError(f"--source {option}: there is no such file")
        found[source or _only(kernel, items, option)] = path
    return found


def article_coverage(
    kernel: Kernel, items: Sequence[Item], texts: Mapping[str, Path], common: bool = False
) -> tuple[Articles, ...]:
    """Which passages of sources are cited, and which are not.

    What cites is every rule and item that is loaded, chosen or not: a row that
    another department carries out is not missing.

    Args:
        kernel: one that has loaded the items.
        items: what was chosen; the sources that these cite or their departments declare.
        texts: files with the texts of sources.
        common: whether the sources of the common rules are meant too.

    Raises:
        click.UsageError: where a text cannot be read.
    """
    cited = _cited(kernel)
    rows = [
        _articles(kernel, source, kind, cited.get((source, kind), {}), texts.get(source))
        for source in _sources(kernel, items, common)
        for kind in KINDS
    ]
    return tuple(one for one in rows if one.cited or one.missing)


def ranges(names: Sequence[str]) -> str:
    """Names in short: `2/3, 2/5–2/9`."""
    groups = groupby(enumerate(map(_parts, names)), lambda one: (one[1][0], one[1][1] - one[0]))
    shown = []
    for _, group in groups:
        found = ["".join((head, str(number) if number else "")) for _, (head, number) in group]
        shown += found if len(found) < 3 else [f"{found[0]}–{found[-1]}"]
    return ", ".join(shown)


def _only(kernel: Kernel, items: Sequence[Item], option: str) -> str:
    """The source that a text must be of, where the option does not say."""
    sources = _sources(kernel, items)
    if PLAN in sources:
        return PLAN
    texts = [one for one in sources if kernel.rulebook.sources[one].get("text")]
    if len(texts) == 1:
        return texts[0]
    names = ", ".join(texts or sources) or "none is cited"
    raise click.UsageError(f"--source {option}: say whose text, --source ID={option} ({names})")


def _sources(kernel: Kernel, items: Sequence[Item], common: bool = False) -> list[str]:
    """The sources that items cite or their departments declare, in the order of declaration."""
    departments = [kernel.rulebook.department(item) for item in items]
    wanted = {source for one in departments for source in one.sources}
    cites = (cite for item in items for cite in _of_item(item))
    own = (rule.cite for one in departments for rule in one.rules)
    shared = (rule.cite for rule in kernel.rulebook.base.rules if common)
    wanted |= {cite.source or PLAN for cite in chain(cites, own, shared)}
    return [source for source in kernel.rulebook.sources if source in wanted]


def _cited(kernel: Kernel) -> dict[tuple[str, str], dict[str, None]]:
    """Every passage that is cited, by source and kind."""
    found: dict[tuple[str, str], dict[str, None]] = {}
    for cite in _citations(kernel):
        for kind in KINDS:
            for name in _names(kind, getattr(cite, kind)):
                found.setdefault((cite.source or PLAN, kind), {})[name] = None
    return found


def _citations(kernel: Kernel) -> Iterator[Citation]:
    base = kernel.rulebook.base
    yield from (rule.cite for rule in base.rules)
    yield from (one.material.cite for one in base.materials if one.material.cite)
    for department in kernel.rulebook.departments:
        yield from (rule.cite for rule in department.rules)
        for item in department.items:
            yield from _of_item(item)


def _of_item(item: Item) -> Iterator[Citation]:
    yield item.cite
    for name in STATED:
        stated: Stated[object] | None = getattr(item, name)
        if stated is not None:
            yield stated.cite
    yield from (rule.cite for rule in item.rules)
    yield from (material.cite for material in item.materials if material.cite)


def _names(kind: str, cited: str) -> list[str]:
    """What a citation names: several articles are joined by `、`."""
    names = plain(cited).split("、") if kind == "article" else [plain(cited)]
    return [name for name in names if name]


def _articles(
    kernel: Kernel, source: str, kind: str, cited: Mapping[str, None], text: Path | None
) -> Articles:
    there = _in_text(text, kind) if text else _up_to_the_last(kind, cited)
    smallest = [one for one in there if not any(_within(other, one) for other in there)]
    missing = [one for one in smallest if not any(one == c or _within(one, c) for c in cited)]
    order = {name: place for place, name in enumerate(there)}
    in_order = sorted(cited, key=lambda name: (order.get(name, len(order)), _parts(name)))
    name = kernel.rulebook.sources[source]["name"]
    known = "text" if text else "citations"
    return Articles(source, name, kind, tuple(in_order), tuple(missing), known)


def _in_text(path: Path, kind: str) -> list[str]:
    try:
        return list(read_text(path).names(kind))
    except (OSError, UnicodeDecodeError) as error:
        raise click.UsageError(f"--source {path}: cannot be read: {error}") from error


def _up_to_the_last(kind: str, cited: Mapping[str, None]) -> list[str]:
    """Of rows, every one before the last that is cited, list by list; of others, no more."""
    if kind != "row":
        return list(cited)
    last: dict[str, int] = {}
    for name in cited:
        head, number = _parts(name)
        last[head] = max(number, last.get(head, 0))
    return [f"{head}{number}" for head in sorted(last) for number in range(1, last[head] + 1)]


def _within(part: str, whole: str) -> bool:
    """Whether a section is a part of another: `二(一)2` of `二(一)` and of `二`."""
    tokens = _tokens(part)
    return part != whole and tokens[: len(_tokens(whole))] == _tokens(whole)


def _tokens(name: str) -> list[str]:
    return re.findall(r"\([^)]*\)|\d+|[^()\d]+", name)


def _parts(name: str) -> tuple[str, int]:
    """A name and the number that ends it: `("2/", 3)`; 0 where none does."""
    found = re.fullmatch(r"(.*?)(\d*)", name)
    assert found is not None
    return found[1], int(found[2] or 0)
