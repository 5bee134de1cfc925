"""`tongban case submit` and `receive`: from an application file to a case with a receipt."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from tongban.kernel import ApplicationError, Kernel, protocol, service
from tongban.plugins.commands.cases.actors import agent_of
from tongban.plugins.commands.cases.answering import refused, report, tell
from tongban.plugins.commands.cases.choosing import complete_case
from tongban.plugins.commands.cases.fields import body_of, options_of
from tongban.plugins.commands.cases.session import Session, Settings, open_session, with_settings
from tongban.plugins.commands.cases.steps import carry, delivery_options
from tongban.plugins.commands.options import printable

__all__ = ["receive", "submit"]

BAD_INPUT = 2

_PARTIES = (
    click.option(
        "--applicant",
        metavar="ID",
        default="",
        help="The applicant's opaque id; left out, a new one is given and shown. Never a name or"
        " a number of a document.",
    ),
    click.option(
        "--agent",
        metavar="ID/NUMBER",
        default="",
        help="Who hands in for the applicant, and the number of the authorisation 授权委托书.",
    ),
)


def _with_parties(function: Any) -> Any:
    for option in reversed(_PARTIES):
        function = option(function)
    return function


@click.command("submit", short_help="申请: hand in an application.")
@click.argument("file", metavar="FILE", type=click.Path(allow_dash=True))
@_with_parties
@with_settings
def submit(kernel: Kernel, settings: Settings, *, file: str, applicant: str, agent: str) -> None:
    """申请: hand in an application. Online, the system receives it at once.

    FILE holds one application as a JSON object, or many, one a line; `-` is standard
    input. By: 申请人 applicant、代办人 agent、收件窗口 window.

    \b
    Examples:
      tongban case submit move.json --as applicant:a-17
      tongban case submit move.json --as agent:g-4/委2026-18 --applicant a-17
    """
    with open_session(kernel, settings, writes=True, create=True) as session:
        _each(session, file, applicant, agent, None)


@click.command("receive", short_help="收件: examine form and identity; from a FILE in one go.")
@click.argument("what", metavar="FILE|CASE", shell_complete=complete_case)
@_with_parties
@delivery_options
@with_settings
def receive(
    kernel: Kernel,
    settings: Settings,
    *,
    what: str,
    applicant: str,
    agent: str,
    command_id: str,
    expect: int | None,
    **given: Any,
) -> None:
    """收件: examine form and identity: received, or returned with every defect at once.

    Of a FILE (one application as a JSON object, or many, one a line; `-` is standard
    input) a case is made and received in one go, as a window does. Of a CASE, what
    was handed in before is received.

    By: 收件窗口 window、持件机关 holder、系统 system.

    \b
    Examples:
      tongban case receive move.json --as window:510100 --material 申请表:form
      tongban case receive move.json --as window:510100 --defect phone=电话缺位
      tongban case receive BJ20261122ABCDEF0123 --as window:510100
    """
    body = body_of("receive", given)
    assert isinstance(body, protocol.Receive)
    from_file = what == "-" or Path(what).exists() or Path(what).suffix in (".json", ".jsonl")
    with open_session(kernel, settings, writes=True, create=from_file) as session:
        if from_file:
            _each(session, what, applicant, agent, body)
        else:
            carry(session, session.case_id(what), body, command_id, expect)


receive.params[1:1] = options_of("receive")


def _each(
    session: Session, file: str, applicant: str, agent: str, body: protocol.Receive | None
) -> None:
    """Opens a case for each application in a file, and receives it where `body` says how."""
    from tongban.plugins.commands.reading import entries  # noqa: PLC0415 - with JSON

    status = 0
    for entry in entries(file):
        where = "<stdin>" if file == "-" else file
        where += f":{entry.line}" if entry.line else ""
        try:
            if entry.error:
                raise click.UsageError(entry.error)
            _one(session, entry.raw, applicant, agent, body)
        except ApplicationError as error:
            status = BAD_INPUT
            message = "; ".join(map(str, error.defects))
            click.echo(printable(f"{where}: {message}"), err=True)
        except click.UsageError as error:
            if not entry.error:
                raise
            status = BAD_INPUT
            click.echo(printable(f"{where}: {error.message}"), err=True)
        except SystemExit as refusal:
            status = status or int(refusal.code or 0)
    if status:
        sys.exit(status)


def _one(
    session: Session, raw: Any, applicant: str, agent: str, body: protocol.Receive | None
) -> None:
    actor = session.acting
    if actor.kind == "applicant":
        applicant = actor.id
    by = agent_of(session.kernel, agent) if agent else actor
    answer = session.service.submit(
        raw,
        actor,
        applicant=applicant or f"sq-{session.kernel.ids()[:12]}",
        agent=by.id if by.kind == "agent" else "",
        authorisation=by.authorisation if by.kind == "agent" else "",
    )
    if isinstance(answer, protocol.Refusal):
        _not_opened(session, answer)
    assert isinstance(answer, service.Done)
    case = answer.case
    if not session.as_json:
        click.echo(f"申请人编号 applicant id: {case.applicant}")
    if body is None and case.plan.channel == "online":
        tell_opened(session, answer)
        _by_system(session, case.id)
    elif body is None:
        tell(session, answer)
    else:
        tell_opened(session, answer)
        carry(session, case.id, body)


def _not_opened(session: Session, refusal: protocol.Refusal) -> None:
    if refusal.code == "not_open":
        click.echo("`tongban route` says more of the application", err=True)
    refused(session, "", "submit", refusal)


def tell_opened(session: Session, answer: service.Done) -> None:
    """That a case was opened; of JSON only what comes last is written."""
    if not session.as_json:
        case = answer.case
        click.echo(printable(f"{case.id} #1 申请 submitted"))


def _by_system(session: Session, case: str) -> None:
    """全程网办: the system receives what is handed in online."""
    report(
        session,
        case,
        "receive",
        lambda: session.service.do(case, protocol.SYSTEM, protocol.Receive()),
    )
