"""Bad input: one clear message that names what and where, and the others still decided."""

from __future__ import annotations

import errno
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from stdnum.iso7064 import mod_11_2

from tongban.plugins.console import jsonl

Run = Callable[..., Result]

GOOD: dict[str, Any] = {
    "item": "1-31",
    "channel": "online",
    "as_of": "2026-11-22",
    "applicant": {"kind": "person"},
    "places": {"enterprise": 630100},
}


def changed(**more: Any) -> bytes:
    return json.dumps({**GOOD, **more}, ensure_ascii=False).encode()


def without(*keys: str) -> bytes:
    return json.dumps({key: value for key, value in GOOD.items() if key not in keys}).encode()


DEEP = 100_000
NOT_JSON = {
    "truncated": (b'{"item": "1-31", "places": {', "quotes is missing; the input ends here"),
    "no_quotes": (b"{item: 1-31}", "column 2: "),
    "two_objects": (b'{"item": "1-31"} {"item": "1-32"}', "one application a line"),
    "trailing_comma": (b'{"item": "1-31",}', "not valid JSON at line "),
    "array": (b"[{}]", "found an array; write one application a line"),
    "number": (b"3", "an application is a JSON object, found 3"),
    "text": (b'"1-31"', "an application is a JSON object, found '1-31'"),
    "null": (b"null", "an application is a JSON object, found null"),
    "true": (b"true", "an application is a JSON object, found true"),
    "nan": (b'{"item": NaN}', "NaN is not a JSON value"),
    "infinity": (b'{"item": -Infinity}', "-Infinity is not a JSON value"),
    "key_twice": (b'{"item": "1-31", "item": "1-32"}', "the key 'item' stands twice"),
    "key_twice_inside": (b'{"places": {"hukou": 1, "hukou": 2}}', "the key 'hukou' stands twice"),
    "deep_lists": (b"[" * DEEP + b"]" * DEEP, "nested too deeply"),
    "deep_objects": (b'{"a":' * DEEP + b"1" + b"}" * DEEP, "nested too deeply"),
    "deep_and_cut_off": (b'{"a":[' * DEEP, "nested too deeply"),
    "huge_number": (b'{"item": ' + b"9" * 10_000 + b"}", "4300 digits"),
    "nul_bytes": (b"\0\0\0\0\0\0", "not valid JSON at line "),
    "nul_in_text": (b'{"item": "1\0-31"}', "another control character in a text"),
    "not_utf8": (b'{"item": "\xff\xfe1-31"}', "not UTF-8 text at byte 11"),
    "gbk": ('{"item": "结婚登记"}'.encode("gb18030"), "iconv -f gb18030"),
    "cut_off_character": (b'{"item": "\xe7\xbb"}', "not UTF-8 text at byte 11"),
}
NOT_APPLICATIONS = {
    "no_item": (without("item"), "item: is needed"),
    "unknown_item": (changed(item="1-99"), "item: unknown item '1-99'; did you mean 1-"),
    "item_as_the_annex_counts": (changed(item="2/3"), "did you mean 2-03 "),
    "item_misspelled": (changed(item="内资企业及分支机构设立登计"), "did you mean 1-31"),
    "item_of_number": (changed(item=131), "item: is needed: an item's id or exact name"),
    "unknown_place": (changed(places={"huku": 630100}), "places.huku: unknown place 'huku'"),
    "place_near": (changed(places={"huku": 630100}), "did you mean 'hukou'?"),
    "unknown_fact": (changed(facts={"transferrable": True}), "did you mean 'transferable'?"),
    "unknown_key": (changed(chanel="online"), "chanel: unknown key 'chanel'; did you mean 'chan"),
    "unknown_party_key": (changed(applicant={"kin": "person"}), "did you mean 'kind'?"),
    "unknown_channel": (changed(channel="onlin"), "channel: unknown value 'onlin'; did you mean"),
    "unknown_kind": (changed(applicant={"kind": "persona"}), "applicant.kind: unknown value"),
    "unknown_division": (changed(places={"enterprise": "630199"}), "unknown division code"),
    "division_name": (changed(places={"enterprise": "西宁市"}), "did you mean 630100 青海省西宁市"),
    "division_short": (changed(places={"enterprise": "6301"}), "did you mean 630100"),
    "division_negative": (changed(places={"enterprise": -630100}), "places.enterprise: unknown"),
    "division_of_true": (changed(places={"enterprise": True}), "places.enterprise: unknown"),
    "division_of_float": (changed(places={"enterprise": 630100.0}), "places.enterprise: unknown"),
    "no_such_day": (changed(as_of="2026-02-30"), "as_of: must be a date such as 2026-01-31"),
    "date_with_time": (changed(as_of="2026-02-03T00:00"), "as_of: must be a date"),
    "date_of_number": (changed(as_of=20260203), "as_of: must be a date"),
    "window_without_place": (changed(channel="window"), "received_at: is needed for the channel"),
    "kiosk_without_place": (changed(channel="kiosk"), "received_at: is needed for the channel"),
    "place_too_high_for_level": (
        changed(item="1-53", places={"registered": 100000}), "places.registered: "
    ),
    "list_for_places": (changed(places=["hukou"]), "places: must be an object, found a list"),
    "text_for_applicant": (changed(applicant="person"), "applicant: must be an object"),
    "agent_of_agent": (
        changed(applicant={"kind": "person", "agent": {"agent": {}}}), "applicant.agent.agent"
    ),
    "one_for_true": (changed(facts={"transferable": 1}), "must be true or false, found 1"),
    "text_for_true": (changed(facts={"transferable": "true"}), "must be true or false"),
    "text_for_number": (changed(facts={"disability_grade": "3"}), "must be a whole number"),
    "true_for_number": (changed(facts={"disability_grade": True}), "must be a whole number"),
    "float_for_number": (changed(facts={"disability_grade": 3.0}), "must be a whole number"),
    "number_out_of_range": (changed(facts={"disability_grade": 11}), "from 1 to 10, found 11"),
    "huge_fact": (changed(facts={"disability_grade": 10**4000}), "must be a whole number"),
    "value_misspelled": (
        changed(facts={"move_reason": "job_transfr"}), "did you mean 'job_transfer'?"
    ),
    "derived_fact": (changed(facts={"identity.age": 30}), "is derived and cannot be given"),
    "number_for_name": (changed(applicant={"kind": "person", "name": 3}), "applicant.name: must"),
    "lone_surrogate": (b'{"item": "\\ud800"}', "item: unknown item"),
    "lone_surrogate_key": (b'{"item": "1-31", "\\ud800": 1}', "unknown key"),
}  # fmt: skip
BAD = {**NOT_JSON, **NOT_APPLICATIONS}


