"""What follows from the places of an application: provinces, distances, whose authority acts."""

from __future__ import annotations

from collections.abc import Mapping

from tongban.kernel.engine.codegen import Deriver
from tongban.kernel.model.conditions import Scalar
from tongban.kernel.model.divisions import Division, Divisions
from tongban.kernel.model.rules import Item
from tongban.kernel.model.vocabulary import RECEIVED, Vocabulary


def named_places(attribute: str) -> tuple[str, ...]:
    """The places that an attribute names: `apart.move_in.received` two."""
    family, _, rest = attribute.partition(".")
    parts = rest.split(".")
    if family == "place":
        return (parts[0],)
    return tuple(parts) if family == "apart" else ()


def authority_seat(item: Item, divisions: Divisions, code: str) -> str:
    """The place that a handling place counts as: that of its authority, at the authority's level.

    A provincial authority sits in no prefecture, so a window of one only collects for it.
    """
    seat: str = getattr(divisions[code], seat_aspect(item))
    return seat


def seat_aspect(item: Item) -> str:
    """What of a division says where the item's authority for it sits."""
    return "province" if item.level is not None and item.level.value == "province" else "seat"


def deriver(attribute: str, vocabulary: Vocabulary, item: Item) -> Deriver:
    """What derives an attribute that follows from places, for one item."""
    table = vocabulary.divisions.table
    family, _, rest = attribute.partition(".")
    if family == "place":
        name, _, aspect = rest.partition(".")
        return lambda places, received, handling: getattr(table[places[name]], aspect)
    if family == "apart":
        a, b = rest.split(".")
        return _apart(a, b, table)
    sits = seat_aspect(item)
    if rest == "count":
        return lambda places, received, handling: len(
            {getattr(table[places[n]], sits) if n in places else n for n in handling}
        )
    return _includes_receiving(table, sits)


def _apart(a: str, b: str, table: Mapping[str, Division]) -> Deriver:
    def derive(
        places: Mapping[str, str], received: str | None, handling: tuple[str, ...]
    ) -> Scalar | None:
        one = received if a == RECEIVED else places[a]
        other = received if b == RECEIVED else places[b]
        return table[one].apart(table[other]) if one and other else None

    return derive


def _includes_receiving(table: Mapping[str, Division], sits: str) -> Deriver:
    def derive(
        places: Mapping[str, str], received: str | None, handling: tuple[str, ...]
    ) -> Scalar | None:
        if received is None:
            return False
        seat = table[received].seat
        codes = (places[name] for name in handling if name in places)
        return any(getattr(table[code], sits) == seat for code in codes)

    return derive
