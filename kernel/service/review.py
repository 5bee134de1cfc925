"""A case that another store sends, decided once more by the rules that are installed here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import frozen

from tongban.kernel.engine.rules_version import rules_version
from tongban.kernel.errors import ApplicationError, TongbanError
from tongban.kernel.kernel import Kernel
from tongban.kernel.protocol import Case, Suspend

_OWN = "复核 the rules here"


@frozen
class Review:
    """What the rules here say of a case that was decided elsewhere.

    Attributes:
        stops: differences on which a person has to rule before the case goes on: by the rules
            here it is not eligible, or other authorities handle it.
        says: what its office has to know besides; "" where there is nothing.
        open: whether somebody has to look at what it says: the rules here differ. Where they
            are not here, that is only said.
    """

    stops: tuple[Suspend, ...] = ()
    says: str = ""
    open: bool = False


def reviewed(kernel: Kernel, case: Case, personal: Mapping[str, Any]) -> Review:
    """Decides a case once more, on the date of its application, by the rules that are here.

    A difference of rules alone is none: only what they come to is compared.

    Args:
        kernel: with the rules of this store.
        case: as it left the other store.
        personal: the applicant's data that came with it, from which plugins derive facts.
    """
    try:
        application = kernel.application(_here(kernel, case, personal))
        decision = kernel.decide(application).to_dict()
    except ApplicationError as error:
        says = f"本库没有该事项的规则,未作复核 (not decided again: the rules are not here: {error})"
        return Review(says=says)
    except TongbanError as error:
        return Review(says=f"未能复核 (not decided again: {error})", open=True)
    same = rules_version(kernel.program(application.item)) == case.rules
    rules = "规则相同 the same rules" if same else "规则不同 other rules"
    theirs, ours = _come_to(case.decision), _come_to(decision)
    heavy = [name for name in ("outcome", "authorities") if theirs[name] != ours[name]]
    if decision["outcome"] == "incomplete":
        asked = "、".join(one["question"] for one in decision["missing"])
        return Review((), f"按本库规则尚缺 by the rules here is missing: {asked} ({rules})", True)
    if heavy:
        why = [
            f"理由 {one['because']}"
            for one in decision["reasons"]
            if one["conclusion"] == "eligible" and not one["value"]
        ]
        stop = Suspend(
            f"{_OWN} ({rules})",
            (*(ours[name] for name in heavy), *why),
            tuple(theirs[name] for name in heavy),
        )
        return Review((stop,))
    if theirs["modes"] != ours["modes"]:
        says = f"本库规则 here: {ours['modes']}; 来件 as sent: {theirs['modes']} ({rules})"
        return Review(says=says, open=True)
    return Review()


def _here(kernel: Kernel, case: Case, personal: Mapping[str, Any]) -> dict[str, Any]:
    """The application, of the item as it is called here."""
    key = str(case.application.get("item", ""))
    known = key in kernel.rulebook.items
    applicant = {**personal, **case.as_decided.get("applicant", {})}
    named = {"item": key if known else key.rpartition("/")[2], "applicant": applicant}
    return {**case.as_decided, **named}


def _come_to(decision: Mapping[str, Any]) -> dict[str, str]:
    """What is compared of a decision, as texts that a person reads."""
    handling = sorted(
        f"{one['division'] or '-'}/{one['department']}{'*' if one['lead'] else ''}"
        for one in decision["handling"]
    )
    return {
        "outcome": f"结果 outcome: {decision['outcome']}",
        "authorities": f"办理机关 authorities: {', '.join(handling)} (* 牵头 leads)",
        "modes": f"方式 modes: {', '.join(sorted(decision['modes']))}",
    }
