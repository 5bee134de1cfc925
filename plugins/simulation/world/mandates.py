"""Letters of authorisation (授权委托书) as applicants draw them up: scope, days, tie."""

from __future__ import annotations

from datetime import date, timedelta

from attrs import frozen

from tongban.kernel import protocol
from tongban.plugins.simulation.world.ports import Ports

_SCOPES: tuple[tuple[protocol.Scope, ...], ...] = (
    (),
    ("apply", "supplement", "receive", "withdraw", "correct", "remedy", "rate"),
    ("apply", "supplement"),
    ("supplement", "receive"),
    ("receive",),
    ("rate",),
)
_KINSHIPS: tuple[protocol.Kinship | None, ...] = (None, "child", "spouse")


@frozen
class Letter:
    """A letter of authorisation.

    Attributes:
        agent: opaque id of the agent.
        number: of the letter.
        said: what it says beside that.
    """

    agent: str
    number: str
    said: protocol.Mandate

    @property
    def actor(self) -> protocol.Actor:
        """The agent, by this letter."""
        return protocol.Actor("agent", self.agent, authorisation=self.number)


def letter_of(ports: Ports, number: int, nth: int, today: date) -> Letter:
    """The letter that an applicant draws up: some end soon, some begin later, some cover little.

    Args:
        ports: with draws.
        number: of the applicant.
        nth: which letter; 0 is the one with the application.
        today: the day on which it is shown.
    """
    chance = ports.dice.chance
    scope = chance.pick(_SCOPES, number, "scope", nth)
    since = until = None
    if chance.happens(0.7, number, "letter ends", nth):
        days = chance.of(ports.scenario.choices.mandate_days, number, "letter days", nth)
        until = today + timedelta(days=days)
        since = today + timedelta(days=min(days, chance.below(4, number, "letter begins", nth)))
    kinship = chance.pick(_KINSHIPS, number, "kinship", nth)
    said = protocol.Mandate(scope, since, until, kinship)
    return Letter(f"G{number:07d}", f"SQ{number:07d}-{nth}", said)
