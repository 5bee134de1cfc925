"""The groups `case`, `audit` and `key`."""

from __future__ import annotations

import click

from tongban.kernel import nearest
from tongban.plugins.casework.amending import amend
from tongban.plugins.casework.audit import audit_commands
from tongban.plugins.casework.backup import KEEPING
from tongban.plugins.casework.contact import change_contact
from tongban.plugins.casework.handled import handled
from tongban.plugins.casework.joining import join
from tongban.plugins.casework.listing import listing
from tongban.plugins.casework.maintenance import exchange, rebuild, tick
from tongban.plugins.casework.next import todo
from tongban.plugins.casework.papers import document
from tongban.plugins.casework.receiving import receive, submit
from tongban.plugins.casework.restoring import RESTORING
from tongban.plugins.casework.sealing_keys import key_commands
from tongban.plugins.casework.show import show
from tongban.plugins.casework.steps import step_commands

_CASE = """Carry cases (办件): receive, route, decide, deliver, rate.

Who acts is said with --as (TONGBAN_AS), where cases are kept with --db (TONGBAN_DB);
docs/cases.md has the forms, and `tongban doctor` says where things are.

\b
Exit status:
  0  done
  1  `rebuild --check` found tables that are not what the log says
  2  something in the command is wrong: nothing was done
  4  the protocol refuses; the sentence says why and what may be done now
  5  somebody else was first: look at the case again

\b
Examples:
  tongban case receive FILE --as window:510100
  tongban case next --as officer:510100/public_security
  tongban case accept BJ20261122ABCDEF0123 --as officer:510100/public_security
  tongban case show BJ20261122ABCDEF0123
"""
_AUDIT = """Prove what happened: verify the log, sign it, export a case, check an export.

\b
Examples:
  tongban audit verify
  tongban audit key audit.pem
  tongban audit export BJ20261122ABCDEF0123 --key audit.pem -o case.json
  tongban audit check-bundle case.json --key audit.pem.pub
  tongban audit reads --as applicant:a-17
"""


class _Group(click.Group):
    """A group that knows what was meant by a wrong name, and keeps the order of its commands."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0] if args else ""
        if name and not name.startswith("-") and name not in self.commands:
            near = nearest(name, self.commands)
            hint = f"did you mean {near!r}?" if near else f"commands: {', '.join(self.commands)}"
            raise click.UsageError(f"unknown command {name!r}; {hint}", ctx)
        return super().resolve_command(ctx, args)


case = _Group("case", help=_CASE, short_help="Carry cases (办件), step by step.")
_READ = (listing, show, todo, handled, document)
_KEPT = (tick, exchange, join, rebuild, *KEEPING, *RESTORING)
for _one in (submit, receive, *step_commands(), amend, change_contact, *_READ, *_KEPT):
    case.add_command(_one)

audit = _Group("audit", help=_AUDIT, short_help="Prove what happened in cases.")
for _one in audit_commands():
    audit.add_command(_one)

_KEY = """Make and change the key under which personal data lies (TONGBAN_KEY).

Keys that sign are another matter: `tongban audit key`.

\b
Examples:
  tongban key new /etc/tongban/personal.key
  tongban key change new.key --as supervisor:630000@keeper
  tongban key history
"""
key = _Group("key", help=_KEY, short_help="Make and change the key of personal data.")
for _one in key_commands():
    key.add_command(_one)
