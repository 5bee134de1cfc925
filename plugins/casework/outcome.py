"""What came of a command: the step, a message on its way, or a refusal."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, NoReturn

import click

from tongban.kernel import protocol, service
from tongban.kernel.ports import store
from tongban.plugins.casework.events import details
from tongban.plugins.casework.hints import AT_RECEIPT, Hint, hints_of, tell_hints
from tongban.plugins.casework.naming import (
    command_name,
    day_text,
    key_name,
    state_name,
    task_json,
    task_name,
)
from tongban.plugins.casework.refusals import refusal_json, refusal_lines
from tongban.plugins.casework.session import Session
from tongban.plugins.console.options import printable, write_json

REFUSED, CONFLICT = 4, 5
"""Exit statuses: the protocol says no; somebody else was first."""

_NOT_OF_THE_STEP = ("restored", "id_reused")
"""Refusals that have nothing to do with what may be done in the case."""


def report(
    session: Session,
    case: str,
    kind: str,
    do: Callable[[], service.Answer],
    before: Callable[[Session, service.Answer], None] | None = None,
) -> service.Done | service.Relayed:
    """Does something, and says what came of it.

    Args:
        session: in which it is done.
        case: id of the case, "" for one that is opened.
        kind: of the command.
        do: does it.
        before: says something before the answer.

    Raises:
        SystemExit: where it was refused, or somebody else was first.
    """
    try:
        answer = do()
    except store.ConflictError as conflict:
        if session.as_json:
            write_json({"case": conflict.case, "conflict": {"expected": conflict.expected,
                        "found": conflict.found}})  # fmt: skip
        click.echo(f"{conflict}: tongban case show {conflict.case}", err=True)
        sys.exit(CONFLICT)
    if before is not None:
        before(session, answer)
    if isinstance(answer, protocol.Refusal):
        refused(session, case, kind, answer)
    tell(session, answer, hints_of(session, kind, answer) if kind in AT_RECEIPT else None)
    return answer


def refused(session: Session, case: str, kind: str, refusal: protocol.Refusal) -> NoReturn:
    """Says why not, and what the actor may do now.

    Raises:
        SystemExit: always.
    """
    may = () if refusal.code in _NOT_OF_THE_STEP else _allowed(session, case)
    if session.as_json:
        write_json(
            {
                "case": case,
                "command": kind.replace("_", "-"),
                "refused": {
                    "code": refusal.code,
                    "message": refusal.message,
                    **refusal.text.to_dict(),
                },
                "allowed": [one.replace("_", "-") for one in may],
            }
        )
    click.echo(printable(f"不予办理 refused: {refusal.message}"), err=True)
    if case and refusal.code not in _NOT_OF_THE_STEP:
        names = "、".join(map(command_name, may)) or "无 nothing"
        click.echo(f"现在可以 allowed now: {names}", err=True)
    sys.exit(REFUSED)


def _allowed(session: Session, case: str) -> tuple[str, ...]:
    found = session.store.case(case) if case else None
    if found is None or session.actor is None:
        return ()
    return protocol.possible(found, session.actor, protocol.day_of(session.now))


def tell(
    session: Session,
    answer: service.Done | service.Relayed,
    hints: list[Hint] | None = None,
) -> None:
    """What was done, in words or as JSON.

    Args:
        session: in which it was done.
        answer: of the service.
        hints: other cases to look at; None where nobody looked for them.
    """
    if session.as_json:
        more = {} if hints is None else {"hints": [one.to_dict() for one in hints]}
        write_json(_json(session, answer) | more)
        return
    tell_hints(hints or [])
    if isinstance(answer, service.Relayed):
        message = answer.message
        to = key_name(session.kernel, message.receiver)
        what = protocol.MESSAGES[message.kind].official
        click.echo(printable(f"{message.case}: {what} {message.kind} → {to}"))
        click.echo("    已入发件箱 in the outbox; `tongban case exchange` carries it")
        return
    case = answer.case
    if not answer.events:
        says = f"{case.id}: 已办过,无变化 done before, nothing changed; {state_name(case.state)}"
        click.echo(printable(says))
        return
    for event in answer.events:
        word = protocol.EVENTS[event.kind]
        click.echo(printable(f"{case.id} #{event.seq} {word.official} {event.kind}"))
        for line in details(session.kernel, event):
            click.echo(printable(f"    {line}"))
    click.echo(f"状态 state: {state_name(case.state)}")
    for line in refusal_lines(session.kernel, case) if case.state == "ineligible" else ():
        click.echo(printable(line))
    for task in session.tasks_of(case.id):
        due = f", 截止 by {day_text(task.due, task.provisional)}" if task.due else ""
        who = key_name(session.kernel, task.office)
        click.echo(printable(f"下一步 next: {who}: {task_name(task.command)}{due}"))


def _json(session: Session, answer: service.Done | service.Relayed) -> dict[str, Any]:
    if isinstance(answer, service.Relayed):
        sent = answer.message
        return {
            "case": sent.case,
            "relayed": {"message": sent.id, "kind": sent.kind, "receiver": sent.receiver},
        }
    case = answer.case
    ruled = refusal_json(session.kernel, case) if case.state == "ineligible" else None
    return {
        "case": case.id,
        "applicant": case.applicant,
        "state": case.state,
        "version": case.version,
        **({"ruled_ineligible": ruled} if ruled else {}),
        "events": [{"seq": one.seq, "kind": one.kind} for one in answer.events],
        "messages": [{"kind": one.kind, "receiver": one.receiver} for one in answer.messages],
        "next": [task_json(task) for task in session.tasks_of(case.id)],
    }
