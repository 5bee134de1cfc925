"""How docs/first-plugin.md is followed word for word; `deep_tutorial.py` does it.

Every `sh` and `console` block is run in order, every block with a title is
written (or, as a `diff`, made to the file as it is by then), and what a
`console` block shows is compared with what comes out; `…` stands for anything.
With TONGBAN_UPDATE_GOLDEN=1 what does not fit is written into the document.
"""

from __future__ import annotations

import os
import re
import textwrap
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol

import pytest
from attrs import frozen

PAGE = Path(__file__).resolve().parents[3] / "docs" / "first-plugin.md"
UPDATE = "TONGBAN_UPDATE_GOLDEN"
FENCE = re.compile(r'^```(\w+)(?: title="([^"]+)")?\n(.*?)^```$', re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r"^\$ (.+)$", re.MULTILINE)
STATUS = re.compile(r"# exit status (\d+)")


class Done(Protocol):
    """See conftest.py."""

    @property
    def output(self) -> str: ...
    @property
    def status(self) -> int: ...
    @property
    def folder(self) -> Path: ...


class Shell(Protocol):
    """See conftest.py."""

    def run(self, command: str) -> Done: ...


@frozen
class Block:
    """One fenced block of the page."""

    line: int
    language: str
    title: str
    text: str


def blocks(text: str) -> Iterator[Block]:
    for found in FENCE.finditer(text):
        line = text.count("\n", 0, found.start()) + 1
        yield Block(line, found[1], found[2] or "", found[3])


def fits(shown: str, output: str) -> bool:
    """Whether `output` is what is shown; `…` alone in a line stands for any number of lines."""
    pattern = ""
    for line in shown.strip("\n").split("\n"):
        if line.strip() == "…":
            pattern += r"(?:.*\n)*?"
        else:
            pattern += ".*".join(map(re.escape, line.rstrip().split("…"))) + r"[ ]*\n"
    whole = "\n".join(line.rstrip() for line in output.strip("\n").split("\n")) + "\n"
    return re.fullmatch(pattern, whole) is not None


def here(shown: str) -> str:
    """What a page shows as this machine shows it: durable-rules cannot be had everywhere."""
    if find_spec("durable_rules_engine"):
        return shown
    return re.sub("^(… plugins: … loaded)$", r"\1, 1 absent", shown, flags=re.MULTILINE)


def changed(text: str, diff: str) -> str:
    """`text` with the change that `diff` shows.

    Raises:
        AssertionError: where the lines before the change are not there exactly once.
    """
    lines = diff.splitlines()
    assert all(line[:1] in "+- " for line in lines), f"a line without its sign:\n{diff}"
    before = "".join(f"{line[1:]}\n" for line in lines if line[:1] != "+")
    after = "".join(f"{line[1:]}\n" for line in lines if line[:1] != "-")
    assert text.count(before) == 1, f"not there exactly once:\n{before}\nin:\n{text}"
    return text.replace(before, after)


def steps(block: Block) -> Iterator[tuple[str, str | None]]:
    """The commands of a block, each with the output that it shows, if it shows any."""
    if block.language == "sh":
        for line in block.text.strip().split("\n"):
            yield line, None
        return
    parts = COMMAND.split(block.text)
    assert not parts[0], f"line {block.line}: output before the first command"
    yield from zip(parts[1::2], parts[2::2], strict=True)


def follow(block: Block, shell: Shell, folder: Path) -> tuple[Path, str]:
    """Does what a block says.

    Returns:
        The folder afterwards, and the block's text as it should be.
    """
    if block.title:
        file = folder / block.title
        if block.language == "diff":
            file.write_text(changed(file.read_text("utf-8"), block.text), "utf-8")
        else:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(block.text, "utf-8")
        return folder, block.text
    text = block.text
    for command, shown in steps(block):
        done = shell.run(command)
        where = f"{PAGE.name}:{block.line}: $ {command}\n{done.output}"
        says = STATUS.search(command)
        assert done.status == int(says[1] if says else 0), where
        assert "Traceback" not in done.output, where
        folder = done.folder
        if shown is not None and not fits(here(shown), done.output):
            new = f"\n{done.output.strip()}\n" if done.output.strip() else "\n"
            assert UPDATE in os.environ, f"{where}\nshown:{shown}"
            text = text.replace(f"$ {command}{shown}", f"$ {command}{new}")
    return folder, text


def test_the_page_shows_every_step_of_the_way() -> None:
    """What the tutorial promises to show is in blocks that are run."""
    run = "".join(
        b.text for b in blocks(PAGE.read_text("utf-8")) if b.language in ("sh", "console")
    )
    for command in (
        "new department",
        "check",
        "test",
        "test --coverage",
        "route",
        "why-not",
        "diff",
    ):
        assert f"tongban {command} " in run
    assert "pip install" in run
    assert "python -m pytest" in run
    assert "exit status 1" in run


@pytest.mark.parametrize(
    ("shown", "output", "right"),
    [
        ("a\n", "a\n", True),
        ("a\n…\nd\n", "a\nb\nc\nd\n", True),
        ("a\n…\nd\n", "a\nd\n", True),
        ("a … d\n", "a b c d\n", True),
        ("a … d\n", "a b\nd\n", False),
        ("a\n", "a\nb\n", False),
        ("", "", True),
        ("a.c\n", "abc\n", False),
    ],
)
def test_only_an_elision_may_differ(shown: str, output: str, right: bool) -> None:
    assert fits(shown, output) is right


def test_a_change_must_fit_the_file_as_it_is() -> None:
    diff = textwrap.dedent("""\
         a
        -b
        +c
    """)
    assert changed("a\nb\n", diff) == "a\nc\n"
    with pytest.raises(AssertionError, match="not there exactly once"):
        changed("a\nx\n", diff)
    with pytest.raises(AssertionError, match="not there exactly once"):
        changed("a\nb\na\nb\n", diff)
