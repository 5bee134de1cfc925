"""What lies in this node's folders: letters from others, and receipts for its own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

from attrs import field, frozen

from tongban.kernel import TongbanError, personal, protocol, service, signing
from tongban.kernel import store as contract
from tongban.plugins.exchange.addresses import NodeError, is_local, rank
from tongban.plugins.exchange.disk import Disk
from tongban.plugins.exchange.letters import (
    Letter,
    Outcome,
    Receipt,
    file_name,
    letter,
    receipt,
    vouches,
)
from tongban.plugins.exchange.nodes import Node, Peer
from tongban.plugins.exchange.report import Report
from tongban.plugins.exchange.sealing import opened

__all__ = ["REFUSED", "Incoming", "Take"]

Take: TypeAlias = Callable[
    [protocol.Message, personal.Personal | None, service.Sender | None], object
]
"""`Service.take`."""

REFUSED = "对方未予办理 refused: "
"""How the reason of a message begins that came, and whose command was refused for good."""


@frozen
class Incoming:
    """One look into the folders of a node.

    Attributes:
        folder: the node's own.
        key: signs receipts.
    """

    node: Node
    folder: Path
    key: signing.SigningKey = field(repr=False)
    store: contract.Store
    take: Take
    disk: Disk
    report: Report

    def receipts(self) -> None:
        """Notes what became of letters that were sent."""
        for name in self.disk.names(self.folder / "ack"):
            path = self.folder / "ack" / name
            content = self.disk.read(path)
            if content is None:
                continue
            try:
                self._noted(receipt(content))
            except NodeError as error:
                self._put_aside(path, content, str(error))
            except contract.StoreError as error:
                self.report.waiting[path.stem] = str(error)
            else:
                self.disk.remove(path)

    def _noted(self, found: Receipt) -> None:
        peer = self.node.peer(found.node)
        if peer is None or found.to != self.node.name or not found.verifies(peer.key):
            raise NodeError("回执签名不符 (the receipt is not signed by the node that it names)")
        message = self.store.message(found.message)
        mine = self.store.outgoing(case=message.case) if message else ()
        sent = next((one for one in mine if one.message.id == found.message), None)
        if sent is None or not rank(peer.serves, sent.message.receiver):
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

    def letters(self) -> None:
        """Takes in what others sent."""
        for name in self.disk.names(self.folder / "in"):
            path = self.folder / "in" / name
            content = self.disk.read(path)
            if content is None:
                continue
            try:
                self._letter(path, content)
            except OSError as error:
                # No room for the receipt: the letter stays, and comes again without effect.
                self.report.waiting[path.stem] = f"{error.strerror} (a folder cannot be written)"

    def _letter(self, path: Path, content: bytes) -> None:
        try:
            found, peer = self._authentic(content)
        except NodeError as error:
            # Nobody is told: who really sent it is not known.
            self._put_aside(path, content, str(error))
            return
        try:
            data = self._acceptable(found, peer)
            answer = self.take(found.message, data, peer.sender)
        except service.Early as error:
            self.report.waiting[found.message.id] = str(error)
            return
        except (NodeError, protocol.FormatError) as error:
            self._put_aside(path, content, str(error))
            self._give(peer, found, "rejected", str(error))
            return
        except TongbanError as error:
            # The store is busy, or cannot write: the letter stays where it is.
            self.report.waiting[found.message.id] = str(error)
            return
        self.report.taken.append(found.message.id)
        if isinstance(answer, protocol.Refusal):
            self._give(peer, found, "refused", answer.message)
        else:
            self._give(peer, found, "taken", "")
        self.disk.remove(path)

    def _authentic(self, content: bytes) -> tuple[Letter, Peer]:
        found = letter(content)
        peer = self.node.peer(found.node)
        if peer is None:
            raise NodeError("发件节点未知 (sent by a node that is not known here)")
        if found.to != self.node.name:
            raise NodeError("不是发给本节点的信件 (a letter to another node)")
        if not found.verifies(peer.key):
            raise NodeError("签名不符 (not signed by the node that it names, or changed)")
        return found, peer

    def _acceptable(self, found: Letter, peer: Peer) -> personal.Personal | None:
        """The personal data in a letter that may come from its sender to here."""
        message = found.message
        if not self.node.served(message.receiver) or is_local(message.receiver):
            raise NodeError(f"本节点不服务 {message.receiver} (that address is not served here)")
        for address in vouches(message):
            if not is_local(address) and not rank(peer.serves, address):
                raise NodeError(f"{peer.name} 无权代表 {address} (not an address of that node)")
        return opened(found.sealed, self.key, message.id) if found.sealed else None

    def _give(self, peer: Peer, found: Letter, outcome: Outcome, reason: str) -> None:
        """Leaves a receipt with the sender: after the store has kept the message."""
        made = Receipt(self.node.name, peer.name, found.message.id, outcome, reason)
        path = peer.folder / "ack" / file_name(found.message.id)
        self.disk.write(path, made.signed(self.key).to_bytes())

    def _put_aside(self, path: Path, content: bytes, reason: str) -> None:
        """Keeps what is no letter to this node where people see it, with the reason."""
        aside = self.folder / "aside"
        self.disk.write(aside / f"{path.stem}.reason.txt", f"{reason}\n".encode())
        self.disk.write(aside / path.name, content)
        self.disk.remove(path)
        self.report.aside[path.stem] = reason
