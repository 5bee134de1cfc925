"""Representation (委托代办): another agent, another letter of authorisation, or none any more."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from attrs import frozen

from tongban.kernel.protocol.case import Case
from tongban.kernel.protocol.codec import is_name
from tongban.kernel.protocol.commands import (
    CommandBody,
    CommandContext,
    RefusedError,
    command,
    refuse_unless,
)
from tongban.kernel.protocol.events import Changes, Event, EventBody, event
from tongban.kernel.protocol.mandate import Kinship, Mandate, Scope, mandate_of, out_of_time
from tongban.kernel.protocol.messages import Draft, notice
from tongban.kernel.protocol.plan import Plan

__all__ = ["Authorise", "Authorised", "check_mandate"]


def check_mandate(agent: str, number: str, said: Mandate | None, day: date) -> None:
    """Check that an agent can be named in a case.

    Args:
        agent: opaque id; "" for none.
        number: of the letter of authorisation.
        said: what the letter says.
        day: on which it is named.

    Raises:
        RefusedError: where the letter is missing, its days do not fit, or it has ended.
    """
    refuse_unless(
        bool(agent) or (not number and said is None),
        "写明授权委托书的,须写明代办人",
        "an authorisation names its agent",
    )
    refuse_unless(
        not agent or bool(number), "代办须有授权委托书", "an agent needs an authorisation"
    )
    refuse_unless(
        is_name(agent, least=0) and is_name(number, least=0),
        "代办人编号或者授权委托书编号有误",
        "the id of the agent or the number of the authorisation is none",
    )
    if said is None:
        return
    wrong = said.flaw
    if wrong is None and said.until and day > said.until:
        wrong = out_of_time(said, number, day, handed_in=True)
    if wrong:
        raise RefusedError("bad_input", wrong.zh, wrong.en)


def check_in_person(plan: Plan, agent: str, decision: Mapping[str, Any]) -> None:
    """Check that the item takes an agent, where one is named.

    Args:
        plan: of the case.
        agent: opaque id; "" for none.
        decision: by the rules, as JSON. One that refuses has refused the agent already.

    Raises:
        RefusedError: where the applicant must act in person.
    """
    refuse_unless(
        not agent or not plan.in_person or decision["outcome"] != "eligible",
        "本事项须由申请人亲自办理,不得委托代办;请申请人本人到场",
        "the applicant must act in person in this matter, by no agent",
    )


@command("authorise")
@frozen
class Authorise(CommandBody):
    """Names another agent or another letter; with nothing, no agent any more.

    Attributes:
        agent: opaque id of the agent; left out, nobody acts for the applicant any more.
        authorisation: number of the letter of authorisation.
        scope: what the agent may do; left out, the letter does not say.
        since: the first day of the authorisation, where the letter says one.
        until: its last day, where the letter says one.
        kinship: what the agent is to the applicant, where that is stated.
    """

    agent: str = ""
    authorisation: str = ""
    scope: tuple[Scope, ...] = ()
    since: date | None = None
    until: date | None = None
    kinship: Kinship | None = None

    @property
    def said(self) -> Mandate | None:
        """What the letter says beside its number."""
        return mandate_of(self.scope, self.since, self.until, self.kinship)

    def check(self, day: date) -> None:
        """The agent has a letter, whose days fit and have not passed."""
        check_mandate(self.agent, self.authorisation, self.said, day)

    def handle(self, case: Case, context: CommandContext) -> list[EventBody]:
        """Takes the place of what was said before; the agent of before has no part any more."""
        said = self.said
        check_in_person(case.plan, self.agent, case.decision)
        refuse_unless(
            bool(self.agent) or bool(case.agent),
            "本办件没有代办人;变更委托须写明代办人和授权委托书编号",
            "nobody acts for the applicant; name the agent and the number of the authorisation",
        )
        now = (case.agent, case.authorisation, case.mandate)
        if (self.agent, self.authorisation, said) == now:
            return []
        return [Authorised(self.agent, self.authorisation, said)]


@event("authorised")
@frozen
class Authorised(EventBody):
    """变更委托: from here on this agent acts, by this letter; "" for nobody (撤销委托)."""

    agent: str = ""
    authorisation: str = ""
    mandate: Mandate | None = None

    def origin(self) -> Authorise:
        said = self.mandate or Mandate()
        return Authorise(
            self.agent, self.authorisation, said.scope, said.since, said.until, said.kinship
        )

    def changes(self, case: Case, event: Event) -> Changes:
        return {
            "agent": self.agent,
            "authorisation": self.authorisation,
            "mandate": self.mandate,
        }

    def messages(self, before: Case, after: Case) -> Iterator[Draft]:
        said = self.mandate or Mandate()
        yield notice(
            "委托变更告知书",
            authorisation=self.authorisation,
            scope=list(said.scope),
            since=said.since.isoformat() if said.since else None,
            until=said.until.isoformat() if said.until else None,
        )
