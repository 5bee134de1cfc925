"""A day is a day in China, whatever the machine's time zone and the clock's."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongban.kernel import Kernel, protocol
from tongban.kernel.model.moments import CHINA, EARLIEST, LATEST, MomentError, day_of, in_china
from tongban.plugins import identity

RAW: dict[str, Any] = {
    "item": "2-69",
    "channel": "online",
    "applicant": {"kind": "person"},
    "places": {"hukou": "630100"},
}
OFFSETS = st.integers(-12 * 60, 14 * 60).map(lambda n: timezone(timedelta(minutes=n)))


@pytest.fixture(params=["UTC", "Pacific/Honolulu", "Asia/Shanghai", "Pacific/Kiritimati"])
def machine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A machine somewhere on earth."""
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize("offset", [-12, -10, 0, 8, 14])
def test_an_application_without_a_date_is_decided_on_the_day_in_china(offset: int) -> None:
    """00:30 on the first day on which the item is open."""
    moment = datetime(2021, 12, 31, 0, 30, tzinfo=CHINA).astimezone(
        timezone(timedelta(hours=offset))
    )
    now = [moment]
    kernel = Kernel(clock=lambda: now[0])
    for now[0], day, outcome in (
        (moment, date(2021, 12, 31), "eligible"),
        (moment - timedelta(hours=1), date(2021, 12, 30), "ineligible"),
    ):
        application = kernel.application(RAW)
        assert application.as_of == day
        assert kernel.decide(application).outcome == outcome


@pytest.mark.usefixtures("machine")
def test_the_clock_of_a_machine_tells_the_day_in_china() -> None:
    kernel = Kernel()
    assert kernel.clock().utcoffset() == timedelta(hours=8)
    before, today, after = (
        day_of(datetime.now(UTC)),
        day_of(kernel.clock()),
        day_of(datetime.now(UTC)),
    )
    assert before <= today <= after


@pytest.mark.parametrize("offset", [-12, 0, 8, 14])
@pytest.mark.parametrize(("hour", "age"), [(23, 17), (24, 18)])
def test_somebody_is_of_age_when_the_birthday_begins_in_china(
    offset: int, hour: int, age: int
) -> None:
    midnight = datetime(2026, 11, 21, tzinfo=CHINA) + timedelta(hours=hour)
    now = midnight.astimezone(timezone(timedelta(hours=offset)))
    kernel = Kernel(clock=lambda: now)
    raw = {**RAW, "applicant": {"kind": "person", "id_number": "630102200811220018"}}
    assert identity.derive_facts(kernel.application(raw), "")["identity.age"] == age


@given(st.datetimes(datetime(2000, 1, 2), datetime(2199, 12, 30)), OFFSETS)
def test_the_same_moment_is_the_same_day_in_every_zone(naive: datetime, zone: timezone) -> None:
    moment = naive.replace(tzinfo=UTC)
    assert day_of(moment) == day_of(moment.astimezone(zone)) == (naive + timedelta(hours=8)).date()
    assert in_china(moment.astimezone(zone)).isoformat().endswith("+08:00")


@given(st.datetimes(), OFFSETS)
def test_any_moment_has_a_day_or_is_refused_with_what_would_be_right(
    naive: datetime, zone: timezone
) -> None:
    moment = naive.replace(tzinfo=zone)
    day = day_of(moment)
    if EARLIEST <= day <= LATEST:
        assert day_of(in_china(moment)) == day
    else:
        with pytest.raises(MomentError, match="2000-01-01"):
            in_china(moment)


def test_a_clock_without_an_offset_is_refused_in_words() -> None:
    kernel = Kernel(clock=lambda: datetime(2026, 11, 22, 1))
    with pytest.raises(MomentError, match="offset from UTC"):
        kernel.application(RAW)
    with pytest.raises(protocol.MomentError, match="时区"):
        day_of(datetime(2026, 11, 22, 1))
