"""A state of the small world, what may happen in it, and what is left of the bounds."""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

Action: TypeAlias = tuple[str, int, str]
"""What happens, to which node, move or message, and the fault: one of `FAULTS`, or ""."""

NO_BACKUP = (-1, -1)

FAULTS = ("", "crash before commit", "crash after commit", "doubled", "ack lost")

UNUSED, MADE, AGAIN = 0, 1, 2
"""Of a move: not made; made; made, and the same command comes once more."""


class Left(NamedTuple):
    """What is left of the bounds on faults."""

    lost: int
    doubled: int
    crashes: int
    restores: int = 0


class Keys(NamedTuple):
    """The keys of all nodes; empty where none changes.

    Attributes:
        cards: for each node its card: 0 with its first key, 1 with the second one, 2 when the
            time of the first is over, while letters of it are under way.
        read: for each node the card of each that it has read last.
        old: messages on their way that were signed by a key from before.
    """

    cards: tuple[int, ...] = ()
    read: tuple[tuple[int, ...], ...] = ()
    old: tuple[int, ...] = ()


class State(NamedTuple):
    """A state of the whole world; what is left of the bounds stands apart.

    Attributes:
        nodes: for each node the number of what it keeps.
        net: messages with how many copies are on their way; 0 for one that was lost.
        moves: for each move UNUSED, MADE or AGAIN.
        day: number of the day.
        backup: a node, and the number of what it kept when a backup of it was taken.
        keys: which keys sign, and which are known.
    """

    nodes: tuple[int, ...]
    net: tuple[tuple[int, int], ...]
    moves: tuple[int, ...]
    day: int
    backup: tuple[int, int] = NO_BACKUP
    keys: Keys = Keys()

    def with_node(self, n: int, kept: int) -> State:
        """The same with a node that keeps something else."""
        return self._replace(nodes=(*self.nodes[:n], kept, *self.nodes[n + 1 :]))
