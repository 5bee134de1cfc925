"""A matter that is personal takes no agent, neither at receipt nor later."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tongban.kernel import Kernel
from tongban.kernel import protocol as p
from tongban.kernel.service import Done, Service
from tongban.plugins.stores.sqlite.embedded import open_store

MONDAY = datetime(2026, 3, 2, 9, tzinfo=p.CHINA)
WINDOW = p.Actor("window", "w", "630100")
MARRIAGE: dict[str, Any] = {
    "item": "3-03",
    "channel": "window",
    "received_at": "630100",
    "applicant": {"kind": "person", "name": "金示例"},
    "places": {"present": "630100", "hukou": "630100", "spouse_hukou": "630100"},
    "facts": {"pilot_area": True},
}
AGENT = {"agent": "g-1", "authorisation": "委1"}


@pytest.fixture
def service(tmp_path: Path) -> Any:
    kernel = Kernel(clock=lambda: MONDAY)
    store = open_store(tmp_path / "cases.db", clock=kernel.clock)
    yield Service(kernel, store)
    store.close()


def test_an_agent_hands_in_nothing_that_is_personal(service: Any) -> None:
    answer = service.submit(MARRIAGE, WINDOW, applicant="a-1", **AGENT)
    decision = answer.case.decision if isinstance(answer, Done) else None
    assert decision is None or decision["outcome"] == "ineligible"
    text = answer.text.zh if isinstance(answer, p.Refusal) else str(decision)
    assert "亲自办理" in text


def test_in_person_it_is_a_case_and_gets_no_agent_later(service: Any) -> None:
    done = service.submit(MARRIAGE, WINDOW, applicant="a-1")
    assert isinstance(done, Done), done
    assert done.case.plan.in_person
    refused = service.do(done.case.id, WINDOW, p.Authorise("g-1", "委1"))
    assert isinstance(refused, p.Refusal)
    assert refused.code == "bad_input"
    assert "亲自办理" in refused.text.zh


def test_what_is_not_personal_has_no_such_mark(service: Any) -> None:
    raw = {
        **MARRIAGE,
        "item": "2-03",
        "places": {"move_in": "510100", "move_out": "630100"},
        "facts": {"move_reason": "job_transfer"},
    }
    done = service.submit({**raw, "received_at": "510100"}, p.Actor("window", "w", "510100"),
                          applicant="a-1", **AGENT)  # fmt: skip
    assert isinstance(done, Done), done
    assert "in_person" not in done.case.to_dict()["plan"]
    assert done.case.agent == "g-1"
