"""A node without a part that is trusted all the same, and signs whatever it likes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from tongban.kernel import protocol as p
from tongban.plugins.simulation.explorer.scenario import Place
from tongban.plugins.simulation.explorer.site import Site
from tongban.plugins.simulation.explorer.site_state import SiteState, digest, digest_of
from tongban.plugins.simulation.world.forging import made_up, signed_anew


class Hostile:
    """Tries its letters on every node, each once for what that node keeps.

    Args:
        place: the node; it serves no place of the others.
        nodes: of the others, with their `places`.
    """

    def __init__(self, place: Place, nodes: Sequence[Site], places: Sequence[Place]) -> None:
        self._place, self._nodes, self._places = place, nodes, places
        self._tried: dict[tuple[int, str, datetime], set[str]] = {}

    def assaults(self, every: Sequence[SiteState], now: datetime) -> str:
        """What a letter has changed, or raised; "" where none does anything.

        Args:
            every: what each of the others keeps; the node knows all of it.
            now: the moment.
        """
        division = self._place.divisions[0]
        for target, here in enumerate(every):
            tried = self._tried.setdefault((target, _what_matters(here), now), set())
            case = here.case or next((kept.case for kept in every if kept.case), None)
            for message in _letters(here, case, division, now) if case else ():
                if message.id in tried:
                    break  # and with it all that follow
                tried.add(message.id)
                if found := self._assault(target, here, message):
                    return found
            for sent in (one for kept in every for one in kept.outbox):
                if (known := digest_of(sent.message)) in tried:
                    continue
                tried.add(known)
                for message in signed_anew(sent.message, division):
                    if found := self._assault(target, here, message):
                        return found
        return ""

    def _assault(self, target: int, here: SiteState, message: p.Message) -> str:
        place = self._places[target]
        if not place.serves(message.receiver):
            return ""
        try:
            after = self._nodes[target].assaulted(here, message, self._place)
        except Exception as error:
            return f"a {message.kind} raised {type(error).__name__}: {error}"
        if _same_but_for_alarms(here, after):
            return ""
        return f"{self._place.name} changed what {place.name} keeps by a {message.kind}"


def _what_matters(kept: SiteState) -> str:
    """What letters are judged by at a node: the same gives the same judgement."""
    sent = sorted(digest_of(one.message) for one in kept.outbox)
    came = sorted(one.message.id for one in kept.inbox if one.message.kind != "alarm")
    return digest([kept.chain, sent, came])


def _same_but_for_alarms(before: SiteState, after: SiteState) -> bool:
    """Whether nothing was kept but that something was put aside."""
    came = [[one for one in kept.inbox if one.message.kind != "alarm"] for kept in (before, after)]
    return (before.chain, before.outbox, before.case) == (
        after.chain,
        after.outbox,
        after.case,
    ) and came[0] == came[1]


def _letters(target: SiteState, case: p.Case, division: str, now: datetime) -> Iterator[p.Message]:
    known = target.case is not None or any(one.message.kind == "request" for one in target.inbox)
    return made_up(case, division, now, known=known)
