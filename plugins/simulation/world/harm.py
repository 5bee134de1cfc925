"""What careless or hostile people do to nodes, and whether a node notices it.

Older states are put in place of stores; a neighbour signs what it likes; junk lies in folders;
clocks jump; keys are changed while letters are under way. Each is drawn for a node and a
night, and begins at some hour of the day that follows.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from attrs import define, field

from tongban.kernel.audit import hash_chain
from tongban.plugins.simulation.checks.violation import ViolationError
from tongban.plugins.simulation.scenario.places import CENTRAL, DAY, HOUR
from tongban.plugins.simulation.store.stores import HOWS, How, Stores
from tongban.plugins.simulation.world.assault import Assault
from tongban.plugins.simulation.world.folders import FolderNetwork
from tongban.plugins.simulation.world.junk import Junk
from tongban.plugins.simulation.world.network import Network
from tongban.plugins.simulation.world.node import Node
from tongban.plugins.simulation.world.places import Places
from tongban.plugins.simulation.world.ports import Ports
from tongban.plugins.simulation.world.reconciling import Reconciling

_PATIENCE = 20 * DAY
"""So long a node that was put back waits for others; then a supervisor goes on without."""

_LEAPS = (-1, -3, -5 * HOUR, -400 * DAY, 20 * HOUR)
"""Minutes by which clocks jump. Others put aside what is dated more than a day ahead."""

_AFTER = 10
"""The harm stops this many days after the last application."""


@define
class _Struck:
    """An older state that was put in place of a node's store.

    Attributes:
        kind: of the fault; "" once the node knows of it.
        since: when.
        lost: whether events are missing that the node had committed.
        whole: whether all that the machine remembers was put back as well: then the node can
            know only of what it had told others.
    """

    kind: str
    since: int
    lost: bool = False
    whole: bool = False


@define(eq=False)
class Harm:
    """Everything that is done to the nodes of a world.

    Args:
        ports: what all parts of a run share.
        places: the nodes, by province.
        network: that carries messages.
        keeping: opens the stores, and puts older states in place.
        reconciling: what is left of the cases of a store that was put back.
        told: the last head that each node has told others.
        struck: nodes whose store was put back, until that is settled.
        expected: nodes whose store will be put back.
    """

    ports: Ports
    places: Places
    network: Network
    keeping: Stores
    reconciling: Reconciling
    told: dict[str, hash_chain.Head] = field(factory=dict)
    struck: dict[str, _Struck] = field(factory=dict)
    expected: set[str] = field(factory=set)
    assault: Assault = field(init=False)
    junk: Junk | None = field(init=False, default=None)

    def __attrs_post_init__(self) -> None:
        self.assault = Assault(self.ports, self.places, self.network)
        network = self.network
        if isinstance(network, FolderNetwork):
            self.junk = Junk(self.ports, self.places, network)

    def planted(self, name: str) -> bool:
        """Whether a file that was put aside is not an honest node's."""
        return self.junk is not None and name in self.junk.planted

    def finished(self) -> None:
        """At the end of a run.

        Raises:
            ViolationError: where something cannot be asked, or something private lies in a folder.
        """
        if self.junk is None:
            return
        for node in self.places.nodes.values():
            self.ports.watch.usable(node)
        self.junk.private()

    def planned(self) -> None:
        """What the scenario has planned for a day."""
        ports = self.ports
        for one in ports.scenario.plan:
            minute = one.day * DAY + one.hour * HOUR
            if one.cut_off and ports.options.has("cut_off"):
                node, days = self.places.node(one.cut_off), one.days
                ports.agenda.later(minute, lambda node=node, days=days: self._cut_off(node, days))  # type: ignore[misc]
            if one.killed and ports.options.has("killed_after_commit"):
                ports.agenda.later(minute, self.places.node(one.killed).killed)

    def _cut_off(self, node: Node, days: int) -> None:
        ports = self.ports
        ports.note("cut_off", node, days=days)
        ports.metrics.faults["cut_off"] += 1
        node.cut_until = max(node.cut_until, ports.agenda.now + days * DAY)

    def _cut(self, node: Node, day: int) -> None:
        ports = self.ports
        rate, name = ports.dice.faults.cut_off, (node.province, day)
        if node.province != CENTRAL and ports.dice.fault("cut_off", rate, *name):
            days = ports.dice.chance.of(ports.dice.faults.cut_off_days, "cut", *name)
            node.cut_until = max(node.cut_until, ports.agenda.now + days * DAY)

    def night(self, node: Node, day: int) -> None:
        """Draws what is done to a node on a day."""
        ports = self.ports
        self._cut(node, day)
        self.assault.answers()
        struck = self.struck.get(node.province)
        if (
            struck
            and node.up
            and node.store.restored
            and ports.agenda.now > struck.since + _PATIENCE
        ):
            with node.store.transaction() as writes:
                writes.recovered("督办人 supervisor: 久候其他节点未复 (others did not answer)")
            self._settled(node)
            node.resume()
        if day > ports.options.days + _AFTER:
            return
        for kind, begins in self._kinds().items():
            if ports.dice.fault(kind, getattr(ports.dice.faults, kind), node.province, day):
                hour = ports.dice.chance.below(24, kind, "hour", node.province, day)
                name = (kind, node.province, day)
                ports.agenda.later(hour * HOUR, lambda begins=begins, name=name: begins(node, name))  # type: ignore[misc]

    def _kinds(self) -> dict[str, Callable[[Node, tuple[Any, ...]], None]]:
        found: dict[str, Any] = {
            "hostile_letter": self.assault.begins,
            "clock_jump": self._clock,
        }
        if self.junk is not None and isinstance(network := self.network, FolderNetwork):
            found |= {"store_restored": self._older, "store_copied": self._older}
            if self.ports.options.store == "sqlite":
                found |= {"wal_lost": self._older, "wal_damaged": self._older}
            found["folder_junk"] = self.junk.begins
            found["key_rotated"] = lambda node, name: network.rotate(node.province)
        return found

    # Clocks

    def _clock(self, node: Node, name: tuple[Any, ...]) -> None:
        """A clock jumps, and is put right after some hours."""
        ports = self.ports
        leap = ports.dice.chance.pick(_LEAPS, *name, "leap")
        hours = ports.dice.chance.of(ports.dice.faults.clock_jump_hours, *name, "hours")
        node.leap, node.jumped = leap, True
        ports.note("clock_jumped", node, minutes=leap)

        def right() -> None:
            node.leap = 0
            ports.note("clock_put_right", node)
            if node.up:
                node.tick()

        ports.agenda.later(hours * HOUR, right)

    # Stores

    def _older(self, node: Node, name: tuple[Any, ...]) -> None:
        """Takes a copy now; it is put in place hours or days later."""
        ports, kind = self.ports, name[0]
        if node.province in self.expected or node.province in self.struck or not node.up:
            return
        self.expected.add(node.province)
        hours = ports.dice.chance.of(ports.dice.faults.backup_hours, *name, "hours")
        how: How = (
            ports.dice.chance.pick(HOWS, *name, "how") if kind == "store_copied" else "restore"
        )
        if kind.startswith("wal"):
            how = kind
        backup, then = self.keeping.backup(node), node.store.head()

        def strike() -> None:
            self.expected.discard(node.province)
            if not ports.done:
                self._strike(node, kind, how, backup, then)

        ports.agenda.later(hours * HOUR, strike)

    def _strike(self, node: Node, kind: str, how: How, backup: Any, then: hash_chain.Head) -> None:
        ports = self.ports
        node.killed()
        before, logs = node.store.head(), self.reconciling.logs_of(node)
        if isinstance(network := self.network, FolderNetwork):
            network.hurry(node)
        inner, said = self.keeping.put_back(node, backup, how)
        node.reopened(inner)
        ports.watch.put_back(node)
        self.reconciling.let_go(node, logs)
        lost = node.store.head().position < before.position and before.position > then.position
        ports.note(kind, node, how=how, lost=before.position - then.position, said=bool(said))
        whole = how == "machine" or (kind == "store_copied" and ports.options.store == "memory")
        self.struck[node.province] = _Struck(kind, ports.agenda.now, lost, whole)
        if said or node.store.restored is not None:
            self._noticed(node)

    def _noticed(self, node: Node) -> None:
        struck = self.struck[node.province]
        self.ports.metrics.noticed[struck.kind] += struck.kind != ""
        struck.lost, struck.kind = False, ""

    def came_up(self, node: Node) -> bool:
        """Whether a node that comes up may go on with its work.

        Raises:
            ViolationError: where it lost what others were told of, and does not know it.
        """
        struck, network = self.struck.get(node.province), self.network
        if struck is None:
            return True
        if isinstance(network, FolderNetwork):
            network.compare(node)
        self.ports.watch.checked["noticed"] += 1
        if node.store.restored is not None:
            if struck.kind:
                self._noticed(node)
            return False
        told = self.told.get(node.province)
        known = told is not None and told.position > node.store.head().position
        if struck.lost and (known or not struck.whole):
            says = f"{node.province} lost what it had acknowledged, and does not know"
            raise ViolationError("noticed", None, f"{says} ({struck.kind})")
        # What is lost was not reported to others, or nothing is.
        self._settled(node)
        return True

    def looked(self, node: Node, put_back: bool) -> None:
        """A node has looked into its folders; what it then says of its log, others know."""
        self.told[node.province] = node.store.head()
        if put_back and node.store.restored is None:
            self._settled(node)
            node.resume()
        elif node.store.restored is not None and node.province not in self.struck:
            self.struck[node.province] = _Struck("", self.ports.agenda.now)
        if node.store.restored is not None and isinstance(self.network, FolderNetwork):
            self.network.wake(node, 2 * HOUR)

    def _settled(self, node: Node) -> None:
        """What was lost was fetched or given up."""
        del self.struck[node.province]
        self.reconciling.compared(node)
