"""The pump: sends the outbox, takes in what has come, and gives receipts for it.

Every step may be done twice, and a crash may come between any two of them. A message stays
in the outbox until the receipt for it is here; the receiver writes that after its store has
kept the message, and keeps each message once, by its id.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from attrs import field, frozen

from tongban.kernel import TongbanError, foreign, personal, printing, protocol, service
from tongban.kernel import store as contract
from tongban.plugins.exchange.disk import REASON, Disk
from tongban.plugins.exchange.folders import Folders
from tongban.plugins.exchange.heads import HEAD, SignedHead, head_of
from tongban.plugins.exchange.incoming import REFUSED, Incoming, Take
from tongban.plugins.exchange.letters import Letter, from_node
from tongban.plugins.exchange.nodes import Node, Peer
from tongban.plugins.exchange.report import Report
from tongban.plugins.exchange.sealing import sealed

__all__ = ["Exchange", "backoff"]

_FIRST, _LONGEST = timedelta(minutes=1), timedelta(days=1)
_FIRST_REASONS, _LONGEST_REASON = 5, 20_000
_PURPOSE = "随办件转交 (goes with the case to the next authority)"


def backoff(attempts: int) -> timedelta:
    """How long to wait after so many failures: a minute, twice as long each time, a day at most."""
    return min(_FIRST * 2 ** min(attempts - 1, 20), _LONGEST) if attempts > 0 else timedelta()


@frozen(eq=False)
class Exchange:
    """Carries the messages of one store.

    Attributes:
        node: this store's place in the exchange.
        disk: the files.
        entropy: gives so many bytes by chance, to seal personal data.
    """

    node: Node
    disk: Disk = field(factory=Disk)
    entropy: Callable[[int], bytes] = os.urandom

    def serves(self, address: str) -> bool:
        """Whether the store is that of an address."""
        return self.node.served(address)

    def pump(self, store: contract.Store, take: Take, now: datetime) -> Mapping[str, Any]:
        """Sends what is in the outbox, and takes in what has come.

        Args:
            store: whose outbox it is.
            take: `Service.take`.
            now: the moment, by which what failed is tried again.

        Returns:
            `Report.to_dict()`.

        Raises:
            StoreError: where the store cannot be read.
            OSError: where a folder cannot be read or written; nothing is lost by it.
        """
        report = Report(problems=list(self.node.problems))
        node = self.node
        if node.folder is not None and node.key is not None:
            folders = Folders(node, node.folder, self.disk, report)
            folders.make()
            come = Incoming(
                node, node.folder, node.key, store, take, self.disk, report, folders, now
            )
            come.receipts()
            come.letters()
        head = head_of(node.name, store, node.key, now) if node.key is not None else None
        outbox = _Outbox(self, store, take, now, report, head)
        tried: set[str] = set()
        # What is delivered inside the store may send more.
        while new := [one for one in outbox.due() if one.message.id not in tried]:
            for one in new:
                tried.add(one.message.id)
                outbox.send(one)
        self._published(store, now, report)
        return report.to_dict()

    def condition(self, store: contract.Store) -> Mapping[str, Any]:
        """What stands in the way of messages; nothing is sent or taken in by it.

        Returns:
            `problems`, sentences; `aside`, with `folder`, `number` and the first `reasons`.
        """
        problems = list(self.node.problems)
        aside: dict[str, Any] = {"folder": "", "number": 0, "reasons": []}
        if self.node.folder is not None:
            folder = self.node.folder / "aside"
            try:
                names, number = self.disk.listed(folder, REASON, _FIRST_REASONS)
                reasons = [self._reason(folder / name) for name in names]
                aside = {"folder": str(folder), "number": number, "reasons": reasons}
            except OSError as error:
                problems.append(f"{folder}: 无法读取 (cannot be read: {error.strerror})")
        return {"problems": problems, "aside": aside}

    def _reason(self, path: Path) -> str:
        try:
            content = self.disk.read(path, largest=_LONGEST_REASON) or b""
        except (OSError, foreign.Unreadable):
            content = b""
        return printing.printable(content.decode("utf-8", "replace").strip()) or path.name

    def _published(self, store: contract.Store, now: datetime, report: Report) -> None:
        """Says in the shared folder how far the log goes, and remembers what was seen."""
        node = self.node
        if node.folder is None or node.key is None:
            return
        head, before = head_of(node.name, store, node.key, now), node.seen.head(node.name)
        node.seen.note_line(head.history)
        try:
            if before is None or (before.history, before.head) != (head.history, head.head):
                self.disk.write(node.folder / HEAD, head.to_bytes(), own=1)
            node.seen.note_head(head)
            node.seen.save()
        except OSError as error:
            report.problems.append(f"{node.folder}: 无法写入 (cannot be written: {error.strerror})")


@frozen
class _Outbox:
    """One run over the messages that are to be sent."""

    exchange: Exchange
    store: contract.Store
    take: Take
    now: datetime
    report: Report
    head: SignedHead | None = None

    def due(self) -> list[contract.Outgoing]:
        """What is pending, and what failed and whose time has come again."""
        failed = []
        for one in self.store.outgoing("failed"):
            if one.reason.startswith(REFUSED):
                self.report.refused[one.message.id] = one.reason.removeprefix(REFUSED)
            elif one.tried_at is None or one.tried_at + backoff(one.attempts) <= self.now:
                failed.append(one)
            else:
                self.report.failed[one.message.id] = one.reason
        return [*self.store.outgoing("pending"), *failed]

    def send(self, one: contract.Outgoing) -> None:
        """Delivers a message inside the store, or leaves it with the node whose it is."""
        if self.exchange.serves(one.message.receiver):
            self._inside(one)
            return
        node, address = self.exchange.node, one.message.receiver
        peers = node.whose(address)
        if len(peers) != 1:
            self._failed(one, _nobody(address, peers, node.missing(address)))
            return
        if peers[0].unusable:
            self._failed(one, f"{peers[0].name}: {peers[0].unusable}")
            return
        self._outside(one, peers[0])

    def _inside(self, one: contract.Outgoing) -> None:
        message = one.message
        try:
            answer = self.take(message, None, None)
        except service.Early as error:
            self.report.waiting[message.id] = str(error)
            return
        except protocol.FormatError as error:
            self._failed(one, str(error))
            return
        except TongbanError as error:
            # The store is busy: the message stays as it is.
            self.report.waiting[message.id] = str(error)
            return
        with self.store.transaction() as writes:
            if isinstance(answer, protocol.Refusal):
                writes.failed(message.id, f"{REFUSED}{answer.message}")
            else:
                writes.delivered(message.id)
        if isinstance(answer, protocol.Refusal):
            self.report.refused[message.id] = answer.message
        else:
            self.report.delivered.append(message.id)

    def _outside(self, one: contract.Outgoing, peer: Peer) -> None:
        message, disk = one.message, self.exchange.disk
        path = peer.folder / "in" / from_node(self.exchange.node.name, message.id)
        try:
            if disk.exists(path):
                self.report.waiting[message.id] = f"待 {peer.name} 收取 (not fetched yet)"
                return
            letter = self._letter(message, peer)
            disk.write(path, letter.to_bytes())
        except OSError as error:
            self._failed(one, f"无法投递至 {peer.name} (its folder: {error.strerror})")
            return
        except TongbanError as error:
            self._failed(one, str(error))
            return
        if one.status == "failed":
            with self.store.transaction() as writes:
                writes.retry(message.id)
        self.report.sent.append(message.id)
        self.report.failed.pop(message.id, None)

    def _letter(self, message: protocol.Message, peer: Peer) -> Letter:
        data = self._personal(message)
        seal = sealed(data, peer.sealing, message.id, self.exchange.entropy) if data else ""
        key = self.exchange.node.key
        assert key is not None, "a node with peers has a key"
        made = Letter(self.exchange.node.name, peer.name, message, seal, head=self.head)
        return made.signed(key)

    def _personal(self, message: protocol.Message) -> personal.Personal | None:
        """What the receiver must know of the applicant, to handle the case or to confirm."""
        snapshot = message.body.get("case")
        source = snapshot if isinstance(snapshot, Mapping) else message.body
        if message.kind not in ("forward", "request", "chase") or not source.get("personal"):
            return None
        found = self.store.personal(message.case, protocol.SYSTEM, _PURPOSE)
        return found if found is not None and found.ref == source["personal"] else None

    def _failed(self, one: contract.Outgoing, reason: str) -> None:
        """Notes why; it stays where it is seen, and is tried again later."""
        with self.store.transaction() as writes:
            writes.failed(one.message.id, reason)
        self.report.failed[one.message.id] = reason


def _nobody(address: str, peers: tuple[Peer, ...], missing: str) -> str:
    if missing and not peers:
        return f"{missing} 的名片缺失或不可用 (the card of the node that serves {address})"
    if not peers:
        return f"没有节点服务 {address} (nobody serves this address)"
    names = "、".join(one.name for one in peers)
    return f"{names} 都声明服务 {address} (more than one node says that it serves this address)"
