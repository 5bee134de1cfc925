"""Recusal (回避): an officer is kept off a case and its personal data, and may be let in again.

`guards.barred` holds it: who stands back has no part of an office in the case.
"""

from __future__ import annotations

import attrs
from attrs import frozen

from tongban.kernel.model.addresses import oversees
from tongban.kernel.protocol.actors import WINDOW, Actor
from tongban.kernel.protocol.case import Case
from tongban.kernel.protocol.case_parts import Recusal
from tongban.kernel.protocol.codec import is_name
from tongban.kernel.protocol.commands import (
    REASONS,
    CommandBody,
    CommandContext,
    RefusedError,
    command,
    not_yours,
    refuse_unless,
)
from tongban.kernel.protocol.events import Changes, Event, EventBody, event

__all__ = ["Readmit", "Readmitted", "Recuse", "Recused", "office_of", "offices_with_part"]


def offices_with_part(case: Case) -> tuple[str, ...]:
    """Keys of the offices of a case, with the window at which it was handed in.

    Args:
        case: as it stands.
    """
    keys = [one.key for one in case.plan.offices]
    if case.plan.window:
        keys.append(f"{case.plan.window}/{WINDOW}")
    return tuple(dict.fromkeys(keys))


def office_of(body: CommandBody, case: Case, actor: Actor, office: str) -> str:
    """The office that an actor means: an officer's own, or one that a supervisor oversees.

    Args:
        body: the command, for its name.
        case: as it stands.
        actor: with a part in the case.
        office: key of the office; "" for the only one that it can be.

    Raises:
        RefusedError: where it is not the actor's to say, or none, or not clear.
    """
    if actor.kind != "supervisor":
        if office not in ("", actor.office):
            raise not_yours(body, "本机关人员或者督办人", "that office, or a supervisor")
        return actor.office
    mine = [
        one
        for one in offices_with_part(case)
        if oversees(actor.division, None if one.startswith("-/") else one.partition("/")[0])
    ]
    found = [office] if office in mine else mine if not office else []
    refuse_unless(
        len(found) == 1,
        f"须写明机关:{'、'.join(mine)}",
        f"name the office that is meant: {', '.join(mine)}",
    )
    return found[0]


@command("recuse", needs={"reason": REASONS})
@frozen
class Recuse(CommandBody):
    """Keeps an officer off the case: oneself, or by order (指令回避).

    Attributes:
        officer: name of the account; "" for oneself.
        reason: why; also that the applicant asked for it (申请回避).
        article: on which it rests; "" where none is stated.
        instead: the account that decides instead; "" where none is named.
        office: key of the office; "" for one's own.
    """

    reason: str
    officer: str = ""
    article: str = ""
    instead: str = ""
    office: str = ""

    @classmethod
    def can_work(cls, case: Case, actor: Actor) -> bool:
        return actor.kind == "supervisor" or bool(actor.id)

    def handle(self, case: Case, context: CommandContext) -> list[EventBody]:
        """Once for each officer; who decides instead must not stand back too."""
        actor = context.actor
        refuse_unless(
            bool(actor.id) or actor.kind == "supervisor",
            "回避须写明办理人(--as …@NAME)",
            "say who acts: --as ...@NAME",
        )
        office = office_of(self, case, actor, self.office)
        officer = self.officer or (actor.id if actor.kind != "supervisor" else "")
        refuse_unless(
            bool(officer) and is_name(officer) and is_name(self.instead, least=0),
            "须写明回避人员的账号(--officer NAME)",
            "name the account that is to stand back: --officer NAME",
        )
        active = {one.officer: one for one in case.recusals_of(office)}
        if officer in active:
            raise RefusedError(
                "once_only",
                f"{officer} 已于 {active[officer].at:%Y-%m-%d} 回避本办件",
                f"{officer} stands back from the case already, since {active[officer].at:%Y-%m-%d}",
            )
        refuse_unless(
            self.instead not in (officer, *active),
            f"{self.instead} 已回避或者即将回避,不能由其办理",
            f"{self.instead} stands back too, and cannot decide instead",
        )
        refuse_unless(
            bool(self.instead) or officer not in {one.instead for one in active.values()},
            f"{officer} 系先前回避后指定的办理人,须另行指定办理人(--instead NAME)",
            f"{officer} was to decide instead of another: name who does now, --instead NAME",
        )
        return [Recused(office, officer, self.reason, self.article, self.instead)]


@event("recused")
@frozen
class Recused(EventBody):
    """回避: the officer has no part in the case any more; a task that was taken is free."""

    office: str
    officer: str
    reason: str
    article: str = ""
    instead: str = ""

    def origin(self) -> Recuse:
        return Recuse(self.reason, self.officer, self.article, self.instead, self.office)

    def changes(self, case: Case, event: Event) -> Changes:
        one = Recusal(
            self.office,
            self.officer,
            self.reason,
            self.article,
            event.actor,
            event.at,
            self.instead,
        )
        taken = (self.office, self.officer)
        return {
            "recusals": (*case.recusals, one),
            "claims": tuple(it for it in case.claims if (it.office, it.account) != taken),
        }


@command("readmit", needs={"reason": REASONS})
@frozen
class Readmit(CommandBody):
    """Lifts a recusal.

    Attributes:
        officer: name of the account.
        reason: why.
        office: key of the office; "" where the supervisor oversees only one of the case.
    """

    officer: str
    reason: str
    office: str = ""

    @classmethod
    def can_work(cls, case: Case, actor: Actor) -> bool:
        return any(one.lifted_at is None for one in case.recusals)

    def handle(self, case: Case, context: CommandContext) -> list[EventBody]:
        office = office_of(self, case, context.actor, self.office or self._only(case))
        refuse_unless(
            any(one.officer == self.officer for one in case.recusals_of(office)),
            f"{self.officer} 未回避本办件",
            f"{self.officer} of {office} does not stand back from the case",
        )
        return [Readmitted(office, self.officer, self.reason)]

    def _only(self, case: Case) -> str:
        """The office where the account stands back, where that is one."""
        found = {
            one.office
            for one in case.recusals
            if one.officer == self.officer and one.lifted_at is None
        }
        return found.pop() if len(found) == 1 else ""


@event("readmitted")
@frozen
class Readmitted(EventBody):
    """解除回避: the officer has the part of the office again."""

    office: str
    officer: str
    reason: str

    def origin(self) -> Readmit:
        return Readmit(self.officer, self.reason, self.office)

    def changes(self, case: Case, event: Event) -> Changes:
        return {
            "recusals": tuple(
                attrs.evolve(one, lifted_at=event.at)
                if (one.office, one.officer, one.lifted_at) == (self.office, self.officer, None)
                else one
                for one in case.recusals
            )
        }
