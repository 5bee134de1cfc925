"""docs/testing.md says what happens: its options are there, its configuration can be read."""

from __future__ import annotations

import re
import shlex
import tomllib
from pathlib import Path

import yaml
from attrs import frozen

from tongban.plugins.kit.testing.command import test as command

ROOT = Path(__file__).resolve().parents[3]
DOCUMENT = ROOT / "docs" / "testing.md"


@frozen
class Block:
    """A fenced example, with the name of the file that it is, if it is one."""

    language: str
    file: str
    text: str


def _blocks() -> list[Block]:
    text = DOCUMENT.read_text(encoding="utf-8")
    found = re.finditer(
        r"^```(\w+)(?: title=\"([^\"]+)\")?\n(.*?)^```$", text, re.MULTILINE | re.DOTALL
    )
    return [Block(one[1], one[2] or "", one[3]) for one in found]


BLOCKS = _blocks()


def test_every_other_command_is_one() -> None:
    known = {name for one in command.params for name in one.opts}
    for block in BLOCKS:
        for line in re.findall(r"^ *(?:- run: |\$ )?tongban test (.*)$", block.text, re.MULTILINE):
            options = [w.partition("=")[0] for w in shlex.split(line, comments=True) if w[0] == "-"]
            assert set(options) <= known, line


def test_configuration_can_be_read() -> None:
    assert {"toml", "yaml"} <= {block.language for block in BLOCKS}
    for block in BLOCKS:
        if block.language == "toml":
            tomllib.loads(block.text)
        if block.language == "yaml":
            yaml.safe_load(block.text)


def test_every_option_is_told() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    for one in command.params:
        if one.param_type_name == "option":
            assert any(f"`{name}" in text for name in one.opts), one.name
