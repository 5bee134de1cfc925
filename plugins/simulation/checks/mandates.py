"""Agents: that one acts only by a letter of authorisation that covers it and holds that day."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tongban.kernel import protocol
from tongban.plugins.simulation.checks.step import Finding, Step

COVERED: Mapping[str, str] = {
    "submitted": "apply",
    "ruled_ineligible": "apply",
    "insisted": "apply",
    "supplied": "supplement",
    "delivery_reported": "receive",
    "delivered": "receive",
    "void_found": "receive",
    "contact_changed": "receive",
    "withdrawn": "withdraw",
    "amended": "correct",
    "remedy_lodged": "remedy",
    "rated": "rate",
    "follow_up_opened": "rate",
}
"""What must be in the scope for each event that an agent may cause: counted a second time."""


def check_mandate(step: Step) -> Iterator[Finding]:
    """An agent acts only within the scope and the days of the letter that names them."""
    if step.event.kind == "authorised":
        said = (step.body.agent, step.body.authorisation, step.body.mandate)
        shown = (step.after.agent, step.after.authorisation, step.after.mandate)
        yield "agent", "the case names another agent, or another letter" if said != shown else ""
    if step.event.actor.kind == "agent" and step.event.kind != "attempt_refused":
        yield "agent", _acts(step)


def _acts(step: Step) -> str:
    event, actor = step.event, step.event.actor
    named = [body for _, body in step.record.log.before(event.seq, "submitted", "authorised")]
    letter = named[-1] if named else step.body
    if (actor.id, actor.authorisation) != (letter.agent, letter.authorisation):
        return f"an agent acts by {actor.authorisation}, and {letter.authorisation or 'none'} holds"
    said, day = letter.mandate or protocol.Mandate(), protocol.day_of(event.met_at)
    if (said.since and day < said.since) or (said.until and day > said.until):
        return f"an agent acts on {day} by a letter from {said.since} until {said.until}"
    needed = COVERED.get(event.kind)
    if needed is None:
        return f"an agent does what none may: {event.kind}"
    if said.scope and needed not in said.scope:
        return f"an agent does what needs {needed}, by a letter for {', '.join(said.scope)}"
    return ""
