"""Refusals by the rules, and decisions that depart from them, as people and machines read them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tongban.kernel import protocol
from tongban.kernel.model import TERMS, Text, term

NO_ARTICLE = Text("未写明依据", "no article was named")
"""What stands for the article of a decision that a former version took."""


def ground_lines(ground: protocol.Ground) -> Iterator[str]:
    """Why, and by which row and words."""
    words = f" “{ground.cite['words']}”" if ground.cite.get("words") else ""
    yield f"理由 reason: {ground.because}"
    yield f"依据 on {ground.place}{words}, 规则 rule {ground.rule} ({term('basis', ground.basis)})"


def departure_lines(case: protocol.Case) -> Iterator[str]:
    """How a case was decided otherwise than by the rules; nothing where it was not."""
    found = protocol.departs(case)
    if found is None:
        return
    rules = "、".join(one.rule for one in found.grounds) or "-"
    outcome = TERMS["outcome"][found.outcome].bracketed
    yield f"{found.official} {found.chosen}; 按规则 by the rules: {outcome}, {rules}"
    yield f"    依据 on {found.article or NO_ARTICLE.bracketed}"


def departure_json(case: protocol.Case) -> dict[str, Any] | None:
    """The same for machines; None where it was decided as the rules say."""
    found = protocol.departs(case)
    if found is None:
        return None
    return {
        "chosen": found.chosen,
        "outcome": found.outcome,
        "rules": [one.rule for one in found.grounds],
        "article": found.article or None,
        "reasons": list(found.reasons),
    }
