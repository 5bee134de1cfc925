"""What lies in this node's folders: letters from others, and receipts for its own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeAlias

from attrs import evolve, field, frozen

from tongban.kernel import TongbanError, protocol, service
from tongban.kernel.audit import signing
from tongban.kernel.model import addresses
from tongban.kernel.ports import store as contract
from tongban.kernel.protocol import personal_data
from tongban.plugins.exchange.addresses import NodeError
from tongban.plugins.exchange.encryption import opened
from tongban.plugins.exchange.envelope import (
    Letter,
    Outcome,
    Receipt,
    from_node,
    letter,
    receipt,
)
from tongban.plugins.exchange.folders import Folders, name_of
from tongban.plugins.exchange.heads import SignedHead, head_of
from tongban.plugins.exchange.membership import Node, Peer
from tongban.plugins.exchange.report import Report
from tongban.plugins.exchange.spool import Spool, group_of

Receive: TypeAlias = Callable[
    [protocol.Message, personal_data.Personal | None, service.Sender | None], object
]
"""`Service.receive_message`."""

REFUSED = "对方未予办理 refused: "
"""How the reason of a message begins that came, and whose command was refused finally."""

_ROUNDS = 50
"""So often is what came too early tried again in one run, each time after something came."""

_PATIENCE = timedelta(days=1)
"""What waits longer may wait for what this store lost."""

_LONGEST = 1_000
"""At most this much of a reason is sent to the other side."""


class WaitsError(Exception):
    """A letter that is not put aside and not taken: its time has not come."""


@frozen
class Incoming:
    """One look into the folders of a node.

    Attributes:
        folder: the node's own.
        key: signs receipts.
        doubts: names of nodes that spoke of what this node should have sent, and has not.
        early: letters that wait for others, with case and moment.
        moved: cases of which something was taken since.
        heads: how far the logs of others go, by node and line.
        looked_at: ids of letters that came from their nodes, and whatever came of them.
    """

    node: Node
    folder: Path
    key: signing.SigningKey = field(repr=False)
    store: contract.Store
    receive: Receive
    spool: Spool
    report: Report
    folders: Folders
    now: datetime
    doubts: set[str] = field(factory=set)
    early: dict[Path, tuple[str, datetime]] = field(factory=dict)
    moved: set[str] = field(factory=set)
    heads: dict[tuple[str, str], SignedHead] = field(factory=dict)
    looked_at: set[str] = field(factory=set)

    # Receipts.

    def receipts(self) -> None:
        """Notes what others said of letters that were sent."""
        self.folders.each("ack", self._receipt)
        self._witnessed()

    def _receipt(self, path: Path, content: bytes) -> None:
        try:
            found = receipt(content)
            peer = self.signer(found.node, found.to, path, found.verifies)
            self.told(peer, found.head, found.yours)
            self._noted(found, peer)
        except NodeError as error:
            self.folders.put_aside(path, content, str(error))
        except WaitsError as error:
            self.report.waiting[name_of(path)] = str(error)
        except contract.StoreError as error:
            self.report.waiting[name_of(path)] = str(error)
        else:
            self.spool.remove(path)

    def signer(
        self,
        node: str,
        to: str,
        path: Path,
        verifies: Callable[[tuple[signing.PublicKey, ...]], bool],
    ) -> Peer:
        """The node that signed a file for this one.

        Raises:
            NodeError: where none did.
            WaitsError: where the card of its node is not valid now.
        """
        peer = self.node.peer(node)
        if node == self.node.name:
            raise NodeError("不是发给本节点的信件 (a letter of this node itself)")
        if peer is None and self.node.knows(node):
            raise WaitsError(f"{node} 的名片缺失或不可用 (its card is missing or cannot be used)")
        if peer is None:
            raise NodeError("发件节点未知 (sent by a node that is not known here)")
        group = group_of(path.name, {one.name for one in self.node.peers})
        if to != self.node.name or (group and group != node):
            raise NodeError("不是发给本节点的信件 (a letter to another node)")
        if peer.unusable:
            raise WaitsError(peer.unusable)
        if not verifies(peer.keys):
            raise NodeError("签名不符 (not signed by the node that it names, or changed)")
        return peer

    def told(self, peer: Peer, head: SignedHead | None, yours: SignedHead | None = None) -> None:
        """Remembers how far a node's log goes, and hears how far this one's was seen to go.

        Raises:
            NodeError: where a head is not signed by the node whose it is.
        """
        if head is not None:
            if head.node != peer.name or not head.verifies(peer.keys):
                raise NodeError("日志末位签名不符 (the head of a log is not signed by its node)")
            self._heard(peer, head)
        if yours is not None and self._is_mine(yours):
            self.node.seen.note_head(yours)

    def _is_mine(self, head: SignedHead) -> bool:
        """Whether a head is one that this node signed, and not of a line that it left."""
        left = self.node.seen.is_older_line(head.history, self.store.history)
        return head.node == self.node.name and not left and head.verifies(self.node.keys)

    def _heard(self, peer: Peer, head: SignedHead) -> None:
        """Keeps the furthest head that came in this run, and finds two for one place."""
        known = self.heads.get((peer.name, head.history))
        if known is not None and known.head.position == head.head.position:
            if known.head.hash != head.head.hash:
                says = f"第 {head.head.position} 位有两个摘要 (two hashes for one place of its log)"
                self._forked(peer.name, f"节点 {peer.name} 的日志{says}")
        elif known is None or known.head.position < head.head.position:
            self.heads[peer.name, head.history] = head

    def _witnessed(self) -> None:
        """Notes the heads that were told, once for all files of a run."""
        for (name, history), head in self.heads.items():
            if head == self.node.seen.head(name):
                continue
            try:
                with self.store.transaction() as writes:
                    writes.witness(name, history, head.head)
            except contract.MismatchError as error:
                self._forked(name, str(error))
            except contract.StoreError as error:
                self.report.problems.append(f"{name}: {error}")
            else:
                self.node.seen.note_head(head)

    def _forked(self, name: str, says: str) -> None:
        self.report.alarms[name] = says
        self.node.seen.note("alarms", name, {"says": says})

    def _noted(self, found: Receipt, peer: Peer) -> None:
        message = self.store.message(found.message)
        mine = self.store.outgoing(case=message.case) if message else ()
        sent = next((one for one in mine if one.message.id == found.message), None)
        if sent is None:
            # It proves nothing yet: anybody may name an id. Whether this node once sent it,
            # that node can show in this node's own words.
            self.doubts.add(peer.name)
            raise NodeError(
                "回执与发件箱不符 (a receipt for what was not sent from here; was this store put"
                " back from a backup?)"
            )
        if peer not in self.node.whose(sent.message.receiver):
            raise NodeError("回执与发件箱不符 (a receipt for what was not sent to that node)")
        if sent.status == "delivered" or sent.reason.startswith(REFUSED):
            return
        with self.store.transaction() as writes:
            if found.outcome == "taken":
                writes.delivered(found.message)
            else:
                why = REFUSED if found.outcome == "refused" else ""
                writes.failed(found.message, f"{why}{found.reason}")
        if found.outcome == "taken":
            self.report.delivered.append(found.message)
        elif found.outcome == "refused":
            self.report.refused[found.message] = found.reason
        else:
            self.report.failed[found.message] = found.reason

    # Letters.

    def letters(self) -> None:
        """Takes in what others sent, commands in the order in which they were given.

        One that came too early is taken once more after what it waits for.
        """
        commands: list[tuple[datetime, Path]] = []

        def take(path: Path, content: bytes) -> None:
            given = _given_at(content)
            if given is None:
                self._letter(path, content)
            else:
                commands.append((given, path))

        self.folders.each("in", take)
        # Names of files say nothing of the order in which commands were given.
        self.folders.in_turn([path for _, path in sorted(commands)], self._letter)
        self._witnessed()
        for _ in range(_ROUNDS):
            again = sorted((when, path) for path, (case, when) in self.early.items()
                           if case in self.moved)  # fmt: skip
            if not again:
                return
            self.moved.clear()
            for _, path in again:
                del self.early[path]
            self.folders.again([path for _, path in again], self._letter)

    def waiting_from(self, name: str) -> list[Letter]:
        """Letters of a node that came too early and still lie here, without what is sealed."""
        found = []
        for path in self.early:
            content = self.spool.read(path)
            one = letter(content) if content is not None else None
            if one is not None and one.node == name:
                found.append(evolve(one, sealed=""))
        return found

    def _letter(self, path: Path, content: bytes) -> None:
        try:
            found = letter(content)
            peer = self.signer(found.node, found.to, path, found.verifies)
            self.told(peer, found.head)
        except NodeError as error:
            # No notice is sent: the real sender is not known.
            self.folders.put_aside(path, content, str(error))
            return
        except WaitsError as error:
            self.report.waiting[name_of(path)] = str(error)
            return
        self.looked_at.add(found.message.id)
        try:
            answer = self._taken(found, peer)
        except service.OutOfOrderError as error:
            self.report.waiting[found.message.id] = str(error)
            self.early[path] = (found.message.case, found.message.sent_at)
            if self.now > found.message.sent_at + _PATIENCE:
                self.doubts.add(peer.name)
            return
        except (NodeError, protocol.FormatError, contract.MismatchError) as error:
            self._rejected(path, content, found, peer, error)
            return
        except TongbanError as error:
            # The store is busy, or cannot write: the letter stays where it is.
            self.report.waiting[found.message.id] = str(error)
            return
        except (OSError, MemoryError):
            raise
        except Exception as error:  # noqa: BLE001 - one letter never stops a node
            says = f"无法处理 (it cannot be handled: {type(error).__name__})"
            self._rejected(path, content, found, peer, NodeError(says))
            return
        self.report.waiting.pop(found.message.id, None)
        self.report.taken.append(found.message.id)
        self.moved.add(found.message.case)
        if isinstance(answer, protocol.Refusal):
            self._give(peer, found, "refused", answer.message)
        else:
            self._give(peer, found, "taken", "")
        self.spool.remove(path)

    def _taken(self, found: Letter, peer: Peer) -> object:
        message = found.message
        if not self.node.served(message.receiver) or addresses.is_local(message.receiver):
            raise NodeError(f"本节点不服务 {message.receiver} (that address is not served here)")
        sender = service.Sender(peer.name, lambda one: peer in self.node.whose(one), found.seal)
        return self.receive(message, self.personal(found), sender)

    def personal(self, found: Letter) -> personal_data.Personal | None:
        """The personal data in a letter: sealed for the key of this node, or one from before."""
        if not found.sealed:
            return None
        for key in self.node.former:
            try:
                return opened(found.sealed, key, found.message.id)
            except NodeError:
                continue
        return opened(found.sealed, self.key, found.message.id)

    def _rejected(
        self, path: Path, content: bytes, found: Letter, peer: Peer, error: TongbanError
    ) -> None:
        """Tells the sender first: a letter that is gone without an answer would come again."""
        code = getattr(
            error, "code", "contradiction" if isinstance(error, contract.MismatchError) else ""
        )
        reason = f"[{code}] {error}" if code else str(error)
        if code == "contradiction":
            self.doubts.add(peer.name)
            self.report.alarms[found.message.id] = f"{peer.name}: {error}"
        self._give(peer, found, "rejected", reason)
        self.folders.put_aside(path, content, reason)

    def _give(self, peer: Peer, found: Letter, outcome: Outcome, reason: str) -> None:
        """Leaves a receipt with the sender: after the store has kept the message."""
        made = Receipt(
            self.node.name,
            peer.name,
            found.message.id,
            outcome,
            reason[:_LONGEST],
            head=head_of(self.node.name, self.store, self.key, self.now),
            yours=self.node.seen.head(peer.name),
        )
        path = peer.folder / "ack" / from_node(self.node.name, found.message.id)
        self.spool.write(path, made.signed(self.key).to_bytes())


def _given_at(content: bytes) -> datetime | None:
    """When the command in a letter was given; None where it is no command, or no letter."""
    try:
        message = letter(content).message
    except NodeError:
        return None
    return message.sent_at if message.kind == "command" else None
