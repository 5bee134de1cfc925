"""Nodes: who takes part in the exchange, what each serves, where its folder is, its keys."""

from __future__ import annotations

import json
import os
import re
from base64 import b64decode
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from attrs import field, frozen

from tongban.kernel import service, signing
from tongban.plugins.exchange.addresses import NodeError, check, is_local, rank
from tongban.plugins.exchange.disk import Disk
from tongban.plugins.exchange.sealing import sealing_key

__all__ = ["CARD", "KEY_VARIABLE", "Node", "Peer", "load_node", "make_node", "read_peers"]

CARD = "node.json"
"""The name of a node's card in its folder."""

KEY_VARIABLE = "TONGBAN_SIGNING_KEY"
"""The variable that holds this store's private key (PEM) or the path of its file."""

_FORMAT = "tongban.node/1"
_NAME = re.compile("[a-z][a-z0-9_-]{0,40}")
_CARD_FIELDS = {"format", "name", "serves", "key", "sealing", "signature"}
_NODE_FIELDS = {"name", "serves", "exchange", "key", "trusted"}


@frozen
class Peer:
    """Another node, as its card says.

    Attributes:
        serves: codes and addresses.
        key: checks its signatures.
        sealing: seals personal data for it.
        folder: where letters to it are put.
    """

    name: str
    serves: tuple[str, ...]
    key: signing.PublicKey
    sealing: str
    folder: Path

    @property
    def sender(self) -> service.Sender:
        """It as the sender of a letter, with the addresses that it may speak for."""
        return service.Sender(self.name, lambda address: rank(self.serves, address) > 0)


@frozen
class Node:
    """This store's place in the exchange.

    Attributes:
        folder: where letters to it are put; None where it exchanges with nobody.
        peers: the others.
        problems: of cards that cannot be used; their nodes are left out.
    """

    name: str
    serves: tuple[str, ...]
    key: signing.SigningKey | None = field(default=None, repr=False)
    folder: Path | None = None
    peers: tuple[Peer, ...] = ()
    problems: tuple[str, ...] = ()

    def served(self, address: str) -> bool:
        """Whether an address is here: nobody serves it more exactly."""
        if is_local(address) or not self.peers:
            return is_local(address) or not self.serves or rank(self.serves, address) > 0
        mine = rank(self.serves, address)
        return mine > 0 and mine >= max(rank(one.serves, address) for one in self.peers)

    def whose(self, address: str) -> tuple[Peer, ...]:
        """The nodes that serve an address most exactly; more than one is a mistake of theirs."""
        ranks = [(rank(one.serves, address), one) for one in self.peers]
        best = max((number for number, _ in ranks), default=0)
        return tuple(one for number, one in ranks if number == best and best > 0)

    def peer(self, name: str) -> Peer | None:
        """The node of a name."""
        return next((one for one in self.peers if one.name == name), None)


def _statement(card: Mapping[str, Any]) -> str:
    serves = " ".join(card["serves"])
    return "\n".join((_FORMAT, card["name"], serves, card["key"], card["sealing"]))


def make_node(root: Path, name: str, serves: Iterable[str], key: signing.SigningKey) -> Path:
    """Makes a node's folder with its card.

    Args:
        root: the folder that all nodes share.
        name: of the node: small letters, digits, `-`, `_`.
        serves: codes and addresses.
        key: signs what the node sends.

    Returns:
        The node's folder.

    Raises:
        NodeError: where the name or an address is wrong, or the folder cannot be made.
    """
    if not _NAME.fullmatch(name):
        raise NodeError(f"节点名称有误 (a node's name has small letters and digits: {name!r})")
    card: dict[str, Any] = {
        "format": _FORMAT,
        "name": name,
        "serves": list(check(serves)),
        "key": key.public.to_pem(),
        "sealing": sealing_key(key),
    }
    card["signature"] = key.sign(_statement(card))
    folder = root / name
    try:
        for part in ("in", "ack", "aside"):
            (folder / part).mkdir(parents=True, exist_ok=True)
        content = (json.dumps(card, ensure_ascii=False, indent=2) + "\n").encode()
        disk = Disk()
        if disk.read(folder / CARD) != content:
            disk.write(folder / CARD, content)
    except OSError as error:
        raise NodeError(f"{folder}: 无法建立 (cannot be made: {error.strerror})") from None
    return folder


