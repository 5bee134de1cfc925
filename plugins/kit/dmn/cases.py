"""A case for each row of a table: facts that it alone decides, and what must come out."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from tongban.plugins.kit.dmn.boxes import Box, Rows, bits, first
from tongban.plugins.kit.dmn.domains import Domain
from tongban.plugins.kit.dmn.rules import Translated
from tongban.plugins.kit.dmn.table import Table


def cases(
    table: Table,
    domains: Sequence[Domain],
    rules: Sequence[Translated],
    prefix: str,
    vocabulary: Any,
    own: Collection[str],
) -> Iterator[tuple[Translated, dict[str, Any] | None]]:
    """Each row that can hold, with its case; None where no application can be made up.

    Args:
        table: the table.
        domains: of its columns.
        rules: of its rows.
        prefix: of the ids of the rules, the item's id.
        vocabulary: of the kernel.
        own: the attributes that the rule file declares.
    """
    owners = [rule for rule in rules for _ in rule.reach]
    parts = Rows([box for rule in rules for box in rule.reach])
    for rule in rules:
        if not rule.reach:
            continue
        box = rule.reach[0]
        given = _given(domains, box, vocabulary, own)
        if given is None:
            yield rule, None
            continue
        point = tuple(chosen & -chosen for chosen in box)
        holding = [owners[n] for n in bits(parts.meeting(point))]
        cells = zip(table.inputs, rule.row.inputs, strict=True)
        said = ", ".join(f"{column.label or column.name} {text or '-'}" for column, text in cells)
        name = " ".join(f"{rule.row}: {said}".split())
        yield rule, {"name": name[:120], "given": given, "expect": _expect(holding, prefix)}


def _expect(holding: Sequence[Translated], prefix: str) -> dict[str, Any]:
    refusing = [one for one in holding if one.then.get("eligible") is False]
    if refusing:
        return {"eligible": False, "reasons": [f"{prefix}.{refusing[0].row.id}"]}
    expect: dict[str, Any] = {"eligible": True}
    delivered = [one.then["delivery"] for one in holding if "delivery" in one.then]
    if delivered:
        expect["delivery"] = delivered[:1]
    saying = [one for one in holding if set(one.then) - {"eligible"}]
    if saying:
        expect["reasons"] = [f"{prefix}.{one.row.id}" for one in saying]
    return expect


def _given(
    domains: Sequence[Domain], box: Box, vocabulary: Any, own: Collection[str]
) -> dict[str, Any] | None:
    """An application with the first values of a box, None where none can be made up."""
    given: dict[str, Any] = {"channel": "online"}
    facts: dict[str, Any] = {}
    places: dict[str, dict[str, Any]] = {}
    for domain, chosen in zip(domains, box, strict=True):
        value = domain.classes[first(chosen)].value
        name = domain.attribute
        known = vocabulary.attributes.get(name)
        family, _, rest = name.partition(".")
        if known is None and name not in own:
            continue  # no cell tests it
        if known is None or (name in vocabulary.facts and known.asked):
            facts[name] = _usable(value, known, domain, vocabulary)
        elif name == "channel":
            given["channel"] = value
        elif name == "applicant.kind":
            given["applicant"] = {"kind": value}
        elif name == "date":
            given["as_of"] = value
        elif name == "deliver_by":
            given |= {} if value == "default" else {"deliver_by": value}
        elif family == "place":
            place, _, quality = rest.rpartition(".")
            places.setdefault(place, {})[quality] = value
        else:
            return None
    codes = {place: _division(wanted, vocabulary) for place, wanted in places.items()}
    if None in codes.values():
        return None
    if given["channel"] != "online":
        given["received_at"] = next(iter(codes.values()), None) or 630100
    return given | ({"places": codes} if codes else {}) | ({"facts": facts} if facts else {})


def _usable(value: Any, known: Any, domain: Domain, vocabulary: Any) -> Any:
    """A value that an application may give: a code that no cell names, for a division."""
    if known is not None and known.type == "division" and value not in vocabulary.divisions:
        named = {one.value for one in domain.classes}
        return next(code for code in vocabulary.divisions if code not in named)
    return value


def _division(wanted: Mapping[str, Any], vocabulary: Any) -> int | None:
    """The code of a division with these qualities."""
    for code in vocabulary.divisions:
        if "province" in wanted and code[:2] != wanted["province"][:2]:
            continue
        one = vocabulary.divisions[code]
        if one.until or any(getattr(one, key) != value for key, value in wanted.items()):
            continue
        return int(code)
    return None
