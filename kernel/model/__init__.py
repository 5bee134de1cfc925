"""Values: what rules, applications and decisions are made of. Imports errors alone."""

from __future__ import annotations

from tongban.kernel.errors import Text
from tongban.kernel.model.application import Application, Party
from tongban.kernel.model.conditions import (
    AllOf,
    AnyOf,
    Between,
    Condition,
    Literal,
    Not,
    OneOf,
    Scalar,
    Test,
    attributes,
    disjuncts,
    evaluate,
    passes,
)
from tongban.kernel.model.moments import day_of
from tongban.kernel.model.rules import COLLECTED, FORMS, LAYERS, RULE_STEPS, SINGLE, STATED, Period
from tongban.kernel.model.terms import TERMS, official, term

__all__ = [
    "COLLECTED",
    "FORMS",
    "LAYERS",
    "RULE_STEPS",
    "SINGLE",
    "STATED",
    "TERMS",
    "AllOf",
    "AnyOf",
    "Application",
    "Between",
    "Condition",
    "Literal",
    "Not",
    "OneOf",
    "Party",
    "Period",
    "Scalar",
    "Test",
    "Text",
    "addresses",
    "attributes",
    "day_of",
    "disjuncts",
    "evaluate",
    "id_numbers",
    "official",
    "passes",
    "printing",
    "term",
]
