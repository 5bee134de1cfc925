"""`tongban case amend`: the applicant corrects facts, places, a name or a number, with evidence."""

from __future__ import annotations

import json
from typing import Any

import click

from tongban.kernel import ApplicationError, Kernel, protocol, service
from tongban.plugins.casework.actors import acting_in
from tongban.plugins.casework.case_argument import case_argument
from tongban.plugins.casework.fields import Paper
from tongban.plugins.casework.outcome import report
from tongban.plugins.casework.session import Settings, open_session, with_settings
from tongban.plugins.casework.steps import delivery_options


@click.command("amend", short_help="更正申请信息: correct what was applied with, with evidence.")
@case_argument
@click.option(
    "--set",
    "values",
    multiple=True,
    required=True,
    metavar="FIELD=VALUE",
    help="facts.NAME, places.NAME, applicant.name, applicant.id_number or applicant.credit_code."
    " Again for another.",
)
@click.option(
    "--evidence",
    type=Paper(),
    multiple=True,
    help="What shows that it was wrong: NAME, NAME:FORM or NAME:FORM:COPIES. Again for another.",
)
@click.option("--reason", default="", help="Why; without personal data.")
@delivery_options
@with_settings
def amend(
    kernel: Kernel,
    settings: Settings,
    *,
    case: str,
    values: tuple[str, ...],
    evidence: tuple[protocol.Document, ...],
    reason: str,
    command_id: str,
    expect: int | None,
) -> None:
    """更正申请信息: correct what was applied with; the rules of the case decide again.

    By: 申请人 applicant、代办人 agent、收件窗口 window, before a decision, or where the rules
    refused it.

    \b
    Examples:
      tongban case amend BJ20261122ABCDEF0123 --as applicant:a-17 \\
          --set facts.booklet_unobtainable=true --evidence 派出所证明:original \\
          --reason 户口簿由他人保管
    """
    corrections = service.Corrections(dict(map(_value, values)), evidence, reason)
    with open_session(kernel, settings, writes=True) as session:
        id = session.case_id(case)
        actor = acting_in(session.kernel, session.acting, session.store.case(id))
        try:
            report(
                session,
                id,
                "amend",
                lambda: session.service.amend(
                    id, actor, corrections, id=command_id, expected=expect
                ),
            )
        except ApplicationError as error:
            raise click.UsageError(str(error)) from None


def _value(text: str) -> tuple[str, Any]:
    """A field and its value: `true`, `false` and whole numbers are what JSON means by them."""
    name, sign, value = text.partition("=")
    if not sign or not name.strip():
        raise click.UsageError(f"{text[:60]!r}: write FIELD=VALUE, facts.booklet_unobtainable=true")
    plain = value in ("true", "false") or (name.startswith("facts.") and value.isdecimal())
    return name.strip(), json.loads(value) if plain and len(value) < 19 else value
