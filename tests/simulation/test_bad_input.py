"""What `simulate` and `explore` cannot use is refused before the run, with exit status 2."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

import click
import pytest
from click.shell_completion import ShellComplete
from click.testing import CliRunner, Result

from tongban.cli import cli
from tongban.plugins.console import writing
from tongban.plugins.simulation import command
from tongban.plugins.simulation.command import simulate
from tongban.plugins.simulation.explorer.command import explore
from tongban.plugins.simulation.explorer.scenario import built_in as small_worlds
from tongban.plugins.simulation.report import parquet
from tongban.plugins.simulation.scenario.scenario import ScenarioError, built_in, load_scenario
from tongban.plugins.simulation.trial import TrialWorld

WORLD = str(Path(__file__).parent / "worlds" / "three.yaml")
SMALL = ("--cases", "4", "--days", "3", "--seed", "2", "--scenario", WORLD)


def called(*arguments: str, of: click.Command = simulate) -> Result:
    return CliRunner().invoke(of, arguments)


def refused(answer: Result, *says: str) -> None:
    assert answer.exit_code == 2, (answer.output, answer.exception)
    assert isinstance(answer.exception, SystemExit)
    assert "Error: " in answer.output
    for one in says:
        assert one in answer.output


@pytest.fixture
def scenario(tmp_path: Path) -> Callable[..., str]:
    """Writes a scenario, and gives its path."""

    def written(text: str, name: str = "mine.yaml") -> str:
        (tmp_path / name).write_text(text, encoding="utf-8")
        return str(tmp_path / name)

    return written


@pytest.fixture
def no_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """A run fails the test: the input must be refused before."""

    def ran(*given: Any) -> Any:
        raise AssertionError("it ran")

    monkeypatch.setattr(command, "_run", ran)


# Files that are not scenarios


@pytest.mark.parametrize("of", [simulate, explore], ids=["simulate", "explore"])
@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("title: a\nstart: 2026-02-30\n", ":2:8: 2026-02-30 is not a day of the calendar"),
        ("title: a\nstart: 0026-02-03\n", "in the years 1900 to 2999"),
        ("a: " + "[" * 3_000 + "\n", "nested deeper than 40 levels"),
        ("title: a\ntitle: b\n", ":2:1: the key 'title' stands twice, first in line 1"),
        ("title: &a x\nname: *a\n", "alias"),
        ("title: !!python/none x\n", "tag"),
        ("title: [\n", "not YAML"),
        ('title: "a\n', "not closed"),
        ("", "must be a mapping"),
    ],
)
def test_a_file_that_is_not_plain_yaml(
    of: click.Command, text: str, says: str, scenario: Callable[..., str]
) -> None:
    says = "mapping" if not text else says
    name = ["--scenario"] if of is simulate else []
    refused(called(*name, scenario(text), of=of), "mine.yaml", says)


@pytest.mark.parametrize("of", [simulate, explore], ids=["simulate", "explore"])
def test_a_file_that_is_not_text(of: click.Command, tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_bytes(b"title: \xff\n")
    name = ["--scenario"] if of is simulate else []
    refused(called(*name, str(tmp_path / "mine.yaml"), of=of), "not UTF-8")
    refused(called(*name, str(tmp_path), of=of), "Is a directory")


def test_words_are_text_and_numbers_are_numbers(scenario: Callable[..., str]) -> None:
    found = load_scenario(
        scenario(
            "extends: thin\nname: yes\ntitle: 12\nchoices: {withdraw: 0.25, deny: 1}\n"
            "provinces: {630000: {people: 1, draw: 2}}\n"
        )
    )
    assert (found.name, found.title) == ("yes", "12")
    assert (found.choices.withdraw, found.choices.deny) == (0.25, 1.0)
    assert set(found.provinces) == {"630000"}


def test_every_mistake_is_told_at_once(scenario: Callable[..., str]) -> None:
    file = scenario(
        "extends: calm\n"
        "choises: {}\n"
        "choices: {withdraw: 2, deny: often, rate_days: [3, 1, 2]}\n"
        "staff: {hours: [17, 9]}\n"
        "plan: [{cut_off: 999999, day: 1}]\n"
        "work: {recieve: {minutes: [1, 2, 3]}}\n"
    )
    answer = called("--scenario", file)
    refused(
        answer,
        "did you mean choices",
        "choices.withdraw: from 0 to 1",
        "choices.deny: must be a number",
        "choices.rate_days",
        "staff.hours: from and to",
        "plan[0]: 999999 is not a province",
        "work: unknown: 'recieve'; did you mean receive?",
    )
    assert answer.output.count("mine.yaml") == 7


def test_each_mistake_is_told_with_the_file_that_says_it(scenario: Callable[..., str]) -> None:
    scenario("extends: thin\nchoices: {withdraw: 2}\n", "base.yaml")
    lines = called("--scenario", scenario("extends: base.yaml\njourneys: many\n")).output
    assert "mine.yaml: journeys" in lines
    assert "base.yaml: choices.withdraw" in lines
    answer = called("--scenario", scenario("extends: nope\n"))
    refused(answer, "mine.yaml: extends: ", "nope: No such file or directory")
    refused(called("--scenario", scenario("extends: mine.yaml\n")), "extends itself")
    refused(called("--scenario", scenario("extends: [thin]\n")), "extends: must be the name")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("plan: [{cut_off: 510000, day: -1}]", "plan[0].day: from 0 to 3650, found -1"),
        ("plan: [{day: 1}]", "must say which province"),
        ("drain_days: -1", "drain_days: from 0"),
        ("network: {again_after: 0}", "again_after: from 1"),
        ("faults: {clock_minutes: -3}", "clock_minutes: from 0"),
        ("provinces: {Xining: {people: 1, draw: 1}}", "not a code of a province"),
        ("provinces: {630000: {people: 0, draw: 1}}", "one must have people"),
        ("provinces: {990000: {people: 1, draw: 1}}", "there is no division 990000"),
        ("channels: {onlin: 1}", "did you mean online?"),
        ("channels: {online: 0}", "one must have a weight"),
        ("choices: {grades: {good: 1}}", "choices.grades: unknown: 'good'"),
        ("choices: {outcomes: {not_admitted: 1}}", "choices.outcomes: unknown: 'not_admitted'"),
        ("choices: {outcomes: {upheld: 0}}", "choices.outcomes: one must have a weight"),
        ("choices: {remedy: 1.5}", "choices.remedy: from 0 to 1"),
        ("choices: {remedy_late_days: 80}", "choices.remedy_late_days"),
        ("changes: [{kinds: [迁移], from_date: soon}]", "from_date: a day or a month"),
        ("only_items: [9-99]", "there is no item '9-99'"),
    ],
)
def test_numbers_and_words_of_a_scenario_are_checked(
    text: str, says: str, scenario: Callable[..., str], no_run: None
) -> None:
    refused(called("--scenario", scenario(f"extends: thin\n{text}\n")), "mine.yaml", says)


def test_explore_tells_every_mistake_at_once(scenario: Callable[..., str]) -> None:
    answer = called(
        scenario(
            "titel: x\n"
            'nodes: {成都: ["5101"]}\n'
            "days: 2026-03-02\n"
            "bounds: {lost: some}\n"
            "limits: [{step: decode, working_days: 3}]\n"
            "moves:\n"
            "  - {id: submit, by: window@510100, do: submit}\n"
            "  - {id: receive, by: passer-by, do: receive}\n"
            "  - {id: chase, by: window@510100, do: [chase]}\n"
        ),
        of=explore,
    )
    refused(
        answer,
        "did you mean 'title'?",
        "the key 'application' is missing",
        "days: must be a list",
        "bounds.lost",
        "limits[0].step",
        "moves[1].by: no actor",
        "moves[2].do: no command ['chase']",
    )


# Files to be written


@pytest.mark.parametrize("option", ["--report r.html", "--events e.jsonl", "--events e.parquet"])
def test_a_file_that_cannot_be_written_is_told_before_the_run(
    option: str, tmp_path: Path, no_run: None
) -> None:
    name, file = option.split()
    target = tmp_path / "nowhere" / file
    refused(called(*SMALL, name, str(target)), f"{name} {target}: cannot be written")
    (tmp_path / file).mkdir()
    refused(called(*SMALL, name, str(tmp_path / file)), "Is a directory")


def test_nothing_is_left_of_a_run_that_is_refused(tmp_path: Path) -> None:
    kept, new = tmp_path / "kept.html", tmp_path / "new.html"
    kept.write_text("before", encoding="utf-8")
    for path in (kept, new):
        refused(called("--scenario", "nowhere.yaml", "--report", str(path)))
    assert kept.read_text(encoding="utf-8") == "before"
    assert not new.exists()


def test_the_table_is_shown_though_the_report_fails_late(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*given: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(writing, "write_file", full)
    answer = called(*SMALL, "--report", str(tmp_path / "r.html"))
    assert answer.exit_code == 74
    assert "收件 opened" in answer.output
    assert "r.html: cannot be written (No space left on device)" in answer.output


@pytest.mark.parametrize("suffix", [".jsonl", ".parquet"])
def test_the_table_is_shown_though_the_events_fail_late(
    suffix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Full(io.StringIO):
        def write(self, text: str) -> int:
            raise OSError(28, "No space left on device")

    usual = parquet.Events

    def events(file: IO[str]) -> parquet.Events:
        file.close()
        return usual(Full())

    monkeypatch.setattr(parquet, "Events", events)
    answer = called(*SMALL, "--events", str(tmp_path / f"events{suffix}"))
    assert answer.exit_code == 74
    assert "收件 opened" in answer.output
    assert f"events{suffix}: cannot be written (No space left on device)" in answer.output


# Options that do not go together, and numbers that mean nothing


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--only-faults", "typo"), "'typo' is not an id of a fault"),
        (("--only", "99", "--cases", "20"), "applicants are 0 to 19"),
        (("--only", "²"), "numbers of applicants"),
        (("--only", "9" * 5_000), "numbers of applicants"),
        (("--seeds", "²..3"), "1..20"),
        (("--seeds", "1..1000000000"), "at most 100,000"),
        (("--seed", "4", "--seeds", "1..3"), "--seed does not go with --seeds"),
        (("--against", "calm", "--seeds", "1..3"), "--against does not go with --seeds"),
        (("--jobs", "2"), "--jobs goes with --seeds"),
        (("--against", ""), "Is a directory"),
        (("--faults", "none,earthquake"), "is none of"),
    ],
)
def test_options_that_mean_nothing(arguments: tuple[str, ...], says: str, no_run: None) -> None:
    refused(called(*arguments), says)


@pytest.mark.parametrize("more", [(), ("--against", "thin"), ("--seeds",)], ids=str)
def test_a_fault_that_never_comes_up_is_no_good_news(more: tuple[str, ...]) -> None:
    rest = ("--cases", "3", "--days", "3", "--scenario", WORLD, "--only-faults", "0123abcd")
    seeds = ("--seeds", "1..2", "--jobs", "1") if more == ("--seeds",) else more
    answer = called(*rest, *seeds)
    refused(answer, "no fault 0123abcd comes up in this run")
    assert "成立 hold" not in answer.output


def test_the_faults_of_a_run_may_be_asked_for() -> None:
    def faults(*arguments: str) -> str:
        return called(*SMALL, "--cases", "12", "--json", *arguments).output

    import json

    some = {one["id"] for one in json.loads(faults())["faults"]}
    assert "message_lost" in some
    none = json.loads(faults("--only-faults", "none"))
    assert "message_lost" not in {one["id"] for one in none["faults"]}


def test_many_seeds_over_the_live_store_give_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    from tongban.plugins.simulation.store import stores

    opened: list[Path] = []
    opens = stores.sqlite_stores

    def remembered(folder: Path) -> Any:
        opened.append(folder)
        return opens(folder)

    monkeypatch.setattr(stores, "sqlite_stores", remembered)
    arguments = ("--seeds", "1..2", "--jobs", "1", "--cases", "3", "--days", "3")
    in_memory = called(*arguments, "--scenario", WORLD)
    assert opened == []
    on_disk = called(*arguments, "--scenario", WORLD, "--store", "sqlite")
    assert len(opened) == 2
    assert not any(folder.exists() for folder in opened)
    assert (on_disk.exit_code, on_disk.output) == (0, in_memory.output)


# Days


def test_a_run_on_days_without_any_item_is_refused(
    scenario: Callable[..., str], no_run: None
) -> None:
    file = scenario("extends: thin\nstart: 1950-01-02\n")
    says = "no item is available on 1950-01-02; the first is from 2020-12-31"
    refused(called("--scenario", file), says)
    refused(called("--scenario", file, "--seeds", "1..2"), says)


def test_days_without_a_calendar_are_told(scenario: Callable[..., str]) -> None:
    later = "extends: thin\nstart: 2040-01-02\n"
    answer = called("--scenario", scenario(later), "--cases", "2", "--days", "2")
    assert answer.exit_code == 0
    assert "Warning: " in answer.stderr
    assert "2040-01-02 to 2040-01-03" in answer.stderr
    assert called(*SMALL).stderr == ""


def test_a_world_of_one_s_own_says_what_it_cannot_do() -> None:
    world = TrialWorld.of(scenario="thin")
    for days in (0, -1):
        with pytest.raises(ValueError, match="days are at least 1"):
            world.run(days=days)
    with pytest.raises(ScenarioError, match="'earthquake' is none of"):
        TrialWorld.of(faults={"earthquake"})


# Completion


def offered(*words: str) -> list[tuple[str, str]]:
    completing = ShellComplete(cli, {}, "tongban", "_TONGBAN_COMPLETE")
    found = completing.get_completions(list(words[:-1]), words[-1])
    return [(one.type, one.value) for one in found]


def test_scenarios_are_completed() -> None:
    assert offered("explore", "jo") == [("plain", "joint")]
    assert {value for _, value in offered("explore", "")} == set(small_worlds())
    assert offered("simulate", "--scenario", "sta") == [("plain", "standard")]
    assert {value for _, value in offered("simulate", "--against", "")} == set(built_in())
    assert offered("simulate", "--scenario", "./my") == [("file", "./my")]


# What is shown, and what a scenario may say


def test_brackets_in_a_title_are_shown_as_they_are(scenario: Callable[..., str]) -> None:
    file = scenario('extends: thin\ntitle: "[/x] [bold]"\nname: "[red]"\n')
    answer = called("--scenario", file, "--cases", "2", "--days", "2", "--against", file)
    assert answer.exit_code == 0
    assert "[/x] [bold] [red]" in answer.output


def test_a_message_holds_no_control_characters(scenario: Callable[..., str]) -> None:
    answer = called("--scenario", "x\x1b[31m.yaml")
    refused(answer, "x\\x1b[31m.yaml: No such file")
    refused(called("--scenario", scenario('extends: "a\\0b"\n')), "a\\x00b")


def test_a_first_day_of_items_is_written_as_in_rule_files(scenario: Callable[..., str]) -> None:
    file = scenario("extends: thin\nvariations: [{kinds: [迁移], from_date: 2026-03-01}]\n")
    assert load_scenario(file).variations[0].from_date == "2026-03-01"
    assert called("--scenario", file, "--cases", "2", "--days", "2").exit_code == 0
