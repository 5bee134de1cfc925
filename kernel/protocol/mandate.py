"""An agent's authorisation (授权委托书): what it covers, when it holds, what tie there is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Literal, TypeAlias

from attrs import frozen

from tongban.kernel.errors import Text
from tongban.kernel.model.terms import official

Scope: TypeAlias = Literal[
    "apply", "supplement", "receive", "withdraw", "correct", "remedy", "rate"
]
Kinship: TypeAlias = Literal["parent", "guardian", "spouse", "child", "relative"]

SCOPES: Mapping[str, str] = official("scope")
KINSHIPS: Mapping[str, str] = official("kinship")

SCOPE_OF: Mapping[str, Scope] = {
    "submit": "apply",
    "insist": "apply",
    "supply": "supplement",
    "report": "receive",
    "change_contact": "receive",
    "withdraw": "withdraw",
    "amend": "correct",
    "lodge": "remedy",
    "rate": "rate",
}
"""What must be in the scope of an authorisation for each command that agents may give."""


@frozen
class Mandate:
    """What a letter of authorisation says (授权), beside its number.

    Attributes:
        scope: what the agent may do; empty where the letter does not say (授权范围未载明).
        since: the first day on which it holds; None where it is not stated.
        until: the last day; None where it is not stated.
        kinship: what the agent is to the applicant; None where it is not stated.
    """

    scope: tuple[Scope, ...] = ()
    since: date | None = None
    until: date | None = None
    kinship: Kinship | None = None

    @property
    def flaw(self) -> Text | None:
        """Why it cannot be one; None where it can."""
        if self.since and self.until and self.since > self.until:
            return Text(
                f"授权委托书的截止日{self.until}早于起始日{self.since},请核对授权委托书上的日期",
                f"the authorisation ends on {self.until}, before it begins on {self.since}:"
                " look at the days in the letter",
            )
        if len(set(self.scope)) != len(self.scope):
            return Text("授权范围有重复", "something stands twice in the scope")
        return None


def mandate_of(
    scope: tuple[Scope, ...] = (),
    since: date | None = None,
    until: date | None = None,
    kinship: Kinship | None = None,
) -> Mandate | None:
    """What a letter says; None where it says none of it.

    Args:
        scope, since, until, kinship: as in `Mandate`.
    """
    made = Mandate(scope, since, until, kinship)
    return None if made == Mandate() else made


_RENEW = Text(
    "请由申请人或收件窗口以“变更委托”提交新的授权委托书",
    "bring a new letter: `authorise`, by the applicant or the window",
)
_VALID = Text(
    "请提交有效的授权委托书,或者由申请人本人办理",
    "bring a letter that is in force, or let the applicant come in person",
)


def out_of_time(
    said: Mandate | None, number: str, day: date, *, handed_in: bool = False
) -> Text | None:
    """Why an authorisation does not hold on a day; None where it does.

    Args:
        said: what the letter says; None where that is not recorded: then it holds.
        number: of the letter.
        day: in China.
        handed_in: whether the letter is handed in now, with an application or in place of another.
    """
    does = _VALID if handed_in else _RENEW
    if said and said.until and day > said.until:
        return Text(
            f"授权委托书{number}已于{said.until}届满;{does.zh}",
            f"the authorisation {number} ended on {said.until}; {does.en}",
        )
    if said and said.since and day < said.since:
        return Text(
            f"授权委托书{number}自{said.since}起有效,现尚未生效;届时再办,或者{does.zh}",
            f"the authorisation {number} begins on {said.since}; wait until then, or {does.en}",
        )
    return None


def out_of_scope(said: Mandate | None, number: str, command: str, term: str) -> Text | None:
    """Why an authorisation does not cover a command; None where it does.

    Args:
        said: as in `out_of_time`; an empty scope covers everything that agents may do.
        number: of the letter.
        command: its kind.
        term: its official term.
    """
    if said is None or not said.scope or SCOPE_OF[command] in said.scope:
        return None
    if command == "submit":
        renew, does = "提交载明此项的授权委托书", "brings a letter that says so"
    else:
        renew = "以“变更委托”提交载明此项的授权委托书"
        does = "brings a letter that says so: `authorise`"
    has, needs = "、".join(SCOPES[one] for one in said.scope), SCOPES[SCOPE_OF[command]]
    return Text(
        f"授权委托书{number}的授权范围为{has},不含“{needs}”,代办人不能{term};"
        f"请由申请人办理,或者{renew}",
        f"the authorisation {number} covers {', '.join(said.scope)}, not {SCOPE_OF[command]}: the"
        f" agent cannot give {command}; the applicant can, or {does}",
    )
