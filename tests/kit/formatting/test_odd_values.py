"""Values that readers of YAML take in several ways: every command sees what the kernel sees."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tongban.cli import cli
from tongban.kernel import Kernel
from tongban.plugins.kit.formatting.layout import formatted
from tongban.plugins.kit.formatting.proof import same_text
from tongban.plugins.kit.formatting.tree import UnformattableError

FILE = """\
department: {{id: yy, jurisdiction: 510000, name: 示例厅, title: Example}}

attributes:
  yy.code:
    {{type: enum, values: {{"010": 京, "0755": 深}}, name: 区号, title: code, question: "区号?"}}

items:
  - id: 9-01
    name: 示例事项
    title: Example item
    kind: 登记
    applicant: [person]
    handled_at: [hukou]
    available: {{from: 2021-12-31}}
    cite: {{row: 9/1}}
    materials:
      - {{name: {flow}, title: t, form: copy}}
    rules:
      - id: a
        when: {{yy.code: "010"}}
        then: {{eligible: false}}
        because: {block}
        cite: {{row: 9/1}}
        basis: inferred
    cases:
      - name: beijing
        given: {{channel: online, places: {{hukou: 510100}}, facts: {{yy.code: "010"}}}}
        expect: {{eligible: false, reasons: [510000/9-01.a]}}
      - name: shenzhen
        given: {{channel: online, places: {{hukou: 510100}}, facts: {{yy.code: "0755"}}}}
        expect: {{eligible: {expected}}}
"""

TEXTS = [
    "8:30", "190:20:30", "yes", "No", "ON", "off", "0777", "0o17", "0x1F", "1_000", "1e3", "1.5",
    ".inf", "-.INF", ".nan", "+12", "007", "2021-12-31T08:00", "12:30:45.5", "y", "N", "1,5",
    "=", "<<", "a<<b", "a=b", "0b1", "12345678901234567890", "-", "1.", "__", "a:b",
]  # fmt: skip
"""Texts that are more than text to some reader; `-` and such have quotes already."""


def run(*args: str) -> Result:
    runner = CliRunner(catch_exceptions=False)
    return runner.invoke(cli, args, terminal_width=80)


def file_of(folder: Path, flow: str = "甲", block: str = "乙", expected: str = "true") -> Path:
    path = folder / "yy.yaml"
    path.write_text(FILE.format(flow=flow, block=block, expected=expected), encoding="utf-8")
    return path


def names_of(path: Path) -> list[str]:
    """The names of the item's materials, as the kernel reads them."""
    kernel = Kernel(plugins=[], drafts=[path])
    assert kernel.problems == ()
    (item,) = kernel.items
    return [one.name for one in item.materials]


def test_fmt_writes_odd_texts_as_the_texts_they_are(tmp_path: Path) -> None:
    bare = [text for text in TEXTS if text not in ("-", "=", "<<", "1,5")]
    quoted = [f"'{text}'" for text in TEXTS] + [f'"{text}"' for text in TEXTS]
    path = file_of(tmp_path)
    lines = [f"      - {{name: {text}, title: t, form: copy}}" for text in (*bare, *quoted)]
    lines += [f"      - name: {text}\n        title: t\n        form: copy" for text in bare]
    head, _, rest = path.read_text(encoding="utf-8").partition("      - {name: 甲")
    tail = rest.partition("\n")[2]
    path.write_text(f"{head}{chr(10).join(lines)}\n{tail}", encoding="utf-8")
    meant = [*bare, *TEXTS, *TEXTS, *bare]
    assert names_of(path) == meant
    done = run("fmt", str(path))
    assert done.exit_code == 0, done.output
    assert names_of(path) == meant
    assert run("fmt", "--check", str(path)).exit_code == 0


def test_a_time_in_braces_gets_quotes(tmp_path: Path) -> None:
    path = file_of(tmp_path, flow="8:30")
    assert run("fmt", str(path)).exit_code == 0
    assert '{name: "8:30", title: t, form: copy}' in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("end", ["\t", " \t "])
def test_blanks_after_a_value_are_nobodys_concern(end: str, tmp_path: Path) -> None:
    path = file_of(tmp_path, flow=f"甲{end}", block=f"乙{end}", expected=f"false{end}")
    assert names_of(path) == ["甲"]
    assert "error TB215" in run("check", "--no-proofs", str(path)).stdout
    done = run("test", "--update", "--yes", str(path))
    assert (done.exit_code, done.stderr) == (0, "")
    assert f"expect: {{eligible: true{end}}}" in path.read_bytes().decode()
    assert run("fmt", str(path)).exit_code == 0
    assert "\t" not in path.read_text(encoding="utf-8")
    assert run("test", str(path)).exit_code == 0


REFUSED = [
    ("乙\u2028丙", "U+2028"),
    ("乙\x85", "U+0085"),
    ("乙\ufeff", "U+FEFF"),
    ("乙\0", "U+0000"),
    ("&a 乙", "the anchor &a"),
    ("*a", "the alias *a"),
    ("!!str 乙", "the tag !!str"),
    ("乙\n        because: 丙", "'because' stands twice"),
    ("'乙", "the quote that opens here"),
    ("乙\n---\na: b", "a second `---`"),
    ("乙\n\tcite: 丙", "this is not YAML: a tab"),
]


@pytest.mark.parametrize(("value", "said"), REFUSED)
def test_fmt_refuses_what_the_kernel_does(value: str, said: str, tmp_path: Path) -> None:
    path = file_of(tmp_path, block=value)
    problems = Kernel(plugins=[], drafts=[path]).problems
    first = next(one for one in problems if said in one.message)
    with pytest.raises(UnformattableError) as refused:
        formatted(path.read_bytes())
    found = refused.value
    assert (found.line, found.column, found.message) == (first.line, first.column, first.message)


@pytest.mark.parametrize(("value", "said"), REFUSED[:2])
def test_every_command_refuses_it_and_writes_nothing(value: str, said: str, tmp_path: Path) -> None:
    path = file_of(tmp_path, block=value, expected="false")
    before = path.read_bytes()
    for args in (
        ("check", "--no-proofs", str(path)),
        ("fmt", str(path)),
        ("test", str(path)),
        ("test", "--update", "--yes", str(path)),
        ("diff", str(path), str(path)),
    ):
        done = run(*args)
        assert done.exit_code in (1, 2), args
        assert said in done.output, args
    assert path.read_bytes() == before


def test_old_line_ends_are_kept_by_update_and_made_new_by_fmt(tmp_path: Path) -> None:
    path = file_of(tmp_path, expected="false")
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r"))
    assert run("test", "--update", "--yes", str(path)).exit_code == 0
    text = path.read_bytes()
    assert b"expect: {eligible: true}\r" in text
    assert b"\n" not in text
    tidy = formatted(text).text
    assert "\r" not in tidy
    assert same_text(text.decode().replace("\r", "\n"), tidy)