@pytest.fixture(params=sorted(BAD))
def bad(request: pytest.FixtureRequest) -> tuple[bytes, str]:
    return BAD[request.param]


def test_alone(bad: tuple[bytes, str], run: Run) -> None:
    line, says = bad
    result = run("route", "-", input=line)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.startswith("<stdin>:1: ")
    assert says in result.stderr
    assert result.stderr.count("\n") == 1
    assert len(result.stderr) < 1000


def test_between_others(bad: tuple[bytes, str], run: Run) -> None:
    """The lines before and after get their decisions, and the bad one an object in its place."""
    line, says = bad
    good = changed()
    result = run("route", "--json", "-", input=b"\n".join([good, line, good]))
    first, second, third = map(json.loads, result.stdout.splitlines())
    assert result.exit_code == 2
    assert first["outcome"] == third["outcome"] == "eligible"
    assert says in second["error"]
    assert second["line"] == 2
    assert result.stderr.startswith("<stdin>:2: ")


def test_first_of_others(bad: tuple[bytes, str], run: Run) -> None:
    line, says = bad
    result = run("route", "--json", "-", input=b"\n".join([line, changed(), changed()]))
    first, *others = map(json.loads, result.stdout.splitlines())
    assert result.exit_code == 2
    assert says in first["error"] or "line 2" in first["error"]
    assert first["line"] == 1
    assert [one["outcome"] for one in others] == ["eligible", "eligible"]


def test_every_defect_is_named_at_once(run: Run) -> None:
    line = changed(channel="onlin", facts={"huku": 1}, places={"enterprise": 1})
    result = run("route", "--json", "-", input=line)
    shown = json.loads(result.stdout)
    assert [one["field"] for one in shown["defects"]] == [
        "channel",
        "places.enterprise",
        "facts.huku",
    ]
    for one in shown["defects"]:
        assert one["message"] in shown["error"]


def test_thousands_of_defects_make_one_message_that_can_be_read(run: Run) -> None:
    line = changed(facts={f"k{n}": 1 for n in range(3000)})
    result = run("route", "--json", "-", input=line)
    shown = json.loads(result.stdout)
    assert shown["error"].endswith("; and 2,980 mistakes more")
    assert len(result.stderr) < 2000
    assert len(shown["defects"]) == 3000


@pytest.mark.parametrize(
    "input",
    [b"", b"\n", b"  \n\r\n\t\n", b"\xef\xbb\xbf", b"\xef\xbb\xbf\n"],
    ids=["nothing", "newline", "blank", "mark", "mark_and_newline"],
)
def test_nothing_to_decide(input: bytes, run: Run) -> None:
    result = run("route", "--json", "-", input=input)
    assert result.exit_code == 2
    assert json.loads(result.stdout) == {
        "error": "the input is empty; expected an application as a JSON object",
        "line": 1,
    }


