"""Every event of a run as a file for analysis: Parquet, or JSON lines."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO

import click

__all__ = ["SUFFIXES", "events_file"]

SUFFIXES = (".parquet", ".jsonl")

_COLUMNS = """{
    "what": 'VARCHAR', "at": 'TIMESTAMPTZ', minute: 'BIGINT', node: 'VARCHAR', kind: 'VARCHAR',
    "case": 'VARCHAR', seq: 'INTEGER', number: 'BIGINT', item: 'VARCHAR', department: 'VARCHAR',
    jurisdiction: 'VARCHAR', state: 'VARCHAR', actor: 'VARCHAR', office: 'VARCHAR',
    mirrored: 'BOOLEAN', cause: 'VARCHAR', says: 'VARCHAR'
}"""


@contextmanager
def events_file(path: Path | None) -> Iterator[IO[str] | None]:
    """Where a run writes its events; what is asked for is there when it is over.

    Args:
        path: ending in .parquet or .jsonl; None for none.

    Raises:
        ClickException: where a package is missing, or the file cannot be written.
    """
    if path is None:
        yield None
        return
    if path.suffix not in SUFFIXES:
        raise click.UsageError(f"--events {path}: must end in {' or '.join(SUFFIXES)}")
    try:
        if path.suffix == ".jsonl":
            with path.open("w", encoding="utf-8") as file:
                yield file
            return
        with TemporaryDirectory(prefix="tongban-") as folder:
            lines = Path(folder) / "events.jsonl"
            with lines.open("w", encoding="utf-8") as file:
                yield file
            _convert(lines, path)
    except OSError as error:
        raise click.ClickException(f"{path}: cannot be written ({error.strerror})") from None


def _convert(lines: Path, path: Path) -> None:
    try:
        import duckdb  # noqa: PLC0415 - large, and only for Parquet
    except ModuleNotFoundError:
        raise click.ClickException(
            "--events: Parquet needs the package duckdb: pip install 'tongban[simulate]'"
        ) from None
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'Asia/Shanghai'")
        source, target = (str(one).replace("'", "''") for one in (lines, path))
        connection.execute(
            f"COPY (SELECT * FROM read_json('{source}', format='newline_delimited',"
            f" columns={_COLUMNS})) TO '{target}' (FORMAT parquet, COMPRESSION zstd)"
        )
