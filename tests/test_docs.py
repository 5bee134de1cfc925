"""The documents say what the code does: examples run, names and keys are the same."""

from __future__ import annotations

import inspect
import os
import re
import shlex
import subprocess
import sys
import textwrap
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any, get_args

import click
import pytest
from attrs import frozen
from click.testing import CliRunner

from tongban.cli import cli
from tongban.kernel import Kernel, department
from tongban.kernel.hookspecs import Hooks
from tongban.kernel.model.divisions import Apart, Level, Standing
from tongban.kernel.model.rules import APPLICANTS, CHANNELS, DELIVERIES, MODES, Basis
from tongban.kernel.model.vocabulary import Type, kernel_attributes
from tongban.kernel.rulefile import condition_field, fields, loader, shared_files
from tongban.kernel.rulefile.rule_field import AdviceShape
from tongban.plugins.kit.examples import run_example

ROOT = Path(__file__).resolve().parents[1]
DOCS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
READMES = (ROOT / "README.md", ROOT / "README.zh-CN.md")
RULES, HOOKS = ROOT / "docs" / "rules.md", ROOT / "docs" / "hooks.md"
BASE = Kernel(plugins=[]).base


@frozen
class Block:
    """A fenced example of a document."""

    file: Path
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.file.name}:{self.line}"


def blocks(file: Path, language: str) -> list[Block]:
    text = file.read_text(encoding="utf-8")
    found = re.finditer(r"^( *)```(\w+)\n(.*?)^\1```$", text, re.MULTILINE | re.DOTALL)
    return [
        Block(file, text.count("\n", 0, one.start()) + 1, textwrap.dedent(one[3]))
        for one in found
        if one[2] == language
    ]


