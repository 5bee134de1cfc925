"""That a rule file says the same before and after."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tongban.kernel import Kernel, RulebookError
from tongban.kernel.rulefile import Node, compose
from tongban.plugins.kit.formatting.scalars import typed

_SHARED = ("vocabulary.yaml", "sources.yaml", "common.yaml", "divisions.yaml")


def same_text(before: str, after: str) -> bool:
    """Whether two texts are one tree, but for the order of keys."""
    trees = [said(tree(text)) for text in (before, after)]
    return None not in trees and trees[0] == trees[1]


def tree(text: str) -> Node | None:
    """What the kernel reads of a text; None where something in it is wrong."""
    mistakes: list[str] = []
    root = compose(text, lambda line, column, message: mistakes.append(message))
    return None if mistakes else root


def said(node: Node | None) -> Any:
    """What a value says, to be compared: mappings, lists, and of scalars their text.

    Returns:
        A scalar as a pair: its text, and whether it is more than text, since it looks like a
        number, a date or `true` and has no quotes.
    """
    if node is None:
        return None
    if node.kind == "mapping":
        return {key.text: said(value) for key, value in node.keys}
    if node.kind == "list":
        return [said(one) for one in node.items]
    return node.text, node.plain and typed(node.text)


def same_rules(changes: Mapping[Path, tuple[str, str]]) -> list[Path]:
    """Loads rule files before and after, and compares what they come to.

    Args:
        changes: departments' files, each with its text before and after.

    Returns:
        The files that come to something else: none, where all is well.
    """
    with TemporaryDirectory() as folder:
        drafts = {}
        for number, (path, texts) in enumerate(changes.items()):
            for state, text in zip(("before", "after"), texts, strict=True):
                draft = Path(folder) / state / str(number) / path.name
                draft.parent.mkdir(parents=True)
                draft.write_bytes(text.encode())
                drafts[state, path] = draft
        loaded = {
            state: _loaded({path: drafts[state, path] for path in changes})
            for state in ("before", "after")
        }
    return [path for path in changes if loaded["before"][path] != loaded["after"][path]]


def _loaded(drafts: Mapping[Path, Path]) -> dict[Path, Any]:
    """By file: its departments with their cases, and its mistakes, without lines."""
    kernel = Kernel(drafts=drafts.values())
    departments = kernel.rulebook.departments
    found: dict[Path, Any] = {}
    for path, draft in drafts.items():
        name = str(draft)
        own = [one for one in departments if one.file == name]
        cases = [
            (item.key, [(case.name, case.given, case.expect) for case in item.cases])
            for one in own
            for item in one.items
        ]
        facts = [
            fact
            for one in own
            for fact in kernel.rulebook.vocabulary.facts.values()
            if fact.owner == one.id
        ]
        problems = sorted(
            (one.rule, _without_lines(one.message, drafts.values()))
            for one in kernel.problems
            if one.file == name
        )
        found[path] = (own, cases, facts, problems)
    return found


def _without_lines(message: str, drafts: Iterable[Path]) -> str:
    for draft in drafts:
        message = message.replace(str(draft), draft.name)
    return re.sub(r"\bline \d+", "line", message)


def same_base(path: Path, after: str) -> bool:
    """Whether vocabulary, sources and common rules come to the same with one file changed.

    Args:
        path: one of them, beside the others; where they are not there, nothing is loaded.
        after: what it is to say.
    """
    folder = path.parent
    if path.name not in _SHARED or not all((folder / name).is_file() for name in _SHARED):
        return True
    with TemporaryDirectory() as copy:
        for name in _SHARED:
            shutil.copyfile(folder / name, Path(copy) / name)
        Path(copy, path.name).write_bytes(after.encode())
        return bool(_base(folder) == _base(Path(copy)))


def _base(folder: Path) -> Any:
    try:
        base = Kernel(plugins=[], rules=folder).base
    except RulebookError as error:
        return sorted((one.rule, _without_lines(one.message, ())) for one in error.problems)
    vocabulary = base.vocabulary
    words = (dict(vocabulary.places), dict(vocabulary.facts), vocabulary.kinds)
    return words, base.sources, base.jurisdiction, base.rules, base.materials
