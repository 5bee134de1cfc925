"""Hypothesis strategies for departments' tests: applications, facts, divisions, cases, events.

Everything is drawn from the vocabulary and the item's rules, so an item is known as soon as
its department is installed. What fails shrinks to the usual: online, in the item's own
province, the first value of a domain. docs/testing.md has examples.

The package hypothesis is imported with this module and no sooner; tongban itself does
not need it.
"""

from __future__ import annotations

try:
    import hypothesis  # noqa: F401 - only to name it where it is missing
except ModuleNotFoundError as error:
    if error.name != "hypothesis":
        raise
    says = "tongban's strategies need the package hypothesis: pip install hypothesis"
    raise ModuleNotFoundError(says, name="hypothesis") from None

from tongban.plugins.kit.testing.application_strategies import (
    applicants,
    applications,
    as_of,
    attribute_values,
    divisions,
    facts,
    raw_applications,
)
from tongban.plugins.kit.testing.case_strategies import commands, events, histories

__all__ = [
    "applicants",
    "applications",
    "as_of",
    "attribute_values",
    "commands",
    "divisions",
    "events",
    "facts",
    "histories",
    "raw_applications",
]
