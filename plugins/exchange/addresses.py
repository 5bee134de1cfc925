"""Which addresses a node serves: by division, or one by one. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable

from tongban.kernel import TongbanError, protocol

__all__ = ["NodeError", "check", "is_local", "rank"]

_PATTERN = re.compile(r"\d{6}|-|(?:\d{6}|-)/[a-z][a-z0-9_]*")
_EXACT, _NOWHERE = 9, 0


class NodeError(TongbanError):
    """A node or a directory that is not set up as it must be; the message says what to do."""


def check(serves: Iterable[str]) -> tuple[str, ...]:
    """What a node says that it serves: `510000`, `-` (no code), `630100/public_security`.

    Raises:
        NodeError: where one has another form.
    """
    found = tuple(serves)
    for one in found:
        if not isinstance(one, str) or not _PATTERN.fullmatch(one):
            raise NodeError(
                f"节点服务范围有误 (serves: {one!r} is neither a division's code such as 510000,"
                " nor `-`, nor an address such as 630100/public_security)"
            )
    return found


def is_local(address: str) -> bool:
    """Whether an address is in every store: the applicant of a case, the machine itself."""
    return "/" not in address


def rank(serves: Iterable[str], address: str) -> int:
    """How closely somebody serves an address: 0 not at all, more for what is more exact.

    Args:
        serves: codes and addresses.
        address: `630100/public_security`.
    """
    place = address.partition("/")[0]
    best = _NOWHERE
    for one in serves:
        if one == address:
            return _EXACT
        if "/" in one:
            continue
        if one == "-":
            best = max(best, int(place == "-"))
        elif place.isdigit() and protocol.oversees(one, place):
            best = max(best, 2 if one.endswith("0000") else 4 if one.endswith("00") else 6)
    return best
