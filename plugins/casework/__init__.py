"""`tongban case`, `audit`, `key`, `report`, `doctor`: carry cases, and tell."""

from __future__ import annotations

from tongban.plugins.console.registration import lazily

register_commands = lazily(
    __name__,
    "cases",
    case=("groups:case", "Carry cases (办件), step by step."),
    audit=("groups:audit", "Prove what happened in cases."),
    key=("groups:key", "Make and change the key of personal data."),
    report=("reporting.command:report", "Supervision: cases, limits, ratings."),
    doctor=("doctor:doctor", "Where things are, and what is missing."),
)
