"""Cases, tasks and limits, from the tables."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from tongban.kernel import protocol
from tongban.kernel.ports import store as contract
from tongban.plugins.stores.sqlite.rows import kept_off_of

_OFFICE = "SELECT o.case_id FROM offices AS o WHERE true"
_LATE = "SELECT d.case_id FROM deadlines AS d WHERE d.status = 'open' AND d.due < ?"
_NEXT = (
    "(SELECT {} FROM deadlines AS d WHERE d.case_id = c.id AND d.status = 'open'"
    " AND d.due IS NOT NULL ORDER BY d.due LIMIT 1)"
)
# IN, not EXISTS: what is late or mine is little, and is looked up once instead of for each case.
_ROW = (
    "c.id, c.item, c.name, c.state, c.version, c.modes, c.channel, c.collaboration, c.lead,"
    " c.holder, c.submitted_at, c.updated_at,"
    f" {_NEXT.format('d.due')}, {_NEXT.format('d.provisional')}"
)
Clause = tuple[str, tuple[Any, ...]]


def case(conn: sqlite3.Connection, case_id: str) -> protocol.Case | None:
    """A case as the tables have it; None where there is none."""
    row = conn.execute("SELECT snapshot FROM cases WHERE id = ?", (case_id,)).fetchone()
    return _loaded(case_id, row[0]) if row else None


def last_moment(conn: sqlite3.Connection, case_id: str) -> datetime | None:
    """The moment of the last event of a case; None where there is none."""
    row = conn.execute("SELECT updated_at FROM cases WHERE id = ?", (case_id,)).fetchone()
    return datetime.fromisoformat(row[0]) if row else None


def _loaded(case_id: str, snapshot: str) -> protocol.Case:
    try:
        return protocol.Case.from_dict(json.loads(snapshot))
    except (protocol.FormatError, ValueError, TypeError):
        pass
    raise contract.StoreError(
        f"办件 {case_id} 的现状无法读取 (the table row of case {case_id} cannot be read;"
        " the log is not touched: make the tables anew with `tongban case rebuild`)"
    )


def snapshots(
    conn: sqlite3.Connection, which: contract.CaseFilter, today: date
) -> Iterator[protocol.Case]:
    """Whole cases, one by one, the newest first."""
    where, values = _where(which, today)
    # The ids first: anybody who reads may write in between.
    ids = [row[0] for row in conn.execute(f"SELECT c.id FROM cases AS c{where}", values)]
    for one in ids:
        found = case(conn, one)
        if found is not None:
            yield found


def cases(
    conn: sqlite3.Connection, which: contract.CaseFilter, today: date
) -> tuple[contract.CaseRow, ...]:
    """Cases in a list, the newest first.

    Args:
        which: all of its conditions hold.
        today: for what is overdue.
    """
    where, values = _where(which, today)
    query = f"SELECT {_ROW}, c.id IN ({_LATE}) FROM cases AS c{where}"
    return tuple(_row(row) for row in conn.execute(query, (today.isoformat(), *values)))


def _checked(state: Any, *texts: Any) -> None:
    """Refuses what no command could have written; it comes from a damaged file.

    Raises:
        ValueError: where there is no such state, or a text is none.
    """
    if state not in protocol.STATES or not all(isinstance(one, str) for one in texts):
        raise ValueError("a row of a case")


def _row(row: tuple[Any, ...]) -> contract.CaseRow:
    _checked(row[3], *row[:3], *row[5:10])
    if not isinstance(row[4], int):
        raise ValueError("a row of a case")
    return contract.CaseRow(
        id=row[0],
        item=row[1],
        name=row[2],
        state=row[3],
        version=row[4],
        modes=tuple(row[5].split()),
        channel=row[6],
        collaboration=row[7],
        lead=row[8],
        holder=row[9],
        submitted_at=datetime.fromisoformat(row[10]),
        updated_at=datetime.fromisoformat(row[11]),
        due=_day(row[12]),
        provisional=bool(row[13]),
        overdue=bool(row[14]),
    )


def _where(which: contract.CaseFilter, today: date) -> tuple[str, list[Any]]:
    clauses = list(_clauses(which, today))
    limit = -1 if which.limit is None else which.limit
    order = " ORDER BY c.submitted_at DESC, c.id DESC LIMIT ?"
    return f"{_conditions(clauses)}{order}", [*_values(clauses), limit]


def _clauses(which: contract.CaseFilter, today: date) -> Iterator[Clause]:
    if which.states:
        yield f"c.state IN ({', '.join('?' * len(which.states))})", which.states
    if which.over is not None:
        # Not as a parameter: only so does SQLite know that the small index serves.
        yield f"c.over = {int(which.over)}", ()
    if which.place is not None or which.department is not None:
        yield _part(which.place, which.department)
    if which.overdue is not None:
        # What is late as the applicant's own duty counts as well: the limit is open.
        yield f"c.id {'' if which.overdue else 'NOT '}IN ({_LATE})", (today.isoformat(),)
    if which.item is not None:
        yield "c.item = ?", (which.item,)
    if which.mode is not None:
        yield "instr(c.modes, ?) > 0", (f" {which.mode} ",)
    if which.mine is not None:
        yield _mine(which.mine)


def _part(place: str | None, department: str | None, column: str = "o.division") -> Clause:
    text, values = _OFFICE, []
    if place is not None:
        text += f" AND {column} GLOB ?"
        values.append(_below(place))
    if department is not None:
        text += " AND o.department = ?"
        values.append(department)
    return f"c.id IN ({text})", tuple(values)


def _below(division: str) -> str:
    """A pattern for a division and those below it."""
    length = 2 if division.endswith("0000") else 4 if division.endswith("00") else 6
    return f"{division[:length]}*"


_TAKES_PART = (
    """NOT (instr(c.snapshot, '"recusals"') > 0 AND EXISTS (SELECT 1"""
    " FROM json_each(c.snapshot, '$.recusals') AS r"
    " WHERE json_extract(r.value, '$.office') = ? AND json_extract(r.value, '$.lifted_at') IS NULL"
    " AND lower(json_extract(r.value, '$.officer')) = lower(?)))"
)
"""Of an office's accounts, that one does not stand back (回避)."""


def _mine(actor: protocol.Actor) -> Clause:
    """Cases in which an actor has a part, as `protocol.roles` sees it."""
    if actor.kind == "applicant":
        return "c.applicant = ?", (actor.id,)
    if actor.kind == "agent":
        return "c.agent = ?", (actor.id,)
    if actor.kind == "window":
        office = f"{_OFFICE} AND o.department = 'window' AND o.division = ?"
        return f"(c.window = ? OR c.id IN ({office}))", (actor.division, actor.division)
    if actor.kind == "officer":
        office = f"{_OFFICE} AND o.division IS ? AND o.department = ?"
        who = (actor.division, actor.department, actor.office, actor.id)
        return f"c.id IN ({office}) AND {_TAKES_PART}", who
    if actor.kind == "supervisor":
        if actor.division is None:
            return f"c.id IN ({_OFFICE} AND o.division IS NULL)", ()
        return _part(actor.division, None)
    return "1", ()


_TASKS = " FROM tasks AS t JOIN cases AS c ON c.id = t.case_id"
# `protocol.TaskKey.order`
_PLACE = "t.due IS NULL, coalesce(t.due, ''), t.case_id, t.command, t.office"


def tasks(conn: sqlite3.Connection, which: contract.TaskFilter) -> contract.TaskPage:
    """A part of the work list, the most urgent first.

    Args:
        conn: list and count are of one moment where a transaction is open.
        which: all of its conditions hold.
    """
    clauses = list(_task_clauses(which))
    counted = f"SELECT count(*){_TASKS}{_conditions(clauses)}"
    (count,) = conn.execute(counted, _values(clauses)).fetchone()
    if which.after is not None:
        clauses.append((f"({_PLACE}) > (?, ?, ?, ?, ?)", which.after.order))
    limit = -1 if which.limit is None else which.limit + 1
    rows = conn.execute(
        "SELECT t.case_id, t.office, t.division, t.department, t.command, c.state, c.item, c.name,"
        f" t.since, t.due, t.provisional, t.taken_by, t.taken_at, t.kept_off"
        f"{_TASKS}{_conditions(clauses)} ORDER BY {_PLACE} LIMIT ?",
        [*_values(clauses), limit],
    )
    found = tuple(_task(row) for row in rows)
    page = found if which.limit is None else found[: which.limit]
    more = page[-1].key if page and len(found) > len(page) else None
    return contract.TaskPage(page, count=count, after=more)


def _task_clauses(which: contract.TaskFilter) -> Iterator[Clause]:
    if which.case is not None:
        yield "t.case_id = ?", (which.case,)
    if which.actor is not None:
        yield _turn(which.actor)
        admitted = _admitted(which.actor)
        if admitted:
            yield admitted
    if which.taken_by is not None:
        yield "t.taken_by = ?", (which.taken_by,)


def _conditions(clauses: list[Clause]) -> str:
    return f" WHERE {' AND '.join(text for text, _ in clauses)}" if clauses else ""


def _values(clauses: list[Clause]) -> list[Any]:
    return [value for _, some in clauses for value in some]


def _task(row: tuple[Any, ...]) -> contract.Task:
    case_id, office, division, department, command, state, item, name, *more = row
    since, due, open_end, taken_by, taken_at, kept_off = more
    _checked(state, case_id, office, item, name, taken_by, kept_off)
    if command not in protocol.COMMANDS:
        raise ValueError("a task of a case")
    return contract.Task(
        case=case_id,
        office=office,
        division=division,
        department=department,
        command=command,
        state=state,
        item=item,
        name=name,
        since=datetime.fromisoformat(since),
        due=_day(due),
        provisional=bool(open_end),
        taken_by=taken_by,
        taken_at=datetime.fromisoformat(taken_at) if taken_at else None,
        kept_off=kept_off_of(kept_off),
    )


def _admitted(actor: protocol.Actor) -> Clause | None:
    """`protocol.barred`, for rows: that nobody keeps an account off the case."""
    if not actor.office:
        return None
    if actor.id:
        return "instr(t.kept_off, ?) = 0", (f"\n{actor.office}@{actor.id}\n",)
    return "instr(t.kept_off, ?) = 0", (f"\n{actor.office}@",)


def _turn(actor: protocol.Actor) -> Clause:
    """`protocol.is_turn`, for rows."""
    if actor.kind == "applicant":
        return "t.office = '' AND c.applicant = ?", (actor.id,)
    if actor.kind == "agent":
        return "t.office = '' AND c.agent = ?", (actor.id,)
    if actor.kind == "window":
        # The window at which it was handed in examines its form, no matter who decides.
        first = "t.command = 'receive' AND c.window = ?"
        own = "t.department = 'window' AND t.division = ?"
        return f"(({own}) OR ({first}))", (actor.division, actor.division)
    if actor.kind == "officer":
        return "t.division IS ? AND t.department = ?", (actor.division, actor.department)
    if actor.kind == "supervisor":
        if actor.division is None:
            return "t.division IS NULL", ()
        return "t.division GLOB ?", (_below(actor.division),)
    return "1", ()


def deadlines(
    conn: sqlite3.Connection, case_id: str | None, open_only: bool
) -> tuple[contract.Deadline, ...]:
    """Limits that have begun, by last day.

    Args:
        case_id: of one case; None for all.
        open_only: without those that were met, stand still or ended.
    """
    tests = ["status = 'open'"] if open_only else []
    tests += ["case_id = ?"] if case_id is not None else []
    where = f" WHERE {' AND '.join(tests)}" if tests else ""
    rows = conn.execute(
        "SELECT case_id, step, office, division, department, started, working_days, due,"
        f" provisional, done, status, basis FROM deadlines{where}"
        " ORDER BY due IS NULL, due, case_id, rowid",
        () if case_id is None else (case_id,),
    )
    return tuple(_deadline(row) for row in rows)


def _deadline(row: tuple[Any, ...]) -> contract.Deadline:
    return contract.Deadline(
        case=row[0],
        step=row[1],
        office=row[2],
        division=row[3],
        department=row[4],
        started=date.fromisoformat(row[5]),
        working_days=row[6],
        due=_day(row[7]),
        provisional=bool(row[8]),
        done=_day(row[9]),
        status=row[10],
        basis=row[11],
    )


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def awake(conn: sqlite3.Connection, now: datetime) -> tuple[contract.Awake, ...]:
    """Cases in which time may have brought something, and those dated after now, by id."""
    moment = now.astimezone(protocol.CHINA)
    rows = conn.execute(
        "SELECT id, holder FROM cases WHERE wake <= ?"
        " UNION SELECT id, holder FROM cases WHERE over = 0 AND updated_at > ? ORDER BY id",
        (moment.date().isoformat(), moment.isoformat()),
    )
    return tuple(contract.Awake(*row) for row in rows)
