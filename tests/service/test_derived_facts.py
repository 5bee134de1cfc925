"""Where plugins derive facts from personal data, a case is decided with that data each time."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tongban.kernel import Kernel
from tongban.kernel import protocol as p
from tongban.kernel.service import Corrections, Done, Service
from tongban.kernel.service.review import Review, reviewed
from tongban.plugins.stores.sqlite.embedded import open_store

MONDAY = datetime(2026, 3, 2, 9, tzinfo=p.CHINA)
WINDOW, APPLICANT = p.Actor("window", "w", "630100"), p.Actor("applicant", "a-1")
NUMBER, CHILD = "630102200903150029", "630102201505200013"
FIRST_CARD: dict[str, Any] = {
    "item": "3-02",
    "channel": "window",
    "received_at": "630100",
    "applicant": {"kind": "person", "name": "金示例", "id_number": NUMBER},
    "places": {"present": "630100", "hukou": "630100"},
    "facts": {"first_id_card": True, "guardian_applies": False, "pilot_area": True},
}
PROOF = (p.Document("居民户口簿", "copy"),)


@pytest.fixture
def service(tmp_path: Path) -> Any:
    kernel = Kernel(clock=lambda: MONDAY)
    store = open_store(tmp_path / "cases.db", clock=kernel.clock)
    yield Service(kernel, store)
    store.close()


@pytest.fixture
def case(service: Any) -> p.Case:
    done = service.submit(FIRST_CARD, WINDOW, applicant="a-1")
    assert isinstance(done, Done), done
    assert done.case.decision["outcome"] == "eligible"
    case: p.Case = done.case
    return case


def test_without_a_number_nothing_is_received(service: Any) -> None:
    raw = {**FIRST_CARD, "applicant": {"kind": "person", "name": "金示例"}}
    answer = service.submit(raw, WINDOW, applicant="a-1")
    assert isinstance(answer, p.Refusal)
    assert "公民身份号码" in answer.text.zh


def test_another_store_decides_it_with_the_data_that_came_along(service: Any, case: p.Case) -> None:
    assert reviewed(service.kernel, case, {"name": "金示例", "id_number": NUMBER}) == Review()
    child = reviewed(service.kernel, case, {"id_number": CHILD})
    assert [one.theirs for one in child.stops]
    without = reviewed(service.kernel, case, {})
    assert without.open
    assert "公民身份号码" in without.says


def test_a_correction_of_a_fact_is_decided_with_the_data_that_is_kept(
    service: Any, case: p.Case
) -> None:
    given = Corrections({"facts.pilot_area": False}, PROOF, "误选")
    done = service.amend(case.id, APPLICANT, given)
    assert isinstance(done, Done), done
    assert done.case.decision["outcome"] == "eligible"
    assert NUMBER not in repr(service.store.events(case.id))


def test_a_corrected_number_decides_anew(service: Any, case: p.Case) -> None:
    given = Corrections({"applicant.id_number": CHILD}, PROOF, "误填")
    done = service.amend(case.id, APPLICANT, given)
    assert isinstance(done, Done), done
    assert done.case.decision["outcome"] == "ineligible"
