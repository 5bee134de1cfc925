"""A node without a part that is trusted all the same, and signs whatever it likes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from attrs import evolve

from tongban.kernel import protocol as p
from tongban.plugins.simulation.exploring.memory import Kept, digest
from tongban.plugins.simulation.exploring.node import Node
from tongban.plugins.simulation.exploring.scenario import Place

__all__ = ["Hostile"]

_DEPARTMENT = "public_security"


class Hostile:
    """Tries its letters on every node, each once for what that node keeps.

    Args:
        place: the node; it serves no place of the others.
        nodes: of the others, with their `places`.
    """

    def __init__(self, place: Place, nodes: Sequence[Node], places: Sequence[Place]) -> None:
        self._place, self._nodes, self._places = place, nodes, places
        self._tried: dict[tuple[int, str, datetime], set[str]] = {}

    def assaults(self, every: Sequence[Kept], now: datetime) -> str:
        """What a letter has changed, or raised; "" where none does anything.

        Args:
            every: what each of the others keeps; the node knows all of it.
            now: the moment.
        """
        division = self._place.divisions[0]
        for target, here in enumerate(every):
            tried = self._tried.setdefault((target, _what_matters(here), now), set())
            case = here.case or next((kept.case for kept in every if kept.case), None)
            for message in _made_up(here, case, division, now) if case else ():
                if message.id in tried:
                    break  # and with it all that follow
                tried.add(message.id)
                if found := self._assault(target, here, message):
                    return found
            for sent in (one for kept in every for one in kept.outbox):
                if sent.digest in tried:
                    continue
                tried.add(sent.digest)
                for message in _signed_anew(sent.message, division):
                    if found := self._assault(target, here, message):
                        return found
        return ""

    def _assault(self, target: int, here: Kept, message: p.Message) -> str:
        place = self._places[target]
        if not place.serves(message.receiver):
            return ""
        try:
            after = self._nodes[target].assaulted(here, message, self._place)
        except Exception as error:
            return f"a {message.kind} raised {type(error).__name__}: {error}"
        if _same_but_for_alarms(here, after):
            return ""
        return f"{self._place.name} changed what {place.name} keeps by a {message.kind}"


def _what_matters(kept: Kept) -> str:
    """What letters are judged by at a node: the same gives the same judgement."""
    sent = sorted(one.digest for one in kept.outbox)
    came = sorted(one.message.id for one in kept.inbox if one.message.kind != "alarm")
    return digest([kept.marks, sent, came])


def _same_but_for_alarms(before: Kept, after: Kept) -> bool:
    """Whether nothing was kept but that something was put aside."""
    came = [[one for one in kept.inbox if one.message.kind != "alarm"] for kept in (before, after)]
    return (before.marks, before.outbox, before.case) == (
        after.marks,
        after.outbox,
        after.case,
    ) and came[0] == came[1]


def _signed_anew(sent: p.Message, division: str) -> Iterator[p.Message]:
    """What another node wrote, as it is and as this one's own; it signs both.

    Args:
        sent: by another node.
        division: the hostile node's.
    """
    yield sent
    yield evolve(sent, sender=f"{division}/{_DEPARTMENT}")


def _made_up(target: Kept, case: p.Case, division: str, now: datetime) -> Iterator[p.Message]:
    """Letters of every kind that nobody else wrote.

    Args:
        target: what the node keeps to which they go.
        case: about this one, of which the node knows everything.
        division: the hostile node's.
        now: the moment.
    """
    made = _Maker(case, f"{division}/{_DEPARTMENT}", now)
    yield from made.progress()
    yield from made.forwards()
    yield from made.commands()
    known = target.case is not None or any(one.message.kind == "request" for one in target.inbox)
    yield from made.others(known)


class _Maker:
    """Letters about a case, each with an id of its own."""

    def __init__(self, case: p.Case, own: str, now: datetime) -> None:
        self.case, self.own, self.now = case, own, now

    def letter(self, kind: str, body: dict[str, Any], sender: str, receiver: str) -> p.Message:
        id = p.derived_id("assault", kind, digest(body), sender, receiver)
        return p.Message(
            id, "", self.case.id, sender, receiver, kind, self.now, self.case.rules, body
        )

    def progress(self) -> Iterator[p.Message]:
        case = self.case
        for actor, bodies in self._steps():
            events = [
                p.Event(case.id, case.version + n, self.now, actor, "assault", body).to_dict()
                for n, body in enumerate(bodies, 1)
            ]
            for office in case.plan.way:
                yield self.letter("progress", {"events": events}, self.own, office.key)

    def _steps(self) -> Iterator[tuple[p.Actor, tuple[p.EventBody, ...]]]:
        case, plan = self.case, self.case.plan
        today = p.day_of(self.now)
        lead = p.Actor("officer", "x", plan.lead.division, plan.lead.department)
        applicant = p.Actor("applicant", case.applicant)
        decided = p.Decided(True, f"{case.id}-1", (), "")
        yield lead, (p.Arrived(case.holder),)
        yield lead, (p.Accepted(case.accepting, today),)
        yield lead, (p.Declined(("x",)),)
        yield lead, (p.SupplementRequested(("x",)),)
        yield lead, (p.Examined(plan.lead, "x"), decided)
        yield lead, (decided,)
        yield lead, (p.Terminated("x"),)
        yield lead, (p.DeliveryStarted(1, "electronic", case.result), p.Delivered(1, "electronic"))
        yield p.SYSTEM, (p.Closed(),)
        yield applicant, (p.Withdrawn(""),)
        yield applicant, (p.Rated(plan.lead.key, "very_satisfied"),)
        yield lead, (p.AttemptRefused("accept", "not_a_party"),)
        yield p.SYSTEM, (p.TakenOver(case.to_dict()),)
        for other in plan.others:
            officer = p.Actor("officer", "x", other.division, other.department)
            yield officer, (p.CoHandlingConfirmed(other, ""), p.CoHandlingCompleted())
            yield officer, (p.CoHandlingRefused(other, "x"), p.Terminated("x"))

    def forwards(self) -> Iterator[p.Message]:
        """The case itself, as if it were on its way from here to each of its offices."""
        case, way = self.case, self.case.plan.way
        for at in range(len(way) - 1):
            sent = p.Shipment(way[at], way[at + 1], (), "message", "", self.now)
            snapshot = evolve(case, state="dispatched", at=at, shipments=(sent,))
            yield self.letter("forward", {"case": snapshot.to_dict()}, self.own, way[at + 1].key)

    def commands(self) -> Iterator[p.Message]:
        plan, id = self.case.plan, self.case.id
        lead = p.Actor("officer", "x", plan.lead.division, plan.lead.department)
        applicant = p.Actor("applicant", self.case.applicant)
        given = (
            (applicant, p.Withdraw()),
            (lead, p.Accept()),
            (lead, p.Grant("x")),
            (lead, p.Decline(("x",))),
            (lead, p.Terminate("x")),
        )
        for n, (actor, body) in enumerate(given):
            command = p.Command(f"assault-{n}", id, actor, body).to_dict()
            yield self.letter("command", command, self.own, self.case.holder.key)

    def others(self, known: bool) -> Iterator[p.Message]:
        """What only tells or asks; to ask about a case of its own of this id is its own affair."""
        case, plan = self.case, self.case.plan
        lead = {"place": "move_in", "division": self.own[:6], "department": _DEPARTMENT}
        request = {
            "item": dict(case.item),
            "application": dict(case.application),
            "personal": "",
            "lead": lead,
            "limit": None,
        }
        for office in plan.offices:
            address = {"division": office.division, "department": office.department}
            answer = {"actor": {"kind": "officer", "id": "x", **address}, "text": "x"}
            for kind in ("confirmation", "refusal"):
                yield self.letter(kind, answer, self.own, plan.lead.key)
                yield self.letter(kind, answer, office.key, plan.lead.key)
            if known:
                chase = {"awaited": "answer", "note": "", **request}
                yield self.letter("request", request, self.own, office.key)
                yield self.letter("chase", chase, self.own, office.key)
            yield self.letter("cancellation", {"because": "x"}, self.own, office.key)
            yield self.letter("arrival", {"missing": []}, self.own, office.key)
            yield self.letter(
                "result", {"number": f"{case.id}-1", "delivery": 1}, self.own, office.key
            )
            yield self.letter("rating", {"grade": "不满意", "comment": ""}, "system", office.key)
