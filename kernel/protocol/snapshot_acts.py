"""Whether what a case in transit keeps of acts that were challenged or undone can be."""

from __future__ import annotations

import re

from tongban.kernel.protocol.case import Case
from tongban.kernel.protocol.case_parts import Remedy
from tongban.kernel.protocol.codec import is_name
from tongban.kernel.protocol.terms import OVER

_OFFICE = re.compile(r"(\d{6}|-)/[a-z][a-z0-9_]{0,63}", re.ASCII)


def lodged(case: Case) -> bool:
    """Remedies say against which act of which office they are; days and outcomes fit."""
    keys = {office.key for office in case.plan.offices}
    return all(
        one.number == nth
        and (one.office in keys or (_before_amendment(case, one) and _is_key(one.office)))
        and all(map(is_name, (one.act, one.organ)))
        and bool(one.reason.strip())
        and one.late == (one.due is not None and one.on > one.due)
        and (one.admitted is None) == (one.admitted_on is None)
        and (one.outcome is None) == (one.resolved_on is None)
        for nth, one in enumerate(case.remedies, 1)
    )


def _before_amendment(case: Case, one: Remedy) -> bool:
    """Whether a remedy is against the refusal of a case that goes another way since."""
    return bool(case.amendments) and one.act.partition("-")[0] == "ineligible"


def _is_key(text: str) -> bool:
    return _OFFICE.fullmatch(text) is not None


def reopened(case: Case) -> bool:
    """Reopenings say what had ended, why it goes on, and on which article."""
    return all(
        one.ended in OVER
        and is_name(one.article)
        and bool(one.reason.strip())
        and 0 <= one.remedy <= len(case.remedies)
        for one in case.reopenings
    )
