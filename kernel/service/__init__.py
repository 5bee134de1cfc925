"""Carries cases: protocol, rules and store, each command in one transaction."""

from __future__ import annotations

from typing import Any

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


def __getattr__(name: str) -> Any:
    """Names of the version before."""
    return former(__name__, name)
