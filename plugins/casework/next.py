"""`tongban case next`: what somebody has to do, the most urgent first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import click
from attrs import astuple, frozen

from tongban.kernel import Kernel, protocol
from tongban.kernel.ports import store
from tongban.plugins.casework.alarms import (
    alarm_cells,
    alarm_json,
    alarms,
    review_cells,
    review_json,
    reviews,
)
from tongban.plugins.casework.in_transit import (
    Silent,
    came_back,
    came_back_json,
    concerns,
    silent,
)
from tongban.plugins.casework.load import load
from tongban.plugins.casework.naming import (
    day_text,
    key_name,
    state_name,
    task_json,
    task_name,
)
from tongban.plugins.casework.restoring import restored_json, warn_of_restore
from tongban.plugins.casework.session import (
    Session,
    Settings,
    condition,
    open_session,
    with_settings,
)
from tongban.plugins.casework.show import message_json
from tongban.plugins.console.options import printable, write_json
from tongban.plugins.console.tables import table

_COLUMNS = ("办件 case", "截止 due", "待办 to do", "由 by", "事项 item", "状态 state")


class Cursor(click.ParamType[protocol.TaskKey]):
    """The place of a task in the list, as the part before this one says it."""

    name = "cursor"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> protocol.TaskKey:
        if isinstance(value, protocol.TaskKey):
            return value
        try:
            return protocol.TaskKey.parse(value)
        except ValueError:
            form = "DUE/CASE/COMMAND/OFFICE, as the end of the part before this one says it"
            return self.fail(f"{value!r} is not a place in the list: {form}", param, ctx)


@frozen
class _Others:
    """What is to be done beside the work list, in the order in which it is shown."""

    requests: tuple[store.Incoming, ...]
    back: tuple[store.Incoming, ...]
    lost: tuple[Silent, ...]
    forks: tuple[store.Incoming, ...]
    otherwise: tuple[store.Incoming, ...]

    def __len__(self) -> int:
        return sum(map(len, astuple(self, recurse=False)))

    def first(self, limit: int | None) -> _Others:
        """At most `limit` of each kind."""
        return _Others(*(some[:limit] for some in astuple(self, recurse=False)))

    def json(self) -> Iterator[Mapping[str, Any]]:
        """Each as an object."""
        for one in self.requests:
            yield {**message_json(one), "command": "confirm"}
        yield from map(came_back_json, self.back)
        yield from (letter.to_dict() for letter in self.lost)
        yield from map(alarm_json, self.forks)
        yield from map(review_json, self.otherwise)

    def cells(self, session: Session) -> Iterator[tuple[str, ...]]:
        """Each as a row of the table."""
        yield from (_request(session, one) for one in self.requests)
        yield from (_back(session, one) for one in self.back)
        yield from (_silent(session, one) for one in self.lost)
        yield from (alarm_cells(session, one) for one in self.forks)
        yield from (review_cells(session, one) for one in self.otherwise)


@click.command("next", short_help="What is to be done next, the most urgent first.")
@click.option(
    "--limit", type=click.IntRange(min=1), metavar="N", help="At most N tasks; the end says more."
)
@click.option(
    "--after",
    type=Cursor(),
    metavar="CURSOR",
    help="Go on behind this place, as the part before said it.",
)
@click.option("--mine", is_flag=True, help="Only what the account of --as (…@NAME) has taken.")
@click.option("--untaken", is_flag=True, help="Only what nobody has taken.")
@click.option(
    "--by",
    type=click.Choice(["person", "office"]),
    help="How many tasks each has, and how many of them overdue; for a supervisor.",
)
@with_settings
def todo(
    kernel: Kernel,
    settings: Settings,
    *,
    limit: int | None,
    after: protocol.TaskKey | None,
    mine: bool,
    untaken: bool,
    by: str | None,
) -> None:
    """What who acts (--as) has to do next, the most urgent first; without --as, everybody.

    A supervisor sees what those have to do whom they oversee. Requests of other
    stores to confirm (协同办理请求) are among them, commands that another store refused,
    messages that were not acknowledged, letters that were put aside, and cases
    that the rules here decide otherwise; where the list is read in parts, the first has them.

    \b
    Examples:
      tongban case next --as officer:630100/public_security
      tongban case next --as applicant:a-17 --json
      tongban case next --as officer:630100/public_security@张三 --mine
      tongban case next --as supervisor:630000 --by person
      tongban case next --limit 50 \\
        --after 2026-03-05/BJ20261122ABCDEF0123/accept/510100/postal
    """
    with open_session(kernel, settings) as session:
        taken = _taken(session, mine, untaken)
        if by:
            load(session, by, taken)
            return
        which = store.TaskFilter(session.actor, limit=limit, after=after, taken_by=taken)
        page = session.store.tasks(which)
        others = _others(session) if taken is None else _NOTHING
        count = page.count + len(others)
        shown = others.first(limit if after is None else 0)
        restored = session.store.restored if after is None else None
        aside = _put_aside(session) if taken is None else {}
        count += bool(aside)
        aside = aside if after is None else {}
        if session.as_json:
            for task in page.tasks:
                write_json(task_json(task))
            for one in shown.json():
                write_json(one)
            if restored:
                write_json({"command": "recovered", "restored": restored_json(restored)})
            if aside:
                write_json({"aside": aside["number"], "folder": aside["folder"]})
            if page.after:
                write_json({"after": str(page.after), "count": count})
            return
        today = protocol.day_of(session.now)
        rows = [_cells(session, task, today) for task in page.tasks]
        rows += shown.cells(session)
        warn_of_restore(session)
        rows += [_aside(aside)] if aside else []
        table(_COLUMNS, rows)
        late = sum(task.due is not None and task.due < today for task in page.tasks)
    whole = f";共 {count} 项 of {count}" if len(rows) < count else ""
    click.echo(f"{len(rows)} 项 to do, {late} 项逾期 overdue{whole}", err=True)
    if page.after:
        click.echo(printable(f"续看 go on with: --after {page.after}"), err=True)


_NOTHING = _Others((), (), (), (), ())


def _taken(session: Session, mine: bool, untaken: bool) -> str | None:
    """The account whose tasks are wanted; "" for those that nobody has taken; None for all."""
    if mine and untaken:
        raise click.UsageError("--mine and --untaken: give one of them")
    if not mine:
        return "" if untaken else None
    actor = session.acting
    if not actor.office or not actor.id:
        raise click.UsageError(
            "--mine: 须写明办理人 (say which account acts, --as officer:630100/postal@NAME)"
        )
    return actor.id


def _others(session: Session) -> _Others:
    actor = session.actor
    return _Others(
        open_requests(session),
        tuple(one for one in came_back(session) if concerns(actor, one.message.receiver)),
        tuple(one for one in silent(session) if concerns(actor, one.asks)),
        tuple(one for one in alarms(session) if concerns(actor, one.message.receiver)),
        tuple(one for one in reviews(session) if concerns(actor, one.message.receiver)),
    )


def _cells(session: Session, task: store.Task, today: Any) -> tuple[str, ...]:
    due = day_text(task.due, task.provisional)
    if task.due is not None and task.due < today:
        due += " 逾期 overdue"
    taken = f" · 领办 {task.taken_by}" if task.taken_by else ""
    return (
        task.case,
        due,
        task_name(task.command),
        key_name(session.kernel, task.office) + taken,
        f"{task.item} {task.name}",
        state_name(task.state),
    )


def _request(session: Session, one: store.Incoming) -> tuple[str, ...]:
    sent = one.message
    item: Any = sent.body.get("item") or {}
    key = f"{item.get('jurisdiction', '')}/{item.get('id', '')}"
    return (
        sent.case,
        "",
        task_name("confirm"),
        key_name(session.kernel, sent.receiver),
        f"{key} {item.get('name', '')}",
        f"{protocol.MESSAGES['request'].official} from {sent.sender}",
    )


def _back(session: Session, one: store.Incoming) -> tuple[str, ...]:
    sent = one.message
    says: Any = sent.body
    return (
        sent.case,
        "",
        "退回处理 handled",
        key_name(session.kernel, sent.receiver),
        f"{says.get('command')}: {says.get('reason')}",
        f"{sent.sender} 未予办理 refused",
    )


def _silent(session: Session, one: Silent) -> tuple[str, ...]:
    sent = one.message
    since = protocol.day_of(sent.sent_at)
    return (
        sent.case,
        "",
        "查询送达 ask",
        key_name(session.kernel, one.asks),
        f"{protocol.MESSAGES[sent.kind].official} {sent.kind} → {sent.receiver}",
        f"自 {since} 起未获回执 not acknowledged since",
    )


def _put_aside(session: Session) -> Mapping[str, Any]:
    """What the exchange put aside: for supervisors, and for the keeper of the store."""
    if session.actor is not None and session.actor.kind not in ("supervisor", "system"):
        return {}
    found = condition(session.kernel, session.path, session.store).get("aside", {})
    return found if found.get("number") else {}


def _aside(found: Mapping[str, Any]) -> tuple[str, ...]:
    why = f"搁置 {found['number']} 件 put aside: {found['reasons'][0] if found['reasons'] else ''}"
    return ("", "", "查看搁置 look", "", why, "`tongban doctor`")


def open_requests(session: Session) -> tuple[store.Incoming, ...]:
    """Requests to confirm in cases of other stores, neither answered nor taken back."""
    actor = session.actor
    receiver = None
    if actor is not None:
        if actor.kind not in ("officer", "supervisor", "system"):
            return ()
        if actor.kind == "officer":
            receiver = f"{actor.division or '-'}/{actor.department}"
    asked = session.store.incoming(receiver, kind="request", open_only=True)
    cancelled = {
        (one.message.case, one.message.receiver)
        for one in session.store.incoming(receiver, kind="cancellation")
    }
    return tuple(
        one
        for one in asked
        if (one.message.case, one.message.receiver) not in cancelled
        and session.store.case(one.message.case) is None
        and _overseen(actor, one.message.receiver)
    )


def _overseen(actor: protocol.Actor | None, receiver: str) -> bool:
    if actor is None or actor.kind != "supervisor":
        return True
    place = receiver.partition("/")[0]
    return protocol.oversees(actor.division, None if place == "-" else place)
