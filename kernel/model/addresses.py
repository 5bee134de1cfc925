"""Addresses of offices, and the places that a node serves or a key may sign for. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable

from tongban.kernel.errors import TongbanError

__all__ = ["AddressError", "check", "covers", "is_local", "oversees", "rank"]

_PATTERN = re.compile(r"[0-9]{6}|-|(?:[0-9]{6}|-)/[a-z][a-z0-9_]{0,60}")
_MOST = 5_000
_EXACT, _NOWHERE = 9, 0


class AddressError(TongbanError):
    """A place that is not written as it must be; the message says what would be right."""


def check(places: Iterable[object]) -> tuple[str, ...]:
    """Places as they must be written: `510000`, `-` (no code), `630100/public_security`.

    Raises:
        AddressError: where one has another form.
    """
    found = []
    for one in places:
        if not isinstance(one, str) or not _PATTERN.fullmatch(one):
            raise AddressError(
                f"服务范围有误 (serves: {str(one)[:60]!r} is neither a division's code such as"
                " 510000, nor `-`, nor an address such as 630100/public_security)"
            )
        found.append(one)
    if len(found) > _MOST:
        raise AddressError(f"服务范围过多 (serves: more than {_MOST} places)")
    return tuple(found)


def is_local(address: str) -> bool:
    """Whether an address is in every store: the applicant of a case, the machine itself."""
    return "/" not in address


def rank(places: Iterable[str], address: str) -> int:
    """How closely places cover an address: 0 not at all, more for what is more exact.

    Args:
        places: codes and addresses.
        address: `630100/public_security`.
    """
    place = address.partition("/")[0]
    best = _NOWHERE
    for one in places:
        if one == address:
            return _EXACT
        if "/" in one:
            continue
        if one == "-":
            best = max(best, int(place == "-"))
        elif place.isdigit() and oversees(one, place):
            best = max(best, 2 if one.endswith("0000") else 4 if one.endswith("00") else 6)
    return best


def covers(places: Iterable[str], wanted: str) -> bool:
    """Whether all of `wanted` lies in places.

    Args:
        places: codes and addresses.
        wanted: a code, with everything below it, or an address.
    """
    if "/" in wanted:
        return rank(places, wanted) > _NOWHERE
    return any(
        one == wanted or ("-" not in (one, wanted) and "/" not in one and oversees(one, wanted))
        for one in places
    )


def oversees(supervisor: str | None, division: str | None) -> bool:
    """Whether a supervisor at one division oversees the other: its own, or one below.

    Args:
        supervisor: where the supervisor serves; None for the central one.
        division: of the authority.
    """
    if supervisor is None or division is None:
        return supervisor is None and division is None
    length = 2 if supervisor.endswith("0000") else 4 if supervisor.endswith("00") else 6
    return supervisor[:length] == division[:length]
