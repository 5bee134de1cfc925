"""The other nodes: whose cards are in the shared folder, and how far they are believed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

from attrs import evolve, field, frozen

from tongban.kernel.audit import keys, signing, untrusted
from tongban.kernel.model import addresses
from tongban.plugins.exchange.addresses import NodeError, believed
from tongban.plugins.exchange.cards import CARD, LARGEST, NAME, Card, read_card
from tongban.plugins.exchange.seen import Seen
from tongban.plugins.exchange.spool import Spool

_MOST = 2_000
"""At most this many nodes are looked for where none is named as trusted."""


@frozen
class Peer:
    """Another node.

    Attributes:
        serves: codes and addresses, as far as its card is believed.
        key: checks its signatures.
        sealing: seals personal data for it.
        folder: where letters to it are put.
        former: keys from before whose letters are still taken.
        unusable: why nothing is taken from it or sent to it now, "" where it is.
    """

    name: str
    serves: tuple[str, ...]
    key: signing.PublicKey
    sealing: str
    folder: Path
    former: tuple[signing.PublicKey, ...] = ()
    unusable: str = ""

    @property
    def keys(self) -> tuple[signing.PublicKey, ...]:
        """Every key by which its signatures are checked."""
        return (self.key, *self.former)


@frozen
class Pin:
    """What this node's own file says of another.

    Attributes:
        key: id of its key.
        serves: places that it may serve; None where its card is asked.
    """

    key: str
    serves: tuple[str, ...] | None = field(default=None)


def pins_of(raw: Any) -> tuple[dict[str, Pin] | None, list[str]]:
    """What a node's file says under `trusted`.

    Args:
        raw: `{name: {"key": id, "serves": [places]}}`, or `{name: id}` as before; None for
            nothing, which trusts all who may write to the folder.

    Returns:
        The pins, and what is wrong with those that cannot be used.

    Raises:
        NodeError: where it is none of these.
    """
    if raw is None:
        return None, []
    if not isinstance(raw, Mapping):
        raise NodeError("trusted 格式有误 (`trusted` names the others: {name: {key, serves}})")
    found: dict[str, Pin] = {}
    problems = []
    for name, one in raw.items():
        says = one if isinstance(one, Mapping) else {"key": one}
        unknown = sorted(map(str, set(says) - {"key", "serves"}))
        serves = says.get("serves")
        if unknown or not (serves is None or isinstance(serves, list)):
            what = unknown[0] if unknown else "serves"
            raise NodeError(f"trusted.{name} 格式有误 (`{what}`: write {{key, serves: [places]}})")
        places = None if serves is None else addresses.check(serves)
        try:
            found[str(name)] = Pin(keys.check_pin(says.get("key")), places)
        except signing.KeyFormatError as error:
            # Its places are not free for others because its key is not pinned well.
            found[str(name)] = Pin("", places)
            problems.append(f"trusted.{name}: {error}")
    return found, problems


def read_peers(
    root: Path,
    trusted: Mapping[str, str | Pin] | None = None,
    *,
    me: str = "",
    own: Iterable[str] = (),
    now: datetime | None = None,
    seen: Seen | None = None,
) -> tuple[tuple[Peer, ...], tuple[str, ...]]:
    """Every node whose card is in a shared folder and is believed.

    Args:
        root: the folder.
        trusted: the others by name, with the id of the key that their keepers told; others are
            left out. None to trust all who may write to the folder: for one machine.
        me: name of this node, which is left out.
        own: what this node serves; no card takes any of it away.
        now: the moment, by which cards are valid; None not to look at it.
        seen: what is remembered of cards; an older one replaces none.

    Returns:
        The nodes, and what is wrong with cards that cannot be used.
    """
    pins = None if trusted is None else {name: _pin(one) for name, one in trusted.items()}
    seen = Seen() if seen is None else seen
    cards: dict[str, Card] = {}
    problems: list[str] = []
    for name in _names(root, pins, problems):
        pin = pins[name] if pins is not None else None
        if name == me or (pin is not None and not pin.key):
            continue
        try:
            card = _card(root / name / CARD, name)
            if card is not None:
                _judged(card, pin, seen)
                seen.note_card(card, pin.key if pin else "")
                cards[name] = card
        except NodeError as error:
            problems.append(f"{root / name / CARD}: {error}")
    limits = {name: pin.serves for name, pin in (pins or {}).items() if pin.serves is not None}
    claims = {name: card.serves for name, card in cards.items()}
    serves, disputed = believed(claims, own, limits)
    peers = [_peer(card, serves[name], root / name, now) for name, card in cards.items()]
    problems += disputed
    problems += [f"{one.name}: {one.unusable}" for one in peers if one.unusable]
    return tuple(peers), tuple(problems)


def _pin(one: str | Pin) -> Pin:
    return one if isinstance(one, Pin) else Pin(one)


def _names(root: Path, pins: Mapping[str, Pin] | None, problems: list[str]) -> list[str]:
    """The nodes whose cards are looked at."""
    if pins is not None:
        return sorted(name for name in pins if NAME.fullmatch(name))
    try:
        found = list(islice((p.name for p in root.iterdir() if NAME.fullmatch(p.name)), _MOST + 1))
    except OSError as error:
        raise NodeError(f"{root}: 无法读取交换目录 (cannot be read: {error.strerror})") from None
    if len(found) > _MOST:
        problems.append(f"{root}: 节点过多 (more than {_MOST} nodes: name those that are trusted)")
    return sorted(found[:_MOST])


def _card(path: Path, name: str) -> Card | None:
    """The card of a node; None where it has none.

    Raises:
        NodeError: where it cannot be used.
    """
    try:
        content = Spool().read(path, own=1, largest=LARGEST)
    except untrusted.UnreadableError as error:
        raise NodeError(f"节点名片无法读取 (the card cannot be read): {error}") from None
    except NotADirectoryError:
        return None
    except OSError as error:
        says = f"节点名片无法读取 (the card cannot be read: {error.strerror})"
        raise NodeError(says) from None
    return None if content is None else read_card(content, name)


def _judged(card: Card, pin: Pin | None, seen: Seen) -> None:
    """Check that a card is the last that its node can have written.

    Raises:
        NodeError: where it is of another key than the one that is trusted, or older than one
            that was seen.
    """
    if pin is not None and not card.descends_from(pin.key):
        raise NodeError(
            f"节点名片的签名不符 (the card is not signed by the key that is trusted, but by"
            f" {card.key.id}; ask the node's keeper)"
        )
    known = seen.card(card.name)
    if not known.key or (pin is not None and known.pin != pin.key):
        return  # the first card, or this node's keeper has trusted another key since
    if card.serial < known.serial:
        raise NodeError(
            f"节点名片已过时 (the card {card.serial} is older than {known.serial}, which was seen"
            " before; its node publishes a new one with `tongban case exchange`)"
        )
    if pin is not None and not card.descends_from(known.key):
        raise NodeError(
            f"节点密钥更换未经原密钥确认 (the key {known.key}, which the node had last, did not"
            " hand on to that of this card; ask its keeper, and pin the new one)"
        )


def _peer(card: Card, serves: tuple[str, ...], folder: Path, now: datetime | None) -> Peer:
    peer = Peer(card.name, serves, card.key, card.sealing, folder)
    if now is None:
        return peer
    _, *former = card.keys_at(now.date())
    unusable = "" if card.valid_at(now) else (
        f"节点名片不在有效期 (its card is valid from {card.start} until {card.end}; its node"
        " publishes a new one with `tongban case exchange`)"
    )  # fmt: skip
    return evolve(peer, former=tuple(former), unusable=unusable)
