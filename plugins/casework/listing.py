"""`tongban case list`: which cases there are, and where they stand."""

from __future__ import annotations

from datetime import date
from typing import Any

import click
from attrs import evolve

from tongban.kernel import MODES, Kernel, protocol
from tongban.kernel.ports import store
from tongban.plugins.casework.expiring import expiring
from tongban.plugins.casework.fields import Term
from tongban.plugins.casework.naming import day_text, key_name, moment, state_name
from tongban.plugins.casework.remedies import concerned, remedy_json, remedy_text
from tongban.plugins.casework.restoring import warn_of_restore
from tongban.plugins.casework.session import Session, Settings, open_session, with_settings
from tongban.plugins.console.options import find_item, write_json
from tongban.plugins.console.places import division_of
from tongban.plugins.console.tables import table

_COLUMNS = ("办件 case", "事项 item", "状态 state", "持件 with", "截止 due", "更新 changed")


@click.command("list", short_help="List cases: by state, place, department, overdue, mine.")
@click.option(
    "--state",
    "states",
    multiple=True,
    type=Term({name: word.official for name, word in protocol.STATES.items()}),
    help="In this state, by its code or its term (docs/protocol.md); again for another.",
)
@click.option("--open/--over", "going", default=None, help="Still open, or over.")
@click.option("--place", metavar="PLACE", help="Where an office has a part: code or name.")
@click.option("--department", metavar="ID", help="Which has a part; with --place, there.")
@click.option("--overdue", is_flag=True, help="A limit has passed and is not done.")
@click.option("--mine", is_flag=True, help="In which who acts (--as) has a part.")
@click.option("--item", metavar="ITEM", help="Of this item.")
@click.option("--mode", type=Term(MODES), help="Handled in this mode.")
@click.option(
    "--expiring",
    "days",
    type=click.IntRange(min=0),
    metavar="DAYS",
    help="Whose result lapses within so many days; the one that lapses first comes first.",
)
@click.option(
    "--remedy",
    "challenged",
    is_flag=True,
    help="With a remedy (复议、诉讼) that is pending, or still to be carried out.",
)
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="At most this many.")
@with_settings
def listing(
    kernel: Kernel,
    settings: Settings,
    *,
    states: tuple[Any, ...],
    going: bool | None,
    place: str | None,
    department: str | None,
    overdue: bool,
    mine: bool,
    item: str | None,
    mode: str | None,
    days: int | None,
    challenged: bool,
    limit: int | None,
) -> None:
    """List the cases, the newest first; all filters hold together.

    \b
    Examples:
      tongban case list --overdue --place 青海省
      tongban case list --mine --as officer:630100/public_security
      tongban case list --state accepted --state cohandling --json
      tongban case list --expiring 30
      tongban case list --remedy --as supervisor:630000 --mine
    """
    with open_session(kernel, settings) as session:
        warn_of_restore(session)
        which = store.CaseFilter(
            # A result lapses with who has it: other cases need not be looked into.
            states=states or (() if days is None else ("delivered", "closed")),
            over=None if going is None else not going,
            place=division_of(kernel, place) if place else None,
            department=department,
            overdue=True if overdue else None,
            mine=session.acting if mine else None,
            item=find_item(kernel, item).key if item else None,
            mode=mode,
            limit=None if challenged or days is not None else limit,
        )
        rows, until = _rows(session, which), dict[str, date]()
        if days is not None:
            until = _until(session, rows, days)
            found = {row.id: row for row in rows}
            rows = tuple(found[id] for id in until)
        remedies = _remedies(session, rows) if challenged else {}
        if challenged:
            rows = tuple(row for row in rows if row.id in remedies)
        rows = rows[:limit]
        if session.as_json:
            for row in rows:
                day = {"valid_until": until[row.id].isoformat()} if until else {}
                some = {"remedies": list(map(remedy_json, remedies[row.id]))} if challenged else {}
                write_json({**row_json(row), **day, **some})
            return
        columns = (*_COLUMNS, *(("有效期至 valid until",) if until else ()))
        columns += ("复议诉讼 remedies",) if challenged else ()
        cells = [
            (*_cells(session, row), *_last(until, row), *_challenges(remedies, row)) for row in rows
        ]
        table(columns, cells)
    late = sum(row.overdue for row in rows)
    click.echo(f"{len(rows)} 件 cases, {late} 件逾期 overdue", err=True)


def _rows(session: Session, which: store.CaseFilter) -> tuple[store.CaseRow, ...]:
    """What a filter finds; for an abolished place also in those that took its place."""
    now = session.kernel.base.divisions.successors(which.place) if which.place else ()
    if which.place is None or now == (which.place,):
        return tuple(session.store.cases(which))
    rows = [
        row for one in (which.place, *now) for row in session.store.cases(evolve(which, place=one))
    ]
    return tuple({row.id: row for row in rows}.values())[: which.limit]


def _until(session: Session, rows: tuple[store.CaseRow, ...], days: int) -> dict[str, date]:
    """The last days of results that lapse soon, by case, the first of them first."""
    cases = (case for row in rows if (case := session.store.case(row.id)))
    found = {case.id: day for case, day in expiring(cases, protocol.day_of(session.now), days)}
    return dict(sorted(found.items(), key=lambda one: (one[1], one[0])))


def _last(until: dict[str, date], row: store.CaseRow) -> tuple[str, ...]:
    return (str(until[row.id]),) if until else ()


def _remedies(
    session: Session, rows: tuple[store.CaseRow, ...]
) -> dict[str, tuple[protocol.Remedy, ...]]:
    """The remedies that are pending or to be carried out, of each case that has some."""
    cases = (case for row in rows if (case := session.store.case(row.id)))
    return {case.id: some for case in cases if (some := concerned(case))}


def _challenges(
    remedies: dict[str, tuple[protocol.Remedy, ...]], row: store.CaseRow
) -> tuple[str, ...]:
    return ("\n".join(map(remedy_text, remedies[row.id])),) if remedies else ()


def _cells(session: Session, row: store.CaseRow) -> tuple[str, ...]:
    due = day_text(row.due, row.provisional)
    over = protocol.STATES[row.state].over
    return (
        row.id,
        f"{row.item} {row.name}",
        state_name(row.state),
        "" if over else key_name(session.kernel, row.holder, code=False),
        f"{due} 逾期 overdue" if row.overdue else due,
        moment(row.updated_at),
    )


def row_json(row: store.CaseRow) -> dict[str, Any]:
    """A case in a list, for machines."""
    return {
        "id": row.id,
        "item": row.item,
        "name": row.name,
        "state": row.state,
        "version": row.version,
        "modes": list(row.modes),
        "channel": row.channel,
        "collaboration": row.collaboration,
        "lead": row.lead,
        "holder": row.holder,
        "submitted_at": row.submitted_at.isoformat(),
        "updated_at": row.updated_at.isoformat(),
        "due": row.due.isoformat() if row.due else None,
        "provisional": row.provisional,
        "overdue": row.overdue,
    }
