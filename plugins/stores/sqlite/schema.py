"""The tables, by version: forward only, each step in one transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

from sqlite_utils import Database

from tongban.kernel.audit import hash_chain
from tongban.plugins.stores.sqlite.errors import NoStoreError, guarded
from tongban.plugins.stores.sqlite.files import APPLICATION, BACKUP

TABLES = ("deadlines", "tasks", "offices", "cases")
"""The state of the cases, made from the log; in the order in which it can be cleared."""

_MOMENTS = ("submitted_at", "updated_at", "received_at", "arrived_at", "decided_at")


def _the_log(db: Database, store: str) -> None:
    """1: the log, its head, checkpoints."""
    db.table("meta").create({"name": str, "value": str}, pk="name")
    db.table("meta").insert({"name": "store", "value": store})
    hashes = ("case_before", "case_hash", "log_before", "log_hash")
    events = {"position": int, "case_id": str, "seq": int, "at": str, "kind": str, "body": str}
    events |= dict.fromkeys(hashes, str)
    db.table("events").create(events, pk="position", not_null=set(events) - {"position"})
    db.table("events").create_index(["case_id", "seq"], unique=True)
    db.table("head").create({"id": int, "position": int, "hash": str}, pk="id")
    db.table("head").insert({"id": 1, "position": 0, "hash": hash_chain.log_start(store)})
    marks = {"id": int, "position": int, "hash": str, "at": str, "key": str, "signature": str}
    db.table("checkpoints").create(marks, pk="id")
    for table in ("events", "checkpoints"):
        _append_only(db, table)
    # A row with the place of another would take it away under INSERT OR REPLACE.
    db.execute(
        "CREATE TRIGGER events_in_order BEFORE INSERT ON events WHEN"
        " NEW.position <> (SELECT coalesce(max(position), 0) + 1 FROM events)"
        " OR EXISTS (SELECT 1 FROM events WHERE case_id = NEW.case_id AND seq = NEW.seq)"
        " BEGIN SELECT RAISE(ABORT, 'the log takes events at its end only'); END"
    )


def _the_tables(db: Database, store: str) -> None:
    """2: the state of the cases, and the two boxes for messages."""
    cases = {"id": str, "state": str, "over": int, "version": int, "item": str, "name": str}
    cases |= {"department": str, "jurisdiction": str, "modes": str, "channel": str}
    cases |= {"collaboration": str, "lead": str, "holder": str, "window": str}
    cases |= {"applicant": str, "agent": str, "personal": str, "granted": int}
    cases |= dict.fromkeys(_MOMENTS, str) | {"accepted_on": str, "delivered_at": str}
    cases |= {"ended_at": str, "snapshot": str}
    db.table("cases").create(cases, pk="id", not_null={"state", "version", "snapshot"})
    db.table("cases").create_index(["submitted_at", "id"])
    for column in ("applicant", "agent", "window", "personal", "state"):
        db.table("cases").create_index([column])
    # Open cases are few beside those that are over.
    db.execute("CREATE INDEX cases_open ON cases (submitted_at, id) WHERE over = 0")
    office = {"office": str, "division": str, "department": str}
    _of_cases(db, "offices", {"case_id": str, "place": str} | office)
    _of_cases(
        db,
        "tasks",
        {"case_id": str} | office | {"command": str, "since": str, "due": str, "provisional": int},
    )
    spans = {"step": str, "started": str, "working_days": int, "due": str, "provisional": int}
    spans |= {"done": str, "status": str, "basis": str}
    _of_cases(db, "deadlines", {"case_id": str} | office | spans)
    db.execute("CREATE INDEX deadlines_open ON deadlines (due) WHERE status = 'open'")
    for table in ("offices", "tasks"):
        db.table(table).create_index(["division", "department"])
    _the_boxes(db)


def _of_cases(db: Database, name: str, columns: Mapping[str, type]) -> None:
    db.table(name).create(dict(columns), foreign_keys=[("case_id", "cases", "id")])
    db.table(name).create_index(["case_id"])


def _the_boxes(db: Database) -> None:
    message = {"position": int, "id": str, "case_id": str, "kind": str, "sender": str}
    message |= {"receiver": str, "body": str}
    out = {"status": str, "attempts": int, "reason": str, "tried_at": str}
    db.table("outbox").create(message | out, pk="position", not_null={"id", "body", "status"})
    into = {"received_at": str, "handled_at": str}
    db.table("inbox").create(message | into, pk="position", not_null={"id", "body"})
    for box in ("outbox", "inbox"):
        db.table(box).create_index(["id"], unique=True)
        db.table(box).create_index(["case_id"])
    db.execute("CREATE INDEX outbox_open ON outbox (position) WHERE status <> 'delivered'")
    db.execute("CREATE INDEX inbox_open ON inbox (receiver) WHERE handled_at IS NULL")


def _the_vault(db: Database, store: str) -> None:
    """3: personal data apart from the log, and who read it."""
    vault = {"ref": str, "sealed": int, "payload": bytes, "kept_at": str, "erased_at": str}
    db.table("personal").create(vault, pk="ref", not_null={"sealed", "kept_at"})
    reads = {"id": int, "at": str, "case_id": str, "ref": str, "actor": str, "purpose": str}
    db.table("personal_reads").create(reads | {"allowed": int}, pk="id")
    db.table("personal_reads").create_index(["case_id"])
    _append_only(db, "personal_reads")


def _append_only(db: Database, table: str) -> None:
    for change in ("UPDATE", "DELETE"):
        db.execute(
            f"CREATE TRIGGER {table}_no_{change.lower()} BEFORE {change} ON {table}"
            f" BEGIN SELECT RAISE(ABORT, '{table}: rows are only added'); END"
        )


def _who_settles(db: Database, store: str) -> None:
    """4: other rows, not other tables: who settles a disagreement, and when a supply was given."""


def _the_lines(db: Database, store: str) -> None:
    """5: the line of the log, its commits counted, letters, what commands said, when to look."""
    db.table("head").add_column("writes", int, not_null_default=0)
    line = sha256(f"tongban.history\n{store}".encode()).hexdigest()[:32]
    db.table("meta").insert({"name": "history", "value": line})
    for column in ("node", "seal"):
        db.table("inbox").add_column(column, str, not_null_default="")
    given = {"id": str, "case_id": str, "fingerprint": str}
    db.table("commands").create(given, pk="id", not_null=set(given))
    db.table("cases").add_column("wake", str)
    db.execute("CREATE INDEX cases_wake ON cases (wake) WHERE wake IS NOT NULL")
    db.execute("CREATE INDEX cases_moved ON cases (updated_at) WHERE over = 0")
    db.table("calendars").create({"division": str, "mark": str}, pk="division")
    seen = {"node": str, "history": str, "position": int, "hash": str, "at": str}
    db.table("witnesses").create(seen, pk=("node", "history"), not_null=set(seen))


def _who_has_taken(db: Database, store: str) -> None:
    """6: who has taken a task, and who stands back from its case."""
    for column in ("taken_by", "kept_off"):
        db.table("tasks").add_column(column, str, not_null_default="")
    db.table("tasks").add_column("taken_at", str)


def _what_was_refused(db: Database, store: str) -> None:
    """7: other rows, not other tables: that the rules refused a case, why the applicant insists."""


MIGRATIONS: tuple[Callable[[Database, str], None], ...] = (
    _the_log,
    _the_tables,
    _the_vault,
    _who_settles,
    _the_lines,
    _who_has_taken,
    _what_was_refused,
)
"""Step n leads from version n - 1 to n. A step that was released is never changed."""

VERSION = len(MIGRATIONS)


def check(conn: sqlite3.Connection, path: Path) -> int:
    """The version of a file; 0 for an empty one.

    Raises:
        NoStoreError: where it is another application's, or a newer Tongban's.
    """
    with guarded(path), _one_view(conn):
        application = conn.execute("PRAGMA application_id").fetchone()[0]
        version = int(conn.execute("PRAGMA user_version").fetchone()[0])
        empty = conn.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0
    if application not in (APPLICATION, BACKUP) and not (
        application == 0 and version == 0 and empty
    ):
        raise NoStoreError(
            f"{path}: 不是办件数据库 (a database of another application: name another with --db)"
        )
    if version > VERSION:
        raise NoStoreError(
            f"{path}: 数据库为第 {version} 版,本程序只认识到第 {VERSION} 版,请升级 Tongban"
            f" (made by a newer Tongban: version {version}, this one knows {VERSION}; upgrade)"
        )
    return version


@contextmanager
def _one_view(conn: sqlite3.Connection) -> Iterator[None]:
    """Reads that see one moment of the file, though another process may be making it."""
    if conn.in_transaction:
        yield
        return
    conn.execute("BEGIN")
    try:
        yield
    finally:
        if conn.in_transaction:
            conn.execute("ROLLBACK")


def migrate(
    conn: sqlite3.Connection, path: Path, store: str, rebuild: Callable[[], object]
) -> None:
    """Brings a file to the version of this program, all or nothing.

    Args:
        conn: no transaction is open.
        path: of the file.
        store: id for a store that is made now.
        rebuild: makes the tables from the log; called in the transaction.

    Raises:
        NoStoreError: where the file is not one of ours.
    """
    if check(conn, path) == VERSION:
        return
    with guarded(path):
        conn.execute("BEGIN IMMEDIATE")
        try:
            # Another process may have done it in between.
            version = check(conn, path)
            db = Database(conn, recursive_triggers=False, execute_plugins=False)
            for step in MIGRATIONS[version:]:
                step(db, store)
            if 0 < version < VERSION:
                rebuild()
            if not version:
                conn.execute(f"PRAGMA application_id = {APPLICATION}")
            conn.execute(f"PRAGMA user_version = {VERSION}")
            conn.execute("COMMIT")
        except BaseException:
            if conn.in_transaction:
                conn.execute("ROLLBACK")
            raise
