"""This store's own node: its file, its keys, its folder, its card."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

from attrs import field, frozen

from tongban.kernel import protocol
from tongban.kernel.audit import signing, untrusted
from tongban.kernel.model import addresses
from tongban.plugins.exchange.addresses import NodeError
from tongban.plugins.exchange.cards import CARD, LARGEST, NAME, Card, make_card, read_card
from tongban.plugins.exchange.peers import Peer, Pin, pins_of, read_peers
from tongban.plugins.exchange.seen import Seen, seen_file
from tongban.plugins.exchange.spool import Spool

__all__ = ["KEY_VARIABLE", "Node", "Peer", "load_node", "make_node", "read_peers"]

KEY_VARIABLE = "TONGBAN_SIGNING_KEY"
"""The variable that holds this store's private key (PEM) or the path of its file."""

_NODE_FIELDS = {"name", "serves", "exchange", "key", "trusted", "former"}
_PARTS = ("in", "ack", "aside", "recovery")


@frozen
class Node:
    """This store's place in the exchange.

    Attributes:
        folder: where letters to it are put; None where it exchanges with no other.
        peers: the others.
        problems: of cards that cannot be used; their nodes are left out.
        former: private keys from before, which still open what was sealed for them.
        elsewhere: places that this node's file gives to others whose card cannot be used.
        seen: what it remembers.
        trusted: names of the others in its own file.
    """

    name: str
    serves: tuple[str, ...]
    key: signing.SigningKey | None = field(default=None, repr=False)
    folder: Path | None = None
    peers: tuple[Peer, ...] = ()
    problems: tuple[str, ...] = ()
    former: tuple[signing.SigningKey, ...] = field(default=(), repr=False)
    elsewhere: tuple[tuple[str, tuple[str, ...]], ...] = ()
    seen: Seen = field(factory=Seen, repr=False, eq=False)
    trusted: frozenset[str] = frozenset()

    def knows(self, name: str) -> bool:
        """Whether a node is named in this one's file, or its card was seen before."""
        return name in self.trusted or bool(self.seen.card(name).key)

    def served(self, address: str) -> bool:
        """Whether an address is here: no other node serves it more exactly."""
        if addresses.is_local(address):
            return True
        others = [*(one.serves for one in self.peers), *(places for _, places in self.elsewhere)]
        if not others:
            return not self.serves or addresses.rank(self.serves, address) > 0
        mine = addresses.rank(self.serves, address)
        return mine > 0 and mine >= max(addresses.rank(one, address) for one in others)

    def whose(self, address: str) -> tuple[Peer, ...]:
        """The nodes that serve an address most exactly; more than one is a mistake of theirs."""
        ranks = [(addresses.rank(one.serves, address), one) for one in self.peers]
        best = max((number for number, _ in ranks), default=0)
        missing = max((addresses.rank(one, address) for _, one in self.elsewhere), default=0)
        return tuple(one for number, one in ranks if number == best and best > missing)

    def missing(self, address: str) -> str:
        """The node that should serve an address and whose card cannot be used; "" for none."""
        return next(
            (name for name, places in self.elsewhere if addresses.rank(places, address)), ""
        )

    def peer(self, name: str) -> Peer | None:
        """The node of a name."""
        return next((one for one in self.peers if one.name == name), None)

    @property
    def keys(self) -> tuple[signing.PublicKey, ...]:
        """Every key that this node has or had: what it signed itself."""
        own = (self.key, *self.former) if self.key is not None else self.former
        return tuple(one.public for one in own)


def make_node(
    root: Path,
    name: str,
    serves: Iterable[str],
    key: signing.SigningKey,
    *,
    now: datetime | None = None,
    former: Iterable[tuple[signing.SigningKey, date]] = (),
    seen: Seen | None = None,
) -> Path:
    """Makes a node's folder with its card; a card that says so already stays.

    Args:
        root: the folder that all nodes share.
        name: of the node: small letters, digits, `-`, `_`.
        serves: codes and addresses.
        key: signs what the node sends.
        now: the moment; None for that of the system's clock.
        former: keys from before, the oldest first, and until when their letters are taken.
        seen: what the node remembers: its next card has a higher serial than any before.

    Returns:
        The node's folder.

    Raises:
        NodeError: where the name or an address is wrong, or the folder cannot be made.
    """
    if not NAME.fullmatch(name):
        raise NodeError(f"节点名称有误 (a node's name has small letters and digits: {name[:60]!r})")
    folder, problems = _published(
        root, name, serves, key, now or _now(), former, Seen() if seen is None else seen
    )
    if problems:
        raise NodeError(problems[0])
    return folder


def _now() -> datetime:
    """The system's clock: cards and keys are valid by it, in drills at another moment too."""
    return datetime.now(protocol.CHINA)


def _published(
    root: Path,
    name: str,
    serves: Iterable[str],
    key: signing.SigningKey,
    now: datetime,
    former: Iterable[tuple[signing.SigningKey, date]],
    seen: Seen,
) -> tuple[Path, list[str]]:
    """The node's folder with its card, and what was wrong."""
    folder, spool = root / name, Spool()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        parts = (spool.make(folder / one, private=one == "aside") for one in _PARTS)
        problems = [says for says in parts if says]
        card = make_card(name, serves, key, 1, now, former)
        there = _own_card(folder, spool)
        least = seen.card(name).serial
        stays = there is not None and there.says_the_same(card) and there.serial >= least
        if there is None or not stays or there.due(now):
            serial = max(int(now.timestamp()), least + 1, there.serial + 1 if there else 1)
            there = make_card(name, serves, key, serial, now, former)
            spool.write(folder / CARD, there.to_bytes(), own=1)
        seen.note_card(there)
    except OSError as error:
        return folder, [f"{folder}: 无法建立 (cannot be made: {error.strerror})"]
    return folder, problems


