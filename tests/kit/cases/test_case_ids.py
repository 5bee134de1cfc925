"""Ids of cases have one pattern, and what is none is told before anything is looked for."""

from __future__ import annotations

from typing import Any

import pytest

IDS = ["BJ\x1b[2J", "BJ 1", "../cases.db", "630102199003071231", "长安", "B" * 65, "\udcff"]


@pytest.mark.parametrize("id", IDS)
def test_what_is_no_id_of_a_case_is_told(desk: Any, applications: Any, id: str) -> None:
    desk("case", "receive", desk.file("app", applications["hukou"]), as_="window:510100")
    for command in (("case", "show", id), ("case", "accept", id), ("case", "handled", id)):
        refused = desk(*command, as_="officer:510100/public_security", status=2)
        assert "not an id of a case" in refused.stderr
        assert "\x1b" not in refused.stderr
