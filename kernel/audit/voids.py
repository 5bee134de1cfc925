"""Numbers of papers that are void, as a signed list which a third party checks offline. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from attrs import asdict, field, fields, frozen

from tongban.kernel.audit import untrusted
from tongban.kernel.audit.hash_chain import canonical
from tongban.kernel.audit.signing import PublicKey, SigningKey
from tongban.kernel.errors import TongbanError

__all__ = ["FORMAT", "LARGEST", "Void", "VoidError", "Voids", "read", "sign"]

FORMAT = "tongban.void/1"
"""What a list says it is."""

LARGEST = 50_000_000
_FIELDS = ("format", "store", "issued_at", "numbers", "key", "signature")


class VoidError(TongbanError):
    """A file that is not a list of void papers; the message says why."""


@frozen
class Void:
    """A paper that is void.

    Attributes:
        number: of the paper.
        case: id of the case.
        issuer: key of the office that issued it, `630100/public_security`.
        replaced_by: number of the paper that took its place.
    """

    number: str
    case: str
    issuer: str
    replaced_by: str


@frozen
class Voids:
    """A list; its signature is not looked at before `verifies` is asked.

    Attributes:
        store: id of the store that wrote it.
        issued_at: the moment, as text: what became void later is not in it.
        key: id of the key that signed it.
    """

    store: str
    issued_at: str
    numbers: tuple[Void, ...]
    key: str
    signature: str = field(repr=False)

    def verifies(self, key: PublicKey) -> bool:
        """Whether the holder of `key` signed it."""
        text = _statement(self.store, self.issued_at, self.numbers)
        return key.named(self.key) and key.verifies(text, self.signature)

    def to_dict(self) -> dict[str, Any]:
        """The stable JSON form."""
        return {
            "format": FORMAT,
            "store": self.store,
            "issued_at": self.issued_at,
            "numbers": [asdict(one) for one in self.numbers],
            "key": self.key,
            "signature": self.signature,
        }


def _statement(store: str, issued_at: str, numbers: Iterable[Void]) -> str:
    return "\n".join((FORMAT, store, issued_at, canonical([asdict(one) for one in numbers])))


def sign(key: SigningKey, store: str, issued_at: str, numbers: Iterable[Void]) -> Voids:
    """Signs a list.

    Args:
        key: of the store's keeper; it must be one that may sign for the offices in the list.
        store: id of the store.
        issued_at: the moment, as text.
        numbers: every paper of the store that is void.
    """
    listed = tuple(numbers)
    signature = key.sign(_statement(store, issued_at, listed))
    return Voids(store, issued_at, listed, key.public.id, signature)


def read(content: bytes) -> Voids:
    """The list that `Voids.to_dict` wrote.

    Raises:
        VoidError: where it is anything else.
    """
    wrong = VoidError(f"不是作废清单 (not a list of the format {FORMAT})")
    try:
        raw = untrusted.read_json(content, LARGEST)
    except untrusted.UnreadableError as error:
        raise VoidError(f"{wrong}: {error}") from None
    if not isinstance(raw, dict) or set(raw) != set(_FIELDS) or raw["format"] != FORMAT:
        raise wrong
    texts = [raw[name] for name in ("store", "issued_at", "key", "signature")]
    if not all(isinstance(one, str) for one in texts) or not isinstance(raw["numbers"], list):
        raise wrong
    store, issued_at, key, signature = texts
    numbers = tuple(_void(one, wrong) for one in raw["numbers"])
    return Voids(store, issued_at, numbers, key, signature)


def _void(raw: Any, wrong: VoidError) -> Void:
    names = {one.name for one in fields(Void)}
    if not isinstance(raw, Mapping) or set(raw) != names:
        raise wrong
    if not all(isinstance(one, str) for one in raw.values()):
        raise wrong
    return Void(**raw)
