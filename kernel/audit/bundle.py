"""A case's log as a signed bundle, which a third party checks offline. Pure.

The signature covers a short text (`statement`) with a hash over the hashes of
all events; these cover the texts of the events. A checker in any language
needs SHA-256, Ed25519 and string concatenation, and no rule for writing JSON.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Any

from attrs import asdict, fields_dict, frozen

from tongban.kernel.audit.hash_chain import Entry, Head, case_start, own_fault
from tongban.kernel.audit.keys import Signers, known
from tongban.kernel.audit.signing import SigningKey
from tongban.kernel.errors import TongbanError

__all__ = [
    "FORMAT",
    "BundleError",
    "Verified",
    "checkpoint_statement",
    "sign_bundle",
    "verify_bundle",
]

FORMAT = "tongban.bundle/1"
"""What a bundle says it is."""

_KEYS = ("format", "store", "case", "exported_at", "head", "entries", "key", "signature")
_TYPES = {name: int if name in ("position", "seq") else str for name in fields_dict(Entry)}


class BundleError(TongbanError):
    """A bundle that proves nothing; the message says why."""


@frozen
class Verified:
    """What a bundle proves.

    Attributes:
        store: id of the store that wrote it.
        case: id of the case.
        exported_at: the moment, as text.
        entries: every event of the case, in order, up to that moment.
        head: the last event of the whole log at that moment.
        key: id of the key that signed it.
    """

    store: str
    case: str
    exported_at: str
    entries: tuple[Entry, ...]
    head: Head
    key: str


def sign_bundle(
    key: SigningKey, store: str, case: str, exported_at: str, entries: Iterable[Entry], head: Head
) -> dict[str, Any]:
    """The bundle of a case, as JSON.

    Args:
        key: of the store's keeper.
        store: id of the store.
        case: id of the case.
        exported_at: the moment, as text.
        entries: every event of the case, in order.
        head: of the whole log.
    """
    listed = tuple(entries)
    return {
        "format": FORMAT,
        "store": store,
        "case": case,
        "exported_at": exported_at,
        "head": asdict(head),
        "entries": [asdict(entry) for entry in listed],
        "key": key.public.id,
        "signature": key.sign(_statement(store, case, exported_at, listed, head)),
    }


def _statement(
    store: str, case: str, exported_at: str, entries: tuple[Entry, ...], head: Head
) -> str:
    lines = (f"{one.position} {one.case_hash} {one.log_hash}\n" for one in entries)
    digest = sha256("".join(lines).encode()).hexdigest()
    return "\n".join(
        (
            FORMAT,
            store,
            case,
            exported_at,
            f"{head.position} {head.hash}",
            str(len(entries)),
            digest,
        )
    )


def checkpoint_statement(store: str, head: Head, at: str) -> str:
    """The text that a checkpoint of a log signs.

    Args:
        store: id of the store.
        head: its last event.
        at: the moment, as text.
    """
    return f"tongban.checkpoint/1\n{store}\n{head.position} {head.hash}\n{at}"


def verify_bundle(bundle: Mapping[str, Any], public_key: Signers) -> Verified:
    """Checks a bundle: the signature, every event, that none is missing in between.

    Args:
        bundle: as JSON gives it.
        public_key: of the store's keeper, which came by another way than the bundle: one, or
            several with the time of each.

    Raises:
        BundleError: where anything does not fit; the message names it.
    """
    if not isinstance(bundle, Mapping) or set(bundle) != set(_KEYS) or bundle["format"] != FORMAT:
        raise BundleError(f"不是办件存证包 (not a bundle of the format {FORMAT})")
    entries, head = _entries(bundle["entries"]), _head(bundle["head"])
    texts = [bundle[name] for name in ("store", "case", "exported_at", "key", "signature")]
    if not all(isinstance(text, str) for text in texts):
        raise BundleError("存证包格式有误 (a field of the bundle is not text)")
    store, case, exported_at, key, signature = texts
    named = [one for one in known(public_key) if one.key.named(key)]
    if not named:
        others = ", ".join(one.key.id for one in known(public_key))
        raise BundleError(f"存证包由另一密钥签名 (signed by the key {key}, checked with {others})")
    statement = _statement(store, case, exported_at, entries, head)
    signed = [one for one in named if one.key.verifies(statement, signature)]
    if not signed:
        raise BundleError("签名无效 (the signature does not fit: something was changed)")
    if not any(one.is_valid_at(exported_at) for one in signed):
        raise BundleError(
            f"导出时密钥不在有效期内 (signed at {exported_at} by a key that may sign"
            f" {signed[0].days.en} only)"
        )
    _check(case, entries, head)
    return Verified(store, case, exported_at, entries, head, key)


def _entries(raw: Any) -> tuple[Entry, ...]:
    if not isinstance(raw, list) or not raw:
        raise BundleError("存证包中没有事件 (the bundle has no events)")
    for number, one in enumerate(raw, 1):
        if (
            not isinstance(one, Mapping)
            or set(one) != set(_TYPES)
            or any(type(one[name]) is not wanted for name, wanted in _TYPES.items())
        ):
            raise BundleError(f"第 {number} 个事件格式有误 (event {number} has another form)")
    return tuple(Entry(**one) for one in raw)


def _head(raw: Any) -> Head:
    if not isinstance(raw, Mapping) or set(raw) != {"position", "hash"}:
        raise BundleError("存证包缺少日志末位 (the head of the log is missing)")
    if type(raw["position"]) is not int or type(raw["hash"]) is not str:
        raise BundleError("存证包日志末位有误 (the head of the log has another form)")
    return Head(raw["position"], raw["hash"])


def _check(case: str, entries: tuple[Entry, ...], head: Head) -> None:
    before, seq, position = case_start(case), entries[0].seq - 1, 0
    for one in entries:
        name = f"第 {one.seq} 个事件 {one.kind} (event {one.seq}, {one.kind})"
        fault = own_fault(one)
        if fault:
            raise BundleError(f"{name}: {fault}")
        if one.case != case:
            raise BundleError(f"{name}: of another case, {one.case}")
        if one.seq != seq + 1 or one.case_before != before or one.position <= position:
            raise BundleError(f"{name}: does not follow on event {seq}")
        before, seq, position = one.case_hash, one.seq, one.position
    if head.position < position or (
        head.position == position and head.hash != entries[-1].log_hash
    ):
        raise BundleError("日志末位不符 (the head of the log does not fit the last event)")
