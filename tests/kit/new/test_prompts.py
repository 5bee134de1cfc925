"""The questions of `tongban new department`, at a real terminal."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
from pathlib import Path

import yaml

NAME = "四川省人力资源和社会保障厅"
INTERRUPTED = 130


class Terminal:
    """`tongban new department` at a terminal, on which somebody types."""

    def __init__(self, folder: Path, *args: str) -> None:
        master, slave = pty.openpty()
        command = [sys.executable, "-m", "tongban", "new", "department", *args]
        self.process = subprocess.Popen(
            command, cwd=folder, stdin=slave, stdout=slave, stderr=slave, start_new_session=True
        )
        os.close(slave)
        self.master = master
        self.seen = ""

    def until(self, text: str) -> str:
        """What appears up to and with `text`."""
        while text not in self.seen:
            ready, _, _ = select.select([self.master], [], [], 60)
            assert ready, f"waited for {text!r}; seen: {self.seen}"
            try:
                self.seen += os.read(self.master, 65536).decode()
            except OSError:  # the other end is closed
                raise AssertionError(f"no {text!r}; seen: {self.seen}") from None
        shown, _, self.seen = self.seen.partition(text)
        return shown + text

    def type(self, answer: str) -> None:
        """Types a line."""
        os.write(self.master, f"{answer}\n".encode())

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *error: object) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self.master)

    def end(self) -> int:
        """Waits for the end; the exit status."""
        return self.process.wait(60)


def answer_all(terminal: Terminal) -> None:
    terminal.until("Province")
    terminal.type("四川盛")
    assert "did you mean 510000 四川省?" in terminal.until("Province")
    terminal.type("")
    assert "[human_resources]" in terminal.until("letters, digits, _ [human_resources]")
    terminal.type("skills")
    terminal.until("Id of the first item [1-01]")
    terminal.type("1-05")
    terminal.until("Official name of the item")
    terminal.type("技能人才评价")
    terminal.until("English title of the item")
    terminal.type("Assessment of skills")
    terminal.until("Kind of item")
    terminal.type("登计")
    assert "did you mean 登记?" in terminal.until("Kind of item")
    terminal.type("登记")
    terminal.until("Place that handles it")
    terminal.type("参保地")
    terminal.until("Next:")
    assert terminal.end() == 0


def test_what_no_flag_says_is_asked_and_checked_at_once(tmp_path: Path) -> None:
    with Terminal(tmp_path, NAME, "--title", "Human Resources") as terminal:
        answer_all(terminal)
    (rules,) = tmp_path.glob("*/src/*/rules.yaml")
    written = yaml.safe_load(rules.read_text("utf-8"))
    assert written["department"] == {
        "id": "skills",
        "jurisdiction": 510000,
        "name": "四川省人力资源和社会保障厅",
        "title": "Human Resources",
    }
    (item,) = written["items"]
    said = [item[key] for key in ("id", "name", "kind", "handled_at")]
    assert said == ["1-05", "技能人才评价", "登记", ["insured"]]


def test_leaving_in_the_middle_leaves_nothing(tmp_path: Path) -> None:
    with Terminal(tmp_path, NAME) as terminal:
        terminal.until("Province")
        os.write(terminal.master, b"\x04")
        assert terminal.end() == INTERRUPTED
    assert list(tmp_path.iterdir()) == []
