"""Public keys with what they may sign: whose each is, for which places, in which time. Pure.

A key file is the usual PEM. Lines before its block, which every other reader of PEM passes
over, say what the key may sign:

    Tongban-Owner: xining
    Tongban-For: 630100/public_security 630100/housing
    Tongban-From: 2026-01-01
    Tongban-Until: 2027-12-31
    -----BEGIN PUBLIC KEY-----

Such a file proves as much as the way by which it came, like the key in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime
from typing import TypeAlias

from attrs import field, frozen

from tongban.kernel.audit.signing import KeyFormatError, PublicKey
from tongban.kernel.errors import Text
from tongban.kernel.model import addresses, printing
from tongban.kernel.model.moments import day_of

__all__ = ["LARGEST", "PIN", "KnownKey", "Signers", "check_pin", "known", "read"]

LARGEST = 1_000_000
"""At most this many bytes of a key file are read."""

PIN = re.compile("[0-9a-f]{32}")
"""What names a key where it is trusted: 128 bits."""

_BEGIN = "-----BEGIN PUBLIC KEY-----"
_LINE = re.compile(r"(Tongban-[A-Za-z]+)\s*:\s*(.*)")
_FIELDS = {"Tongban-Owner", "Tongban-For", "Tongban-From", "Tongban-Until"}
_OWNER = 200


def _line(text: str) -> str:
    return printing.printable(text.strip())[:_OWNER]


@frozen
class KnownKey:
    """A public key, and what it may sign.

    Attributes:
        places: codes and addresses for which it may sign; () where nothing says so.
        start, end: the first and the last day of it; None where nothing limits them.
        owner: whose it is, for people; "" where nothing says so.
    """

    key: PublicKey
    places: tuple[str, ...] = field(default=(), converter=addresses.check)
    start: date | None = None
    end: date | None = None
    owner: str = field(default="", converter=_line)

    def may_sign(self, issuer: str, day: date | None) -> bool:
        """Whether it may sign for an office.

        Args:
            issuer: the office's address, `630100/public_security`.
            day: on which it did, as it says; None where that is unknown.
        """
        return self.is_valid_on(day) and addresses.rank(self.places, issuer) > 0

    def is_valid_on(self, day: date | None) -> bool:
        """Whether it may sign on a day, whatever it is; an unknown day is none of a limited key."""
        if day is None:
            return self.start is None is self.end
        return (self.start is None or self.start <= day) and (self.end is None or day <= self.end)

    def is_valid_at(self, moment: object) -> bool:
        """Whether it may sign at a moment, as signed texts hold it; days are China's."""
        try:
            day = day_of(datetime.fromisoformat(moment)) if isinstance(moment, str) else None
        except ValueError:
            day = None
        return self.is_valid_on(day)

    @property
    def says(self) -> str:
        """What it may sign, for people; "" where nothing says so."""
        days = [f"自 from {self.start}"] if self.start else []
        days += [f"至 until {self.end}"] if self.end else []
        return " ".join([*self.places, *days])

    @property
    def days(self) -> Text:
        """In which time it may sign, for people; empty where nothing limits it."""
        zh = f"自{self.start}起" if self.start else ""
        en = [f"from {self.start}"] if self.start else []
        zh += f"至{self.end}止" if self.end else ""
        return Text(zh, " ".join([*en, *([f"until {self.end}"] if self.end else [])]))

    def to_text(self) -> str:
        """The key file."""
        lines = [f"Tongban-Owner: {self.owner}"] if self.owner else []
        lines += [f"Tongban-For: {' '.join(self.places)}"] if self.places else []
        lines += [f"Tongban-From: {self.start}"] if self.start else []
        lines += [f"Tongban-Until: {self.end}"] if self.end else []
        return "".join(f"{line}\n" for line in lines) + self.key.to_pem()


Signers: TypeAlias = PublicKey | Iterable[KnownKey] | None
"""Whose signatures count: one key without limits, several with theirs, or none."""


def known(signers: Signers) -> tuple[KnownKey, ...]:
    """Each of the keys with what it may sign."""
    if signers is None:
        return ()
    return (KnownKey(signers),) if isinstance(signers, PublicKey) else tuple(signers)


def read(content: bytes | str) -> KnownKey:
    """The key in a file.

    Args:
        content: what `KnownKey.to_text` wrote, or any PEM with one public Ed25519 key.

    Raises:
        KeyFormatError: where it is none, or a line says something that is not known.
        AddressError: where a place is not written as it must be.
    """
    try:
        text = content.decode() if isinstance(content, bytes) else content
    except UnicodeDecodeError:
        raise KeyFormatError("公钥文件编码有误 (a key file is text in UTF-8)") from None
    if text.count(_BEGIN) > 1:
        raise KeyFormatError("文件含多个公钥 (more than one key in a file: which is meant?)")
    head, begin, rest = text.removeprefix("\ufeff").partition(_BEGIN)
    said: dict[str, str] = {}
    for line in head.splitlines():
        found = _LINE.fullmatch(line.strip())
        if found is None:
            continue
        name, value = found[1], found[2].strip()
        if name not in _FIELDS:
            known = ", ".join(sorted(_FIELDS))
            raise KeyFormatError(f"公钥文件中的“{name}”未知 (unknown; known are {known})")
        if name in said and name != "Tongban-For":
            raise KeyFormatError(f"公钥文件中的“{name}”重复 (stands twice)")
        said[name] = f"{said.get(name, '')} {value}".strip()
    return KnownKey(
        PublicKey.from_pem(begin + rest),
        tuple(said.get("Tongban-For", "").split()),
        _day(said, "Tongban-From"),
        _day(said, "Tongban-Until"),
        said.get("Tongban-Owner", ""),
    )


def _day(said: dict[str, str], name: str) -> date | None:
    if name not in said:
        return None
    try:
        return date.fromisoformat(said[name])
    except ValueError:
        says = f"公钥文件中的“{name}”不是日期 (write it as 2026-01-31)"
        raise KeyFormatError(says) from None


def check_pin(pin: object) -> str:
    """The id of a key that is to be trusted.

    Raises:
        KeyFormatError: where it names no single key; the message says what would.
    """
    if isinstance(pin, str) and PIN.fullmatch(pin):
        return pin
    if isinstance(pin, str) and re.fullmatch("[0-9a-f]{16}", pin):
        raise KeyFormatError(
            f"密钥编号 {pin} 过短 (16 digits can be imitated: write all 32, as `tongban doctor` of"
            " the node shows its own; ask its keeper)"
        )
    raise KeyFormatError("密钥编号有误 (an id of a key has 32 hexadecimal digits)")