def _own_card(folder: Path, spool: Spool) -> Card | None:
    """The card that this node published last; None where it is gone or not its own."""
    try:
        content = spool.read(folder / CARD, own=1, largest=LARGEST)
        return None if content is None else read_card(content, folder.name)
    except (NodeError, untrusted.UnreadableError):
        return None


def load_node(
    path: Path, environ: Mapping[str, str] | None = None, now: datetime | None = None
) -> Node:
    """The node that a file describes; paths in it are relative to the file.

    Args:
        path: JSON with `name`, `serves`, `exchange` (the shared folder), and if wanted `key`
            (file of the private key; left out, the environment gives it), `trusted` and
            `former` (docs/exchange.md).
        environ: the process's own where it is None.
        now: the moment; None for that of the system's clock.

    Raises:
        NodeError: where it is wrong, or a part of it is missing; the message says which.
    """
    raw = _object(path)
    now = now or _now()
    unknown = sorted(set(raw) - _NODE_FIELDS)
    missing = [one for one in ("name", "serves", "exchange") if one not in raw]
    if unknown or missing:
        says = f"unknown {unknown[0]!r}" if unknown else f"{missing[0]!r} is missing"
        raise NodeError(f"{path}: 节点文件有误 ({says})")
    if not isinstance(raw["serves"], list):
        raise NodeError(f"{path}: 节点文件有误 (serves: must be a list of places)")
    try:
        serves = addresses.check(raw["serves"])
        pins, problems = pins_of(raw.get("trusted"))
    except (addresses.AddressError, NodeError) as error:
        raise NodeError(f"{path}: {error}") from None
    name, root = str(raw["name"]), path.parent / str(raw["exchange"])
    if not NAME.fullmatch(name):
        raise NodeError(f"节点名称有误 (a node's name has small letters and digits: {name[:60]!r})")
    key = _key(path, raw.get("key"), os.environ if environ is None else environ)
    former = _former(path, raw.get("former", []))
    seen = Seen.load(seen_file(path))
    folder, wrong = _published(root, name, serves, key, now, former, seen)
    peers, disputed = read_peers(root, pins, me=name, own=serves, now=now, seen=seen)
    problems = [*([seen.problem] if seen.problem else []), *wrong, *problems, *disputed]
    try:
        seen.save()
    except OSError as error:
        problems.append(f"{seen.path}: 无法写入 (cannot be written: {error.strerror})")
    return Node(
        name,
        serves,
        key,
        folder,
        peers,
        tuple(problems),
        tuple(one for one, _ in former),
        _elsewhere(pins, peers, name),
        seen,
        frozenset(pins or ()),
    )


def _elsewhere(
    pins: Mapping[str, Pin] | None, peers: Iterable[Peer], me: str
) -> tuple[tuple[str, tuple[str, ...]], ...]:
    here = {one.name for one in peers} | {me}
    return tuple(
        (name, pin.serves) for name, pin in (pins or {}).items() if pin.serves and name not in here
    )


def _former(path: Path, raw: Any) -> list[tuple[signing.SigningKey, date]]:
    """Keys from before, the oldest first.

    Raises:
        NodeError: where one cannot be used.
    """
    wrong = NodeError(
        f'{path}: 节点文件有误 (former: write [{{"key": FILE, "until": "2026-12-31"}}])'
    )
    if not isinstance(raw, list):
        raise wrong
    found = []
    for one in raw:
        if not isinstance(one, dict) or set(one) != {"key", "until"}:
            raise wrong
        try:
            until = date.fromisoformat(one["until"])
        except (TypeError, ValueError):
            raise wrong from None
        found.append((_key(path, one["key"], {}), until))
    return found


def _key(path: Path, named: Any, environ: Mapping[str, str]) -> signing.SigningKey:
    text = environ.get(KEY_VARIABLE, "") if named is None else ""
    if not text.lstrip().startswith("-----BEGIN"):
        file = path.parent / str(named) if named is not None else Path(text) if text else None
        if file is None:
            raise NodeError(
                f"{path}: 缺少签名密钥 (no key: name its file under `key`, or set {KEY_VARIABLE})"
            )
        try:
            text = untrusted.read_file(file, LARGEST, follow=True).decode("ascii")
        except (OSError, UnicodeDecodeError, untrusted.UnreadableError):
            raise NodeError(f"{file}: 无法读取密钥 (the key cannot be read)") from None
    return signing.SigningKey.from_pem(text)


def _object(path: Path) -> dict[str, Any]:
    try:
        raw = untrusted.read_json(untrusted.read_file(path, LARGEST, follow=True), LARGEST)
    except (OSError, untrusted.UnreadableError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        raise NodeError(f"{path}: 无法读取节点信息 (cannot be read as JSON: {why})") from None
    if not isinstance(raw, dict):
        raise NodeError(f"{path}: 节点文件有误 (a node's file is a JSON object)")
    return raw
