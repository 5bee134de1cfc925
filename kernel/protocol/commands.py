"""Commands: who wants what in which case. Incoming messages are commands too."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from attrs import frozen

import tongban.kernel.protocol.command_bodies as command_bodies
from tongban.kernel.protocol.actors import Actor
from tongban.kernel.protocol.codec import FormatError, dump, load
from tongban.kernel.protocol.command_bodies import CommandBody

__all__ = ["COMMAND_BODIES", "Command"]

COMMAND_BODIES: Mapping[str, type[CommandBody]] = {
    body.kind: body
    for body in (getattr(command_bodies, name) for name in command_bodies.__all__)
    if body is not CommandBody
}
"""Every command by its kind."""


@frozen
class Command:
    """What somebody wants to do in a case.

    Attributes:
        id: unique; the same command twice has the effect of one. Of a message: its id.
        case: id of the case.
        actor: who wants it.
        do: what.
        given_at: when it was given, where it came from another store; not in the JSON form:
            the message that brings it says so.
    """

    id: str
    case: str
    actor: Actor
    do: CommandBody
    given_at: datetime | None = None

    def to_dict(self) -> dict[str, Any]:
        """The stable JSON form."""
        return {
            "id": self.id,
            "case": self.case,
            "actor": dump(self.actor),
            "kind": self.do.kind,
            "data": dump(self.do),
        }

    @classmethod
    def from_dict(cls, raw: Mapping[str, Any]) -> Command:
        """The command that `to_dict` wrote.

        Raises:
            FormatError: where it is anything else.
        """
        wanted = {"id", "case", "actor", "kind", "data"}
        if not isinstance(raw, Mapping) or set(raw) != wanted:
            raise FormatError(f"command: must have exactly the fields {', '.join(sorted(wanted))}")
        body = COMMAND_BODIES.get(raw["kind"]) if isinstance(raw["kind"], str) else None
        if body is None:
            raise FormatError("command: unknown kind")
        if not isinstance(raw["id"], str) or not isinstance(raw["case"], str):
            raise FormatError("command: id and case must be text")
        actor = load(Actor, raw["actor"], "command.actor")
        return cls(raw["id"], raw["case"], actor, load(body, raw["data"], f"command.{raw['kind']}"))
