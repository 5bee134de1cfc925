"""`tongban fmt` and `tongban schema`, as their users run them."""

from __future__ import annotations

import json
import os
import stat
from functools import cache
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from jsonschema import Draft202012Validator

from tongban.cli import cli
from tongban.kernel import Kernel
from tongban.plugins.kit.formatting.proof import same_base, same_rules

ROOT = Path(__file__).resolve().parents[3]
TIDY = (ROOT / "rules" / "departments" / "commerce.yaml").read_text(encoding="utf-8")
MESSY = TIDY.replace("    kind: 登记\n", "").replace(
    "    applicant:", "    # the kind\n    kind:    '登记'   # of the vocabulary\n    applicant:", 1
)


def run(*args: str, input: bytes | None = None) -> Result:
    runner = CliRunner(catch_exceptions=False)
    return runner.invoke(cli, args, input=input, terminal_width=80)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a tidy rule file, a messy one, and a file of somebody else."""
    (tmp_path / "tidy.yaml").write_text(fmt_of(TIDY), encoding="utf-8")
    (tmp_path / "messy.yaml").write_text(MESSY, encoding="utf-8")
    (tmp_path / "compose.yaml").write_text("services: {web: {image:   x}}\n", encoding="utf-8")
    return tmp_path


@cache
def fmt_of(text: str) -> str:
    done = run("fmt", "-", input=text.encode())
    assert done.exit_code == 0, done.stderr
    return done.stdout


def test_a_folder_is_formatted_and_nothing_else_touched(folder: Path) -> None:
    done = run("fmt", str(folder))
    assert (done.exit_code, done.stdout) == (0, f"formatted {folder}/messy.yaml\n")
    assert "1 file formatted; 1 file left as before" in done.stderr
    text = (folder / "messy.yaml").read_text(encoding="utf-8")
    assert "    # the kind\n    kind: 登记  # of the vocabulary\n" in text
    assert (folder / "compose.yaml").read_text() == "services: {web: {image:   x}}\n"
    again = run("fmt", str(folder))
    assert (again.exit_code, again.stdout) == (0, "")


def test_check_lists_and_fails_and_changes_nothing(folder: Path) -> None:
    before = (folder / "messy.yaml").read_bytes()
    done = run("fmt", "--check", str(folder))
    assert (done.exit_code, done.stdout) == (1, f"would format {folder}/messy.yaml\n")
    assert (folder / "messy.yaml").read_bytes() == before
    assert run("fmt", "--check", str(folder / "tidy.yaml")).exit_code == 0


def test_diff_shows_and_changes_nothing(folder: Path) -> None:
    before = (folder / "messy.yaml").read_bytes()
    done = run("fmt", "--diff", str(folder))
    assert done.exit_code == 0
    assert "-    kind:    '登记'   # of the vocabulary\n" in done.stdout
    assert "+    kind: 登记  # of the vocabulary\n" in done.stdout
    assert run("fmt", "--diff", "--check", str(folder)).exit_code == 1
    assert (folder / "messy.yaml").read_bytes() == before


def test_json_names_every_file_and_its_state(folder: Path) -> None:
    (folder / "bad.yaml").write_text("department: {id: a\nitems: []\n")
    done = run("fmt", "--json", "--check", str(folder))
    rows = {Path(row["file"]).stem: row for row in map(json.loads, done.stdout.splitlines())}
    assert {name: row["state"] for name, row in rows.items()} == {
        "tidy": "unchanged",
        "messy": "changed",
        "bad": "failed",
    }
    assert "bad.yaml:1:13: this is not YAML" in rows["bad"]["error"]
    assert done.exit_code == 2


def test_a_bad_file_is_told_and_the_others_are_formatted(folder: Path) -> None:
    bad = folder / "bad.yaml"
    bad.write_text("department: {id: a}\nitems:\n  - id: 1\n    id: 2\n")
    done = run("fmt", str(folder))
    assert done.exit_code == 2
    assert f"{bad}:4:5: the key 'id' stands twice, first in line 3" in done.stderr
    assert f"formatted {folder}/messy.yaml" in done.stdout


@pytest.mark.parametrize(
    ("name", "message"),
    [("compose.yaml", "compose.yaml:1:1: no rule file"), ("none.yaml", "there is no such file")],
)
def test_a_named_file_must_be_a_rule_file(folder: Path, name: str, message: str) -> None:
    done = run("fmt", str(folder / name))
    assert done.exit_code == 2
    assert message in done.stderr


def test_a_folder_without_rule_files_is_told(tmp_path: Path) -> None:
    done = run("fmt", str(tmp_path))
    assert done.exit_code == 2
    assert "no rule file in it" in done.stderr


def test_standard_input_becomes_standard_output() -> None:
    assert "    # the kind\n    kind: 登记  # of the vocabulary\n" in fmt_of(MESSY)
    assert run("fmt", "--check", "-", input=MESSY.encode()).exit_code == 1
    assert run("fmt", "--check", "-", input=fmt_of(MESSY).encode()).exit_code == 0
    bad = run("fmt", "-", input=b"a: [")
    assert (bad.exit_code, bad.stdout) == (2, "")
    assert "<stdin>:2:1: this is not YAML" in bad.stderr
    assert run("fmt", "-", "x.yaml", input=b"").exit_code == 2


def test_permissions_and_links_stay(folder: Path) -> None:
    messy, link = folder / "messy.yaml", folder / "link.yml"
    messy.chmod(0o640)
    link.symlink_to("messy.yaml")
    assert run("fmt", str(link)).exit_code == 0
    assert stat.S_IMODE(messy.stat().st_mode) == 0o640
    assert link.is_symlink()
    assert "kind: 登记  #" in messy.read_text(encoding="utf-8")
    assert sorted(one.name for one in folder.iterdir()) == [
        "compose.yaml",
        "link.yml",
        "messy.yaml",
        "tidy.yaml",
    ]


def test_a_file_that_cannot_be_written_is_told_and_kept(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = (folder / "messy.yaml").read_bytes()

    def full(*_: object) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(os, "fsync", full)
    done = run("fmt", str(folder))
    assert done.exit_code == 2
    assert "messy.yaml: cannot be written: No space left on device" in done.stderr
    assert (folder / "messy.yaml").read_bytes() == before
    assert len([*folder.iterdir()]) == 3


def test_windows_line_ends_and_marks_become_plain_ones(folder: Path) -> None:
    file = folder / "tidy.yaml"
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes().replace(b"\n", b"\r\n"))
    assert run("fmt", str(file)).exit_code == 0
    assert file.read_text(encoding="utf-8") == fmt_of(TIDY)


def test_rules_that_would_change_are_noticed(tmp_path: Path) -> None:
    file = tmp_path / "rules.yaml"
    assert same_rules({file: (TIDY, MESSY)}) == []
    for before, after in [
        ("vehicle_kind: other", "vehicle_kind: small_non_commercial"),
        ("expect: {eligible: false", "expect: {eligible: true"),
        ("cases:", "cass:"),
        ("title: Registration", "title: A registration"),
    ]:
        assert before in TIDY
        assert same_rules({file: (TIDY, TIDY.replace(before, after, 1))}) == [file]


def test_shared_files_that_would_change_are_noticed() -> None:
    file = ROOT / "rules" / "sources.yaml"
    text = file.read_text(encoding="utf-8")
    assert same_base(file, text)
    assert not same_base(file, text.replace("later: true", "later: false"))
    assert not same_base(file, text.replace("later: true", "later: maybe"))


def test_the_shared_files_can_be_formatted(tmp_path: Path) -> None:
    for path in (ROOT / "rules").glob("*.yaml"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    done = run("fmt", str(tmp_path))
    assert done.exit_code == 0, done.stderr
    ours, theirs = Kernel([]).base, Kernel([], rules=tmp_path).base
    assert theirs.rules == ours.rules
    assert theirs.vocabulary.facts == ours.vocabulary.facts


# The schema.


def test_the_schema_is_one_and_says_what_words_mean() -> None:
    schema = json.loads(run("schema").stdout)
    Draft202012Validator.check_schema(schema)
    channels = schema["$defs"]["condition"]["properties"]["channel"]["anyOf"][0]
    assert dict(zip(channels["enum"], channels["enumDescriptions"], strict=True)) == {
        "online": "网上",
        "window": "窗口",
        "kiosk": "自助",
    }
    place = schema["$defs"]["place"]
    assert place["x-intellij-enum-metadata"]["hukou"]["description"].startswith("户籍地")
    keys = schema["properties"]["items"]["items"]["properties"]
    assert keys["receives"]["description"] == "who accepts (受理)"


def test_the_schema_accepts_and_refuses_what_the_plain_one_does() -> None:
    def bare(value: object) -> object:
        if isinstance(value, list):
            return [bare(one) for one in value]
        if isinstance(value, dict):
            extra = ("enumDescriptions", "x-intellij-enum-metadata")
            return {key: bare(one) for key, one in value.items() if key not in extra}
        return value

    plain = json.loads((ROOT / "rules" / "schema.json").read_text(encoding="utf-8"))
    rich = CliRunner().invoke(cli, ["schema"], obj=Kernel([])).stdout or run("schema").stdout
    assert bare(json.loads(rich)) == plain


def test_the_schema_offers_attributes_of_installed_departments(tmp_path: Path) -> None:
    draft = tmp_path / "rules.yaml"
    own = 'attributes:\n  commerce.own: {type: bool, name: 自有, title: own, question: "自有?"}\n\n'
    draft.write_text(TIDY.replace("items:\n", f"{own}items:\n", 1), encoding="utf-8")
    from tongban.plugins.kit.formatting.schema import editor_schema

    schema = editor_schema(Kernel([], drafts=[draft]))
    offered = schema["$defs"]["condition"]["properties"]["commerce.own"]
    assert offered == {"description": "自有 · own"}


def test_the_schema_is_written_where_an_editor_finds_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = run("schema", "--output", "tongban.schema.json")
    assert "# yaml-language-server: $schema=tongban.schema.json" in done.stderr
    assert json.loads(Path("tongban.schema.json").read_text(encoding="utf-8"))["$defs"]

    assert run("schema", "--vscode").exit_code == 0
    settings = json.loads(Path(".vscode/settings.json").read_text())
    ((name, globs),) = settings["yaml.schemas"].items()
    assert (tmp_path / name).is_file()
    assert "rules.yaml" in globs


def test_settings_of_ones_own_are_not_touched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path(".vscode").mkdir()
    Path(".vscode/settings.json").write_text("{ // mine\n}\n")
    done = run("schema", "--vscode")
    assert Path(".vscode/settings.json").read_text() == "{ // mine\n}\n"
    assert '"./.vscode/tongban.schema.json"' in done.stderr
