"""Who may give which command in which state, and the refusal of all others."""

from __future__ import annotations

from datetime import date

from attrs import frozen

from tongban.kernel.errors import Text
from tongban.kernel.model.addresses import oversees
from tongban.kernel.protocol.actors import Actor
from tongban.kernel.protocol.case import Case
from tongban.kernel.protocol.commands import COMMAND_BODIES, RefusalCode, RefusedError
from tongban.kernel.protocol.events import Changes, Event, EventBody, event
from tongban.kernel.protocol.mandate import Mandate, out_of_scope, out_of_time
from tongban.kernel.protocol.terms import ACTORS, STATES
from tongban.kernel.protocol.transitions import COMMANDS, ROLES, Role

RECORDED = ("not_a_party", "not_your_step")
"""Refusals that stay in the log: somebody wanted what is not theirs to do."""


STANDS_BACK = Text(
    "该经办人已回避本办件,由本机关其他人员办理;解除回避由督办人办理",
    "this officer stands back from the case (recusal): a colleague acts; a supervisor may lift it",
)
"""Why an account has no part in a case."""

WHO_ACTS = Text(
    "本办件有经办人回避,须写明办理人(--as …@NAME)",
    "an officer of this office stands back from the case: say who acts, --as ...@NAME",
)
"""Why an office without a name of an account has no part in a case."""


@event("attempt_refused")
@frozen
class AttemptRefused(EventBody):
    """Somebody without a part in this step tried. Changes no state."""

    command: str
    code: str

    def changes(self, case: Case, event: Event) -> Changes:
        return {"attempts": (*case.attempts, event.cause)}


def barred(case: Case, actor: Actor) -> Text | None:
    """Why an officer or a window is kept off a case; None where nobody keeps them off.

    Args:
        case: as it stands.
        actor: who wants something. Where an officer of the office stands back (回避), all others
            of it have to say by the name of their account who they are.
    """
    if not case.recusals or not actor.office:
        return None
    # In whatever case the letters are: who types a name may write it otherwise.
    names = {one.officer.casefold() for one in case.recusals_of(actor.office)}
    if not names:
        return None
    if not actor.id:
        return WHO_ACTS
    return STANDS_BACK if actor.id.casefold() in names else None


def roles(case: Case, actor: Actor) -> frozenset[Role]:
    """Every part that an actor has in a case; empty for a stranger, and for who stands back.

    Args:
        case: as it stands.
        actor: who wants something.
    """
    if barred(case, actor):
        return frozenset()
    found: set[Role] = set()
    plan = case.plan
    if actor.kind == "system":
        found.add("system")
    if actor.kind == "applicant" and actor.id and actor.id == case.applicant:
        found.add("applicant")
    if (
        actor.kind == "agent"
        and actor.id
        and actor.id == case.agent
        and case.authorisation
        and actor.authorisation == case.authorisation
    ):
        found.add("agent")
    if actor.kind == "window" and actor.division and actor.division == plan.window:
        found.add("window")
    if actor.serves(case.holder):
        found.add("holder")
    if case.state == "dispatched" and actor.serves(plan.way[case.at]):
        found.add("holder")
    if actor.serves(case.accepting):
        found.add("accepting")
    if actor.serves(plan.lead):
        found.add("lead")
    if any(actor.serves(office) for office in plan.others):
        found.add("cohandler")
    bad = {one.side for one in case.follow_ups}
    if any(actor.serves(one) for one in plan.offices if one in case.reached or one.key in bad):
        found.add("rated")
    if actor.kind == "supervisor" and any(
        oversees(actor.division, office.division) for office in plan.offices
    ):
        found.add("supervisor")
    return frozenset(found)


