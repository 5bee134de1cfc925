"""What a node does for another that was put back: hands back its letters, repeats its own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from attrs import frozen

from tongban.kernel.audit import hash_chain
from tongban.kernel.model import addresses
from tongban.kernel.ports import store as contract
from tongban.plugins.exchange.envelope import Letter
from tongban.plugins.exchange.handed_back import Answer, Ask
from tongban.plugins.exchange.membership import Node, Peer
from tongban.plugins.exchange.sending import Outbox
from tongban.plugins.exchange.spool import Spool

_LETTERS, _BYTES = 500, 2_000_000
"""So much stands in one file of an answer."""

_SENT = 20_000
"""At most this many repeated letters are named, so that one that got lost is missed."""


@frozen
class Answering:
    """Answers questions of other nodes about letters of their own.

    Attributes:
        outbox: leaves letters of this node with others.
    """

    node: Node
    store: contract.Store
    spool: Spool
    outbox: Outbox

    def answer(self, ask: Ask, peer: Peer, waiting: Iterable[Letter]) -> int:
        """Leaves with a node what it asked for; everything may be done twice.

        Args:
            ask: its question.
            peer: it.
            waiting: letters of it that lie here and were not taken in yet.

        Returns:
            How many letters of that node were handed back.

        Raises:
            OSError: where its folder cannot be written.
            StoreError: where the store cannot be read.
        """
        assert self.node.key is not None, "a node with peers has a key"
        sent = []
        for one in self._sent_to(peer, ask.since):
            self.outbox.leave(peer, one)
            sent.append(one.message.id)
        letters = [*self._came_from(peer, ask.since), *waiting]
        files = [*_in_parts(letters)]
        yours = self.node.seen.head(peer.name)
        # The last one is written last: where it lies, all of them do.
        for number, some in enumerate(files, 1):
            told = tuple(sent[:_SENT]) if number == 1 else ()
            parts = (number, len(files), tuple(some), yours, told)
            made = Answer(self.node.name, peer.name, ask.id, *parts).signed(self.node.key)
            self.spool.write(peer.folder / "recovery" / made.file, made.to_bytes())
        return len(letters)

    def _came_from(self, peer: Peer, since: datetime) -> Iterator[Letter]:
        """Letters of a node as it signed them; of an older version without their seal."""
        for one in self.store.incoming():
            theirs = one.node == peer.name or (
                not one.node and peer in self.node.whose(one.message.sender)
            )
            if theirs and one.received_at >= since and one.message.signature:
                # A case that was passed on brings its personal data back with it.
                data = self.outbox.sealed_for(peer, one.message)
                seal = one.seal or Letter(peer.name, self.node.name, one.message).seal
                yield Letter(peer.name, self.node.name, one.message, data, seal=seal)

    def _sent_to(self, peer: Peer, since: datetime) -> Iterator[contract.Outgoing]:
        """What this node sent to another and has its receipt for."""
        for one in self.store.outgoing("delivered"):
            late = one.tried_at is None or one.tried_at >= since
            if late and not addresses.is_local(one.message.receiver):
                if self.node.served(one.message.receiver):
                    continue
                if [found.name for found in self.node.whose(one.message.receiver)] == [peer.name]:
                    yield one


def _in_parts(letters: Iterable[Letter]) -> Iterator[list[Letter]]:
    """Lists that fit into one file each; at least one, though it be empty."""
    part: list[Letter] = []
    size = 0
    for one in letters:
        length = len(hash_chain.canonical(one.message.to_dict()).encode())
        if part and (len(part) >= _LETTERS or size + length > _BYTES):
            yield part
            part, size = [], 0
        part.append(one)
        size += length
    yield part
