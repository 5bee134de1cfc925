"""`tongban case submit` and `receive`: from an application file to a case with a receipt."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
from attrs import evolve, frozen

from tongban.kernel import ApplicationError, Kernel, protocol, service
from tongban.plugins.casework.actors import acting_today, agent_of
from tongban.plugins.casework.case_argument import complete_case
from tongban.plugins.casework.fields import Day, Term, body_of, options_of
from tongban.plugins.casework.outcome import report
from tongban.plugins.casework.session import Session, Settings, open_session, with_settings
from tongban.plugins.casework.steps import carry, delivery_options
from tongban.plugins.console.jsonl import entries
from tongban.plugins.console.options import printable
from tongban.plugins.console.places import abolished_in

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
    click.option(
        "--agent-scope",
        "scope",
        type=Term(protocol.SCOPES),
        multiple=True,
        help="What the authorisation covers. Again for another; left out, it does not say."
        + Term(protocol.SCOPES).listed,
    ),
    click.option("--agent-from", "since", type=Day(), help="Its first day, where it says one."),
    click.option("--agent-until", "until", type=Day(), help="Its last day, where it says one."),
    click.option(
        "--agent-kinship",
        "kinship",
        type=Term(protocol.KINSHIPS),
        help="What the agent is to the applicant, where that is stated."
        + Term(protocol.KINSHIPS).listed,
    ),
)
_MANDATE = ("scope", "since", "until", "kinship")


def _mandate(given: dict[str, Any]) -> protocol.Mandate | None:
    """What the options say of the authorisation; they are taken out of `given`."""
    return protocol.mandate_of(**{name: given.pop(name) for name in _MANDATE})


def _with_parties(function: Any) -> Any:
    for option in reversed(_PARTIES):
        function = option(function)
    return function


@click.command("submit", short_help="申请: hand in an application.")
@click.argument("file", metavar="FILE", type=click.Path(allow_dash=True))
@_with_parties
@delivery_options
@with_settings
def submit(
    kernel: Kernel,
    settings: Settings,
    *,
    file: str,
    applicant: str,
    agent: str,
    command_id: str,
    expect: int | None,
    **letter: Any,
) -> None:
    """申请: hand in an application. Online, the system receives it at once.

    FILE holds one application as a JSON object, or many, one a line; `-` is standard
    input. By: 申请人 applicant、代办人 agent、收件窗口 window.

    \b
    Examples:
      tongban case submit move.json --as applicant:a-17
      tongban case submit move.json --as agent:g-4/委2026-18 --applicant a-17
      tongban case submit move.json --agent g-4/委18 --agent-until 2026-12-31
    """
    with open_session(kernel, settings, writes=True, create=True) as session:
        said = _mandate(letter)
        _each(session, file, _Given(applicant, agent, command_id, expect, mandate=said))


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
    said = _mandate(given)
    body = body_of("receive", given)
    assert isinstance(body, protocol.Receive)
    from_file = what == "-" or Path(what).exists() or Path(what).suffix in (".json", ".jsonl")
    with open_session(kernel, settings, writes=True, create=from_file) as session:
        if from_file:
            _each(session, what, _Given(applicant, agent, command_id, expect, body, said))
        elif agent or said:
            raise click.UsageError(
                "a case that is here names its agent by `tongban case authorise`, not as it is"
                " received"
            )
        else:
            carry(session, session.case_id(what), body, command_id, expect)


receive.params[1:1] = options_of("receive")


@frozen
class _Given:
    """What the options say of each application in a file.

    Attributes:
        id: of the command; of the second application in a file and those after it with their
            number behind, so that a file may grow.
        expected: the version that is expected: 0 for no case.
        received: how it is received at once; None where it is only handed in.
        mandate: what the authorisation says beside its number; None where that is not said.
    """

    applicant: str
    agent: str
    id: str
    expected: int | None
    received: protocol.Receive | None = None
    mandate: protocol.Mandate | None = None

    def of_the(self, number: int) -> _Given:
        """The same for one of the applications in a file, from 1."""
        return evolve(self, id=f"{self.id}.{number}") if self.id and number > 1 else self


def _each(session: Session, file: str, given: _Given) -> None:
    """Opens a case for each application in a file, and receives it where that is wanted."""
    status = 0
    for number, entry in enumerate(entries(file), 1):
        where = "<stdin>" if file == "-" else file
        where += f":{entry.line}" if entry.line else ""
        try:
            if entry.error:
                raise click.UsageError(entry.error)
            _one(session, entry.raw, given.of_the(number))
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


def _one(session: Session, raw: Any, given: _Given) -> None:
    actor = acting_today(session.kernel, session.acting)
    applicant = actor.id if actor.kind == "applicant" else given.applicant
    by = agent_of(session.kernel, given.agent) if given.agent else actor
    for note in abolished_in(session.kernel.base.divisions, raw):
        click.echo(printable(f"提示 note: {note}"), err=True)
    online = isinstance(raw, Mapping) and raw.get("channel") == "online"
    # What is handed in online the system receives at once.
    received, receiver = given.received, actor
    if received is None and online:
        received, receiver = protocol.Receive(), protocol.SYSTEM
    report(
        session,
        "",
        "submit",
        lambda: session.service.submit(
            raw,
            actor,
            applicant=applicant or _new_applicant(session, given.id),
            agent=by.id if by.kind == "agent" else "",
            authorisation=by.authorisation if by.kind == "agent" else "",
            mandate=given.mandate,
            id=given.id,
            expected=given.expected,
            received=received,
            receiver=receiver,
        ),
        before=_tell_applicant,
    )


def _new_applicant(session: Session, command: str) -> str:
    """An opaque id; of the same command the same one."""
    made = protocol.derived_id("applicant", command) if command else session.kernel.ids()
    return f"sq-{made[:12]}"


def _tell_applicant(session: Session, answer: service.Answer) -> None:
    """Who the applicant is here, before what was done; why not, where it was refused."""
    if isinstance(answer, protocol.Refusal):
        if answer.code == "not_open":
            click.echo("`tongban route` says more of the application", err=True)
    elif isinstance(answer, service.Done) and not session.as_json:
        click.echo(f"申请人编号 applicant id: {answer.case.applicant}")
