"""One application under two rule sets: both decisions, what differs, and which rules did it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from attrs import evolve, field, frozen

from tongban.kernel import Application, Decision, Scalar
from tongban.kernel.model import TERMS
from tongban.plugins.kit.diff.rulesets import Side

KINDS = {
    name: TERMS["conclusion"][name].zh
    for name in ("eligible", "modes", "handling", "delivery", "time_limit", "requires")
} | {"missing": "须补充", "route": "流程"}
"""Everything in which two decisions can differ, the weightiest first."""

_NAMED = ("facts", "places")


@frozen
class Responsible:
    """A rule that speaks on one side and not, or otherwise, on the other.

    Attributes:
        side: `old` or `new`.
        held: whether it holds on the other side too, where something else prevails.
    """

    side: str
    rule: str
    value: Any
    because: str
    cite: Mapping[str, str]
    held: bool = False

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "side": self.side,
            "rule": self.rule,
            "value": _listed(self.value),
            "because": self.because,
            "cite": dict(self.cite),
            "holds_in_both": self.held,
        }


@frozen
class Replay:
    """What both sides decided.

    Attributes:
        application: raw, as `tongban route` takes it.
        kinds: of `KINDS`, those in which the decisions differ.
        left_out: parts that one side's vocabulary does not know, with that side.
        derived: facts that no application says, and a plugin would have to derive.
    """

    application: Mapping[str, Any]
    old: Decision
    new: Decision
    kinds: tuple[str, ...]
    left_out: tuple[str, ...] = ()
    derived: Mapping[str, Scalar] = field(factory=dict)


def replay(
    old: Side,
    new: Side,
    application: Mapping[str, Any],
    derived: Mapping[str, Scalar] | None = None,
) -> Replay:
    """Both sides' decisions on a raw application.

    Args:
        derived: facts that a plugin would have to derive; added after the check.

    Raises:
        ApplicationError: where one of them cannot take it.
    """
    left_out: list[str] = []
    decided = []
    for word, side in (("old", old), ("new", new)):
        checked, gone = _checked(side, application, derived or {})
        left_out += [f"{name} ({word})" for name in gone]
        decided.append(side.kernel.decide(checked))
    kinds = differing(decided[0], decided[1])
    return Replay(application, decided[0], decided[1], kinds, tuple(left_out), derived or {})


def _checked(
    side: Side, application: Mapping[str, Any], derived: Mapping[str, Scalar]
) -> tuple[Application, list[str]]:
    raw, gone = fitted(side, application)
    checked = side.kernel.application(raw)
    if derived:
        known = side.kernel.rulebook.vocabulary.facts
        more = {name: value for name, value in derived.items() if name in known}
        checked = evolve(checked, facts={**checked.facts, **more})
    return checked, gone


def fitted(side: Side, application: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """An application as a side takes it: without the facts and places that it has no word for.

    Returns:
        The application, at the side's date where it has one; what was left out.
    """
    raw = dict(application)
    if side.as_of is not None:
        raw["as_of"] = side.as_of.isoformat()
    vocabulary = side.kernel.rulebook.vocabulary
    gone: list[str] = []
    for family, known in zip(_NAMED, (vocabulary.facts, vocabulary.places), strict=True):
        said = raw.get(family)
        if isinstance(said, Mapping) and not all(name in known for name in said):
            raw[family] = {name: value for name, value in said.items() if name in known}
            gone += [f"{family}.{name}" for name in said if name not in known]
    return raw, gone


def differing(old: Decision, new: Decision) -> tuple[str, ...]:
    """The kinds of difference between two decisions; none where they come to the same.

    Where the outcome differs, that is all that is said: the rest follows from it.
    """
    if old.outcome != new.outcome:
        return ("eligible",)
    return tuple(kind for kind in KINDS if _part(old, kind) != _part(new, kind))


def _part(decision: Decision, kind: str) -> Any:
    """What a decision says of one kind, in a form in which order does not count."""
    if kind == "eligible":
        return decision.outcome
    if kind == "modes":
        return frozenset(decision.modes)
    if kind == "delivery":
        return decision.delivery
    if kind == "time_limit":
        return [dict(one) for one in decision.time_limit]
    if kind == "handling":
        return decision.handling
    if kind == "requires":
        return frozenset(one.value for one in decision.reasons if one.conclusion == "requires")
    if kind == "missing":
        return frozenset(one.name for one in decision.missing)
    return (decision.receiving, decision.crossing, decision.legs)


def responsible(old: Side, new: Side, found: Replay, kind: str) -> Iterator[Responsible]:
    """The rules that make the difference of one kind, the old side's first.

    A rule is responsible that concludes something here and does not hold, concludes
    otherwise or does not prevail there.
    """
    sides = (("old", old, found.old, found.new), ("new", new, found.new, found.old))
    for word, side, own, other in sides:
        spoken = {(one.rule, str(one.value)) for one in _reasons(other, kind)}
        held = _held(new if side is old else old, found)
        seen = set()
        for one in _reasons(own, kind):
            key = (one.rule, str(one.value))
            if key not in spoken and key not in seen:
                seen.add(key)
                yield Responsible(
                    word, one.rule, one.value, one.because, one.cite.to_dict(), one.rule in held
                )


_SPEAKS = {"handling": ("handling",), "route": ("receiving", "involves", "level", "handling")}


def _reasons(decision: Decision, kind: str) -> list[Any]:
    names = _SPEAKS.get(kind, (kind,))
    return [one for one in decision.reasons if one.conclusion in names]


def _held(side: Side, found: Replay) -> frozenset[str]:
    application, _ = _checked(side, found.application, found.derived)
    traces = side.kernel.explain(application).rules
    return frozenset(trace.rule for trace in traces if trace.held)


def _listed(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
