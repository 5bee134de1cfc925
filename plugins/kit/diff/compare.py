"""Two rule sets, item by item: added, removed, the same, proved equal, or how they differ."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal, TypeAlias

from attrs import frozen

from tongban.kernel import Item, Kernel
from tongban.plugins.kit.diff.replay import Replay, Responsible, responsible
from tongban.plugins.kit.diff.rulesets import Side
from tongban.plugins.kit.diff.structure import domains, route_keys, same_program, wording

Status: TypeAlias = Literal["added", "removed", "same", "equal", "differs"]
"""`same` by its form, `equal` as the solver proved."""


@frozen
class Witness:
    """One kind of difference, with an application that shows it.

    Attributes:
        found: None where the engine does not confirm what the solver found.
        keys: keys of the item that changed, where no rule makes the difference.
    """

    kind: str
    found: Replay | None
    rules: tuple[Responsible, ...] = ()
    keys: tuple[str, ...] = ()


@frozen
class Compared:
    """The result of one item.

    Attributes:
        short: its id, as decisions show it.
        wording: what changed in words only.
        domains: facts whose domain changed, so that one side refuses what the other takes.
    """

    key: str
    short: str
    name: str
    title: str
    status: Status
    witnesses: tuple[Witness, ...] = ()
    wording: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()

    @property
    def confirmed(self) -> bool:
        """Whether the engine confirms all that the solver found."""
        return all(one.found is not None for one in self.witnesses)


def pairs(old: Side, new: Side) -> dict[str, tuple[Item | None, Item | None]]:
    """The items to compare, by key: those of the new side in its order, then removed ones."""
    scope = None
    if old.drafts is not None or new.drafts is not None:
        scope = (old.drafts or frozenset()) | (new.drafts or frozenset())
    before, after = old.items(scope), new.items(scope)
    keys = [*after, *(key for key in before if key not in after)]
    return {key: (before.get(key), after.get(key)) for key in keys}


def compare(old: Side, new: Side, one: Item | None, other: Item | None) -> Compared:
    """Compares one item.

    Args:
        one: the old side's, None where it has none.
        other: the new side's.
    """
    if one is None or other is None:
        only, side = (other, new) if one is None else (one, old)
        assert only is not None
        return _compared(side.kernel, only, "added" if one is None else "removed")
    before, after = old.kernel.program(one), new.kernel.program(other)
    words = tuple(wording(before, after))
    changed = tuple(domains(before, after))
    timeless = old.as_of == new.as_of or "date" not in before.tested
    holds = before.valid_for == after.valid_for
    if holds and timeless and same_program(before, after):
        return _compared(new.kernel, other, "same", words=words)
    found = tuple(_witnesses(old, new, one, other))
    status: Status = "differs" if found or changed or not holds else "equal"
    return _compared(new.kernel, other, status, found, words, changed)


def _compared(
    kernel: Kernel,
    item: Item,
    status: Status,
    found: Sequence[Witness] = (),
    words: tuple[str, ...] = (),
    changed: tuple[str, ...] = (),
) -> Compared:
    short = kernel.rulebook.short(item)
    return Compared(item.key, short, item.name, item.title, status, tuple(found), words, changed)


def _witnesses(old: Side, new: Side, one: Item, other: Item) -> Iterator[Witness]:
    from tongban.plugins.kit.diff.witnesses import witnesses  # noqa: PLC0415 - the solver

    seen: set[tuple[str, str]] = set()
    for kind, found in witnesses(old, new, other):
        # Of a place that changed, the solver's witness already shows the way.
        if found is not None and (kind, found.new.outcome) in seen:
            continue
        if found is not None:
            seen.add((kind, found.new.outcome))
        if found is None:
            yield Witness(kind, None)
            continue
        rules = tuple(responsible(old, new, found, kind))
        yield Witness(kind, found, rules, () if rules else tuple(route_keys(one, other)))