def check_authorised(said: Mandate | None, number: str, command: str, day: date) -> None:
    """Check that a letter of authorisation lets an agent give a command on a day.

    Args:
        said: what the letter says; None where that is not recorded.
        number: of the letter.
        command: its kind.
        day: in China.

    Raises:
        RefusedError: where the letter has ended, has not begun, or does not cover it.
    """
    official = COMMANDS[command].official
    why = out_of_time(said, number, day, handed_in=command == "submit")
    why = why or out_of_scope(said, number, command, official)
    if why:
        raise RefusedError("not_your_step", why.zh, why.en)


def check(case: Case, actor: Actor, command: str, day: date) -> None:
    """Check that an actor may give a command now.

    Args:
        case: as it stands.
        actor: who gives it.
        command: its kind.
        day: on which it is given, in China.

    Raises:
        RefusedError: where the actor has no part, the authorisation of an agent does not hold on
            that day or does not cover the command, or the case is in another state.
    """
    step = COMMANDS[command]
    parts = roles(case, actor)
    who = ACTORS[actor.kind]
    kept_off = barred(case, actor)
    if kept_off:
        code: RefusalCode = "not_a_party" if actor.id else "bad_input"
        raise RefusedError(code, kept_off.zh, kept_off.en)
    if not parts:
        raise RefusedError(
            "not_a_party",
            f"该{who}与本办件无关,不能{step.official}",
            f"this {actor.kind} has no part in the case",
        )
    if not parts & set(step.roles):
        may = "、".join(ROLES[role].zh for role in step.roles)
        raise RefusedError(
            "not_your_step",
            f"“{step.official}”应由{may}办理",
            f"{command} is for: {', '.join(step.roles)}",
        )
    if actor.kind == "agent":
        check_authorised(case.mandate, case.authorisation, command, day)
    if case.state not in step.states:
        raise _not_now(case, command)


def _not_now(case: Case, command: str) -> RefusedError:
    word, step = STATES[case.state], COMMANDS[command]
    instead = COMMAND_BODIES[command].not_now(case)
    if instead is not None:
        return RefusedError(
            "over" if case.over else "wrong_state",
            f"本办件现为“{word.official}”,不能{step.official}:{instead.zh}",
            f"the case is {case.state}: {instead.en}",
        )
    if case.over:
        left = {
            kind: one.official
            for kind, one in COMMANDS.items()
            if case.state in one.states
            and one.roles != ("system",)
            and (kind not in _OF_REMEDIES or case.remedies)
        }
        return RefusedError(
            "over",
            f"本办件{word.official},已经结束,不能{step.official};仍可{'、'.join(left.values())}",
            f"the case is over: {case.state}; what may still be done: {', '.join(left)}",
        )
    when = "、".join(STATES[state].official for state in step.states)
    return RefusedError(
        "wrong_state",
        f"本办件现为“{word.official}”,不能{step.official};须为{when}",
        f"the case is {case.state}; {command} needs {' or '.join(step.states)}",
    )


_OF_REMEDIES = ("admit", "resolve")
"""What is about a remedy that was lodged, in whichever state the case is."""

_APART = ("mirror", "check_clock")
"""What depends on more than state and part: on another store's events, on the clock."""


def allowed(case: Case, actor: Actor, day: date | None = None) -> tuple[str, ...]:
    """The commands that an actor may give now, by state and part alone, in order.

    Args:
        case: as it stands.
        actor: who asks.
        day: in China, on which an agent's authorisation must hold; None leaves its days out.
    """
    parts = roles(case, actor)
    return tuple(
        kind
        for kind, step in COMMANDS.items()
        if case.state in step.states
        and parts & set(step.roles)
        and kind not in _APART
        and (kind not in _OF_REMEDIES or bool(case.remedies))
        and (actor.kind != "agent" or _covered(case, kind, day))
    )


def _covered(case: Case, command: str, day: date | None) -> bool:
    said, number = case.mandate, case.authorisation
    ended = day is not None and out_of_time(said, number, day) is not None
    return not ended and out_of_scope(said, number, command, "") is None
