"""Messages that go through real folders, carried by the exchange that is installed."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from attrs import define, field

from tongban.kernel import Kernel, WatchfulCarrier, protocol, service
from tongban.kernel.audit import signing
from tongban.plugins.simulation.checks.violation import ViolationError
from tongban.plugins.simulation.scenario.places import CENTRAL, province_of
from tongban.plugins.simulation.store.watched_store import Killed
from tongban.plugins.simulation.world.network import Network
from tongban.plugins.simulation.world.node import Down, Node

if TYPE_CHECKING:
    from tongban.plugins.simulation.checks.record import Record

HOSTILE = "710000"
"""The place of a node without a part, which all others trust. No scenario has it."""

_LOCAL = ("applicant", "system")
_UNTIL = "2099-12-31"
_AGAIN, _DOWN = 240, 60
"""Minutes after which a node looks again for what waits, and one that is down or cut off."""

_SIGNATURE = "签名不符"
_FALLEN = "cannot be handled"
"""What the exchange says of a letter without a signature, and of one that made it fall over."""


def name_of(province: str) -> str:
    """The name of a province's node in the exchange."""
    return f"p{province}"


@define(eq=False)
class FolderNetwork(Network):
    """Carries what stands in the outboxes through folders.

    Args:
        root: folder of this run: files of nodes and keys, and the shared one.
        looked: called for each node that has looked, and whether it had been put back.
        planted: whether a file that was put aside is not an honest node's.
        exchange: finds the plugin that carries.
        waiting: of each node what it sent and is not acknowledged, by id.
        due: the next minute at which a node looks into its folders.
        keys: how many keys each node has had.
        carriers: what carries for each node, with what it was made of.
        late: letters of each node that are held up.
        rounds: how often nodes have looked.
    """

    root: Path = field(kw_only=True)
    looked: Callable[[Node, bool], None] = field(kw_only=True)
    planted: Callable[[str], bool] = field(kw_only=True)
    exchange: Kernel = field(factory=lambda: Kernel())
    waiting: dict[str, dict[str, tuple[Record, protocol.Message]]] = field(factory=dict)
    due: dict[str, int] = field(factory=dict)
    keys: dict[str, int] = field(factory=dict)
    carriers: dict[str, tuple[tuple[int, ...], WatchfulCarrier]] = field(factory=dict)
    late: dict[str, dict[Path, bytes]] = field(factory=dict)
    rounds: int = 0

    # Nodes

    @property
    def shared(self) -> Path:
        """The folder that all nodes share."""
        return self.root / "exchange"

    def file(self, province: str) -> Path:
        """What says where a node is in the exchange."""
        return self.root / f"{name_of(province)}.node.json"

    def key(self, province: str, number: int) -> signing.SigningKey:
        """A key of a node; the first is that which others pin."""
        text = self.ports.dice.chance.hexadecimal("signing key", province, number)
        return signing.SigningKey(bytes.fromhex(text * 2))

    def join(self, province: str) -> None:
        """Makes a node that all others trust, and publishes its card."""
        new = province not in self.keys
        self.keys.setdefault(province, 1)
        for one in self.keys if new else (province,):
            self._write(one)
        self.carrier(province)

    def _write(self, province: str) -> None:
        """Writes the file of a node, with its keys, and those of the others that are pinned."""
        count = self.keys[province]
        names = [f"{name_of(province)}.{number}.key" for number in range(count)]
        for number, name in enumerate(names):
            (self.root / name).write_text(self.key(province, number).to_pem())
        trusted = {
            name_of(one): {"key": self.key(one, 0).public.id, "serves": [_serves(one)]}
            for one in sorted(self.keys)
            if one != province
        }
        says = {
            "name": name_of(province),
            "serves": [_serves(province)],
            "exchange": "exchange",
            "key": names[-1],
            "trusted": trusted,
            "former": [{"key": name, "until": _UNTIL} for name in names[:-1]],
        }
        self.file(province).write_text(json.dumps(says, ensure_ascii=False))

    def rotate(self, province: str) -> None:
        """Gives a node another key; the ones before stay known as former ones."""
        self.keys[province] += 1
        self.join(province)

    def carrier(self, province: str) -> WatchfulCarrier:
        """What carries for a node now: read anew where it came up, or a card changed."""
        node = self.places.nodes.get(province)
        mark = (sum(self.keys.values()), len(self.keys), node.epoch if node else 0)
        known = self.carriers.get(province)
        if known is not None and known[0] == mark:
            return known[1]
        found = self.exchange.ports.carrier(str(self.file(province)))
        assert isinstance(found, WatchfulCarrier), "the embedded exchange is installed"
        self.carriers[province] = mark, found
        return found

    def compare(self, node: Node) -> None:
        """A node that comes up compares its log with what it last said of it."""
        self.carrier(node.province).compare(node.store)

    # Sending

    def send(self, source: Node, message: protocol.Message) -> None:
        """Has a message carried when its node looks into its folders next."""
        record = self.ports.cases.record(message.case)
        if record is None:
            return
        self.waiting.setdefault(source.province, {})[message.id] = record, message
        minutes = self.ports.dice.chance.of(self.ports.scenario.network.minutes, "pump", message.id)
        self.wake(source, minutes)

    def wake(self, node: Node, minutes: int) -> None:
        """Has a node look into its folders after this many minutes, or sooner."""
        ports = self.ports
        at, known = ports.agenda.now + minutes, self.due.get(node.province)
        if known is not None and known <= at:
            return
        self.due[node.province] = at

        def look() -> None:
            if self.due.get(node.province) == at:
                del self.due[node.province]
                if not ports.done:
                    self.look(node)

        ports.agenda.later(minutes, look)

    # Looking into the folders

    def look(self, node: Node) -> Mapping[str, Any] | None:
        """Sends and takes in; None where the node is down, or dies on the way."""
        if not node.up or node.cut:
            self.wake(node, _DOWN)
            return None
        came = cast("list[protocol.Message]", [])
        self.rounds += 1
        carrier = self.carrier(node.province)
        put_back = node.store.restored is not None
        report = node.attempt(
            ("pump", node.province, self.rounds),
            lambda: carrier.run(node.store, self._take(node, came), node.clock()),
        )
        if isinstance(report, Down):
            return None
        for message in came:
            self._read(node, message)
        self._under_way(node, report["sent"])
        self._acknowledged_ones(node, set(_reasons(report, "refused")))
        moved = report["sent"] or report["taken"] or report["delivered"]
        if moved and (report["waiting"] or report["failed"] or report["left"]):
            self.wake(node, _AGAIN)  # else the next night is soon enough
        self._examine(node, report)
        self.looked(node, put_back)
        return report

    def _take(self, node: Node, came: list[protocol.Message]) -> Callable[..., object]:
        ports = self.ports

        def take(message: protocol.Message, brings: Any, sender: service.Sender | None) -> object:
            record = ports.cases.record(message.case)
            number = record.number if record else -1
            node.doing, before = ("take", number, message.kind, message.id), node.doing
            node.tries["id"] = 0
            answer = node.service.receive_message(message, brings, sender)
            node.doing = before
            if message.receiver not in _LOCAL:
                came.append(message)
            rate, name = (
                ports.dice.faults.killed_before_acknowledgement,
                "killed_before_acknowledgement",
            )
            if sender is not None and ports.dice.fault(
                name, rate, node.province, message.id, self.rounds, case=message.case
            ):
                raise Killed
            return answer

        return take

    def _read(self, node: Node, message: protocol.Message) -> None:
        """Somebody reads what came in, and its sender finds a receipt."""
        ports, record = self.ports, self.ports.cases.record(message.case)
        if record is None:
            return
        ports.watch.arrived(node, record, message)
        self.people.read(node, message)
        sender = self.places.node(province_of(message.sender)) if "/" in message.sender else node
        if sender is node:
            return
        lost = ports.dice.faults.message_lost
        if ports.dice.fault("message_lost", lost, "ack", message.id, self.rounds, case=record.id):
            self._file(sender, "ack", node, message.id).unlink(missing_ok=True)
        self.wake(
            sender, 1 + ports.dice.chance.of(ports.scenario.network.minutes, "ack", message.id)
        )

    def _file(self, owner: Node, part: str, writer: Node, message: str) -> Path:
        name = f"{name_of(writer.province)}.{message}.json"
        return self.shared / name_of(owner.province) / part / name

    def _under_way(self, source: Node, sent: list[str]) -> None:
        """Letters that lie in the folders of others now: lost, doubled, late, or found soon."""
        ports, faults = self.ports, self.ports.dice.faults
        for id in sent:
            known = self.waiting.get(source.province, {}).get(id)
            if known is None:
                continue
            record, message = known
            target = self.places.node(province_of(message.receiver))
            letter = self._file(target, "in", source, id)
            self.attempts[id] += 1
            name = (id, self.attempts[id])
            if ports.dice.fault("message_lost", faults.message_lost, *name, case=record.id):
                letter.unlink(missing_ok=True)
                self.wake(source, _AGAIN)
                continue
            minutes = ports.dice.chance.of(ports.scenario.network.minutes, "way", *name)
            if ports.dice.fault("message_doubled", faults.message_doubled, *name, case=record.id):
                late = ports.dice.chance.of(faults.delay_minutes, "double", *name)
                again = letter.with_name(f"{name_of(source.province)}.again-{id}.json")
                self._later(late, record, self._puts(again, letter.read_bytes(), target))
            if ports.dice.fault("message_delayed", faults.message_delayed, *name, case=record.id):
                late = ports.dice.chance.of(faults.delay_minutes, "delay", *name)
                content = letter.read_bytes()
                self.late.setdefault(source.province, {})[letter] = content
                self._later(late, record, self._brings(source, letter, target))
                letter.unlink()
                continue
            self.wake(target, minutes)

    def _brings(self, source: Node, letter: Path, target: Node) -> Callable[[], None]:
        def bring() -> None:
            content = self.late.get(source.province, {}).pop(letter, None)
            if content is not None:
                letter.write_bytes(content)
            self.wake(target, 0)

        return bring

    def hurry(self, source: Node) -> None:
        """Brings what is late: a node that was put back finds what it sent, or it is lost."""
        for letter, content in self.late.pop(source.province, {}).items():
            letter.write_bytes(content)

    def _puts(self, path: Path, content: bytes, target: Node) -> Callable[[], None]:
        def put() -> None:
            path.write_bytes(content)
            self.wake(target, 0)

        return put

    def _acknowledged_ones(self, node: Node, refused: set[str]) -> None:
        """Notes what is no longer owed; what went with a backup is not there any more."""
        owed = {
            one.message.id
            for status in ("pending", "failed")
            for one in node.store.outgoing(cast("Any", status))
        } - refused
        ports, mine = self.ports, self.waiting.setdefault(node.province, {})
        for record in list(ports.cases.records.values()):
            sent = {id for place, id in record.unacknowledged if place == node.province}
            for id in sorted(sent - owed):
                mine.pop(id, None)
                record.unacknowledged.discard((node.province, id))
                message = node.store.message(id)
                if id in record.unread and message is not None:
                    self.people.told(record, message)
                record.unread.discard(id)
            ports.cases.settle(record)

    def _examine(self, node: Node, report: Mapping[str, Any]) -> None:
        """What may not be said of an honest node's letter."""
        ports = self.ports
        honest = {name_of(one) for one in self.places.nodes}
        ports.watch.checked["keys"] += 1
        for name, says in _reasons(report, "aside").items():
            if name.partition(".")[0] not in honest or self.planted(name):
                continue
            if _SIGNATURE in says:
                raise ViolationError("keys", None, f"{node.province}: {name}: {says}")
            if _FALLEN in says:
                raise ViolationError("raised", None, f"{node.province}: {name}: {says}")


def _reasons(report: Mapping[str, Any], part: str) -> dict[str, str]:
    """What a report says of each message or file."""
    return {row["id"]: row["reason"] for row in report[part]}


def _serves(province: str) -> str:
    return "-" if province == CENTRAL else province
