"""`tongban case handled`: somebody has dealt with what came back, or contradicts."""

from __future__ import annotations

import click

from tongban.kernel import Kernel
from tongban.plugins.casework.alarms import alarm_json, alarms, review_json, reviews
from tongban.plugins.casework.case_argument import case_argument
from tongban.plugins.casework.in_transit import came_back, came_back_json, concerns
from tongban.plugins.casework.restoring import told_of_restore
from tongban.plugins.casework.session import Settings, open_session, with_settings
from tongban.plugins.console.options import printable, write_json


@click.command("handled", short_help="Somebody dealt with what came back, or contradicts.")
@case_argument
@with_settings
def handled(kernel: Kernel, settings: Settings, *, case: str) -> None:
    """Note that who acts has dealt with commands that another store refused.

    A command that was passed on and refused there stays in `case next` and `case show`
    until the office that passed it on, or its supervisor, says so; a letter that contradicts
    what is here, until the supervisor does; and what the rules here say otherwise of a case
    that came from another store. Letters of no case that is here stand under LETTERS.

    \b
    Examples:
      tongban case handled BJ20261122ABCDEF0123 --as window:510100
      tongban case handled LETTERS --as supervisor:510000
    """
    with open_session(kernel, settings, writes=True) as session:
        id = session.case_id(case)
        actor = session.acting
        restored = session.store.restored
        if restored is not None:
            raise click.UsageError(told_of_restore(restored))
        back = [one for one in came_back(session, id) if concerns(actor, one.message.receiver)]
        aside = [one for one in alarms(session, id) if concerns(actor, one.message.receiver)]
        otherwise = [one for one in reviews(session, id) if concerns(actor, one.message.receiver)]
        with session.store.transaction() as writes:
            for one in (*back, *aside, *otherwise):
                writes.handled(one.message.id)
        if session.as_json:
            for one in back:
                write_json(came_back_json(one))
            for one in aside:
                write_json(alarm_json(one))
            for one in otherwise:
                write_json(review_json(one))
            return
    many = len(back) + len(aside) + len(otherwise)
    click.echo(printable(f"{id}: {many} 项已处理 handled"))
