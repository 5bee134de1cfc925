"""Who of an office has taken its task (领办), and gives it back (退回领办). No last day moves."""

from __future__ import annotations

from attrs import frozen

from tongban.kernel.protocol.actors import Actor
from tongban.kernel.protocol.awaiting import awaited
from tongban.kernel.protocol.case import Case
from tongban.kernel.protocol.case_parts import TaskClaim
from tongban.kernel.protocol.commands import (
    REASONS,
    CommandBody,
    CommandContext,
    RefusedError,
    command,
    need,
    refuse_unless,
)
from tongban.kernel.protocol.events import Changes, Event, EventBody, event
from tongban.kernel.protocol.recusal import office_of

__all__ = ["Claim", "Claimed", "Release", "Released"]


def _claim_of(case: Case, office: str) -> TaskClaim | None:
    return next((one for one in case.claims if one.office == office), None)


def _has_task(case: Case, actor: Actor) -> bool:
    return any(office is not None and actor.serves(office) for office, _ in awaited(case))


def _named(actor: Actor) -> None:
    refuse_unless(
        bool(actor.id), "须写明办理人(--as …@NAME)", "say which account acts: --as ...@NAME"
    )


@command("claim")
@frozen
class Claim(CommandBody):
    """Takes the task that the case awaits of one's office."""

    @classmethod
    def can_work(cls, case: Case, actor: Actor) -> bool:
        return bool(actor.id) and _has_task(case, actor) and not _claim_of(case, actor.office)

    def handle(self, case: Case, context: CommandContext) -> list[EventBody]:
        """By an account with a name, where the office has a task that nobody else has taken."""
        actor = context.actor
        _named(actor)
        if not _has_task(case, actor):
            raise RefusedError(
                "wrong_state",
                "本机关在本办件中现无待办事项,无可领办",
                "this office has nothing to do in the case now, so there is no task to take",
            )
        taken = _claim_of(case, actor.office)
        if taken is None:
            return [Claimed(actor.office)]
        if taken.account == actor.id:
            return []
        raise RefusedError(
            "once_only",
            f"已由 {taken.account} 于 {taken.at:%Y-%m-%d %H:%M} 领办,须先退回领办",
            f"{taken.account} has taken it, since {taken.at:%Y-%m-%d %H:%M}: it has to be released"
            " first",
        )


@event("claimed")
@frozen
class Claimed(EventBody):
    """领办, by the account that acted."""

    office: str

    def origin(self) -> Claim:
        return Claim()

    def changes(self, case: Case, event: Event) -> Changes:
        return {"claims": (*case.claims, TaskClaim(self.office, event.actor.id, event.at))}


@command("release")
@frozen
class Release(CommandBody):
    """Gives a task back: one's own, or a colleague's with a reason.

    Attributes:
        reason: why; needed of a colleague and of the supervisor.
        office: key of the office; "" for one's own.
    """

    reason: str = ""
    office: str = ""

    @classmethod
    def can_work(cls, case: Case, actor: Actor) -> bool:
        if actor.kind == "supervisor":
            return bool(case.claims)
        return bool(actor.id) and _claim_of(case, actor.office) is not None

    def handle(self, case: Case, context: CommandContext) -> list[EventBody]:
        actor = context.actor
        only = case.claims[0].office if len(case.claims) == 1 else ""
        meant = self.office or (only if actor.kind == "supervisor" else "")
        office = office_of(self, case, actor, meant)
        if actor.kind != "supervisor":
            _named(actor)
        taken = _claim_of(case, office)
        if taken is None:
            raise RefusedError(
                "wrong_state",
                f"{office} 在本办件中没有已领办的事项,无可退回",
                f"no task of {office} in this case is taken, so there is nothing to release",
            )
        if actor.kind == "supervisor" or actor.id != taken.account:
            need(REASONS, self.reason)
        return [Released(office, taken.account, self.reason)]


@event("released")
@frozen
class Released(EventBody):
    """退回领办: the task is open to every account of its office again."""

    office: str
    account: str
    reason: str = ""

    def origin(self) -> Release:
        return Release(self.reason, self.office)

    def changes(self, case: Case, event: Event) -> Changes:
        return {"claims": tuple(one for one in case.claims if one.office != self.office)}