def test_blank_lines_count_and_are_passed_over(run: Run) -> None:
    input = b"\n\n" + changed() + b"\r\n\r\n \n{]\n" + changed() + b"\n\n"
    result = run("route", "--json", "-", input=input)
    shown = [json.loads(line) for line in result.stdout.splitlines()]
    assert [one.get("outcome") for one in shown] == ["eligible", None, "eligible"]
    assert shown[1]["line"] == 6


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["lf", "crlf", "cr"])
@pytest.mark.parametrize("mark", ["", "\ufeff"], ids=["plain", "marked"])
def test_an_object_over_many_lines(end: str, mark: str, run: Run) -> None:
    text = mark + json.dumps(GOOD, indent=2).replace("\n", end) + end
    result = run("route", "--json", "-", input=text.encode())
    assert result.exit_code == 0
    assert json.loads(result.stdout)["outcome"] == "eligible"


def test_an_object_over_many_lines_says_where_it_is_broken(run: Run) -> None:
    text = json.dumps(GOOD, indent=2).replace('"online",', '"online"')
    result = run("route", "--json", "-", input="\n\n" + text)
    shown = json.loads(result.stdout)
    assert result.exit_code == 2
    assert "line 6, column 3" in shown["error"]
    assert shown["line"] == 3


def test_two_objects_over_many_lines_say_what_to_do(run: Run) -> None:
    text = json.dumps(GOOD, indent=2)
    result = run("route", "-", input=f"{text}\n{text}\n")
    assert result.exit_code == 2
    assert "write one application a line (JSON Lines; `jq -c` does that)" in result.stderr


def test_marks_at_the_beginning_of_a_line_are_no_part_of_it(run: Run) -> None:
    """Files that were put together from files with a byte order mark."""
    line = b"\xef\xbb\xbf" + changed() + b"\n"
    assert run("route", "-", input=line * 3).exit_code == 0


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("indent", [None, 2], ids=["one_line", "many_lines"])
def test_utf16(encoding: str, indent: int | None, run: Run) -> None:
    text = json.dumps(GOOD, indent=indent) + "\n"
    result = run("route", "-", input=text.encode(encoding))
    assert result.exit_code == 2
    message = "not UTF-8 text; it looks like UTF-16, save it as UTF-8"
    assert result.stderr == f"<stdin>:1: {message}\n"


def test_a_directory_a_missing_file_and_a_good_one(run: Run, tmp_path: Path) -> None:
    """Files are like lines: the others are still decided."""
    good, missing = tmp_path / "good.json", tmp_path / "missing.json"
    good.write_bytes(changed())
    result = run("route", "--json", str(missing), str(tmp_path), str(good))
    none, folder, decision = map(json.loads, result.stdout.splitlines())
    assert result.exit_code == 2
    assert none == {
        "error": "cannot be read: No such file or directory",
        "line": 0,
        "file": str(missing),
    }
    assert folder["error"] == "cannot be read: it is a directory; name a file in it"
    assert decision["outcome"] == "eligible"
    assert f"{missing}: cannot be read" in result.stderr


