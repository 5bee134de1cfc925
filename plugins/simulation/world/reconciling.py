"""What is left of the cases of a store that was put back: what others have, or nobody has."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

from attrs import define

from tongban.kernel import protocol
from tongban.plugins.simulation.checks.record import Record
from tongban.plugins.simulation.checks.violation import ViolationError
from tongban.plugins.simulation.scenario.applicants import Draft
from tongban.plugins.simulation.scenario.places import DAY
from tongban.plugins.simulation.world.folders import FolderNetwork, name_of
from tongban.plugins.simulation.world.network import Network
from tongban.plugins.simulation.world.node import Node
from tongban.plugins.simulation.world.people import People
from tongban.plugins.simulation.world.places import Places
from tongban.plugins.simulation.world.ports import Ports
from tongban.plugins.simulation.world.post import Letters

Logs = Mapping[str, tuple[protocol.Event, ...]]


@define(eq=False)
class Reconciling:
    """Goes on from what others have heard of, where an older state was put in place of a store.

    Args:
        ports: what all parts of a run share.
        places: the nodes, by province.
        network: with letters that nobody has fetched yet.
        people: that fetch a result once more.
        letters: the post, which reports once more.
        again: has somebody apply again whose case nobody has any more.
    """

    ports: Ports
    places: Places
    network: Network
    people: People
    letters: Letters
    again: Callable[[Draft], None]

    def logs_of(self, node: Node) -> Logs:
        """The logs of a node's cases, right before an older state is put in place."""
        return {
            record.id: node.store.events(record.id)
            for record in self.ports.cases
            if node.province in record.homes
        }

    def let_go(self, node: Node, logs: Logs) -> None:
        """Goes on from what others have heard of: only the rest may be lost.

        Args:
            node: whose store was put back just now.
            logs: of its cases, before that.
        """
        letters = self._in_letters(node)
        for id, log in logs.items():
            record = self.ports.cases.record(id)
            if record is None:
                continue
            homes = (self.places.nodes[place].store.case(id) for place in sorted(record.homes))
            best = max([*(case.version for case in homes if case), letters.get(id, 0)])
            if not best:
                self.ports.metrics.lost += 1
                self.ports.note("case_lost_with_backup", node, case=id)
                self._gone(record)
            elif best < record.case.version:
                left = protocol.replay(event for event in log if event.seq <= best)
                assert left is not None
                self._shorter(node, record, left)

    def _in_letters(self, node: Node) -> dict[str, int]:
        """How many events of each case letters of a node tell of that nobody has fetched yet."""
        found: dict[str, int] = {}
        network = self.network
        if not isinstance(network, FolderNetwork):
            return found
        for path in sorted(network.shared.glob(f"*/in/{name_of(node.province)}.*.json")):
            message = json.loads(path.read_bytes())["message"]
            body, version = message["body"], 0
            if message["kind"] == "progress":
                version = body["events"][-1]["seq"]
            elif message["kind"] == "forward":
                version = body["case"]["version"]
            found[message["case"]] = max(found.get(message["case"], 0), version)
        return found

    def _shorter(self, node: Node, record: Record, case: protocol.Case) -> None:
        """Its last events are lost, and nobody else had heard of them."""
        self.ports.note("events_lost_with_backup", node, case=record.id, left=case.version)
        self.ports.metrics.lost_events += record.case.version - case.version
        was_over = record.case.over
        for seq in [seq for seq in record.digests if seq > case.version]:
            del record.digests[seq]
        record.case = case
        record.decisions = int(case.decided_at is not None)
        record.endings = int(case.over)
        record.overdue = [one for one in record.overdue if _was_told(case, one)]
        every = self.places.nodes.values()
        record.unread = {
            id for id in record.unread if any(one.store.message(id) is not None for one in every)
        }
        if was_over and not case.over:
            self.ports.cases.open += 1
            self.ports.metrics.over -= 1
        if record.settled:
            self._again(record)
        self.ports.watch.goes_on(next(one for one in every if one.serves(case.holder.key)), record)
        if case.state == "delivering":
            # Those who brought the result, or fetched it, say so once more.
            nth = len(case.deliveries)
            if case.deliveries[-1].by == "post":
                self.letters.report(record, nth, "arrived", DAY)
            else:
                self.ports.agenda.later(
                    DAY, lambda: self.people.picked_up(record, f"again {nth}"), record
                )

    def _again(self, record: Record) -> None:
        """A case goes on that seemed settled: its end went with a store."""
        self.ports.cases.past.pop(record.id, None)
        self.ports.cases.records[record.id] = self.ports.cases.by_number[record.number] = record
        record.settled = False

    def _gone(self, record: Record) -> None:
        """A case that nobody has any more: who applied applies once more."""
        for known in (self.ports.cases.records, self.ports.cases.past):
            known.pop(record.id, None)
        self.ports.cases.by_number.pop(record.number, None)
        record.settled = True
        self.ports.cases.gone.add(record.id)
        self.ports.cases.applied[record.number] += 1
        self.ports.cases.open -= not record.case.over
        self.ports.metrics.opened -= 1
        self.ports.metrics.over -= record.case.over
        self.again(record.draft)

    def compared(self, node: Node) -> None:
        """A node has compared with the others: what they have of its cases is here again.

        Raises:
            ViolationError: where it is not.
        """
        self.ports.watch.put_back(node)
        for record in list(self.ports.cases):
            here = node.store.case(record.id)
            mine = node.serves(record.case.holder.key)
            self.ports.watch.checked["noticed"] += 1
            if (
                mine
                and not record.unacknowledged
                and (here.version if here else 0) < self._known(record)
            ):
                version = here.version if here else 0
                says = (
                    f"{node.province} has {version} events, and others have {self._known(record)}"
                )
                raise ViolationError("lost", record, says)

    def _known(self, record: Record) -> int:
        cases = (self.places.nodes[place].store.case(record.id) for place in record.homes)
        return max((case.version for case in cases if case), default=0)


def _was_told(case: protocol.Case, late: tuple[str, str]) -> bool:
    return any(one.startswith(f"overdue {late[0]} {late[1]} ") for one in case.signalled)
