"""When a command counts as given that was given in one store and is handled in another."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from tongban.kernel.model.moments import CHINA
from tongban.kernel.protocol.case import Case
from tongban.kernel.protocol.command_bodies import CommandBody, FollowUp
from tongban.kernel.protocol.commands import Command

__all__ = ["effective_time"]


def effective_time(case: Case | None, command: Command, now: datetime) -> datetime | None:
    """The moment by which a limit counts what was given in another store.

    Args:
        case: as it stands.
        command: with the moment at which the other store took it.
        now: the moment here.

    Returns:
        None where that is `now`: it was given here, no limit is met by it, or the moment
        cannot be: after `now`, or before anybody was asked.
    """
    since = _ASKED.get(command.do.kind)
    if case is None or since is None or command.given_at is None:
        return None
    asked = since(case, command.do)
    if asked is None or not asked <= command.given_at < now:
        return None
    return command.given_at.astimezone(CHINA)


def _supply(case: Case, body: CommandBody) -> datetime | None:
    return case.supplement.asked_at if case.supplement else None


def _answer(case: Case, body: CommandBody) -> datetime | None:
    return case.requested_at


def _report(case: Case, body: CommandBody) -> datetime | None:
    return case.deliveries[-1].started_at if case.deliveries else None


def _follow_up(case: Case, body: CommandBody) -> datetime | None:
    side = body.side if isinstance(body, FollowUp) else ""
    return next((one.opened_at for one in case.follow_ups if one.side == side), None)


_ASKED: Mapping[str, Callable[[Case, CommandBody], datetime | None]] = {
    "supply": _supply,
    "confirm": _answer,
    "refuse": _answer,
    "report": _report,
    "follow_up": _follow_up,
}
"""Since when somebody has waited for what meets a limit, by the command that brings it."""
