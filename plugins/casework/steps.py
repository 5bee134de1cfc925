"""`tongban case accept`, `grant`, `rate` …: a command for each of the protocol's, by a table."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

import click
from attrs import evolve

from tongban.kernel import Kernel, protocol
from tongban.kernel.protocol import personal_data
from tongban.plugins.casework.actors import acting_in
from tongban.plugins.casework.case_argument import case_argument
from tongban.plugins.casework.fields import ALL_OF, body_of, options_of
from tongban.plugins.casework.outcome import report
from tongban.plugins.casework.session import Session, Settings, open_session, with_settings

_PLAIN = re.compile(r"[A-Za-z0-9._-]{1,64}")
_OWN = ("submit", "receive", "change_contact", "amend")
"""These bring personal data, and have modules of their own."""

BY_HAND: tuple[str, ...] = tuple(
    kind for kind, step in protocol.COMMANDS.items() if step.roles != ("system",)
)
"""The commands that somebody gives; the others are the machine's alone."""


def delivery_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Adds what keeps a command from having its effect twice, or on a case that has changed."""
    function = click.option(
        "--expect",
        type=click.IntRange(min=0),
        metavar="VERSION",
        help="Only if the case is still at this version, as `case show` gave it.",
    )(function)
    return click.option(
        "--id",
        "command_id",
        default="",
        metavar="ID",
        callback=_plain,
        help="Of this command: the same one twice has the effect of one; another command under"
        " it is refused. Letters, digits, `.`, `-`, `_`, at most 64.",
    )(function)


def _plain(context: click.Context, parameter: click.Parameter, value: str) -> str:
    if personal_data.has_id_number(value):
        raise click.BadParameter(
            "编号不得含公民身份号码 (it contains a resident ID number: leave it out)"
        )
    if value and not _PLAIN.fullmatch(value):
        raise click.BadParameter(
            f"{value[:40]!r} is not an id of a command: at most 64 letters, digits, `.`, `-`, `_`"
        )
    return value


def step_commands() -> Iterator[click.Command]:
    """A command for each of the protocol's, in its order."""
    for kind in BY_HAND:
        if kind not in _OWN:
            yield _command(kind)


def _command(kind: str) -> click.Command:
    step = protocol.COMMANDS[kind]
    called = delivery_options(with_settings(partial(_run, kind)))
    command: click.Command = click.command(
        kind.replace("_", "-"),
        help=_help(kind),
        short_help=f"{step.official}: {step.meaning.partition(';')[0].partition(',')[0]}.",
    )(case_argument(called))
    own = list(options_of(kind))
    own += [
        click.Option(["--all", "everything"], is_flag=True, help=says)
        for (of, _), says in ALL_OF.items()
        if of == kind
    ]
    # The case first, then what this command wants, then what all of them take.
    command.params[1:1] = own
    return command


def _help(kind: str) -> str:
    step = protocol.COMMANDS[kind]
    who = ", ".join(f"{protocol.ROLES[role].zh} {role}" for role in step.roles)
    when = ", ".join(protocol.STATES[state].official for state in step.states)
    typed = f"tongban case {kind.replace('_', '-')} {_A_CASE}"
    wants = " ".join(_wants(kind))
    actor = next(form for role, form in EXAMPLE_ACTORS.items() if role in step.roles)
    said = f"--as {actor} {wants}".rstrip()
    example = f"{typed} \\\n      {said}"
    if len(said) > _WIDE:
        example = f"{typed} \\\n      --as {actor} \\\n      {wants}"
    return (
        f"{step.official}: {step.meaning}.\n\nBy: {who}.\n\nIn: {when}.\n\n"
        f"\b\nExamples:\n  {example}"
    )


_WIDE = 68
_A_CASE = "BJ20261122ABCDEF0123"
EXAMPLE_ACTORS: Mapping[protocol.Role, str] = {
    "lead": "officer:510100/public_security",
    "accepting": "officer:510100/public_security",
    "cohandler": "officer:630100/public_security",
    "rated": "officer:630100/public_security",
    "holder": "officer:630100/postal",
    "applicant": "applicant:a-17",
    "window": "window:630100",
    "agent": "agent:g-17/A-3",
    "supervisor": "supervisor:630000",
    "system": "system",
}
"""How an actor is written for each role in the example of a command: the first role that fits."""


def _wants(kind: str) -> Iterator[str]:
    """The options that a command cannot do without, with something in them."""
    for option in options_of(kind):
        if option.required or (kind, option.name) in ALL_OF:
            flag = "--all" if (kind, option.name) in ALL_OF else option.opts[0]
            yield f"{flag} {_sample(kind, str(option.name))}".strip()


def _sample(kind: str, name: str) -> str:
    return _SAMPLES.get(f"{kind}.{name}") or _SAMPLES.get(name, "")


_SAMPLES = {
    "wanted": "授权委托书",
    "reasons": "材料不实",
    "reason": "情况复杂",
    "finding": "符合条件",
    "procedure": "hearing",
    "status": "lost",
    "side": "630100/public_security",
    "grade": "满意",
    "result": "已致歉",
    "remedy": "reconsideration",
    "organ": "西宁市人民政府",
    "outcome": "changed",
    "article": "附件2/2",
    "lodge.reason": "不服不予决定",
    "correct.reasons": "申请人确实无法取得户口簿",
    "reopen.reason": "复议决定责令受理",
    "recuse.reason": "系申请人近亲属",
    "readmit.reason": "经查不属于应当回避的情形",
    "officer": "li.na",
    "check_clock.reason": "时钟曾快400天,已校准",
}


def _run(
    kind: str,
    kernel: Kernel,
    settings: Settings,
    *,
    case: str,
    command_id: str,
    expect: int | None,
    everything: bool = False,
    **given: Any,
) -> None:
    with open_session(kernel, settings, writes=True) as session:
        body = body_of(kind, {"materials": (), "given": (), **given})
        id = session.case_id(case)
        if everything:
            body = _everything(session, id, kind, body)
        carry(session, id, body, command_id, expect)


def _everything(
    session: Session, case: str, kind: str, body: protocol.CommandBody
) -> protocol.CommandBody:
    """The body with what the case says that there is."""
    found = session.store.case(case)
    if found is None:
        raise click.UsageError(f"--all: the case {case} is not here; name everything")
    if isinstance(body, protocol.Forward):
        return evolve(body, materials=(*found.materials, *body.materials))
    if isinstance(body, protocol.Supply):
        asked = found.supplement.outstanding if found.supplement else ()
        return evolve(body, given=tuple(dict.fromkeys((*asked, *body.given))))
    return body


def carry(
    session: Session,
    case: str,
    body: protocol.CommandBody,
    command_id: str = "",
    expect: int | None = None,
) -> None:
    """Does one step in a case, and says what came of it.

    Args:
        session: with an actor.
        case: id of the case.
        body: what is wanted.
        command_id: "" for a new one.
        expect: the version that the actor saw; None for whatever it is.

    Raises:
        SystemExit: where it was refused, or somebody else was first.
    """
    actor = acting_in(session.kernel, session.acting, session.store.case(case))
    report(
        session,
        case,
        body.kind,
        lambda: session.service.do(case, actor, body, id=command_id, expected=expect),
    )
