"""What rules cannot say: whether an applicant is old enough to register as unemployed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

from tongban.kernel import Application, Scalar, hookimpl

__all__ = ["derive_facts"]

ITEMS = {"510000/1-03"}
"""The items whose rules ask for it."""

WORKING_AGE = 16
"""Labour Law, article 15: nobody under sixteen is employed."""

_NUMBER = re.compile(r"[0-9]{6}([0-9]{4})([0-9]{2})([0-9]{2})[0-9]{3}[0-9X]")


@hookimpl
def derive_facts(application: Application, item: str) -> Mapping[str, Scalar]:
    """`human_resources.old_enough`, from the identity number where there is one.

    Args:
        application: checked, so its values have the right types.
        item: the item's key, `510000/1-03`.

    Returns:
        Nothing where the number is missing or holds no date: then it is asked for.
    """
    born = _birth(application.applicant.id_number or "")
    if item not in ITEMS or born is None:
        return {}
    day = application.as_of
    years = day.year - born.year - ((day.month, day.day) < (born.month, born.day))
    return {"human_resources.old_enough": years >= WORKING_AGE}


def _birth(number: str) -> date | None:
    match = _NUMBER.fullmatch(number.upper())
    try:
        return date(*map(int, match.groups())) if match else None
    except ValueError:
        return None
