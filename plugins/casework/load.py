"""`tongban case next --by person|office`: how many tasks each has, and how many are overdue."""

from __future__ import annotations

from collections import Counter

import click

from tongban.kernel import protocol
from tongban.kernel.ports import store
from tongban.plugins.casework.naming import key_name
from tongban.plugins.casework.session import Session
from tongban.plugins.console.options import write_json
from tongban.plugins.console.tables import table

_COLUMNS = ("机关 office", "办理人 account", "待办 to do", "逾期 overdue")


def load(session: Session, by: str, taken_by: str | None) -> None:
    """Shows the tasks counted by office, or by the account that has taken them.

    Args:
        session: in which a supervisor, or nobody, acts.
        by: `person` or `office`.
        taken_by: as in `store.TaskFilter`.

    Raises:
        click.UsageError: where somebody else acts.
    """
    actor = session.actor
    if actor is not None and actor.kind not in ("supervisor", "system"):
        raise click.UsageError(
            f"--by {by}: 由督办人查看 (for a supervisor: --as supervisor:630000)"
        )
    today = protocol.day_of(session.now)
    all_of_them, overdue = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    for task in session.store.tasks(store.TaskFilter(actor, taken_by=taken_by)).tasks:
        key = (task.office or protocol.APPLICANT, task.taken_by if by == "person" else "")
        all_of_them[key] += 1
        overdue[key] += task.due is not None and task.due < today
    rows = sorted(all_of_them, key=lambda key: (-overdue[key], -all_of_them[key], key))
    if session.as_json:
        for office, account in rows:
            counts = {"tasks": all_of_them[office, account], "overdue": overdue[office, account]}
            who = {"account": account} if by == "person" else {}
            write_json({"office": office, **who, **counts})
        return
    cells = [_cells(session, by, key, all_of_them[key], overdue[key]) for key in rows]
    table(_COLUMNS if by == "person" else (_COLUMNS[0], *_COLUMNS[2:]), cells)


def _cells(
    session: Session, by: str, key: tuple[str, str], count: int, late: int
) -> tuple[str, ...]:
    office, account = key
    who = () if by == "office" else (account or "未领办 untaken",)
    name = key_name(session.kernel, "" if office == protocol.APPLICANT else office)
    return (name, *who, str(count), str(late))