def read_peers(
    root: Path, trusted: Mapping[str, str] | None = None
) -> tuple[tuple[Peer, ...], tuple[str, ...]]:
    """Every node whose card is in a shared folder.

    Args:
        root: the folder.
        trusted: id of the key by name, as the nodes' keepers told each other; others are
            left out. None to trust whoever may write to the folder: for one machine.

    Returns:
        The nodes, and what is wrong with cards that cannot be used.
    """
    peers, problems = [], []
    for path in sorted(root.glob(f"*/{CARD}")):
        try:
            peer = _peer(path, trusted)
        except NodeError as error:
            problems.append(str(error))
            continue
        if peer is not None:
            peers.append(peer)
    return tuple(peers), tuple(problems)


def _peer(path: Path, trusted: Mapping[str, str] | None) -> Peer | None:
    raw = _object(path)
    if set(raw) != _CARD_FIELDS or raw["format"] != _FORMAT or raw["name"] != path.parent.name:
        raise NodeError(f"{path}: 不是节点名片 (no card of the node {path.parent.name})")
    texts = [raw[name] for name in ("name", "key", "sealing", "signature")]
    if not all(isinstance(one, str) for one in texts) or not isinstance(raw["serves"], list):
        raise NodeError(f"{path}: 节点名片格式有误 (a field of the card has another form)")
    if trusted is not None and raw["name"] not in trusted:
        return None
    try:
        key = signing.PublicKey.from_pem(raw["key"])
        sealed_for = b64decode(raw["sealing"], validate=True)
    except (signing.KeyFormatError, ValueError):
        raise NodeError(f"{path}: 公钥有误 (a key of the card is none)") from None
    serves = check(raw["serves"])
    fits = len(sealed_for) == 32 and key.verifies(_statement(raw), raw["signature"])
    if not fits or (trusted is not None and trusted[raw["name"]] != key.id):
        raise NodeError(
            f"{path}: 节点名片的签名不符 (the card is not signed by the key that is trusted;"
            " ask the node's keeper)"
        )
    return Peer(raw["name"], serves, key, raw["sealing"], path.parent)


def load_node(path: Path, environ: Mapping[str, str] | None = None) -> Node:
    """The node that a file describes; paths in it are relative to the file.

    Args:
        path: JSON with `name`, `serves`, `exchange` (the shared folder), and if wanted `key`
            (file of the private key; left out, the environment gives it) and `trusted`.
        environ: the process's own where it is None.

    Raises:
        NodeError: where it is wrong, or a part of it is missing; the message says which.
    """
    raw = _object(path)
    unknown = sorted(set(raw) - _NODE_FIELDS)
    missing = [one for one in ("name", "serves", "exchange") if one not in raw]
    if unknown or missing:
        says = f"unknown {unknown[0]!r}" if unknown else f"{missing[0]!r} is missing"
        raise NodeError(f"{path}: 节点文件有误 ({says})")
    key = _key(path, raw.get("key"), os.environ if environ is None else environ)
    root = path.parent / str(raw["exchange"])
    serves = check(raw["serves"])
    folder = make_node(root, str(raw["name"]), serves, key)
    everyone, problems = read_peers(root, raw.get("trusted"))
    peers = tuple(one for one in everyone if one.name != raw["name"])
    return Node(str(raw["name"]), serves, key, folder, peers, problems)


def _key(path: Path, named: Any, environ: Mapping[str, str]) -> signing.SigningKey:
    text = environ.get(KEY_VARIABLE, "") if named is None else ""
    if not text.lstrip().startswith("-----BEGIN"):
        file = path.parent / str(named) if named is not None else Path(text) if text else None
        if file is None:
            raise NodeError(
                f"{path}: 缺少签名密钥 (no key: name its file under `key`, or set {KEY_VARIABLE})"
            )
        try:
            text = file.read_text(encoding="ascii")
        except (OSError, UnicodeDecodeError):
            raise NodeError(f"{file}: 无法读取密钥 (the key cannot be read)") from None
    return signing.SigningKey.from_pem(text)


def _object(path: Path) -> dict[str, Any]:
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raw = None
    if not isinstance(raw, dict):
        raise NodeError(f"{path}: 无法读取节点信息 (cannot be read as JSON)")
    return raw
