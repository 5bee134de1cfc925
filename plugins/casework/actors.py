"""Who acts: `window:510100` to an actor of the protocol."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import attrs
import click

from tongban.kernel import DivisionError, Kernel, nearest, protocol

FORMS: Mapping[str, str] = {
    "window": "window:510100",
    "officer": "officer:630100/public_security",
    "applicant": "applicant:ID",
    "agent": "agent:ID/NUMBER",
    "supervisor": "supervisor:630000",
    "system": "system",
}
"""How each kind is written; a window, an officer and a supervisor may add `@NAME`."""

_NOBODY = "-"
"""A place that no code names, as in messages."""


class _WrongActorError(Exception):
    """What is wrong with an actor."""


def parse_actor(kernel: Kernel, text: str) -> protocol.Actor:
    """The actor that a text names.

    Args:
        kernel: knows divisions and departments.
        text: in one of `FORMS`.

    Raises:
        click.UsageError: where it is none; the message has the form.
    """
    kind, _, rest = text.strip().partition(":")
    if kind not in FORMS:
        near = nearest(kind, FORMS)
        hint = f"did you mean {near!r}? " if near else ""
        raise click.UsageError(
            f"--as {text!r}: unknown kind of actor {kind!r}; {hint}write one of:"
            f" {', '.join(FORMS.values())}"
        )
    try:
        return _READERS[kind](kernel, rest)
    except _WrongActorError as wrong:
        raise click.UsageError(f"--as {text!r}: {wrong}; write it as {FORMS[kind]}") from None


def _window(kernel: Kernel, rest: str) -> protocol.Actor:
    code, _, name = rest.partition("@")
    if code == _NOBODY:
        raise _WrongActorError("a window is at a place")
    return protocol.Actor("window", name, _division(kernel, code))


def _officer(kernel: Kernel, rest: str) -> protocol.Actor:
    where, _, name = rest.partition("@")
    code, slash, department = where.partition("/")
    if not slash or not department:
        raise _WrongActorError("the department is missing")
    division = None if code == _NOBODY else _division(kernel, code)
    return protocol.Actor("officer", name, division, _department(kernel, department))


def _supervisor(kernel: Kernel, rest: str) -> protocol.Actor:
    code, _, name = rest.partition("@")
    return protocol.Actor("supervisor", name, None if code == _NOBODY else _division(kernel, code))


def _applicant(kernel: Kernel, rest: str) -> protocol.Actor:
    if not rest:
        raise _WrongActorError("the id is missing")
    return protocol.Actor("applicant", rest)


def _agent(kernel: Kernel, rest: str) -> protocol.Actor:
    id, _, number = rest.partition("/")
    if not id or not number:
        raise _WrongActorError(
            "the agent's id and the number of the authorisation (授权委托书) are needed"
        )
    return protocol.Actor("agent", id, authorisation=number)


def _system(kernel: Kernel, rest: str) -> protocol.Actor:
    if rest:
        raise _WrongActorError("the machine itself has no name")
    return protocol.SYSTEM


_READERS: Mapping[str, Callable[[Kernel, str], protocol.Actor]] = {
    "window": _window,
    "officer": _officer,
    "supervisor": _supervisor,
    "applicant": _applicant,
    "agent": _agent,
    "system": _system,
}


def _division(kernel: Kernel, code: str) -> str:
    if code in kernel.base.divisions:
        return code
    if not code:
        raise _WrongActorError("the code of the place is missing")
    near = kernel.base.divisions.suggest(code)
    raise _WrongActorError(
        f"no division has the code {code!r}" + (f", did you mean {near}" if near else "")
    )


def _department(kernel: Kernel, word: str) -> str:
    known = {one.id for one in kernel.rulebook.departments}
    known |= {one.id for item in kernel.items for one in item.authorities}
    near = None if word in known else nearest(word, known)
    if near:
        raise _WrongActorError(f"unknown department {word!r}, did you mean {near!r}")
    # A case that came from another store may have an authority that has no rules here.
    return word


def agent_of(kernel: Kernel, text: str) -> protocol.Actor:
    """The agent that `ID/NUMBER` names.

    Raises:
        click.UsageError: where it is none.
    """
    return parse_actor(kernel, f"agent:{text}")


def acting_today(kernel: Kernel, actor: protocol.Actor) -> protocol.Actor:
    """The actor of what begins now: one of an abolished division acts for its successor.

    Raises:
        click.UsageError: where there are several.
    """
    if actor.division is None or actor.division not in kernel.base.divisions:
        return actor
    try:
        return attrs.evolve(actor, division=kernel.base.divisions.in_force(actor.division))
    except DivisionError as error:
        raise click.UsageError(f"--as: {error}") from None


def acting_in(kernel: Kernel, actor: protocol.Actor, case: protocol.Case | None) -> protocol.Actor:
    """The actor as a case knows its office, which may have been abolished on the way.

    A successor acts for the office that the case was sent to, and who still goes by the
    code of before for its successor, where there is one.
    """
    table, here = kernel.base.divisions, actor.division
    if case is None or here is None or here not in table or actor.kind == "supervisor":
        return actor
    known = {office.division for office in (*case.plan.way, *case.plan.offices)}
    if here in known:
        return actor
    today = table.successors(here)
    meant = {one for one in known if one in table and table.successors(str(one)) == today}
    return attrs.evolve(actor, division=meant.pop()) if len(today) == len(meant) == 1 else actor
