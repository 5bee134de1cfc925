"""Carries cases: protocol, rules and store, each command in one transaction."""

from __future__ import annotations

from functools import partial

from tongban.kernel.former import former
from tongban.kernel.service.amendments import Corrections
from tongban.kernel.service.calendars import calendar_of, calendars
from tongban.kernel.service.contact import ContactDetails
from tongban.kernel.service.service import (
    Answer,
    Done,
    OutOfOrderError,
    RejectedError,
    Relayed,
    Sender,
    Service,
)
from tongban.kernel.service.submissions import refused_way

__all__ = [
    "Answer",
    "ContactDetails",
    "Corrections",
    "Done",
    "OutOfOrderError",
    "RejectedError",
    "Relayed",
    "Sender",
    "Service",
    "calendar_of",
    "calendars",
    "recovery",
    "refused_way",
]

__getattr__ = partial(former, __name__)
