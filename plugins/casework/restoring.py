"""`tongban case restore`, `recovered`: a backup put in place, and going on after it."""

from __future__ import annotations

from pathlib import Path

import click

from tongban.kernel import Kernel, service
from tongban.kernel.ports import store
from tongban.plugins.casework.session import (
    Session,
    Settings,
    database,
    node_file,
    open_session,
    storage,
    with_settings,
)
from tongban.plugins.console.options import printable, write_json


@click.command("restore", short_help="Put a backup in place of the store; nothing is thrown away.")
@click.argument("source", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False))
@with_settings
def restore(kernel: Kernel, settings: Settings, *, source: Path) -> None:
    """Put the backup FILE in place of the store, damaged or not; stop other programs first.

    The backup is looked through first. What lay there keeps lying there under another
    name. What was done after the backup is not in it, and others may know of it: nothing
    is decided here before `tongban case exchange` has compared with them, or, where there
    are none, a supervisor goes on with `tongban case recovered`.

    \b
    Examples:
      tongban case restore cases-2026-11-22.db
    """
    path = database(settings)
    calendars = service.calendars(kernel)
    found, aside = storage(kernel).restore(source, path, clock=kernel.clock, calendars=calendars)
    if settings.as_json:
        kept = [str(one) for one in aside]
        write_json({"restored": str(path), **restored_json(found), "kept": kept})
        return
    for one in aside:
        click.echo(f"原文件保留为 kept as {one}")
    click.echo(printable(f"已恢复 put in place: {path}"))
    click.echo(told_of_restore(found))


def restored_json(found: store.Restored) -> dict[str, object]:
    """For JSON: what was put in place, and what is known to be lost."""
    return {
        "by": found.by,
        "at": found.at.isoformat(),
        "position": found.head.position,
        "lost": found.lost.position if found.lost else None,
        "history": found.history,
    }


def told_of_restore(found: store.Restored) -> str:
    """What a clerk and a keeper have to know of a store that was put back, in a sentence."""
    lost = ""
    if found.lost is not None:
        lost = f", 此前已到第 {found.lost.position} 位 (it went to {found.lost.position} before)"
    return (
        f"本库系恢复所得 restored ({found.by}): 日志止于第 {found.head.position} 位 its log ends"
        f" there{lost}; 请先运行 first `tongban case exchange`, 无其他节点时由督办人 without other"
        " nodes a supervisor: `tongban case recovered --reason TEXT`"
    )


def warn_of_restore(session: Session) -> None:
    """Says on standard error that what is read may be an older state."""
    found = session.store.restored
    if found is not None:
        click.echo(told_of_restore(found), err=True)


@click.command("recovered", short_help="After a restore: go on without other nodes, on record.")
@click.option("--reason", required=True, metavar="TEXT", help="What was done about what is lost.")
@click.option(
    "--without-peers",
    is_flag=True,
    help="Though this store exchanges with others and they were not heard.",
)
@with_settings
def recovered(kernel: Kernel, settings: Settings, *, reason: str, without_peers: bool) -> None:
    """Go on after a restore where no other node can say what is lost. It stays on record.

    Where this store exchanges with others, `tongban case exchange` compares with them
    and ends it by itself. By: 督办人 supervisor.

    \b
    Examples:
      tongban case recovered --as supervisor:510000 --reason 已逐件核对纸质档案
    """
    with open_session(kernel, settings, writes=True) as session:
        found = session.store.restored
        _may(session, without_peers, found)
        with session.store.transaction() as writes:
            writes.recovered(f"{session.acting.kind} {session.acting.division}: {reason.strip()}")
    if settings.as_json:
        write_json({"recovered": found is not None, **(restored_json(found) if found else {})})
    else:
        says = (
            "已记录,恢复办理 on record; the store goes on"
            if found
            else "无需处理 nothing to settle"
        )
        click.echo(says)


def _may(session: Session, without_peers: bool, found: store.Restored | None) -> None:
    if session.acting.kind != "supervisor":
        raise click.UsageError("须由督办人决定 (a supervisor decides this: --as supervisor:510000)")
    node = node_file(session.path)
    if found is not None and node.exists() and not without_peers:
        raise click.UsageError(
            f"{node}: 请先与其他节点核对 (this store exchanges with others: `tongban case exchange`"
            " compares with them; --without-peers goes on where they cannot be reached)"
        )


RESTORING = (restore, recovered)
"""The commands, in the order in which help lists them."""