def test_a_file_that_may_not_be_read(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Refused by a stand-in: root may read everything."""
    file = tmp_path / "secret.json"

    def refuse(*args: object, **more: object) -> Iterator[bytes]:
        raise PermissionError(errno.EACCES, "Permission denied", str(file))

    monkeypatch.setattr(Path, "open", refuse)
    result = run("route", str(file))
    assert result.exit_code == 2
    assert result.stderr == f"{file}: cannot be read: Permission denied\n"


def test_json_in_place_of_a_file(run: Run) -> None:
    result = run("route", changed().decode())
    assert result.exit_code == 2
    assert "give JSON on standard input" in result.stderr


def test_standard_input_once(run: Run) -> None:
    result = run("route", "-", "-", input=changed())
    assert result.exit_code == 2
    assert "standard input (-) can be read only once" in result.stderr


def test_a_long_line(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jsonl, "MAX_LINE", 1000)
    long = changed(applicant={"kind": "person", "name": "x" * 5000})
    result = run("route", "--json", "-", input=b"\n".join([long, changed(), long]))
    shown = [json.loads(line) for line in result.stdout.splitlines()]
    assert [one.get("line") for one in shown] == [1, None, 3]
    assert shown[0]["error"] == "longer than 1,000 bytes, which no application is"


def test_an_endless_object_over_many_lines(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is put together from lines is bounded too, and what follows still decided."""
    monkeypatch.setattr(jsonl, "MAX_LINE", 1000)
    lines = [b"{", *[b'"x": 1,'] * 500, changed(), changed()]
    result = run("route", "--json", "-", input=b"\n".join(lines))
    shown = [json.loads(line) for line in result.stdout.splitlines()]
    assert [one["outcome"] for one in shown[-2:]] == ["eligible", "eligible"]
    assert len(shown) == 503


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (["--as-of", "2026-02-30"], "'2026-02-30' is not a date; write it as 2026-01-31"),
        (["--as-of", "20260203"], "'20260203' is not a date; write it as 2026-01-31"),
        (
            ["--engine", "durable-rule"],
            "'durable-rule'; did you mean 'durable-rules'",
        ),
        (["--engine", "drools"], "unknown engine 'drools' (engines: compiled"),
        (["--expain"], "Did you mean"),
    ],
)
def test_wrong_options(args: list[str], says: str, run: Run) -> None:
    result = run("route", *args, "-", input=changed())
    assert result.exit_code == 2
    assert says in result.stderr
    assert result.stdout == ""


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (["rout"], "unknown command 'rout'; did you mean 'route'?"),
        (["xyz"], "unknown command 'xyz'; commands: ask, "),
        (["show", "2-3"], "unknown item '2-3'; did you mean 2-"),
        (["show", "工作调动户口迁徙"], "did you mean 2-03 工作调动户口迁移?"),
        (["ask", "户口迁移"], "did you mean 2-0"),
        (["items", "--department", "justce"], "did you mean 'justice'?"),
        (["items", "--batch", "4"], "unknown batch '4'; one of 1, 2, 3"),
        (["items", "--kind", "许克"], "unknown kind '许克'"),
        (["items", "--mode", "remote"], "'remote' is not one of 'online', 'collect'"),
        (["items", "--open-on", "tomorrow"], "'tomorrow' is not a date"),
    ],
)
def test_wrong_words(args: list[str], says: str, run: Run) -> None:
    result = run(*args)
    assert result.exit_code == 2
    assert says in result.stderr
    assert result.stdout == ""


def test_engine_by_name_of_the_kernels_own(run: Run) -> None:
    assert run("route", "--engine", "compiled", "-", input=changed()).exit_code == 0


def test_what_comes_from_a_file_cannot_move_the_cursor(run: Run) -> None:
    """A key with control characters is shown, and does nothing to the terminal."""
    line = json.dumps({**GOOD, "\x1b[2J\x1b]0;x\x07\n<stdin>:9: forged\u202e": 1}).encode()
    result = run("route", "-", input=line)
    assert r"\x1b[2J" in result.stderr
    assert all(sign.isprintable() for sign in result.stderr.rstrip("\n"))


def test_exit_statuses(run: Run) -> None:
    """2 before 3 before 1; refusals count only with --fail-ineligible."""
    good, bad = changed(), b"{}"
    refused = changed(as_of="2000-01-01")
    missing = without("places")
    for lines, plain, failing in [
        ([good], 0, 0),
        ([refused], 0, 1),
        ([missing], 3, 3),
        ([bad], 2, 2),
        ([good, refused], 0, 1),
        ([refused, missing], 3, 3),
        ([refused, missing, bad, good], 2, 2),
    ]:
        input = b"\n".join(lines)
        assert run("route", "-", input=input).exit_code == plain
        assert run("route", "--fail-ineligible", "-", input=input).exit_code == failing


def test_as_of_of_the_command_line_prevails(run: Run) -> None:
    result = run("route", "--json", "--as-of", "2000-01-01", "-", input=changed())
    decision = json.loads(result.stdout)
    assert (decision["as_of"], decision["outcome"]) == ("2000-01-01", "ineligible")
    assert run("route", "--as-of", "2026-01-01", "-", input=changed(as_of="x")).exit_code == 2


def test_a_defect_of_form_is_told_beside_the_decision(run: Run) -> None:
    line = changed(applicant={"kind": "person", "id_number": "630102199001010011"})
    result = run("route", "--json", "-", input=line)
    assert result.exit_code == 0
    assert json.loads(result.stdout)["outcome"] == "eligible"
    assert result.stderr.startswith("<stdin>:1: 形式问题 defect: applicant.id_number: ")
    assert "199001010011" not in result.stderr


def test_what_is_only_to_be_looked_at_is_told_as_a_note(run: Run) -> None:
    """A division in an ID number that no table knows: it may be long abolished."""
    number = "99000019900101001"
    number += mod_11_2.calc_check_digit(number)
    line = changed(applicant={"kind": "person", "id_number": number})
    result = run("route", "--json", "-", input=line)
    assert result.exit_code == 0
    assert result.stderr.startswith("<stdin>:1: 提示 note: applicant.id_number: ")
