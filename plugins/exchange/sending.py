"""What is in the outbox: delivered inside the store, or left with the node whose it is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from attrs import frozen

from tongban.kernel import TongbanError, protocol, service
from tongban.kernel.ports import store as contract
from tongban.kernel.protocol import personal_data
from tongban.plugins.exchange.encryption import sealed
from tongban.plugins.exchange.envelope import Letter, from_node
from tongban.plugins.exchange.heads import SignedHead
from tongban.plugins.exchange.incoming import REFUSED, Receive
from tongban.plugins.exchange.membership import Node, Peer
from tongban.plugins.exchange.report import Report
from tongban.plugins.exchange.spool import Spool

_FIRST, _LONGEST = timedelta(minutes=1), timedelta(days=1)
_PURPOSE = "随办件转交 (goes with the case to the next authority)"


def backoff(attempts: int) -> timedelta:
    """How long to wait after failures: a minute, twice as long each time, at most a day."""
    return min(_FIRST * 2 ** min(attempts - 1, 20), _LONGEST) if attempts > 0 else timedelta()


@frozen
class Outbox:
    """One run over the messages that are to be sent."""

    node: Node
    spool: Spool
    entropy: Callable[[int], bytes]
    store: contract.Store
    receive: Receive
    now: datetime
    report: Report
    head: SignedHead | None = None

    def run(self) -> None:
        """Sends what is due; what is delivered inside the store may send more."""
        tried: set[str] = set()
        while new := [one for one in self.due() if one.message.id not in tried]:
            for one in new:
                tried.add(one.message.id)
                self.send(one)

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
        if self.node.served(one.message.receiver):
            self._inside(one)
            return
        node, address = self.node, one.message.receiver
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
            answer = self.receive(message, None, None)
        except service.OutOfOrderError as error:
            self.report.waiting[message.id] = str(error)
            return
        except protocol.FormatError as error:
            self._failed(one, str(error))
            return
        except TongbanError as error:
            # The store is busy: the message stays as it is.
            self.report.waiting[message.id] = str(error)
            return
        except (OSError, MemoryError):
            raise
        except Exception as error:  # noqa: BLE001 - one message never stops the others
            self._failed(one, f"无法处理 (it cannot be handled: {type(error).__name__})")
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
        message = one.message
        try:
            if not self.leave(peer, one):
                self.report.waiting[message.id] = f"待 {peer.name} 收取 (not fetched yet)"
                return
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

    def leave(self, peer: Peer, one: contract.Outgoing) -> bool:
        """Leaves a message with another node; whether it did not lie there yet.

        Raises:
            OSError: where the node's folder cannot be written.
            TongbanError: where personal data that goes with it cannot be read.
        """
        path = peer.folder / "in" / from_node(self.node.name, one.message.id)
        if self.spool.exists(path):
            return False
        self.spool.write(path, self._letter(one.message, peer).to_bytes())
        return True

    def sealed_for(self, peer: Peer, message: protocol.Message) -> str:
        """Personal data that goes with a message, for one node alone; "" where there is none."""
        data = self._personal(message)
        return sealed(data, peer.sealing, message.id, self.entropy) if data else ""

    def _letter(self, message: protocol.Message, peer: Peer) -> Letter:
        key = self.node.key
        assert key is not None, "a node with peers has a key"
        seal = self.sealed_for(peer, message)
        made = Letter(self.node.name, peer.name, message, seal, head=self.head)
        return made.signed(key)

    def _personal(self, message: protocol.Message) -> personal_data.Personal | None:
        """What the receiver must know of the applicant: to handle, confirm or reach them."""
        ref = protocol.personal_of(message)
        if not ref:
            return None
        asked = self.store.incoming(case=message.case, kind="request")
        if self.store.case(message.case) is None and not asked:
            return None  # the case went with an older state of this store, and its data with it
        return self.store.personal(message.case, protocol.SYSTEM, _PURPOSE, ref)

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
