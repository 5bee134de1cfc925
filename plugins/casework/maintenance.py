"""`tongban case tick`, `exchange`, `join`, `rebuild`: what cron and keepers of a store do."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from typing import Any

import click

from tongban.kernel import Kernel, protocol, service
from tongban.plugins.casework.events import details
from tongban.plugins.casework.outcome import REFUSED
from tongban.plugins.casework.restoring import restored_json, told_of_restore
from tongban.plugins.casework.session import (
    Session,
    Settings,
    open_session,
    with_settings,
)
from tongban.plugins.console.options import printable, write_json

DIFFERENT = 1


@click.command("tick", short_help="What time has brought: limits, lapses, warnings.")
@with_settings
def tick(kernel: Kernel, settings: Settings) -> None:
    """What time has brought: warnings, delays, lapses, acceptance by silence, closing.

    Messages are carried first and afterwards. Safe to run at any time and as often as
    one likes, from cron or several programs at once: what was said is not said again.

    \b
    Examples:
      tongban case tick
      0 8-18 * * 1-5  tongban case tick      # crontab: every hour of working days
    """
    with open_session(kernel, settings, writes=True) as session:
        before = _pumped(session)
        done = session.service.tick()
        after = _pumped(session) if any(one.events for one in done) else before
        restored = session.store.restored
        if session.as_json:
            for one in done:
                write_json(_json(one))
            told = {"restored": restored_json(restored)} if restored else {}
            write_json({"exchange": after, **told})
        for one in done if not session.as_json else ():
            _tell(session, one)
        if not session.as_json:
            _tell_exchange(after)
        doubtful = [one.case.id for one in done if one.doubt]
        if doubtful:
            click.echo(
                f"{len(doubtful)} 件的记录与时钟不符,期限暂不自动届满,请核对时钟"
                " (by the clock and their last event time brings nothing there: `tongban doctor`):"
                f" {', '.join(doubtful[:3])}",
                err=True,
            )
        done = tuple(one for one in done if one.events)
        happened = sum(len(one.events) for one in done)
    click.echo(f"{happened} 项 events in {len(done)} 件 cases", err=True)
    if restored:
        click.echo(told_of_restore(restored), err=True)
        sys.exit(REFUSED)


def _tell(session: Session, done: service.Done) -> None:
    for event in done.events:
        word = protocol.EVENTS[event.kind].official
        click.echo(printable(f"{event.case} {word} {event.kind}"))
        for line in details(session.kernel, event):
            click.echo(printable(f"    {line}"))


def _json(done: service.Done) -> dict[str, object]:
    return {
        "case": done.case.id,
        "state": done.case.state,
        "events": [event.to_dict() for event in done.events],
        **({"doubt": done.doubt} if done.doubt else {}),
    }


@click.command("exchange", short_help="Carry messages between offices and stores.")
@with_settings
def exchange(kernel: Kernel, settings: Settings) -> None:
    """Send what is in the outbox, and take in what has come; safe to repeat at any time.

    What cannot be delivered stays in the outbox, is shown, and is tried again. `tongban
    case join` says what this store serves and through which folder it exchanges.

    \b
    Examples:
      tongban case exchange
    """
    with open_session(kernel, settings, writes=True, create=True) as session:
        report = _pumped(session)
    if settings.as_json:
        write_json(report)
        return
    _tell_exchange(report)
    counts = {
        "发出 sent": report.get("sent"),
        "收到 taken": report.get("taken"),
        "已达 delivered": report.get("delivered"),
        "待达 waiting": report.get("waiting"),
    }
    click.echo(", ".join(f"{name} {len(found or ())}" for name, found in counts.items()))


def _pumped(session: Session) -> Mapping[str, Any]:
    if session.carrier is None:
        return {}
    return session.carrier.run(session.store, session.service.receive_message, session.now)


_WRONG = {
    "failed": "无法送达 failed",
    "refused": "对方未予办理 refused",
    "aside": "搁置 put aside",
    "alarms": "抵触 contradiction",
}


def _tell_exchange(report: Mapping[str, Any]) -> None:
    """What somebody has to look at."""
    for problem in report.get("problems", ()):
        click.echo(printable(f"交换 exchange: {problem}"))
    for name, word in _WRONG.items():
        for one in report.get(name, ()):
            click.echo(printable(f"交换 exchange: {word}: {one['id']}: {one['reason']}"))
    for line in _told_of_recovery(report.get("recovery", {})):
        click.echo(printable(f"恢复核对 recovery: {line}"))


def _told_of_recovery(says: Mapping[str, Any]) -> Iterator[str]:
    """What came back to a store that was put back, and for whom it waits."""
    if says.get("letters"):
        yield (
            f"补录 {says['letters']} 封信件、{says['events']} 个事件 letters and events came back"
        )
    for one in says.get("unfit", ()):
        yield f"无法补录 cannot be taken back: {one}"
    if says.get("state") == "asking":
        names = "、".join(says["waits"]) or "无 none"
        yield (
            f"待答复 waits for {names}; 其间不办理 nothing is decided meanwhile (没有答复时由督办人"
            " where no answer comes, a supervisor: `tongban case recovered --without-peers"
            " --reason TEXT`)"
        )
    if says.get("state") == "recovered":
        yield "已与其他节点核对,恢复办理 compared with the other nodes; the store goes on"


@click.command("rebuild", short_help="Make the tables anew from the log.")
@click.option("--check", is_flag=True, help="Only say which cases differ; exit with 1 if any do.")
@with_settings
def rebuild(kernel: Kernel, settings: Settings, *, check: bool) -> None:
    """Make the tables of cases anew from the log of events, which is never touched.

    \b
    Examples:
      tongban case rebuild --check
    """
    with open_session(kernel, settings, writes=not check) as session:
        different = session.store.differences()
        count = None if check else session.store.rebuild()
        if session.as_json:
            write_json({"different": list(different), "cases": count})
        else:
            for case in different:
                says = f"{case}: 表与日志不符 the tables were not what the log says"
                click.echo(printable(says))
            if count is not None:
                click.echo(f"{count} 件已重建 cases made anew from the log")
            elif not different:
                click.echo("表与日志一致 the tables are what the log says")
    if check and different:
        sys.exit(DIFFERENT)
