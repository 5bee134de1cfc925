"""From a decision to the plan of its case: the offices, the way, the limits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import frozen

from tongban.kernel.model.application import Application
from tongban.kernel.model.decision import Decision
from tongban.kernel.model.rules import RULE_STEPS, Item
from tongban.kernel.protocol.actors import WINDOW, Office
from tongban.kernel.protocol.codec import FormatError, dump, load
from tongban.kernel.protocol.command_bodies import Submit
from tongban.kernel.protocol.plan import LimitRule, OnRefusal, Plan
from tongban.kernel.protocol.terms import MOST_DAYS

__all__ = ["LICENCE", "is_public", "plan_of", "public_part", "submit"]

LICENCE = "许可"
"""The kind of items for which the Administrative Licensing Law sets limits."""

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


def submit(
    decision: Decision,
    item: Item,
    application: Application,
    *,
    rules: str,
    applicant: str,
    agent: str = "",
    authorisation: str = "",
    personal: str = "",
    on_refusal: OnRefusal = "end",
) -> Submit:
    """The command that opens a case.

    Args:
        decision: the kernel's, on this application.
        item: the item that is applied for.
        application: checked; its personal data is left out.
        rules: the version of the rules, from `rules_version`.
        applicant: an opaque id.
        agent: opaque id of who acts for the applicant.
        authorisation: the number of the letter that lets the agent act.
        personal: the salted hash of the personal data.
        on_refusal: what a refusal by a co-handling authority does.
    """
    return Submit(
        rules=rules,
        application=public_part(application),
        decision=dump(decision.to_dict()),
        applicant=applicant,
        agent=agent,
        authorisation=authorisation,
        personal=personal,
        licence=item.kind == LICENCE,
        on_refusal=on_refusal,
    )


@frozen
class _Identity:
    """What a decision says of its item."""

    id: str
    name: str
    department: str
    jurisdiction: str


def plan_of(body: Submit) -> Plan:
    """How the case goes, by the decision.

    Args:
        body: with an eligible decision.

    Raises:
        FormatError: where the decision is not one that the kernel makes.
    """
    decision, application = body.decision, body.application
    try:
        # Read back, so that what is stored is well formed whoever made the decision.
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
            licence=body.licence,
            on_refusal=body.on_refusal,
        )
        return load(Plan, dump(plan), "submit.decision")
    except (KeyError, IndexError, TypeError, AttributeError) as error:
        raise FormatError(f"submit.decision: not a decision of the kernel ({error!r})") from None


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


def _limit(one: Mapping[str, Any], cite: Mapping[str, Any], basis: str) -> LimitRule:
    extension = one.get("extension") or 0
    if one["step"] not in RULE_STEPS:
        raise FormatError("submit.decision: a time limit for no step that there is")
    if not 0 < one["working_days"] <= MOST_DAYS or not 0 <= extension <= MOST_DAYS:
        raise FormatError(f"submit.decision: a time limit must be of 1 to {MOST_DAYS} days")
    return LimitRule(one["step"], one["working_days"], extension, cite, basis)
