"""No field of a command takes the number of an identity document into the log, however spelled."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from tests.kit.cases.conftest import Desk

SPELLED = [
    "ID630102199003071231",
    "证件号630102 19900307 1231",
    "６３０１０２１９９００３０７１２３１",
]
POSTAL = "officer:630100/postal"
RAW = {
    "item": "1-52",
    "channel": "online",
    "applicant": {"kind": "enterprise"},
    "places": {"operating_area": "630100"},
}
EXAMINE = ("examine", "--finding", "{}")
STEPS: Mapping[str, tuple[tuple[tuple[str, ...], ...], tuple[str, ...], str]] = {
    "finding": ((("accept",),), EXAMINE, POSTAL),
    "wanted": ((), ("supplement", "--wanted", "{}"), POSTAL),
    "reasons": ((), ("decline", "--reason", "{}", "--article", "《行政许可法》第三十八条"), POSTAL),
    "reason": ((("accept",),), ("pause", "--procedure", "hearing", "--reason", "{}"), POSTAL),
    "document": ((("accept",),), ("grant", "--finding", "符合", "--document", "{}.pdf"), POSTAL),
    "cause": ((), ("accept", "--id", "{}"), POSTAL),
    "actor": ((), ("accept",), f"{POSTAL}@{{}}"),
    "withdrawal": ((), ("withdraw", "--reason", "{}"), "applicant:a-17"),
}


def remains(desk: Desk) -> list[str]:
    """What of a number is anywhere on the disk."""
    # Fewer digits can stand in any hash.
    parts = ("19900307", "１９９００３０７")
    files = [one for one in desk.folder.rglob("cases.db*") if one.is_file()]
    return [part for part in parts for one in files if part.encode() in one.read_bytes()]


@pytest.mark.parametrize("spelled", SPELLED)
@pytest.mark.parametrize("field", STEPS)
def test_it_is_refused_and_nothing_of_it_is_kept(desk: Desk, field: str, spelled: str) -> None:
    before, (command, *words), actor = STEPS[field]
    case = desk.json("case", "submit", desk.file("app", RAW), as_="applicant:a-17")["case"]
    for kind, *more in before:
        desk("case", kind, case, *more, as_=POSTAL)
    version = desk.json("case", "show", case)["case"]["version"]
    given = [word.format(spelled) for word in words]
    refused = desk("case", command, case, *given, as_=actor.format(spelled), status=None)
    assert refused.exit_code == 2
    assert spelled not in refused.stderr
    if "@" not in actor:
        assert "resident ID number" in refused.stderr
        assert "leave it out" in refused.stderr
    assert desk.json("case", "show", case)["case"]["version"] == version
    assert remains(desk) == []


@pytest.mark.parametrize("spelled", SPELLED)
@pytest.mark.parametrize("field", ["--material", "--tracking"])
def test_nor_by_a_list_that_goes_with_a_letter(
    two: tuple[Desk, Desk], applications: Mapping[str, dict[str, Any]], field: str, spelled: str
) -> None:
    chengdu, _ = two
    case = chengdu.receive(applications["licence"])
    values = {"--material": f"{spelled}的户口簿:copy", "--tracking": spelled}
    more = ("--all", "--by", "post", field, values[field])
    refused = chengdu("case", "forward", case, *more, as_="window:510100", status=2)
    assert "resident ID number" in refused.stderr


@pytest.mark.parametrize("spelled", SPELLED)
def test_nor_in_a_note_that_is_passed_on(
    two: tuple[Desk, Desk], applications: Mapping[str, dict[str, Any]], spelled: str
) -> None:
    chengdu, xining = two
    case = chengdu.receive(applications["licence"])
    chengdu("case", "forward", case, "--all", "--by", "message", as_="window:510100")
    for desk in (chengdu, xining, chengdu):
        desk("case", "exchange")
    refused = chengdu("case", "withdraw", case, "--reason", spelled, as_="applicant:a-1", status=2)
    assert "resident ID number" in refused.stderr
    assert "travels apart" in refused.stderr


@pytest.mark.parametrize("number", ["EA123456785CN", "SF1234567890123", "123456789012345"])
def test_numbers_of_letters_are_taken(
    desk: Desk, applications: Mapping[str, dict[str, Any]], number: str
) -> None:
    case = desk.receive(applications["licence"])
    more = ("--all", "--by", "post", "--tracking", number)
    desk("case", "forward", case, *more, as_="window:510100")
    assert number in desk("case", "show", case).output


def test_a_reading_of_personal_data_is_not_for_a_number(
    desk: Desk, applications: Mapping[str, dict[str, Any]]
) -> None:
    case = desk.receive(applications["licence"])
    why = ("--personal", "核对ID630102199003071231")
    refused = desk("case", "show", case, *why, as_="window:510100", status=2)
    assert "用途" in refused.stderr
