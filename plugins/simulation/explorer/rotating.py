"""A node gets another key at any moment: letters under way are signed by the one before."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tongban.kernel import Kernel
from tongban.kernel.protocol import Message
from tongban.plugins.simulation.explorer.scenario import Scenario
from tongban.plugins.simulation.explorer.signers import (
    CARDS,
    FIRST,
    KEYS,
    SECOND,
    TAKEN,
    Signers,
)
from tongban.plugins.simulation.explorer.site import Result
from tongban.plugins.simulation.explorer.site_state import SiteState
from tongban.plugins.simulation.explorer.state import Action, Keys, State

ROTATING = ("rotate", "expire", "learn")
"""A node gets another key; letters that the one before signed are not taken any more; a node
reads the cards of the others again."""

_MAY_SIGN = {0: {FIRST}, 1: {FIRST, SECOND}, 2: {SECOND}}
"""The promise: whose letters are a node's own, by the card of it that was read last."""


class Rotating:
    """The steps of one world that have to do with keys. Without rotations there are none.

    Args:
        scenario: with its nodes, and how many of them get another key.
        kernel: finds the exchange, which says who is believed.
        messages: every message so far, with the numbers of its sender and receiver.
        kept: everything that a node was found to keep, by number.
    """

    def __init__(
        self,
        scenario: Scenario,
        kernel: Kernel,
        messages: Sequence[tuple[Message, int, int]],
        kept: Sequence[SiteState],
    ) -> None:
        self._names = [place.name for place in scenario.nodes]
        self._messages = messages
        self._kept = kept
        self._bound = scenario.bounds.rotations
        self._signers = Signers.ask(kernel) if self._bound else Signers({})

    def start(self) -> Keys:
        """All have their first key, and have read the cards of all others."""
        number = len(self._names) if self._bound else 0
        return Keys((0,) * number, ((0,) * number,) * number, ())

    def actions(self, state: State) -> Iterator[Action]:
        """What may happen in a state."""
        cards, read, old = state.keys
        for n, card in enumerate(cards):
            if not card and sum(map(bool, cards)) < self._bound:
                yield ("rotate", n, "")
            if card == 1 and any(self._messages[one][1] == n for one in old):
                yield ("expire", n, "")
            if read[n] != (*cards[:n], read[n][n], *cards[n + 1 :]):
                yield ("learn", n, "")

    def after(self, state: State, kind: str, n: int) -> State:
        """What one of them leads to."""
        cards, read, old = state.keys
        if kind == "learn":
            known = [
                before if n == other or before == card else self._signers.reads(before, card)
                for other, (before, card) in enumerate(zip(read[n], cards, strict=True))
            ]
            read = (*read[:n], tuple(known), *read[n + 1 :])
            return state._replace(keys=Keys(cards, read, old))
        if kind == "rotate":
            lying = [one for one, copies in state.net if copies]
            old = (*old, *(one for one in lying if self._messages[one][1] == n))
        cards = (*cards[:n], cards[n] + 1, *cards[n + 1 :])
        return state._replace(keys=Keys(cards, read, tuple(sorted(old))))

    def only_lying(self, state: State) -> State:
        """The same; what is sent again is signed by the key of today."""
        if not state.keys.old:
            return state
        copies = dict(state.net)
        return self._with_old(state, tuple(one for one in state.keys.old if copies.get(one)))

    def sent_again(self, state: State, message: int) -> State:
        """A letter or its receipt was not believed: it is sent again at once.

        When it lies there again makes no difference, since it is judged when it is taken in.
        """
        return self._with_old(state, tuple(one for one in state.keys.old if one != message))

    def judged(self, state: State, message: int) -> Result | None:
        """What comes of a letter whose signature is not believed; None where it is."""
        if not self._bound:
            return None
        _, sender, receiver = self._messages[message]
        signed = FIRST if message in state.keys.old else self._key(state, sender)
        verdict = self._verdict(state, receiver, sender, signed)
        if verdict == TAKEN:
            return None
        kept = self._kept[state.nodes[receiver]]
        return Result(kept, verdict, f"signed by the {signed} key", acknowledged=False)

    def hears(self, state: State, message: int) -> bool:
        """Whether the sender of a letter believes the receipt for it."""
        if not self._bound:
            return True
        _, sender, receiver = self._messages[message]
        return self._verdict(state, sender, receiver, self._key(state, receiver)) == TAKEN

    def misbelieved(self, state: State) -> str:
        """Under which key a letter would be believed that is not its sender's; "" for none.

        Every key is tried, with the cards as they are and after somebody has put an older card,
        or one of a stranger, in the folder.
        """
        names = self._names
        for n, known in enumerate(state.keys.read):
            for other, before in enumerate(known):
                if n == other:
                    continue
                for card in {*range(before + 1), CARDS[-1]}:
                    for key in KEYS:
                        verdict = self._signers.verdicts[before, card, key]
                        if verdict == TAKEN and key not in _MAY_SIGN[before]:
                            return f"{names[n]} believed a letter of {names[other]}: {key} key"
        return ""

    def _with_old(self, state: State, old: tuple[int, ...]) -> State:
        """The same with other letters of keys from before.

        Of a node that has none under way nothing tells any more whether their time is over.
        """
        cards, read, before = state.keys
        if old == before:
            return state
        busy = {self._messages[one][1] for one in old}
        most = [2 if n in busy else 1 for n in range(len(cards))]
        read = tuple(tuple(map(min, row, most)) for row in read)
        return state._replace(keys=Keys(tuple(map(min, cards, most)), read, old))

    def _key(self, state: State, n: int) -> str:
        return SECOND if state.keys.cards[n] else FIRST

    def _verdict(self, state: State, at: int, of: int, key: str) -> str:
        before = state.keys.read[at][of]
        return self._signers.verdicts[before, before, key]
