"""What is left of the cases of a store that was put back: what others have, or nobody has."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

from tongban.kernel import protocol
from tongban.plugins.simulation.checks.invariants import Violation
from tongban.plugins.simulation.scenario.places import DAY
from tongban.plugins.simulation.world.folders import FolderNetwork, name_of

if TYPE_CHECKING:
    from tongban.plugins.simulation.checks.record import Record
    from tongban.plugins.simulation.world.node import Node
    from tongban.plugins.simulation.world.world import World

__all__ = ["compared", "let_go", "logs_of"]

Logs = Mapping[str, tuple[protocol.Event, ...]]


def logs_of(world: World, node: Node) -> Logs:
    """The logs of a node's cases, right before an older state is put in place."""
    return {
        record.id: node.store.events(record.id)
        for record in (*world.records.values(), *world.past.values())
        if node.province in record.homes
    }


def let_go(world: World, node: Node, logs: Logs) -> None:
    """Goes on from what others have heard of: only the rest may be lost.

    Args:
        world: with all its nodes.
        node: whose store was put back just now.
        logs: of its cases, before that.
    """
    letters = _in_letters(world, node)
    for id, log in logs.items():
        record = world.record(id)
        if record is None:
            continue
        homes = (world.nodes[place].store.case(id) for place in sorted(record.homes))
        best = max([*(case.version for case in homes if case), letters.get(id, 0)])
        if not best:
            world.metrics.lost += 1
            world.note("case_lost_with_backup", node, case=id)
            _gone(world, record)
        elif best < record.case.version:
            left = protocol.replay(event for event in log if event.seq <= best)
            assert left is not None
            _shorter(world, node, record, left)


def _in_letters(world: World, node: Node) -> dict[str, int]:
    """How many events of each case letters of a node tell of that nobody has fetched yet."""
    found: dict[str, int] = {}
    network = world.network
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


def _shorter(world: World, node: Node, record: Record, case: protocol.Case) -> None:
    """Its last events are lost, and nobody else had heard of them."""
    world.note("events_lost_with_backup", node, case=record.id, left=case.version)
    world.metrics.lost_events += record.case.version - case.version
    was_over = record.case.over
    for seq in [seq for seq in record.digests if seq > case.version]:
        del record.digests[seq]
    record.case = case
    record.decisions = int(case.decided_at is not None)
    record.endings = int(case.over)
    record.overdue = [one for one in record.overdue if _was_told(case, one)]
    every = world.nodes.values()
    record.unread = {
        id for id in record.unread if any(one.store.message(id) is not None for one in every)
    }
    if was_over and not case.over:
        world.open += 1
        world.metrics.over -= 1
    if record.settled:
        _again(world, record)
    world.watch.goes_on(next(one for one in every if one.serves(case.holder.key)), record)
    if case.state == "delivering":
        # Whoever brought the result, or fetched it, says so once more.
        nth = len(case.deliveries)
        if case.deliveries[-1].by == "post":
            world.letters.report(record, nth, "arrived", DAY)
        else:
            world.later(DAY, lambda: world.people.picked_up(record, f"again {nth}"), record)


def _again(world: World, record: Record) -> None:
    """A case goes on that seemed settled: its end went with a store."""
    world.past.pop(record.id, None)
    world.records[record.id] = world.by_number[record.number] = record
    record.settled = False


def _gone(world: World, record: Record) -> None:
    """A case that nobody has any more: who applied applies once more."""
    for known in (world.records, world.past):
        known.pop(record.id, None)
    world.by_number.pop(record.number, None)
    record.settled = True
    world.gone_cases.add(record.id)
    world.applied[record.number] += 1
    world.open -= not record.case.over
    world.metrics.opened -= 1
    world.metrics.over -= record.case.over
    world.arrivals.again(record.draft)


def _was_told(case: protocol.Case, late: tuple[str, str]) -> bool:
    return any(one.startswith(f"overdue {late[0]} {late[1]} ") for one in case.signalled)


def compared(world: World, node: Node) -> None:
    """A node has compared with the others: what they have of its cases is here again.

    Raises:
        Violation: where it is not.
    """
    world.watch.put_back(node)
    for record in [*world.records.values(), *world.past.values()]:
        here = node.store.case(record.id)
        mine = node.serves(record.case.holder.key)
        world.watch.checked["noticed"] += 1
        if (
            mine
            and not record.unacknowledged
            and (here.version if here else 0) < _known(world, record)
        ):
            version = here.version if here else 0
            says = f"{node.province} has {version} events, and others have {_known(world, record)}"
            raise Violation("lost", record, says)


def _known(world: World, record: Record) -> int:
    cases = (world.nodes[place].store.case(record.id) for place in record.homes)
    return max((case.version for case in cases if case), default=0)
