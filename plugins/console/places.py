"""From what people call a place to its division code."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tongban.kernel import Division, Divisions

__all__ = ["abolished_in", "codes_of"]

_KINDS = ("特别行政区", "地区", "林区", "矿区", "特区", "省", "市", "盟", "县", "区", "旗")
"""What a division's name ends with, the longest first."""

_LONG_KINDS = ("自治区", "自治州", "自治县", "自治旗", "行政委员会")
"""What follows on names of peoples, which nobody says: 海西 is 海西蒙古族藏族自治州."""

_SHORTEST = 2
"""Below this a beginning of a name says too little."""


def codes_of(divisions: Divisions, text: str) -> tuple[str, ...]:
    """The divisions in force that `text` can mean, the highest first.

    The name of an abolished one means what took its place, where none in force is called so.

    A name counts in full (西宁市), in short (西宁, 海西州), with those above it in
    full or in short (青海西宁, 四川省成都市锦江区), and, where none is called so, by
    its beginning (浦东 for 浦东新区).

    Args:
        divisions: the table.
        text: a name as people write it.
    """
    said = "".join(text.split())
    former = [one for one in divisions.values() if one.until]
    in_force = [one for one in divisions.values() if not one.until]
    levels = ("province", "prefecture", "county")
    for among, means in (
        *((in_force, means) for means in (_is_named, _is_short, _begins)),
        *((former, means) for means in (_is_named, _is_short)),
    ):
        found = [one for one in among if means(divisions, one, said)]
        if found:
            found.sort(key=lambda one: levels.index(one.level))
            now = (code for one in found for code in divisions.successors(one.code))
            return tuple(dict.fromkeys(now))
    return ()


def _is_named(divisions: Divisions, one: Division, said: str) -> bool:
    return said.endswith(one.name) and _are_above(divisions, one, said[: -len(one.name)])


def _is_short(divisions: Divisions, one: Division, said: str) -> bool:
    return any(
        said.endswith(name) and _are_above(divisions, one, said[: -len(name)])
        for name in _forms(one.name)
    )


def _begins(divisions: Divisions, one: Division, said: str) -> bool:
    return len(said) >= _SHORTEST and one.name.startswith(said)


def _forms(name: str) -> Iterator[str]:
    """The name in full and in short."""
    yield name
    if name.endswith(_LONG_KINDS):
        for end in range(_SHORTEST, len(name) - 2):
            yield name[:end]
            yield name[:end] + name[-1]
        return
    kind = next((kind for kind in _KINDS if name.endswith(kind)), "")
    if kind and len(name) - len(kind) >= _SHORTEST:
        yield name[: -len(kind)]


def _are_above(divisions: Divisions, one: Division, said: str) -> bool:
    """Whether `said` names divisions that `one` lies in, the highest first, some or all."""
    if not said:
        return True
    if one.parent is None:
        return False
    parent = divisions[one.parent]
    named = any(
        said.endswith(name) and _are_above(divisions, parent, said[: -len(name)])
        for name in _forms(parent.name)
    )
    return named or _are_above(divisions, parent, said)


def abolished_in(divisions: Divisions, raw: Any) -> Iterator[str]:
    """What is said of the abolished divisions of a raw application that were translated."""
    if not isinstance(raw, Mapping):
        return
    places = raw.get("places")
    said = {"received_at": raw.get("received_at")}
    said |= {f"places.{k}": v for k, v in places.items()} if isinstance(places, Mapping) else {}
    for name, value in said.items():
        code = f"{value:06d}" if type(value) is int and value >= 0 else value
        if not isinstance(code, str) or code not in divisions or not divisions[code].until:
            continue
        now = divisions.successors(code)
        if len(now) == 1:
            yield (
                f"{name}: {code} {divisions[code].name}已撤销({divisions[code].until}),"
                f"按现行区划{now[0]} {divisions.full_name(now[0])}办理"
                " (abolished; what took its place is used)"
            )
