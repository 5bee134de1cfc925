"""`tongban case backup`, `salvage`, `erase`: what the keeper of a store does with its file."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from tongban.kernel import ErasingCarrier, Kernel, service
from tongban.plugins.casework.session import (
    Settings,
    database,
    open_session,
    storage,
    with_settings,
)
from tongban.plugins.console.options import printable, write_json

_new_file = click.Path(path_type=Path, dir_okay=False)


@click.command("backup", short_help="Copy the store, while others may write.")
@click.argument("target", metavar="FILE", type=_new_file)
@with_settings
def backup(kernel: Kernel, settings: Settings, *, target: Path) -> None:
    """Copy one moment of the store to a new file, while others may write.

    The copy is examined before it appears. It holds personal data as the store does:
    keep it as safe.

    \b
    Examples:
      tongban case backup cases-2026-11-22.db
    """
    with open_session(kernel, settings) as session:
        session.store.backup(target)
    _say(settings, {"backup": str(target)}, f"已备份 copied to {target}")


@click.command("salvage", short_help="Make a new store of a damaged file.")
@click.argument("target", metavar="FILE", type=_new_file)
@with_settings
def salvage(kernel: Kernel, settings: Settings, *, target: Path) -> None:
    """Copy what can still be read of a damaged store to a new one; say what cannot.

    A backup is better where there is one. The damaged file is only read, with what a damaged
    -wal beside it still holds. The new store goes on once `tongban case exchange` has compared
    with others. Exit status: 0 all was saved, 1 something was not.

    \b
    Examples:
      tongban case salvage rescued.db --db damaged.db
    """
    calendars = service.calendars(kernel)
    lost = storage(kernel).salvage(
        database(settings), target, clock=kernel.clock, calendars=calendars
    )
    for one in () if settings.as_json else lost:
        click.echo(printable(one))
    _say(settings, {"salvaged": str(target), "lost": list(lost)}, f"已抢救 saved to {target}")
    if lost:
        raise SystemExit(1)


@click.command("erase", short_help="Erase personal data whose time is up; the log stays whole.")
@click.option(
    "--ended-before",
    "day",
    type=click.DateTime(["%Y-%m-%d"]),
    required=True,
    metavar="DATE",
    help="Of cases that ended before this day.",
)
@click.option("--yes", is_flag=True, help="Do not ask.")
@with_settings
def erase(kernel: Kernel, settings: Settings, *, day: date, yes: bool) -> None:
    """Erase the personal data of cases that ended before a day (the retention period).

    It cannot be undone. The log stays whole: it never held any of it. Letters that lie
    aside or were never fetched, and requests that were cancelled, are among it; what an
    open case needs stays. Exit status: 0 done everywhere, 1 something is left, which is
    named with what to do: run it again.

    \b
    Examples:
      tongban case erase --ended-before 2021-01-01 --yes
    """
    if not yes:
        click.confirm("不可恢复,确定? This cannot be undone. Go on?", abort=True, err=True)
    before = date(day.year, day.month, day.day)
    with open_session(kernel, settings, writes=True) as session:
        gone = session.store.erase_personal(before)
        left = list(session.store.remnants())
        if isinstance(session.carrier, ErasingCarrier):
            left += session.carrier.erase(session.store, before)
    for one in () if settings.as_json else gone:
        click.echo(one)
    for one in () if settings.as_json else left:
        click.echo(printable(one), err=True)
    says = f"已清除 erased: {len(gone)} 件 cases"
    says += f", 另有 {len(left)} 处未清除 not done in {len(left)} places" if left else ""
    _say(settings, {"erased": list(gone), "left": left}, says)
    if left:
        raise SystemExit(1)


def _say(settings: Settings, value: dict[str, object], text: str) -> None:
    if settings.as_json:
        write_json(value)
    else:
        click.echo(printable(text), err=True)


KEEPING = (backup, salvage, erase)
"""The commands, in the order in which help lists them."""
