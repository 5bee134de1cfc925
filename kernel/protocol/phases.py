"""The phases of a case: each module that registers commands or events, in one list."""

from __future__ import annotations

from tongban.kernel.protocol import (
    acceptance,
    amendment,
    claims,
    clock,
    cohandling,
    contact,
    correction,
    decision,
    delivery,
    ending,
    guards,
    rating,
    receipt,
    recusal,
    refusal,
    remedy,
    reopening,
    representation,
    suspension,
    ticking,
    transfer,
    validity,
)
from tongban.kernel.protocol.commands import COMMAND_BODIES
from tongban.kernel.protocol.events import EVENT_BODIES
from tongban.kernel.protocol.registry import check_complete

PHASES = (
    receipt,
    refusal,
    transfer,
    acceptance,
    cohandling,
    suspension,
    decision,
    delivery,
    ending,
    amendment,
    correction,
    reopening,
    remedy,
    rating,
    validity,
    representation,
    contact,
    recusal,
    claims,
    clock,
    ticking,
    guards,
)
"""All of them; a module that is not here registers nothing."""

check_complete(COMMAND_BODIES, EVENT_BODIES)
