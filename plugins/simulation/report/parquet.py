"""Every event of a run as a file for analysis: Parquet, or JSON lines."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO

from attrs import define

from tongban.plugins.simulation.arguments import BadInputError, writable

SUFFIXES = (".parquet", ".jsonl")

_COLUMNS = """{
    "what": 'VARCHAR', "at": 'TIMESTAMPTZ', minute: 'BIGINT', node: 'VARCHAR', kind: 'VARCHAR',
    "case": 'VARCHAR', seq: 'INTEGER', number: 'BIGINT', item: 'VARCHAR', department: 'VARCHAR',
    jurisdiction: 'VARCHAR', state: 'VARCHAR', actor: 'VARCHAR', office: 'VARCHAR',
    mirrored: 'BOOLEAN', cause: 'VARCHAR', says: 'VARCHAR'
}"""


@define
class Events:
    """Takes the events of a run; a disk that is full does not end the run.

    Attributes:
        trouble: why the file is not what it should be; "" where it is.
    """

    file: IO[str]
    trouble: str = ""

    def write(self, text: str, /) -> None:
        """One line; nothing more is written once that has failed."""
        if self.trouble:
            return
        try:
            self.file.write(text)
        except OSError as error:
            self.trouble = error.strerror or str(error)

    def close(self) -> None:
        """Writes what is left."""
        try:
            self.file.close()
        except OSError as error:
            self.trouble = self.trouble or error.strerror or str(error)


@contextmanager
def events_file(path: Path | None) -> Iterator[Events | None]:
    """Where a run writes its events; what is asked for is there when it is over.

    Args:
        path: ending in .parquet or .jsonl; None for none.

    Raises:
        BadInputError: before the run, where a package is missing or the file cannot be written.
            What fails later is left in `Events.trouble`.
    """
    if path is None:
        yield None
        return
    if path.suffix not in SUFFIXES:
        raise BadInputError(f"--events {path}: must end in {' or '.join(SUFFIXES)}")
    if path.suffix == ".parquet" and find_spec("duckdb") is None:
        raise BadInputError(
            "--events: Parquet needs the package duckdb: pip install 'tongban[simulate]'"
        )
    writable("--events", path)
    if path.suffix == ".jsonl":
        with _open(path) as events:
            yield events
        return
    with TemporaryDirectory(prefix="tongban-") as folder:
        lines = Path(folder) / "events.jsonl"
        with _open(lines) as events:
            yield events
        if not events.trouble:
            events.trouble = _converted(lines, path)


@contextmanager
def _open(path: Path) -> Iterator[Events]:
    events = Events(path.open("w", encoding="utf-8"))
    try:
        yield events
    finally:
        events.close()


def _converted(lines: Path, path: Path) -> str:
    """Writes the Parquet file; why it could not, "" where it could."""
    import duckdb  # noqa: PLC0415 - large, and only for Parquet

    draft = path.with_name(f".{path.name[:100]}.{os.getpid()}.tmp")
    source, target = (str(one).replace("'", "''") for one in (lines, draft))
    try:
        with duckdb.connect() as connection:
            connection.execute("SET TimeZone = 'Asia/Shanghai'")
            connection.execute(
                f"COPY (SELECT * FROM read_json('{source}', format='newline_delimited',"
                f" columns={_COLUMNS})) TO '{target}' (FORMAT parquet, COMPRESSION zstd)"
            )
        draft.replace(path)
    except (duckdb.Error, OSError) as error:
        return str(error)
    finally:
        draft.unlink(missing_ok=True)
    return ""
