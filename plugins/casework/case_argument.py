"""The argument that names a case, with completion."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
from click.shell_completion import CompletionItem

from tongban.kernel import Kernel, TongbanError
from tongban.kernel.ports import store
from tongban.plugins.casework.session import Settings, open_session

_OFFERED = 200


def complete_case(
    ctx: click.Context, param: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """The newest cases whose id begins so, with their names."""
    path = ctx.params.get("db")
    settings = Settings(path if isinstance(path, Path) else None, "", None, False)
    if not isinstance(ctx.obj, Kernel):
        return []
    try:
        with open_session(ctx.obj, settings) as session:
            rows = session.store.cases(store.CaseFilter(limit=_OFFERED))
    except (TongbanError, click.ClickException):
        return []  # completion says nothing of what is wrong
    wanted = incomplete.upper()
    return [CompletionItem(row.id, help=row.name) for row in rows if row.id.startswith(wanted)]


def case_argument(function: Any) -> Any:
    """The argument `CASE`."""
    return click.argument("case", metavar="CASE", shell_complete=complete_case)(function)
