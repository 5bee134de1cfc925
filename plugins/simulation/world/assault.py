"""A node without a part, trusted by all and with a key of its own: it signs what it likes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from attrs import define, evolve, field

from tongban.kernel import protocol, service
from tongban.kernel.audit import hash_chain
from tongban.kernel.ports import store
from tongban.plugins.simulation.checks.violation import ViolationError
from tongban.plugins.simulation.scenario.places import province_of
from tongban.plugins.simulation.store.memory import MemoryStore
from tongban.plugins.simulation.world.folders import HOSTILE, FolderNetwork, name_of
from tongban.plugins.simulation.world.forging import made_up, signed_anew
from tongban.plugins.simulation.world.network import Network
from tongban.plugins.simulation.world.places import Places
from tongban.plugins.simulation.world.ports import Ports

if TYPE_CHECKING:
    from tongban.plugins.simulation.world.node import Node

_LOOKS = 5
_LETTERS = 10
"""At most this many letters of one assault; over the runs all of them come up."""


class _Outbox(MemoryStore):
    """The hostile node's store: it holds what is to be sent, and no case."""

    def personal(self, case: str, actor: protocol.Actor, purpose: str, ref: str = "") -> None:
        """None: it has none of others."""


@define(eq=False)
class Assault:
    """Letters of the hostile node.

    Args:
        ports: what all parts of a run share.
        places: the nodes, by province.
        network: that carries its letters.
        outbox: its own store, where letters go through folders.
        sent: how many letters it has sent.
    """

    ports: Ports
    places: Places
    network: Network
    outbox: _Outbox | None = field(default=None)
    sent: int = 0

    def begins(self, node: Node, name: tuple[Any, ...]) -> None:
        """Sends letters of every kind about a case that the node has."""
        ports = self.ports
        if not node.up or node.cut or node.store.restored is not None or ports.done:
            return
        cases = sorted(row.id for row in node.store.cases())
        cases += sorted({one.message.case for one in node.store.incoming(kind="request")})
        cases = [id for id in dict.fromkeys(cases) if id in ports.cases.records]
        if not cases:
            return
        record = ports.cases.records[ports.dice.chance.pick(cases, *name, "case")]
        known = bool(
            node.store.case(record.id) or node.store.incoming(case=record.id, kind="request")
        )
        letters = list(made_up(record.case, HOSTILE, node.clock(), known=known))
        for place in sorted(self.places.nodes):
            for sent in self.places.nodes[place].store.outgoing(case=record.id):
                letters += signed_anew(sent.message, HOSTILE)
        mine = [
            one
            for one in letters
            if node.serves(one.receiver)
            and "/" in one.receiver
            # To ask first about a case that has not come is its own affair.
            and (known or one.kind not in ("request", "chase"))
        ]
        pick = ports.dice.chance.pick
        chosen = [pick(mine, *name, "letter", nth) for nth in range(min(_LETTERS, len(mine)))]
        network = self.network
        if isinstance(network, FolderNetwork):
            for _ in range(_LOOKS):  # what honest nodes sent is taken in before
                report = network.look(node)
                if report is None or node.store.restored is not None:
                    return
                if not report["taken"]:
                    break
        before = _kept(node)
        if isinstance(network, FolderNetwork):
            self._through_folders(network, node, chosen)
        else:
            self._at_once(node, chosen)
        if not node.up:
            return
        ports.watch.checked["believed"] += 1
        after = _kept(node)
        for what in before:
            if before[what] != after[what]:
                kinds = ", ".join(sorted({one.kind for one in chosen}))
                says = (
                    f"letters ({kinds}) of a node without a part changed {what} at {node.province}"
                )
                raise ViolationError("believed", record, says)
        ports.watch.usable(node)

    def _at_once(self, node: Node, letters: list[protocol.Message]) -> None:
        """Without folders: each is taken in as signed by the hostile node."""
        signed = service.Sender(name_of(HOSTILE), lambda one: province_of(one) == HOSTILE)
        refused = 0

        def take(message: protocol.Message) -> None:
            nonlocal refused
            try:
                node.service.receive_message(message, None, signed)
            except (
                service.OutOfOrderError,
                service.RejectedError,
                protocol.FormatError,
                store.MismatchError,
            ):
                refused += 1

        for nth, message in enumerate(letters):
            node.attempt(("assault", -1, message.id, nth), lambda message=message: take(message))  # type: ignore[misc]
        self.ports.metrics.noticed["hostile_letter"] += refused > 0

    def _through_folders(
        self, network: FolderNetwork, node: Node, letters: list[protocol.Message]
    ) -> None:
        """Signed by its key, in the folder of the node; and receipts for what it never got."""
        if HOSTILE not in network.keys:
            network.join(HOSTILE)
            salts = lambda count: bytes(count)  # noqa: E731
            self.outbox = _Outbox(HOSTILE, lambda: self.ports.agenda.moment, node.calendars, salts)
        outbox = self.outbox
        assert outbox is not None
        with outbox.transaction() as writes:
            for message in letters:
                self.sent += 1
                known = outbox.message(message.id) is not None
                writes.send([evolve(message, id=f"{self.sent:032x}") if known else message])
        self._pump(network)
        self._receipts(network, node)
        report = network.look(node)
        if report is not None:
            mine = [row for row in report["aside"] if row["id"].startswith(name_of(HOSTILE))]
            self.ports.metrics.noticed["hostile_letter"] += bool(mine)
        # What is taken in later may be of a case that the node has lost by then.
        for part in ("in", "ack"):
            folder = network.shared / name_of(node.province) / part
            for path in folder.glob(f"{name_of(HOSTILE)}.*"):
                path.unlink()
        self._pump(network)
        with outbox.transaction() as writes:
            for one in outbox.outgoing():
                writes.delivered(one.message.id)  # it is not sent again

    def answers(self) -> None:
        """Looks into its folders: it answers who asks, so that others can go on."""
        if self.outbox is not None and isinstance(network := self.network, FolderNetwork):
            self._pump(network)

    def _pump(self, network: FolderNetwork) -> None:
        """Sends what it has; it answers who asks, and takes in nothing."""
        carrier = network.carrier(HOSTILE)
        kept = self.outbox
        assert kept is not None
        carrier.run(kept, lambda *given: None, self.ports.agenda.moment)

    def _receipts(self, network: FolderNetwork, node: Node) -> None:
        """Says of letters to others that they came, or were refused."""
        key = network.key(HOSTILE, network.keys[HOSTILE] - 1)
        for one in node.store.outgoing("pending")[:3]:
            texts = {
                "node": name_of(HOSTILE),
                "to": name_of(node.province),
                "message": one.message.id,
                "outcome": "refused" if self.sent % 2 else "taken",
                "reason": "",
            }
            signature = key.sign("\n".join(("tongban.receipt/1", *texts.values())))
            says = {"format": "tongban.receipt/1", **texts, "signature": signature}
            path = network.shared / name_of(node.province) / "ack"
            name = f"{name_of(HOSTILE)}.{one.message.id}.json"
            (path / name).write_text(hash_chain.canonical(json.loads(json.dumps(says))) + "\n")


def _kept(node: Node) -> dict[str, Any]:
    """What a letter of somebody without a part may not change."""
    kept = node.store
    return {
        "cases": sorted((row.id, row.state, _version(kept, row.id)) for row in kept.cases()),
        "the outbox": sorted(
            (one.message.id, one.status) for one in kept.outgoing() if one.status != "failed"
        ),
        "the inbox": sorted(
            (one.message.id, one.handled_at is not None)
            for one in kept.incoming()
            if one.message.kind != "alarm"
        ),
    }


def _version(kept: store.Store, id: str) -> int:
    case = kept.case(id)
    return case.version if case else 0