def sections(file: Path) -> dict[str, str]:
    """Heading to what stands under it, up to the next heading."""
    parts = re.split(r"^#+ (.+)$", file.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def first_cells(text: str, header: str) -> list[str]:
    """The first column of the table that `header` begins."""
    rows = text.partition(f"| {header} |")[2].partition("\n\n")[0].splitlines()[2:]
    return [row.split("|")[1].strip() for row in rows]


def shown(examples: Iterable[Block]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("block", examples, ids=str)


# The rule language.

ITEM = {
    "id": "2-03", "name": "示例", "title": "example", "kind": "迁移", "applicant": "[person]",
    "handled_at": "[move_in, move_out]", "available": "{from: 2021-12-31}", "cite": "{row: 2/3}",
}  # fmt: skip
RULE = {"id": "example", "then": "{eligible: false}", "because": "示例", "cite": "{row: 2/3}"}


def _entry(usual: Mapping[str, str], text: str) -> str:
    """A list with one entry: what `text` says, and what is usual where it says nothing."""
    says = re.findall(r"^(\w+):", text, re.MULTILINE)
    rest = "".join(f"{key}: {value}\n" for key, value in usual.items() if key not in says)
    return "- " + textwrap.indent(rest + text, "  ")[2:]


def whole_file(text: str) -> str:
    """A department's file around an example, with the items that it advises."""
    owner = re.match(r"attributes:\n  (\w+)\.", text)
    if re.search(r"^department:", text, re.MULTILINE):
        return text
    if owner:
        return f"department: {{id: {owner[1]}, name: 示例, title: example}}\n{text}items: []\n"
    if re.match(r"- id: \d", text):
        items = text
    elif re.match(r"- id: ", text):
        items = _entry(ITEM, "rules:\n" + textwrap.indent(text, "  "))
    elif re.match(r"(when|then|advise):", text):
        items = _entry(ITEM, "rules:\n" + textwrap.indent(_entry(RULE, text), "  "))
    else:
        items = _entry(ITEM, text)
    for advised in sorted(set(re.findall(r"\b\d-\d\d\b", text)) - {"2-03"}):
        items += _entry(ITEM | {"id": advised, "name": advised}, "")
    return f"department: {{id: example, name: 示例, title: example}}\nitems:\n{items}"


def rulebook_of(text: str, folder: Path) -> Kernel:
    """A kernel with nothing but one rule file; a mistake in it is an error."""
    file = folder / "rules.yaml"
    file.write_text(text, encoding="utf-8")
    plugin = ModuleType("example")
    plugin.departments = department(file)  # type: ignore[attr-defined]
    return Kernel(plugins=[plugin], strict=True)


@shown([*blocks(RULES, "yaml"), *blocks(HOOKS, "yaml")])
def test_every_example_of_a_rule_file_is_valid_and_its_cases_pass(
    block: Block, tmp_path: Path
) -> None:
    text = whole_file(block.text)
    kernel = rulebook_of(text.replace("items: []", f"items:\n{_entry(ITEM, '')}"), tmp_path)
    results = [run_example(kernel, item, case) for item in kernel.items for case in item.cases]
    assert [str(result) for result in results if not result.passed] == []
    assert bool(results) == ("given:" in block.text)


def accepted() -> dict[str, dict[str, bool]]:
    """What each table is called in messages, to its keys and whether each is required.

    The tables are those that reading all our rule files comes by.
    """
    found: dict[str, dict[str, bool]] = {}
    read = fields.Table.read

    def noting(table: fields.Table, *arguments: Any) -> Any:
        keys = {key: one.required for key, one in table.fields.items()}
        found[table.what] = keys | found.get(table.what, {})
        return read(table, *arguments)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fields.Table, "read", noting)
        for one in (loader, shared_files):
            patch.setattr(one, "kept", lambda path, key, read: read())
        loader.load_department.cache_clear()
        shared_files._base.cache_clear()
        assert Kernel(strict=True).items
    return found


ACCEPTED = accepted()
HEADINGS = {
    "a department's file": "The file",
    "dates": "First and last day",
    "a value with its citation": "The long form",
    "a material": "Materials",
    "a decision": "Open questions",
    "a conclusion": "Conclusions",
    "a time limit": "Time limits",
    "a citation": "Citations",
    "a case": "Cases",
    "an application": "Given",
    "an expectation": "Expect",
    "an attribute": "Attributes of your own",
    "the vocabulary": "Vocabulary",
    "a source": "Sources",
    "the common rules": "Common rules",
    "the supplement": "Divisions",
}
"""Where a table is documented under another name than its own."""
IN_PROSE = {
    "the sources": ("Sources", ["sources"]),
    "a material": ("Common rules", ["applicant", "except_kinds"]),
    "a division": ("Divisions", ["name", "level", "parent", "until", "now"]),
}


@pytest.mark.parametrize("table", ACCEPTED)
def test_the_page_on_rules_has_every_key_and_no_other(table: str) -> None:
    heading, prose = IN_PROSE.get(table, ("", []))
    assert all(f"`{key}`" in sections(RULES)[heading] for key in prose)
    keys = {key: must for key, must in ACCEPTED[table].items() if key not in prose}
    if not keys:
        return
    expected = {f"**`{key}`**" if must else f"`{key}`" for key, must in keys.items()}
    own = table.capitalize().replace("A department", "The department")
    assert set(first_cells(sections(RULES)[HEADINGS.get(table, own)], "key")) == expected


def test_the_page_on_rules_has_every_kind_of_advice_and_of_test() -> None:
    advice = AdviceShape(fields.Text()).schema()["anyOf"][1]["properties"]
    assert set(first_cells(sections(RULES)["Advice"], "key")) == {f"`{key}`" for key in advice}
    written = re.findall(r"{(\w+):", " ".join(first_cells(sections(RULES)["Conditions"], "test")))
    assert set(written) == set(condition_field._ALL_TESTS)


def test_the_page_on_rules_has_every_attribute_that_the_kernel_derives() -> None:
    made = kernel_attributes(BASE.vocabulary.places, BASE.vocabulary.provinces, ())
    names = [re.sub(r"^place\.\w+\.", "place.<name>.", attribute.name) for attribute in made]
    names = [re.sub(r"^apart\.\w+\.\w+$", "apart.<a>.<b>", name) for name in names]
    written = first_cells(sections(RULES)["Attributes"], "attribute")
    assert sorted(written) == sorted({f"`{name}`" for name in names})


def test_the_page_on_rules_has_every_word_of_a_closed_set() -> None:
    words = [*APPLICANTS, *CHANNELS, *DELIVERIES, *MODES]
    for closed in (Apart, Basis, Level, Standing, Type):
        words += get_args(closed)
    assert [word for word in words if f"`{word}`" not in RULES.read_text("utf-8")] == []


# The README.


def status_of(line: str) -> int:
    found = re.search(r"#.*(?:exit status|退出状态码) (\d)", line)
    return int(found[1]) if found else 0


COMMANDS = [line for one in blocks(READMES[0], "sh") for line in one.text.splitlines()]
ANSWERS = "online\nperson\nwork\n深圳市\n"
"""What the clerk types who tries `tongban ask`."""


def run(command: str, folder: Path, **more: str) -> subprocess.CompletedProcess[str]:
    """A line of the README, as a reader would run it; what it writes goes to `folder`."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        ["sh", "-c", command.replace("examples/", f"{shlex.quote(str(ROOT))}/examples/")],
        cwd=folder,
        env=os.environ | {"PATH": path} | more,
        input=ANSWERS,
        capture_output=True,
        encoding="utf-8",
    )


@pytest.fixture(scope="module")
def kernel() -> Kernel:
    """What is installed, for all commands of the README."""
    return Kernel()


@pytest.mark.parametrize("line", [line for line in COMMANDS if "tongban" in line], ids=ascii)
def test_commands_of_the_readme_exit_as_it_says(
    line: str, kernel: Kernel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if "|" in line:
        done = run(line, tmp_path)
        assert done.returncode == status_of(line), done.stderr
        assert "Traceback" not in done.stderr
        return
    monkeypatch.chdir(tmp_path)
    # What this machine keeps may be of an older version.
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    program, *words = shlex.split(line.replace("examples/", f"{ROOT}/examples/"), comments=True)
    assert program == "tongban"
    result = CliRunner(catch_exceptions=False).invoke(cli, words, input=ANSWERS, obj=kernel)
    assert result.exit_code == status_of(line), result.output
    assert (tmp_path / "application.json").exists() is ("--out application.json" in line)


def test_the_two_commands_of_the_readme_are_in_the_makefile() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    wanted = [line.split()[1] for line in COMMANDS if line.startswith("make ")]
    assert wanted == ["demo", "test"]
    assert all(re.search(rf"^{target}:", makefile, re.MULTILINE) for target in wanted)


@shown(blocks(READMES[0], "console"))
def test_decisions_in_the_readme_are_real(block: Block, tmp_path: Path) -> None:
    command, _, output = block.text.removeprefix("$ ").partition("\n")
    assert run(command, tmp_path).stdout.rstrip() == output.rstrip(), f"{block} is old"


def test_both_languages_show_the_same() -> None:
    def examples(file: Path) -> list[str]:
        languages = ("console", "sh", "json", "yaml", "python", "toml")
        texts = [block.text for name in languages for block in blocks(file, name)]
        return [re.sub(r" +# .*$", "", text, flags=re.MULTILINE) for text in texts]

    english, chinese = READMES
    assert examples(chinese) == examples(english)
    lines = [line for block in blocks(chinese, "sh") for line in block.text.splitlines()]
    assert list(map(status_of, lines)) == list(map(status_of, COMMANDS))


def test_the_rule_that_the_readme_adds_works_and_its_mistake_is_reported(tmp_path: Path) -> None:
    rule, case = (textwrap.dedent(block.text) for block in blocks(READMES[0], "yaml"))
    head = {"id": "1-52", "kind": "许可", "handled_at": "[operating_area]", "cite": "{row: 1/52}"}
    item = _entry(ITEM | head, f"{rule}cases:\n{textwrap.indent(case, '  ')}")
    text = f"department: {{id: postal, name: 示例, title: example}}\nitems:\n{item}"
    kernel = rulebook_of(text, tmp_path)
    (result,) = [run_example(kernel, item, case) for item in kernel.items for case in item.cases]
    assert result.passed, str(result)
    assert result.decision
    assert [one.rule for one in result.decision.overridden] == ["common.licence_limits"]

    with pytest.raises(Exception, match="time_limits") as raised:
        assert rulebook_of(text.replace("time_limit:", "time_limits:"), tmp_path).items
    promised = next(b.text for b in blocks(READMES[0], "text") if b.text.startswith("Error: "))
    assert str(raised.value).partition(": ")[2].startswith(promised.strip().split(": ", 2)[2])


# Hooks, architecture, records, changelog, links.

SPECS = {
    name: tuple(inspect.signature(function).parameters)[1:]
    for name, function in vars(Hooks).items()
    if not name.startswith("_")
}


def test_every_hook_is_documented_with_its_arguments() -> None:
    headings = [line for line in sections(HOOKS) if "(" in line]
    assert headings == [f"{name}({', '.join(arguments)})" for name, arguments in SPECS.items()]


@pytest.mark.parametrize("name", SPECS)
def test_a_hook_says_when_what_returns_and_what_if_it_raises(name: str) -> None:
    text = sections(HOOKS)[f"{name}({', '.join(SPECS[name])})"]
    for part in ("**When:**", "**Returns:**", "**If it raises:**", "```python"):
        assert part in text
    about = text.partition("**Arguments:**")[2].partition("**When:**")[0]
    assert all(f"`{one}`" in about or "as for" in about for one in SPECS[name])


@shown(blocks(HOOKS, "python"))
def test_examples_of_hooks_work(
    block: Block, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "my_department"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "rules.yaml").write_text(blocks(RULES, "yaml")[0].text, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "my_department", raising=False)
    plugin = ModuleType("my_department")
    exec(compile(block.text, str(block), "exec"), plugin.__dict__)
    rules = ModuleType("rules")
    rules.departments = department(package / "rules.yaml")  # type: ignore[attr-defined]
    own = hasattr(plugin, "departments")
    kernel = Kernel(plugins=[plugin] if own else [rules, plugin], strict=True)

    places, facts = {"operating_area": 632700}, {"postal_enterprise": True}
    raw = {"item": "1-51", "channel": "window", "received_at": 630100, "places": places}
    application = kernel.application(raw | {"facts": facts, "applicant": {"kind": "enterprise"}})
    assert kernel.decide(application).outcome == "eligible"
    kernel.ports.examine(application)
    kernel.engines.opinions(application)
    kernel.ports.register_commands(click.Group())
    assert {status.state for status in kernel.plugins} == {"loaded"}
    (mine,) = [status for status in kernel.plugins if status.name == "my_department"]
    (hook,) = mine.hooks
    if hook in ("deliver", "observe"):
        getattr(plugin, hook)(*({"deliver_by": "post"} for _ in SPECS[hook]))


def test_records_are_short_and_whole() -> None:
    parts = ["Context", "Decision", "Consequences"]
    wrong = []
    for file in sorted(ROOT.glob("docs/decisions/0*")):
        text = file.read_text(encoding="utf-8")
        number = int(file.name.partition("-")[0])
        if not re.match(rf"# {number}\. ", text):
            wrong.append(f"{file.name}: its heading does not begin with # {number}.")
        if not re.search(r"\A.+\n\nState: (decided|built|replaced)\b.*\.\n\n## ", text):
            wrong.append(f"{file.name}: no line `State: decided.`, `built.` or `replaced by ….`")
        if re.findall(r"^## (.+)$", text, re.MULTILINE) != parts:
            wrong.append(f"{file.name}: its parts are not {parts}")
        if (lines := len(text.splitlines())) > 40:
            wrong.append(f"{file.name}: {lines} lines")
    assert wrong == []


def test_changelog_fragments_are_taken_up(tmp_path: Path) -> None:
    done = run(f"towncrier build --draft --dir {shlex.quote(str(ROOT))}", tmp_path)
    assert done.returncode == 0, done.stderr
    fragments = {one.name: one.read_text("utf-8") for one in ROOT.glob("changelog.d/*.*.md")}
    assert [name for name, text in fragments.items() if text.strip() not in done.stdout] == []


def anchors(file: Path) -> set[str]:
    """What links to a part of a page may name."""
    return {re.sub(r"[^\w\- ]", "", one.lower()).replace(" ", "-") for one in sections(file)}


def test_links_lead_somewhere() -> None:
    wrong = []
    for file in DOCS:
        text = file.read_text("utf-8")
        prose = re.sub(r"^ *```.*?^ *```$", "", text, flags=re.MULTILINE | re.DOTALL)
        for link in re.findall(r"\]\(([^)]+)\)", prose):
            name, _, anchor = link.partition("#")
            target = (file.parent / name).resolve() if name else file
            if "://" in link or (target.exists() and (not anchor or anchor in anchors(target))):
                continue
            wrong.append(f"{file.relative_to(ROOT)}: {link}")
    assert wrong == []
