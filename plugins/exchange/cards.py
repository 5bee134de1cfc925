"""A node's card: what it serves, its keys, from when until when; signed by itself. Pure."""

from __future__ import annotations

import json
import re
from base64 import b64decode
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from attrs import evolve, field, frozen

from tongban.kernel.audit import hash_chain, signing, untrusted
from tongban.kernel.model import addresses
from tongban.plugins.exchange.addresses import NodeError
from tongban.plugins.exchange.encryption import sealing_key

CARD = "node.json"
"""The name of a node's card in its folder."""

LARGEST = 500_000
NAME = re.compile("[a-z][a-z0-9_-]{0,40}")

_FORMAT = "tongban.node/1"
_FIRST = {"format", "name", "serves", "key", "sealing", "signature"}
_SINCE = {"serial", "from", "until", "former"}
"""Written since the second version; a card has all of them or none."""

_MOST_FORMER = 20
_VALID = timedelta(days=400)
_RENEWED = timedelta(days=200)
_SKEW = timedelta(days=1)
_YEARS = range(2000, 2200)


@frozen
class Former:
    """A key that the node had before, and its word that the next one follows.

    Attributes:
        until: the last day on which letters signed by it are taken.
        signature: by this key, over the one that follows.
    """

    key: signing.PublicKey
    until: date
    signature: str = field(repr=False)

    def followed_by(self, name: str, following: signing.PublicKey) -> bool:
        """Whether the holder of this key said that `following` takes its place."""
        return self.key.verifies(_succession(name, self.key, following), self.signature)


def _succession(name: str, former: signing.PublicKey, following: signing.PublicKey) -> str:
    return "\n".join(("tongban.succession/1", name, former.id, following.raw.hex()))


@frozen
class Card:
    """A card whose own signature fits.

    Attributes:
        serves: codes and addresses, as the node itself says.
        key: checks its signatures.
        sealing: seals personal data for it, in base64.
        serial: the higher one is the newer card; 0 where a card of the first version has none.
        start, end: when it is valid; None where the card says nothing.
        former: keys from before, the oldest first.
    """

    name: str
    serves: tuple[str, ...]
    key: signing.PublicKey
    sealing: str
    serial: int = 0
    start: datetime | None = None
    end: datetime | None = None
    former: tuple[Former, ...] = ()
    signature: str = field(default="", repr=False)

    def valid_at(self, now: datetime) -> bool:
        """Whether it is in its time; clocks may differ by a day."""
        late = self.end is not None and now > self.end + _SKEW
        return not late and (self.start is None or now >= self.start - _SKEW)

    def due(self, now: datetime) -> bool:
        """Whether its node should publish a new one."""
        return self.end is None or now > self.end - _RENEWED or not self.valid_at(now)

    def keys_at(self, day: date) -> tuple[signing.PublicKey, ...]:
        """The keys whose letters are taken on a day."""
        return (self.key, *(one.key for one in self.former if day <= one.until))

    def descends_from(self, key: str) -> bool:
        """Whether a key with this id handed on to the one of this card, step by step."""
        line = [*(one.key for one in self.former), self.key]
        begins = next((n for n, one in enumerate(line) if one.id == key), None)
        if begins is None:
            return False
        steps = zip(self.former[begins:], line[begins + 1 :], strict=True)
        return all(one.followed_by(self.name, following) for one, following in steps)

    def says_the_same(self, other: Card) -> bool:
        """Whether the two differ in serial, validity and signature alone."""
        rest: dict[str, Any] = {"serial": 0, "start": None, "end": None, "signature": ""}
        return evolve(self, **rest) == evolve(other, **rest)

    def to_dict(self) -> dict[str, Any]:
        """The stable JSON form."""
        raw: dict[str, Any] = {
            "format": _FORMAT,
            "name": self.name,
            "serves": list(self.serves),
            "key": self.key.to_pem(),
            "sealing": self.sealing,
        }
        if self.start is not None and self.end is not None:
            raw |= {
                "serial": self.serial,
                "from": self.start.isoformat(),
                "until": self.end.isoformat(),
                "former": [
                    {
                        "key": one.key.to_pem(),
                        "until": one.until.isoformat(),
                        "signature": one.signature,
                    }
                    for one in self.former
                ],
            }
        return {**raw, "signature": self.signature}

    def to_bytes(self) -> bytes:
        """The file."""
        return (json.dumps(self.to_dict(), ensure_ascii=False, indent=2) + "\n").encode()


