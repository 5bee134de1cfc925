"""Messages between nodes: lost, doubled, late, in another order; sent again until acknowledged."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING

from attrs import define, field

from tongban.kernel import protocol, service
from tongban.kernel.audit import hash_chain
from tongban.kernel.protocol import personal_data
from tongban.plugins.simulation.checks.violation import ViolationError
from tongban.plugins.simulation.scenario.places import province_of
from tongban.plugins.simulation.world.node import Down, Node
from tongban.plugins.simulation.world.people import People
from tongban.plugins.simulation.world.places import Places
from tongban.plugins.simulation.world.ports import Ports

if TYPE_CHECKING:
    from tongban.plugins.simulation.checks.record import Record

_MOST_DOUBLINGS = 6
_WITH_PERSONAL = ("forward", "request", "chase")
"""Who gets these must know who applied: to handle the case, or to confirm."""


@define(eq=False)
class Network:
    """Carries what stands in the outboxes.

    Args:
        ports: what all parts of a run share.
        places: the nodes, by province.
        people: that read what comes.
    """

    ports: Ports
    places: Places
    people: People
    attempts: Counter[str] = field(factory=Counter)

    def join(self, province: str) -> None:
        """Nothing: a message goes from store to store."""

    def wake(self, node: Node, minutes: int) -> None:
        """Nothing: each message travels by itself."""

    def send(self, source: Node, message: protocol.Message) -> None:
        """Sends a message, until it is acknowledged or its sender goes down."""
        record = self.ports.cases.records.get(message.case)
        if record is None:
            return
        self.attempts[message.id] += 1
        nth = self.attempts[message.id]
        if message.receiver in ("applicant", "system"):
            self._to_applicant(source, record, message, nth)
            return
        target = self.places.node(province_of(message.receiver))
        if target is source:
            self._later(0, record, lambda: self._arrive(source, target, message, nth))
            return
        if source.cut or target.cut:
            record.incidents["cut_off"] = record.incidents.get("cut_off", 0) + 1
            self._again(source, record, message, nth)
            return
        dice, network = self.ports.dice, self.ports.scenario.network
        faults = dice.faults
        minutes = dice.chance.of(network.minutes, "way", message.id, nth)
        if dice.fault("message_lost", faults.message_lost, message.id, nth, case=record.id):
            self._again(source, record, message, nth)
            return
        if dice.fault("message_delayed", faults.message_delayed, message.id, nth, case=record.id):
            minutes += dice.chance.of(faults.delay_minutes, "delay", message.id, nth)
        self._later(minutes, record, lambda: self._arrive(source, target, message, nth))
        if dice.fault("message_doubled", faults.message_doubled, message.id, nth, case=record.id):
            late = minutes + dice.chance.of(faults.delay_minutes, "double", message.id, nth)
            self._later(late, record, lambda: self._arrive(source, target, message, 0))

    def _later(self, minutes: int, record: Record, what: object) -> None:
        self.ports.agenda.later(minutes, what, record)  # type: ignore[arg-type]

    def _again(self, source: Node, record: Record, message: protocol.Message, nth: int) -> None:
        """Once more, after a while that grows; a sender that went down starts anew itself."""
        network, epoch = self.ports.scenario.network, source.epoch
        wait = min(network.again_after << min(nth, _MOST_DOUBLINGS), network.again_most)

        def again() -> None:
            if source.epoch == epoch and (source.province, message.id) in record.unacknowledged:
                self.send(source, message)

        self._later(max(1, wait), record, again)

    def _to_applicant(
        self, source: Node, record: Record, message: protocol.Message, nth: int
    ) -> None:
        ports = self.ports
        if ports.dice.fault(
            "message_lost", ports.dice.faults.message_lost, message.id, nth, case=record.id
        ):
            self._again(source, record, message, nth)
            return

        def read() -> None:
            if message.id in record.unread:
                record.unread.discard(message.id)
                self.people.told(record, message)
            self._acknowledged(source, record, message)

        self._later(1, record, read)

    def _arrive(self, source: Node, target: Node, message: protocol.Message, nth: int) -> None:
        """A message is there; `nth` is 0 for a copy, which is not waited for."""
        record = self.ports.cases.records.get(message.case)
        if record is None or record.settled:
            return
        if not target.up or target.cut:
            if nth:
                self._again(source, record, message, nth)
            return
        brings = None
        ref = protocol.personal_of(message)
        if (ref or message.kind in _WITH_PERSONAL) and target is not source:
            brings = self._personal(source, message.case, ref)
        wired = message if target is source else _wired(message)
        try:
            answer = target.attempt(
                ("take", record.number, message.kind, message.id),
                lambda: _take(target, wired, brings, source),
            )
        except service.OutOfOrderError:
            if nth:
                self._again(source, record, message, nth)
            return
        if isinstance(answer, Down):
            if nth:
                self._again(source, record, message, nth)
            return
        if isinstance(answer, protocol.Refusal):
            self.ports.metrics.refusals[f"{message.kind}: {answer.code}"] += 1
        self.people.read(target, message)
        self._acknowledge(source, target, record, message, nth)

    def _personal(self, source: Node, case: str, ref: str) -> personal_data.Personal | None:
        """What travels with a case or a request; kept beside it, not in the message."""
        inner = source.inner
        return inner.personal(case, protocol.SYSTEM, "随办件转交 goes with the case", ref)

    def _acknowledge(
        self, source: Node, target: Node, record: Record, message: protocol.Message, nth: int
    ) -> None:
        ports = self.ports
        self.ports.watch.arrived(target, record, message)
        rate = ports.dice.faults.killed_before_acknowledgement
        key = (target.province, message.id, nth)
        if target is not source and ports.dice.fault(
            "killed_before_acknowledgement", rate, *key, case=record.id
        ):
            target.killed()
            if nth:
                self._again(source, record, message, nth)
            return
        lost = target is not source and ports.dice.fault(
            "message_lost", ports.dice.faults.message_lost, "ack", message.id, nth, case=record.id
        )
        if lost and nth:
            self._again(source, record, message, nth)
        elif not lost:
            self._acknowledged(source, record, message)

    def _acknowledged(self, source: Node, record: Record, message: protocol.Message) -> None:
        """The sender notes it; one that is down sends it again when it comes up."""
        place = (source.province, message.id)
        if place not in record.unacknowledged:
            return

        def note() -> None:
            with source.store.transaction() as writes:
                writes.delivered(message.id)

        if not isinstance(source.attempt(("ack", record.number, message.id), note), Down):
            record.unacknowledged.discard(place)
            self.attempts.pop(message.id, None)


def _take(
    target: Node, message: protocol.Message, brings: personal_data.Personal | None, source: Node
) -> object:
    sender = None if target is source else service.Sender(source.province, source.serves)
    try:
        return target.service.receive_message(message, brings, sender)
    except protocol.FormatError as error:
        raise ViolationError("raised", None, f"a {message.kind} cannot be read: {error}") from error


def _wired(message: protocol.Message) -> protocol.Message:
    """As it comes out of the wire: through its JSON form."""
    return protocol.Message.from_dict(json.loads(hash_chain.canonical(message.to_dict())))
