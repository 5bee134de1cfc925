"""What a node is believed to serve: its card's word, bounded by this node's own file. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from tongban.kernel import TongbanError
from tongban.kernel.model import addresses


class NodeError(TongbanError):
    """A node or a directory that is not set up as it must be; the message says what to do."""


def believed(
    claims: Mapping[str, tuple[str, ...]],
    own: Iterable[str],
    pins: Mapping[str, tuple[str, ...]],
) -> tuple[dict[str, tuple[str, ...]], list[str]]:
    """What each other node serves, as far as this one believes it.

    What is pinned in this node's file prevails: a node serves what its card says within its
    pin. A card without a pin takes nothing of what this node serves, or another is pinned for.

    Args:
        claims: what each card says, by node.
        own: what this node serves.
        pins: what this node's file says of others.

    Returns:
        Places by node, and a sentence for each claim that is not believed.
    """
    mine, found, problems = tuple(own), {}, []
    for name, places in claims.items():
        kept: list[str] = []
        refused: list[str] = []
        for place in places:
            if name in pins:
                says = "" if addresses.covers(pins[name], place) else f"{name} 固定的服务范围以外"
            else:
                says = _taken(place, name, mine, pins)
            (refused if says else kept).append(place)
            if says and len(refused) == 1:
                problems.append(
                    f"{name} 的名片声称服务 {place}:属{says},不予采信 (its card claims places that"
                    f" are not its own; where it is right, write {name!r} with its key and"
                    " `serves` under `trusted` in this node's file)"
                )
        found[name] = tuple(kept)
    return found, problems


def _taken(place: str, name: str, own: tuple[str, ...], pins: Mapping[str, tuple[str, ...]]) -> str:
    """Whose a place is by this node's file, where it is another's than `name`'s; "" else."""
    if addresses.covers(own, place):
        return "本节点服务范围"
    others = (other for other in pins if other != name and addresses.covers(pins[other], place))
    owner = next(others, None)
    return f"{owner} 的服务范围" if owner is not None else ""
