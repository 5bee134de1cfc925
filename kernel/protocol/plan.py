"""The plan of a case: the offices, the way, the limits, by the decision it was received under."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, TypeAlias

from attrs import field, frozen

from tongban.kernel.model.addresses import oversees
from tongban.kernel.model.application import Application
from tongban.kernel.model.later import later
from tongban.kernel.model.rules import MOST_OF, RULE_STEPS, Period
from tongban.kernel.model.vocabulary import RECEIVED
from tongban.kernel.protocol.actors import WINDOW, Office
from tongban.kernel.protocol.codec import FormatError, dump, load
from tongban.kernel.protocol.terms import MOST_DAYS

OnRefusal: TypeAlias = Literal["end", "return"]
"""What a refusal by a co-handling authority does: ends the case, or returns it to the applicant."""


@frozen
class Document:
    """One material that was handed in or sent.

    Attributes:
        form: `original`, `copy`, `form`, `electronic`.
        copies: how many.
    """

    name: str
    form: str = "copy"
    copies: int = 1


@frozen
class LimitRule:
    """A limit as a rule sets it.

    Attributes:
        step: what must be done, one of `RULE_STEPS`.
        working_days: within this many.
        extension: by this many it may be extended, once; 0 where it may not.
        cite: where that stands.
        basis: `stated` or `inferred`.
    """

    step: str
    working_days: int
    extension: int = 0
    cite: Mapping[str, Any] = field(factory=dict)
    basis: str = "stated"


@frozen
class ValidityRule:
    """How long a result holds, as the item says.

    Attributes:
        period: from the day of the decision.
        cite: where that stands.
        basis: `stated` or `inferred`.
    """

    period: Period
    cite: Mapping[str, Any] = field(factory=dict)
    basis: str = "stated"


@frozen
class LogMark:
    """How far the log of a case went, and what it was.

    Attributes:
        version: number of the last event.
        log: `hash_chain.shared_hash` of the events up to it.
    """

    version: int
    log: str


@frozen
class Plan:
    """How a case goes through the house, by the decision under which it was received.

    Attributes:
        modes: all that apply together.
        channel: `online`, `window`, `kiosk`.
        window: division of the place where it is handed in; None where no code names it.
        way: the offices that the application passes, the lead last.
        accepting: which of `way` accepts (受理).
        others: the authorities that must confirm, for `joint`.
        delivery: `electronic`, `post`, `pickup`.
        limits: those that rules give.
        licence: whether it is a licence (行政许可), for which silence means acceptance.
        valid_for: how long the result holds; None where the item does not say.
        in_person: whether the applicant must act in person (亲自办理), by no agent.
    """

    modes: tuple[str, ...]
    channel: str
    window: str | None
    way: tuple[Office, ...]
    accepting: int
    others: tuple[Office, ...] = ()
    delivery: str = "electronic"
    limits: tuple[LimitRule, ...] = ()
    licence: bool = False
    on_refusal: OnRefusal = "end"
    valid_for: ValidityRule | None = later()
    in_person: bool = later(False)

    @property
    def lead(self) -> Office:
        """The authority that decides."""
        return self.way[-1]

    @property
    def offices(self) -> tuple[Office, ...]:
        """Everyone who has a part, in order, each once."""
        return tuple({office.key: office for office in (*self.way, *self.others)}.values())


_PUBLIC = ("item", "channel", "received_at", "as_of", "places", "facts", "deliver_by")


def public_part(application: Application) -> dict[str, Any]:
    """An application as JSON without its personal data: of the applicant only the kind is left.

    Args:
        application: checked.
    """
    shown = {name: dump(getattr(application, name)) for name in _PUBLIC}
    kind = application.applicant.kind
    shown["applicant"] = {"kind": kind} if kind else {}
    return {name: one for name, one in shown.items() if one not in (None, {})}


def is_public(application: Mapping[str, Any]) -> bool:
    """Whether an application as JSON holds no personal data."""
    applicant = application.get("applicant", {})
    return (
        set(application) <= {*_PUBLIC, "applicant"}
        and isinstance(applicant, Mapping)
        and set(applicant) <= {"kind"}
    )


@frozen
class _Identity:
    """What a decision says of its item."""

    id: str
    name: str
    department: str
    jurisdiction: str


def plan_of(
    decision: Mapping[str, Any],
    application: Mapping[str, Any],
    licence: bool,
    on_refusal: OnRefusal,
    in_person: bool = False,
) -> Plan:
    """How a case goes, by the decision.

    Args:
        decision: an eligible one, as JSON.
        application: without personal data, as JSON.
        licence, on_refusal, in_person: as in `Plan`.

    Raises:
        FormatError: where the decision is not one that the kernel makes.
    """
    try:
        # Read back, so that what is stored is well formed, whatever made the decision.
        load(_Identity, decision["item"], "submit.decision.item")
        handling = {one["place"]: _office(one) for one in decision["handling"]}
        legs = decision["legs"]
        passed = [leg["to"] for leg in legs if leg["what"] == "application"]
        if passed[-1] not in handling:
            raise FormatError("submit.decision: the way ends at no authority that decides")
        asked = [leg["to"] for leg in legs if leg["what"] == "request"]
        accepting = next(
            (r["value"] for r in decision["reasons"] if r["conclusion"] == "receiving"), passed[-1]
        )
        way = tuple(
            handling.get(place) or _window(decision, application, place, place == accepting)
            for place in passed
        )
        plan = Plan(
            modes=tuple(decision["modes"]),
            channel=application.get("channel", "online"),
            window=decision["receiving"]["division"],
            way=way,
            accepting=passed.index(accepting) if accepting in passed else len(passed) - 1,
            others=tuple(handling[place] for place in asked),
            delivery=next(iter(decision["delivery"]), "electronic"),
            limits=_limits(decision),
            licence=licence,
            on_refusal=on_refusal,
            valid_for=_valid_for(decision),
            in_person=in_person,
        )
        return load(Plan, dump(plan), "submit.decision")
    except (KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
        raise FormatError(f"submit.decision: not a decision of the kernel ({error!r})") from None


def plan_of_refused(
    decision: Mapping[str, Any],
    application: Mapping[str, Any],
    licence: bool,
    on_refusal: OnRefusal,
    in_person: bool = False,
    *,
    way: tuple[Office, ...],
) -> Plan:
    """How a case goes that the rules refuse, where the applicant insists.

    Nothing in such a decision says who acts: `way` does, and is looked at here.

    Args:
        decision: an ineligible one, as JSON.
        application: without personal data, as JSON.
        licence, on_refusal, in_person: as in `Plan`.
        way: the authority that would decide, after the window where it was handed in if that is
            at another place.

    Raises:
        FormatError: where the decision is not one that the kernel makes, or `way` does not fit it.
    """
    try:
        item = load(_Identity, decision["item"], "submit.decision.item")
        receiving = decision["receiving"]
        handed_in = receiving["division"] if receiving else None
        if handed_in != application.get("received_at") or decision["modes"]:
            raise FormatError("submit.decision: not one by which the application is refused")
        _check_way(way, item, application.get("places", {}), handed_in)
        plan = Plan(
            modes=(),
            channel=application.get("channel", "online"),
            window=handed_in or way[0].division,
            way=way,
            accepting=len(way) - 1,
            delivery=application.get("deliver_by") or "electronic",
            limits=_limits(decision),
            licence=licence,
            on_refusal=on_refusal,
            in_person=in_person,
        )
        return load(Plan, dump(plan), "submit.decision")
    except (KeyError, TypeError, AttributeError) as error:
        raise FormatError(f"submit.decision: not a decision of the kernel ({error!r})") from None


def _check_way(
    way: tuple[Office, ...], item: _Identity, places: Mapping[str, str], handed_in: str | None
) -> None:
    """Check that the window is where it was handed in, and the authority at a place of the case.

    Raises:
        FormatError: where one is not.
    """
    if not way:
        raise FormatError(
            "submit.way: an application that the rules refuse needs the authority that would"
            " decide it",
            "依规则不予办理的申请须指明办理机关",
        )
    *windows, lead = way
    named = (handed_in or item.jurisdiction) if lead.place == RECEIVED else places.get(lead.place)
    at_place = lead.division == named or (named is not None and oversees(lead.division, named))
    window = [Office(RECEIVED, handed_in, WINDOW)] if handed_in else []
    if windows not in ([], window) or not at_place or lead.department == WINDOW:
        raise FormatError(
            "submit.way: must be the window where it was handed in, if any, and the authority at a"
            " place of the application"
        )


def _office(handling: Mapping[str, Any]) -> Office:
    return Office(handling["place"], handling["division"], handling["department"])


def _window(
    decision: Mapping[str, Any], application: Mapping[str, Any], place: str, accepts: bool
) -> Office:
    """An office on the way that does not decide: a window, or the authority that accepts."""
    receiving = decision["receiving"]
    division = receiving["division"] if receiving["place"] == place else None
    division = division or application.get("places", {}).get(place)
    return Office(place, division, decision["item"]["department"] if accepts else WINDOW)


def _limits(decision: Mapping[str, Any]) -> tuple[LimitRule, ...]:
    """The limits of a decision, each with the citation of the rule that gives it."""
    reasons = decision["reasons"]
    why: Mapping[str, Any] = next((r for r in reasons if r["conclusion"] == "time_limit"), {})
    return tuple(
        _limit(one, why.get("cite", {}), why.get("basis", "stated"))
        for one in decision["time_limit"]
    )


def _valid_for(decision: Mapping[str, Any]) -> ValidityRule | None:
    """How long the result holds, by a decision that says so."""
    said = decision.get("valid_for")
    if said is None:
        return None
    ((unit, count),) = said.items()
    if unit not in MOST_OF or type(count) is not int or not 0 < count <= MOST_OF[unit]:
        raise FormatError("submit.decision: a validity of no period that there is")
    reasons = decision["reasons"]
    why: Mapping[str, Any] = next((r for r in reasons if r["conclusion"] == "valid_for"), {})
    return ValidityRule(Period(unit, count), why.get("cite", {}), why.get("basis", "stated"))


def _limit(one: Mapping[str, Any], cite: Mapping[str, Any], basis: str) -> LimitRule:
    extension = one.get("extension") or 0
    if one["step"] not in RULE_STEPS:
        raise FormatError("submit.decision: a time limit for no step that there is")
    if not 0 < one["working_days"] <= MOST_DAYS or not 0 <= extension <= MOST_DAYS:
        raise FormatError(f"submit.decision: a time limit must be of 1 to {MOST_DAYS} days")
    return LimitRule(one["step"], one["working_days"], extension, cite, basis)
