"""Every command that takes a file takes `--id` and `--expect`, as those on a case do."""

from __future__ import annotations

import json
from typing import Any

import pytest

OFFICER = "officer:510100/public_security"


@pytest.mark.parametrize("command", ["submit", "receive"])
def test_an_opening_command_tried_again_opens_one_case(
    desk: Any, applications: Any, command: str
) -> None:
    file = desk.file("app", applications["hukou"])
    given = ("case", command, file, "--id", "R1")
    first = desk.json(*given, as_="window:510100")
    desk.clock[0] = desk.clock[0].replace(hour=23, minute=59)
    desk.later(days=1)
    again = desk.json(*given, as_="window:510100")
    assert (again["case"], again["applicant"]) == (first["case"], first["applicant"])
    assert again["events"] == []
    assert len(desk.json("case", "list", "--limit", "9")["id"]) == len(first["case"])
    assert "已办过" in desk(*given, as_="window:510100").stdout


def test_an_id_is_not_used_for_another_application_or_command(desk: Any, applications: Any) -> None:
    hukou = desk.file("hukou", applications["hukou"])
    case = desk.json("case", "receive", hukou, "--id", "R1", as_="window:510100")["case"]
    other = desk.file("other", applications["licence"])
    for args, who in (
        (("receive", other), "window:510100"),
        (("submit", hukou), "window:510100"),
        (("receive", hukou, "--applicant", "b-2"), "window:510100"),
        (("accept", case), OFFICER),
    ):
        refused = desk.json("case", *args, "--id", "R1", as_=who, status=4)
        assert refused["refused"]["code"] == "id_reused"
        assert case in refused["refused"]["message"]
    assert desk.state(case) == "arrived"


def test_a_file_expects_no_case(desk: Any, applications: Any) -> None:
    file = desk.file("app", applications["hukou"])
    for command in ("submit", "receive"):
        desk("case", command, file, "--expect", "99", as_="window:510100", status=5)
    assert desk("case", "list").stdout.count("BJ") == 0
    desk("case", "receive", file, "--expect", "0", as_="window:510100")


def test_of_many_applications_in_a_file_each_line_has_an_id_of_its_own(
    desk: Any, applications: Any
) -> None:
    lines = [json.dumps(applications[name]) for name in ("hukou", "licence")]
    file = desk.folder / "many.jsonl"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    given = ("case", "receive", str(file), "--id", "R1", "--applicant", "a-1")
    first = desk.json(*given, as_="window:510100")
    again = desk.json(*given, as_="window:510100")
    assert [one["case"] for one in again] == [one["case"] for one in first]
    assert len({one["case"] for one in first}) == 2


@pytest.mark.parametrize("id", ["a b", "x" * 65, "重试", "a/b", "a\x1bb"])
def test_an_id_is_plain(desk: Any, applications: Any, id: str) -> None:
    file = desk.file("app", applications["hukou"])
    says = desk("case", "receive", file, "--id", id, as_="window:510100", status=2).stderr
    assert "letters, digits" in says
    assert not desk.db.exists()


def test_where_it_cannot_be_received_no_case_is_left(desk: Any, applications: Any) -> None:
    file = desk.file("app", {**applications["hukou"], "received_at": "510100"})
    desk("case", "receive", file, as_="window:610100", status=4)
    assert desk("case", "list").stdout.count("BJ") == 0
