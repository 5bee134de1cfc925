"""From the model to a decision: pure, the same for the same application, rules and date."""

from __future__ import annotations

from tongban.kernel.engine.answers import YES_NO, AnswerError, answered, understood
from tongban.kernel.engine.codegen import Facts, compile_rules
from tongban.kernel.engine.missing_facts import possible_modes
from tongban.kernel.engine.program import Program
from tongban.kernel.engine.questions import (
    RECEIVED_AT,
    Question,
    next_question,
    question,
    value_terms,
)
from tongban.kernel.engine.representatives import Sampler
from tongban.kernel.engine.rules_version import rules_version

__all__ = [
    "RECEIVED_AT",
    "YES_NO",
    "AnswerError",
    "Facts",
    "Program",
    "Question",
    "Sampler",
    "answered",
    "compile_rules",
    "next_question",
    "possible_modes",
    "question",
    "rules_version",
    "understood",
    "value_terms",
]
