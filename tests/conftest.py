"""What tests share."""

from __future__ import annotations

import gc
import os
import signal
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

UPDATE = "TONGBAN_UPDATE_GOLDEN"

# No test is timed: a busy machine is not a reason to fail. New examples are drawn at each run, also
# where hypothesis finds out that it runs for a merge, and would always draw the same ones.
settings.register_profile(
    "everywhere",
    settings.get_profile("default"),
    deadline=None,
    derandomize=False,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("everywhere")

# A shell starts what runs in its background with interrupts ignored, and programs inherit that:
# those that a test interrupts would run for ever.
signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_finish() -> None:
    """Keeps the collector from walking again and again through what lasts as long as the run."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


PERSON = {
    "kind": "person",
    "name": "金丝雀",
    "id_number": "630102199003071231",
    "phone": "13897654321",
    "address": "青海省西宁市城东区金丝路88号",
}
FIRM = {
    "kind": "enterprise",
    "name": "某某快递有限公司",
    "credit_code": "91630100MA7521R350",
    "address": "青海省西宁市城中区示范街1号",
}
MOVE: dict[str, Any] = {
    "item": "2-03",
    "channel": "window",
    "received_at": "510100",
    "as_of": "2026-11-22",
    "applicant": {"kind": "person"},
    "places": {"move_in": "510100", "move_out": "630100"},
    "facts": {"move_reason": "job_transfer"},
}
"""An application that says nothing of the person."""
HUKOU = {**MOVE, "as_of": "2026-03-02", "applicant": PERSON, "deliver_by": "post"}
PENSION: dict[str, Any] = {
    "item": "1-07",
    "channel": "window",
    "received_at": "610100",
    "as_of": "2026-03-02",
    "applicant": PERSON,
    "places": {"transfer_in": "510100", "transfer_out": "630100"},
    "facts": {"transferable": True},
}
LICENCE: dict[str, Any] = {
    "item": "1-52",
    "channel": "window",
    "received_at": "510100",
    "as_of": "2026-03-02",
    "applicant": FIRM,
    "places": {"operating_area": "630100"},
    "deliver_by": "post",
}
ONLINE: dict[str, Any] = {
    **{name: value for name, value in LICENCE.items() if name != "received_at"},
    "channel": "online",
    "deliver_by": "electronic",
}
LOCAL: dict[str, Any] = {
    "item": "1-28",
    "channel": "window",
    "received_at": "630100",
    "as_of": "2026-03-02",
    "applicant": PERSON,
    "places": {"vehicle_in": "630100"},
    "facts": {"vehicle_kind": "small_non_commercial"},
}
NEWBORN: dict[str, Any] = {
    "item": "3-01",
    "channel": "window",
    "received_at": "510100",
    "as_of": "2026-03-02",
    "applicant": PERSON,
    "places": {"birth": "510100", "parents_hukou": "630100"},
    "facts": {
        "parents_mainland": True,
        "parents_same_ethnicity": True,
        "born_in_wedlock": True,
        "born_in_mainland": True,
        "parents_collective_household": False,
        "registered_with_parent": True,
        "pilot_area": True,
    },
}


REFUSED: dict[str, Any] = {**HUKOU, "facts": {"move_reason": "enrolment"}}
"""The rules refuse it: only those who change their work may use this item."""


@pytest.fixture(scope="session")
def applications() -> Mapping[str, dict[str, Any]]:
    """Applications of 2026-03-02, by name; treat them as read only. `refused…` are not eligible.

    `hukou` is handled jointly; `licence` is collected at a window elsewhere, `newborn` at the place
    that accepts, `pension` and `newborn_elsewhere` at a third one; `online` and `local` need none.
    """
    return {
        "hukou": HUKOU,
        "pension": PENSION,
        "licence": LICENCE,
        "online": ONLINE,
        "local": LOCAL,
        "newborn": NEWBORN,
        "newborn_elsewhere": {**NEWBORN, "received_at": "610100"},
        "refused": REFUSED,
        "refused_elsewhere": {**REFUSED, "received_at": "610100"},
        "refused_pension": {**PENSION, "facts": {"transferable": False}},
        "refused_licence": {**LICENCE, "applicant": PERSON},
        "refused_online": {**ONLINE, "applicant": PERSON},
    }


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str | Path, str], None]:
    """Compares text with a file: `golden("screen.txt", text)` with one in golden/ beside the test.

    With TONGBAN_UPDATE_GOLDEN=1 in the environment the files are written instead; read the
    difference before you commit it.
    """

    def compare(name: str | Path, text: str) -> None:
        path = request.path.parent / "golden" / name
        if UPDATE in os.environ:
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
        assert text == path.read_text(encoding="utf-8"), f"{path}: {UPDATE}=1 writes it anew"

    return compare
