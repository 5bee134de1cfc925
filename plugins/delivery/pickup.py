"""Delivery at a window: ready, then picked up after the identity was checked."""

from __future__ import annotations

from collections.abc import Mapping
from hmac import compare_digest
from typing import Any

from tongban.kernel import protocol
from tongban.plugins.delivery.electronic import files
from tongban.plugins.delivery.request import Request

IN_PERSON = "凭有效身份证件当面领取"
BY_AGENT = "代办人凭授权委托书和身份证件领取"
_REFUSED = {
    "nothing": "须出示有效身份证件 (an identity paper must be shown)",
    "unknown": "没有可供核对的身份信息,请人工核验 (there is no personal data to compare with)",
    "other": "身份证件与申请人不符,不得领取 (the paper is not the applicant's)",
    "letter": "代领须持本办件的授权委托书 (an agent needs this case's authorisation)",
}


def pickup_number(case: protocol.Case) -> str:
    """What the applicant says at the window: six digits; it identifies nobody."""
    return str(int(protocol.derived_id("pickup", case.id, case.result), 16) % 1_000_000).zfill(6)


def carry(request: Request) -> Mapping[str, Any] | None:
    """Keeps the result ready at a window; with `presented`, hands it over or says why not."""
    window = request.case.plan.way[0]
    if window.division is None:
        return None
    if request.presented is not None:
        refused = refusal_of(request.case, request.personal, request.presented)
        if refused:
            return {"by": "pickup", "status": None, "refused": refused}
        agent = bool(request.presented.get("authorisation"))
        return {"by": "pickup", "status": "arrived", "note": BY_AGENT if agent else IN_PERSON}
    return {
        "by": "pickup",
        "status": None,
        "window": request.particulars.name(window),
        "pickup_number": pickup_number(request.case),
        **files(request),
    }


def refusal_of(
    case: protocol.Case, personal: Mapping[str, Any], presented: Mapping[str, str]
) -> str:
    """Why a result is not handed over to somebody; "" where it is.

    Args:
        case: as it stands.
        personal: of the applicant and the agent.
        presented: `id_number` (of an organisation `credit_code`) on the paper that is
            shown; an agent also shows the number of the letter, `authorisation`.

    Returns:
        A sentence without personal data.
    """
    letter = str(presented.get("authorisation") or "")
    agent = personal.get("agent")
    owner: Mapping[str, Any] = agent if letter and isinstance(agent, Mapping) else personal
    if letter and not _same(letter, case.authorisation):
        return _REFUSED["letter"]
    for name in ("id_number", "credit_code"):
        shown = str(presented.get(name) or "")
        if shown:
            known = str(owner.get(name) or "")
            if not known:
                return _REFUSED["unknown"]
            return "" if _same(shown.upper(), known.upper()) else _REFUSED["other"]
    return _REFUSED["nothing"]


def _same(one: str, other: str) -> bool:
    return bool(other) and compare_digest(one.encode(), other.encode())
