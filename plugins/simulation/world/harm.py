"""What careless or hostile people do to nodes, and whether a node notices it.

Older states are put in place of stores; a neighbour signs what it likes; junk lies in folders;
clocks jump; keys are changed while letters are under way. Each is drawn for a node and a
night, and begins at some hour of the day that follows.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from attrs import define, field

from tongban.kernel.audit import hash_chain
from tongban.plugins.simulation.checks.invariants import Violation
from tongban.plugins.simulation.scenario.places import CENTRAL, DAY, HOUR
from tongban.plugins.simulation.store.stores import HOWS, How
from tongban.plugins.simulation.world.assault import Assault
from tongban.plugins.simulation.world.folders import FolderNetwork
from tongban.plugins.simulation.world.junk import Junk
from tongban.plugins.simulation.world.reconciling import compared, let_go, logs_of

if TYPE_CHECKING:
    from tongban.plugins.simulation.world.node import Node
    from tongban.plugins.simulation.world.world import World

__all__ = ["Harm"]

_PATIENCE = 20 * DAY
"""So long a node that was put back waits for others; then a supervisor goes on without."""

_LEAPS = (-1, -3, -5 * HOUR, -400 * DAY, 20 * HOUR)
"""Minutes by which clocks jump. Others put aside what is dated more than a day ahead."""

_AFTER = 10
"""So many days after the last application the harm stops."""


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
        world: that they are in.
        told: the last head that each node has told others.
        struck: nodes whose store was put back, until that is settled.
        expected: nodes whose store will be put back.
    """

    world: World
    told: dict[str, hash_chain.Head] = field(factory=dict)
    struck: dict[str, _Struck] = field(factory=dict)
    expected: set[str] = field(factory=set)
    assault: Assault = field(init=False)
    junk: Junk | None = field(init=False, default=None)

    def __attrs_post_init__(self) -> None:
        self.assault = Assault(self.world)
        network = self.world.network
        if isinstance(network, FolderNetwork):
            self.junk = Junk(self.world, network)

    def planted(self, name: str) -> bool:
        """Whether a file that was put aside is not an honest node's."""
        return self.junk is not None and name in self.junk.planted

    def finished(self) -> None:
        """At the end of a run.

        Raises:
            Violation: where something cannot be asked, or something private lies in a folder.
        """
        if self.junk is None:
            return
        for node in self.world.nodes.values():
            self.world.watch.usable(node)
        self.junk.private()

    def planned(self) -> None:
        """What the scenario has planned for a day."""
        world = self.world
        for one in world.scenario.plan:
            minute = one.day * DAY + one.hour * HOUR
            if one.cut_off and world.options.has("cut_off"):
                node, days = world.node(one.cut_off), one.days
                world.later(minute, lambda node=node, days=days: self._cut_off(node, days))  # type: ignore[misc]
            if one.killed and world.options.has("killed_after_commit"):
                world.later(minute, world.node(one.killed).killed)

    def _cut_off(self, node: Node, days: int) -> None:
        world = self.world
        world.note("cut_off", node, days=days)
        world.metrics.faults["cut_off"] += 1
        node.cut_until = max(node.cut_until, world.now + days * DAY)

    def _cut(self, node: Node, day: int) -> None:
        world = self.world
        rate, name = world.faults.cut_off, (node.province, day)
        if node.province != CENTRAL and world.fault("cut_off", rate, *name):
            days = world.chance.of(world.faults.cut_off_days, "cut", *name)
            node.cut_until = max(node.cut_until, world.now + days * DAY)

    def night(self, node: Node, day: int) -> None:
        """Draws what is done to a node on a day."""
        world = self.world
        self._cut(node, day)
        self.assault.answers()
        struck = self.struck.get(node.province)
        if struck and node.up and node.store.restored and world.now > struck.since + _PATIENCE:
            with node.store.transaction() as writes:
                writes.recovered("督办人 supervisor: 久候其他节点未复 (others did not answer)")
            self._settled(node)
            node.resume()
        if day > world.options.days + _AFTER:
            return
        for kind, begins in self._kinds().items():
            if world.fault(kind, getattr(world.faults, kind), node.province, day):
                hour = world.chance.below(24, kind, "hour", node.province, day)
                name = (kind, node.province, day)
                world.later(hour * HOUR, lambda begins=begins, name=name: begins(node, name))  # type: ignore[misc]

    def _kinds(self) -> dict[str, Callable[[Node, tuple[Any, ...]], None]]:
        found: dict[str, Any] = {
            "hostile_letter": self.assault.begins,
            "clock_jump": self._clock,
        }
        if self.junk is not None and isinstance(network := self.world.network, FolderNetwork):
            found |= {"store_restored": self._older, "store_copied": self._older}
            if self.world.options.store == "sqlite":
                found |= {"wal_lost": self._older, "wal_damaged": self._older}
            found["folder_junk"] = self.junk.begins
            found["key_rotated"] = lambda node, name: network.rotate(node.province)
        return found

    # Clocks

    def _clock(self, node: Node, name: tuple[Any, ...]) -> None:
        """A clock jumps, and is put right after some hours."""
        world = self.world
        leap = world.chance.pick(_LEAPS, *name, "leap")
        hours = world.chance.of(world.faults.clock_jump_hours, *name, "hours")
        node.leap, node.jumped = leap, True
        world.note("clock_jumped", node, minutes=leap)

        def right() -> None:
            node.leap = 0
            world.note("clock_put_right", node)
            if node.up:
                node.tick()

        world.later(hours * HOUR, right)

    # Stores

    def _older(self, node: Node, name: tuple[Any, ...]) -> None:
        """Takes a copy now; it is put in place hours or days later."""
        world, kind = self.world, name[0]
        if node.province in self.expected or node.province in self.struck or not node.up:
            return
        self.expected.add(node.province)
        hours = world.chance.of(world.faults.backup_hours, *name, "hours")
        how: How = world.chance.pick(HOWS, *name, "how") if kind == "store_copied" else "restore"
        if kind.startswith("wal"):
            how = kind
        backup, then = world.keeping.backup(node), node.store.head()

        def strike() -> None:
            self.expected.discard(node.province)
            if not world.done:
                self._strike(node, kind, how, backup, then)

        world.later(hours * HOUR, strike)

    def _strike(self, node: Node, kind: str, how: How, backup: Any, then: hash_chain.Head) -> None:
        world = self.world
        node.killed()
        before, logs = node.store.head(), logs_of(world, node)
        if isinstance(network := world.network, FolderNetwork):
            network.hurry(node)
        inner, said = world.keeping.put_back(node, backup, how)
        node.reopened(inner)
        world.watch.put_back(node)
        let_go(world, node, logs)
        lost = node.store.head().position < before.position and before.position > then.position
        world.note(kind, node, how=how, lost=before.position - then.position, said=bool(said))
        whole = how == "machine" or (kind == "store_copied" and world.options.store == "memory")
        self.struck[node.province] = _Struck(kind, world.now, lost, whole)
        if said or node.store.restored is not None:
            self._noticed(node)

    def _noticed(self, node: Node) -> None:
        struck = self.struck[node.province]
        self.world.metrics.noticed[struck.kind] += struck.kind != ""
        struck.lost, struck.kind = False, ""

    def came_up(self, node: Node) -> bool:
        """Whether a node that comes up may go on with its work.

        Raises:
            Violation: where it lost what others were told of, and does not know it.
        """
        struck, network = self.struck.get(node.province), self.world.network
        if struck is None:
            return True
        if isinstance(network, FolderNetwork):
            network.compare(node)
        self.world.watch.checked["noticed"] += 1
        if node.store.restored is not None:
            if struck.kind:
                self._noticed(node)
            return False
        told = self.told.get(node.province)
        known = told is not None and told.position > node.store.head().position
        if struck.lost and (known or not struck.whole):
            says = f"{node.province} lost what it had acknowledged, and does not know"
            raise Violation("noticed", None, f"{says} ({struck.kind})")
        # Nobody was told of what is lost, or nothing is.
        self._settled(node)
        return True

    def looked(self, node: Node, put_back: bool) -> None:
        """A node has looked into its folders; what it then says of its log, others know."""
        self.told[node.province] = node.store.head()
        if put_back and node.store.restored is None:
            self._settled(node)
            node.resume()
        elif node.store.restored is not None and node.province not in self.struck:
            self.struck[node.province] = _Struck("", self.world.now)
        if node.store.restored is not None and isinstance(self.world.network, FolderNetwork):
            self.world.network.wake(node, 2 * HOUR)

    def _settled(self, node: Node) -> None:
        """What was lost was fetched or given up."""
        del self.struck[node.province]
        compared(self.world, node)
