"""A decision: what comes out, as people and machines read it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Literal, TypeAlias

from attrs import frozen

from tongban.kernel.model.divisions import Apart
from tongban.kernel.model.rules import Basis, Citation

Outcome: TypeAlias = Literal["eligible", "ineligible", "incomplete"]


@frozen
class Reason:
    """Why something was concluded: the rule, its words, and whether the text states it."""

    conclusion: str
    value: Any
    rule: str
    because: str
    cite: Citation
    basis: Basis

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "conclusion": self.conclusion,
            "value": self.value,
            "rule": self.rule,
            "because": self.because,
            "cite": self.cite.to_dict(),
            "basis": self.basis,
        }


@frozen
class Overridden:
    """A rule that held, and the more specific one that prevailed."""

    rule: str
    conclusion: str
    value: Any
    by: str

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "rule": self.rule,
            "conclusion": self.conclusion,
            "value": self.value,
            "by": self.by,
        }


# Without slots a value is made in two thirds to four fifths of the time; each decision makes these.
@frozen(slots=False)
class Receiving:
    """Where the application is handed in; `place` is `received` where it has no other role."""

    place: str
    division: str | None

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {"place": self.place, "division": self.division}


@frozen(slots=False)
class Handling:
    """A handling authority (办理机关): a department, or another authority, at a place.

    Attributes:
        division: of the authority, at its own level; None where no code names it.
        department: id of the department or of the authority that is not its branch.
        acts: False for a place that is shown but does not act.
    """

    place: str
    division: str | None
    department: str
    lead: bool
    acts: bool = True

    def to_dict(self) -> dict[str, Any]:
        """For JSON; `acts` is there only where it is false."""
        shown: dict[str, Any] = {
            "place": self.place,
            "division": self.division,
            "department": self.department,
            "lead": self.lead,
        }
        return shown if self.acts else shown | {"acts": False}


@frozen
class Leg:
    """One step of the way: what goes from where to where, and how."""

    source: str
    target: str
    by: str
    what: str

    def to_dict(self) -> dict[str, str]:
        """For JSON."""
        return {"from": self.source, "to": self.target, "by": self.by, "what": self.what}


@frozen
class Missing:
    """A fact that can still change the outcome, the modes or the route.

    Attributes:
        name: path in the application, `facts.transferable`.
        question: to ask an applicant, in Chinese; `question_en` in English, "" where nobody
            has written it.
        values: what may be answered, empty where the domain is open.
        rules: the rules that ask.
        exact: False where it was found by three-valued logic alone, because
            there was too much to try.
        derived_by: the plugin that should have derived it, `?` where no file says which: such a
            fact cannot be answered; "" for what can be.
    """

    name: str
    question: str
    values: tuple[Any, ...]
    rules: tuple[str, ...]
    exact: bool = True
    question_en: str = ""
    derived_by: str = ""

    def to_dict(self) -> dict[str, Any]:
        """For JSON; `exact` is there only where it is false, `derived_by` where it is not ""."""
        shown: dict[str, Any] = {
            "name": self.name,
            "question": self.question,
            "question_en": self.question_en,
            "values": list(self.values),
            "rules": list(self.rules),
        }
        if self.derived_by:
            shown["derived_by"] = self.derived_by
        return shown if self.exact else shown | {"exact": False}


@frozen
class AdviceGiven:
    """What to do instead or besides: `use_item`, `use_channel`, `apply_at`, `bring`."""

    do: str
    target: str
    because: str

    def to_dict(self) -> dict[str, str]:
        """For JSON; the target stands under the key that `do` names."""
        key = {"use_item": "item", "use_channel": "channel", "apply_at": "place"}.get(
            self.do, "what"
        )
        return {"do": self.do, key: self.target, "because": self.because}


@frozen(slots=False)
class Decision:
    """What an application comes to, as of a date, with its reasons.

    Attributes:
        item: `id`, `name`, `department`, `jurisdiction` of the item.
        modes: every mode that applies together.
        crossing: how far the case reaches; None while that is not known.
        time_limit: steps with their working days.
        valid_for: how long the result holds, `{"months": 3}`; None where the item does not say.
    """

    item: Mapping[str, str]
    as_of: date
    outcome: Outcome
    modes: tuple[str, ...] = ()
    crossing: Apart | None = None
    receiving: Receiving | None = None
    handling: tuple[Handling, ...] = ()
    legs: tuple[Leg, ...] = ()
    delivery: tuple[str, ...] = ()
    time_limit: tuple[Mapping[str, Any], ...] = ()
    reasons: tuple[Reason, ...] = ()
    overridden: tuple[Overridden, ...] = ()
    missing: tuple[Missing, ...] = ()
    advice: tuple[AdviceGiven, ...] = ()
    valid_for: Mapping[str, int] | None = None

    def to_dict(self) -> dict[str, Any]:
        """The stable JSON form: plain lists, dicts, text; `valid_for` only where it is said."""

        def many(values: tuple[Any, ...]) -> list[Any]:
            return [value.to_dict() for value in values]

        shown: dict[str, Any] = {
            "item": dict(self.item),
            "as_of": self.as_of.isoformat(),
            "outcome": self.outcome,
            "modes": list(self.modes),
            "crossing": self.crossing,
            "receiving": self.receiving.to_dict() if self.receiving else None,
            "handling": many(self.handling),
            "legs": many(self.legs),
            "delivery": list(self.delivery),
            "time_limit": [dict(limit) for limit in self.time_limit],
            "reasons": many(self.reasons),
            "overridden": many(self.overridden),
            "missing": many(self.missing),
            "advice": many(self.advice),
        }
        if self.valid_for is not None:
            shown["valid_for"] = dict(self.valid_for)
        return shown