def _statement(raw: Mapping[str, Any]) -> str:
    """What is signed: of a card of the first version its five fields, since then all of it."""
    if "serial" not in raw:
        serves = " ".join(raw["serves"])
        return "\n".join((_FORMAT, raw["name"], serves, raw["key"], raw["sealing"]))
    bare = {name: one for name, one in raw.items() if name != "signature"}
    return f"tongban.card/2\n{hash_chain.canonical(bare)}"


def make_card(
    name: str,
    serves: Iterable[str],
    key: signing.SigningKey,
    serial: int,
    now: datetime,
    former: Iterable[tuple[signing.SigningKey, date]] = (),
) -> Card:
    """A card that is valid from now on.

    Args:
        name: of the node: small letters, digits, `-`, `_`.
        serves: codes and addresses.
        key: signs what the node sends.
        serial: higher than that of any card before.
        now: the moment.
        former: keys from before, the oldest first, and until when their letters are taken.

    Raises:
        NodeError: where the name is wrong.
        AddressError: where a place is.
    """
    if not NAME.fullmatch(name):
        raise NodeError(f"节点名称有误 (a node's name has small letters and digits: {name[:60]!r})")
    line = [*former, (key, now.date())]
    handed_on = tuple(
        Former(one.public, until, one.sign(_succession(name, one.public, following.public)))
        for (one, until), (following, _) in zip(line, line[1:], strict=False)
    )
    places = addresses.check(serves)
    start = now.replace(microsecond=0)
    card = Card(
        name, places, key.public, sealing_key(key), serial, start, start + _VALID, handed_on
    )
    return evolve(card, signature=key.sign(_statement(card.to_dict())))


def read_card(content: bytes, name: str) -> Card:
    """The card in a file.

    Args:
        content: of the file.
        name: of the folder that it lies in, which must be the node's.

    Raises:
        NodeError: where it is none, or its own signature does not fit.
    """
    try:
        raw = untrusted.read_json(content, LARGEST)
    except untrusted.UnreadableError as error:
        raise NodeError(f"无法读取节点信息 (cannot be read as JSON): {error}") from None
    fields = set(raw) if isinstance(raw, dict) else set()
    if fields not in (_FIRST, _FIRST | _SINCE) or raw["format"] != _FORMAT or raw["name"] != name:
        raise NodeError(f"不是节点名片 (no card of the node {name})")
    texts = [raw[one] for one in ("name", "key", "sealing", "signature")]
    if not all(isinstance(one, str) for one in texts) or not isinstance(raw["serves"], list):
        raise NodeError("节点名片格式有误 (a field of the card has another form)")
    try:
        card = Card(
            name,
            addresses.check(raw["serves"]),
            signing.PublicKey.from_pem(raw["key"]),
            raw["sealing"],
            **(_since(raw) if "serial" in raw else {}),
            signature=raw["signature"],
        )
        fits = len(b64decode(raw["sealing"], validate=True)) == 32
    except addresses.AddressError as error:
        raise NodeError(str(error)) from None
    except (signing.KeyFormatError, ValueError):
        raise NodeError("公钥有误 (a key of the card is none)") from None
    if not fits or not card.key.verifies(_statement(raw), raw["signature"]):
        raise NodeError("节点名片的签名不符 (the card is not signed by its own key)")
    return card


def _since(raw: Mapping[str, Any]) -> dict[str, Any]:
    """Serial, validity and former keys.

    Raises:
        NodeError: where one has another form.
        ValueError: where a date or a key is none.
    """
    serial, former = raw["serial"], raw["former"]
    wrong = NodeError("节点名片格式有误 (serial, from, until or former has another form)")
    if type(serial) is not int or not 0 < serial < 2**63 or not isinstance(former, list):
        raise wrong
    if len(former) > _MOST_FORMER or not all(
        isinstance(one, dict)
        and set(one) == {"key", "until", "signature"}
        and all(isinstance(text, str) for text in one.values())
        for one in former
    ):
        raise wrong
    moments = [datetime.fromisoformat(str(raw[name])) for name in ("from", "until")]
    if any(one.tzinfo is None or one.year not in _YEARS for one in moments):
        raise wrong
    keys = tuple(
        Former(
            signing.PublicKey.from_pem(one["key"]),
            date.fromisoformat(one["until"]),
            one["signature"],
        )
        for one in former
    )
    return {"serial": serial, "start": moments[0], "end": moments[1], "former": keys}
