"""Letters: papers between offices, and results on their way to the applicant."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import define

from tongban.kernel import protocol
from tongban.plugins.simulation.scenario.places import DAY, province_of
from tongban.plugins.simulation.world.node import postponed
from tongban.plugins.simulation.world.people import People
from tongban.plugins.simulation.world.places import Places
from tongban.plugins.simulation.world.ports import Ports

if TYPE_CHECKING:
    from tongban.plugins.simulation.checks.record import Record

_RETRY = 60


@define(eq=False)
class Letters:
    """The post. It keeps what it carries whatever happens to the nodes.

    Args:
        ports: what all parts of a run share.
        places: the nodes, by province.
        people: that follow up what comes.
    """

    ports: Ports
    places: Places
    people: People

    def posted(self, record: Record, event: protocol.Event) -> None:
        """Takes a letter that an event sends."""
        body: Any = event.body
        if event.kind == "dispatched":
            shipment = len(record.case.shipments)
            if body.by == "message":
                record.parcels[shipment] = True
            else:
                self._papers(record, shipment)
        elif event.kind == "delivery_started" and body.by == "post":
            self._result(record, body.delivery)

    def _papers(self, record: Record, shipment: int) -> None:
        ports = self.ports
        record.parcels[shipment] = None
        days = ports.dice.chance.of(ports.scenario.post.days, "papers", record.number, shipment)
        lost = ports.dice.fault(
            "post_lost",
            ports.dice.faults.post_lost,
            record.number,
            "papers",
            shipment,
            case=record.id,
        )

        def arrives() -> None:
            record.parcels[shipment] = not lost
            if not lost:
                holder = self.places.node(province_of(record.case.holder.key))
                if holder.up:
                    self.people.consider(holder, record.id)

        ports.agenda.later(days * DAY + 540, arrives, record)

    def _result(self, record: Record, delivery: int) -> None:
        ports, number = self.ports, record.number
        days = ports.dice.chance.of(ports.scenario.post.days, "result", number, delivery)
        status: protocol.DeliveryStatus = "arrived"
        for kind, means in (("post_lost", "lost"), ("post_returned", "returned")):
            rate = getattr(ports.dice.faults, kind)
            if status == "arrived" and ports.dice.fault(
                kind, rate, number, "result", delivery, case=record.id
            ):
                status = means  # type: ignore[assignment]
                days = ports.scenario.post.lost_after if means == "lost" else 2 * days
        self.report(record, delivery, status, days * DAY + 600)

    def report(
        self, record: Record, delivery: int, status: protocol.DeliveryStatus, wait: int
    ) -> None:
        """The post tells the authority, and goes on until somebody listens."""
        ports = self.ports

        def tell() -> None:
            node = self.places.node(province_of(record.case.holder.key))
            body = protocol.Report(status, delivery)
            answer = node.do(record, protocol.SYSTEM, body, f"{delivery}")
            if postponed(answer):
                self.people.check_clock(node, record.id)
                ports.agenda.later(_RETRY, tell, record)

        ports.agenda.later(wait, tell, record)
