"""The places of a simulated country, and its units of time."""

from __future__ import annotations

CENTRAL = "000000"
"""The node of authorities that no division names."""

HOUR, DAY = 60, 24 * 60
"""In minutes."""


def province_of(address: str) -> str:
    """The node that serves an address, `630100/public_security`."""
    place = address.partition("/")[0]
    return f"{place[:2]}0000" if place.isdigit() else CENTRAL
