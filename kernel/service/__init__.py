"""Carries cases: protocol, rules and store, each command in one transaction."""

from __future__ import annotations

from tongban.kernel.service.service import (
    Answer,
    Done,
    Early,
    Rejected,
    Relayed,
    Sender,
    Service,
    calendar_of,
    calendars,
)

__all__ = [
    "Answer",
    "Done",
    "Early",
    "Rejected",
    "Relayed",
    "Sender",
    "Service",
    "calendar_of",
    "calendars",
    "recovery",
]
