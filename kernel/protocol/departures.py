"""Departures from the rules (偏离规则): a person decides otherwise than they do, and says why."""

from __future__ import annotations

from typing import Literal, TypeAlias

from attrs import frozen

from tongban.kernel.model.terms import TERMS
from tongban.kernel.protocol.case import Case
from tongban.kernel.protocol.commands import CommandContext, RefusedError
from tongban.kernel.protocol.grounds import Ground, grounds_of, need_article

__all__ = ["Departure", "departs"]

Chosen: TypeAlias = Literal["granted", "denied", "declined"]

_OFFICIAL = {"granted": "准予", "denied": "不予", "declined": "不予受理"}


@frozen
class Departure:
    """How the decision of a case differs from what the rules come to.

    Attributes:
        chosen: what was decided: `granted`, `denied`, `declined`.
        outcome: what the rules come to: `eligible`, `ineligible`.
        grounds: the rules by which they do.
        article: on which the decision rests; "" where it does not say (a former version).
        reasons: of the decision.
    """

    chosen: Chosen
    outcome: str
    grounds: tuple[Ground, ...]
    article: str
    reasons: tuple[str, ...]

    @property
    def official(self) -> str:
        """What was decided, in Chinese."""
        return _OFFICIAL[self.chosen]


def departs(case: Case) -> Departure | None:
    """How a case was decided otherwise than by the rules; None where it was not.

    Args:
        case: as it stands.
    """
    chosen = _chosen(case)
    if chosen is None or not _differs(case, chosen):
        return None
    outcome, grounds = case.decision["outcome"], grounds_of(case.decision)
    return Departure(chosen, outcome, grounds, case.article, case.reasons)


def _chosen(case: Case) -> Chosen | None:
    if case.granted is not None:
        return "granted" if case.granted else "denied"
    return "declined" if case.state == "declined" else None


def _differs(case: Case, chosen: Chosen) -> bool:
    return (chosen == "granted") != (case.decision.get("outcome") == "eligible")


def checked_article(
    case: Case, context: CommandContext, chosen: Chosen, article: str, reasons: tuple[str, ...]
) -> str:
    """The article of a decision, which a departure from the rules must name, with reasons.

    Args:
        case: as it stands.
        context: of the command; a node of a former version asked for no article.
        chosen: what is decided.
        article: as it was given; "" for none.
        reasons: as they were given.

    Returns:
        The article without blanks around it; "" where none is given and none is needed.

    Raises:
        RefusedError: where the rules come to something else and article or reasons are missing,
            or the article names nothing that can be looked up.
    """
    if article.strip():
        article = need_article(article)
    elif article and not context.elsewhere:
        need_article(article)
    said = article.strip() and reasons and all(one.strip() for one in reasons)
    if context.elsewhere or said or not _differs(case, chosen):
        return article.strip()
    outcome = str(case.decision.get("outcome"))
    term = TERMS["outcome"][outcome]
    rules = "、".join(one.rule for one in grounds_of(case.decision))
    raise RefusedError(
        "bad_input",
        f"按规则结果为“{term.zh}”(规则{rules}),{_OFFICIAL[chosen]}属偏离规则,须写明依据的条款和理由",
        f"by the rules it is {outcome} ({rules}); to have it {chosen} all the same needs the"
        " article that this rests on, and reasons",
    )
