"""Carries cases: protocol, rules and store, each command in one transaction."""

from __future__ import annotations

from functools import partial

from tongban.kernel.former import former
from tongban.kernel.service.service import (
    Answer,
    Done,
    OutOfOrderError,
    RejectedError,
    Relayed,
    Sender,
    Service,
    calendar_of,
    calendars,
)

__all__ = [
    "Answer",
    "Done",
    "OutOfOrderError",
    "RejectedError",
    "Relayed",
    "Sender",
    "Service",
    "calendar_of",
    "calendars",
    "recovery",
]

__getattr__ = partial(former, __name__)
