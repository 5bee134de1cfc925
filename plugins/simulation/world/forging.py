"""Letters that somebody without a part makes up: of every kind, about a case of others. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from attrs import evolve

from tongban.kernel import protocol as p
from tongban.kernel.audit import hash_chain

DEPARTMENT = "public_security"
"""The department in whose name the letters are sent."""


def signed_anew(sent: p.Message, division: str) -> Iterator[p.Message]:
    """What another node wrote, as it is, as this one's own, and with other content.

    Args:
        sent: by another node.
        division: the hostile node's.
    """
    own = f"{division}/{DEPARTMENT}"
    yield sent
    yield evolve(sent, sender=own)
    yield evolve(sent, body=_otherwise(sent.body))
    yield evolve(sent, sender=own, body=_otherwise(sent.body))


def _otherwise(body: Mapping[str, Any]) -> dict[str, Any]:
    """The body of a letter with another text in it, so that a known id says something else."""
    changed = dict(body)
    text = next((name for name, value in body.items() if isinstance(value, str)), "note")
    changed[text] = f"{body.get(text, '')}x"
    return changed


def made_up(case: p.Case, division: str, now: datetime, *, known: bool) -> Iterator[p.Message]:
    """Letters of every kind, all forged.

    Args:
        case: about this one, of which the node knows everything.
        division: the hostile node's.
        now: the moment.
        known: whether the case, or a request about it, is at the node that they go to: where
            it is not, to ask about a case of its own that has this id is its own affair.
    """
    made = _Maker(case, f"{division}/{DEPARTMENT}", now)
    yield from made.progress()
    yield from made.forwards()
    yield from made.commands()
    yield from made.others(known)
    yield from made.told()


class _Maker:
    """Letters about a case, each with an id of its own."""

    def __init__(self, case: p.Case, own: str, now: datetime) -> None:
        self.case, self.own, self.now = case, own, now

    def letter(self, kind: str, body: dict[str, Any], sender: str, receiver: str) -> p.Message:
        id = p.derived_id("assault", kind, hash_chain.canonical(body), sender, receiver)
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
            for raw in (snapshot.to_dict(), *_mutated(snapshot)):
                yield self.letter("forward", {"case": raw}, self.own, way[at + 1].key)

    def commands(self) -> Iterator[p.Message]:
        plan, id = self.case.plan, self.case.id
        lead = p.Actor("officer", "x", plan.lead.division, plan.lead.department)
        applicant = p.Actor("applicant", self.case.applicant)
        given = (
            (applicant, p.Withdraw()),
            (lead, p.Accept()),
            (lead, p.Grant("x")),
            (lead, p.Decline(("x",), article="第三十二条")),
            (lead, p.Terminate("x")),
        )
        for n, (actor, body) in enumerate(given):
            command = p.Command(f"assault-{n}", id, actor, body).to_dict()
            yield self.letter("command", command, self.own, self.case.holder.key)

    def others(self, known: bool) -> Iterator[p.Message]:
        """What only tells or asks; to ask about a case of its own of this id is its own affair."""
        case, plan = self.case, self.case.plan
        lead = {"place": "move_in", "division": self.own[:6], "department": DEPARTMENT}
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

    def told(self) -> Iterator[p.Message]:
        """Warnings, and answers to commands that were never passed on from there."""
        for office in self.case.plan.offices:
            address = {"place": office.place, "division": office.division}
            late = {
                "step": "decide",
                "official": p.LIMIT_STEPS["decide"],
                "office": {**address, "department": office.department},
                "due": p.day_of(self.now).isoformat(),
                "provisional": False,
            }
            yield self.letter("warning", late, self.own, office.key)
            yield self.letter("urge", late, self.own, p.supervisor_of(office.division))
            refused = {
                "document": "转交事项未予办理告知书",
                "message": p.derived_id("assault", office.key),
                "command": "withdraw",
                "given_at": self.now.isoformat(),
                "code": "wrong_state",
                "reason": "x",
            }
            yield self.letter("notice", refused, self.own, office.key)


def _mutated(case: p.Case) -> Iterator[dict[str, Any]]:
    """The same case, each with something in it that is not so."""
    decided = evolve(case, granted=True, decided_at=case.submitted_at)
    yield decided.to_dict()
    yield evolve(case, applicant="somebody-else").to_dict()
    yield evolve(case, version=case.version + 7).to_dict()
    yield evolve(case, rules="other-rules").to_dict()
    yield evolve(case, state="closed").to_dict()
    yield evolve(case, personal="0" * 64).to_dict()
    yield {**case.to_dict(), "submitted_at": "0001-01-01T00:00:00+08:00"}
