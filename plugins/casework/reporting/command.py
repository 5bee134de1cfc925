"""`tongban report`: what the supervisors of cross-province services want to know."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import click

from tongban.kernel import Kernel, protocol
from tongban.plugins.casework.expiring import SOON, Expiring, by_office
from tongban.plugins.casework.in_transit import silent
from tongban.plugins.casework.naming import moment
from tongban.plugins.casework.reporting.figures import DIMENSIONS, Figures, count
from tongban.plugins.casework.reporting.page import supervision_page, yearly_page
from tongban.plugins.casework.reporting.rules_changed import changed
from tongban.plugins.casework.reporting.tables import (
    COLUMNS,
    NARROW,
    NARROW_YEARLY,
    YEARLY_COLUMNS,
    csv_text,
    narrow_row,
    narrow_yearly,
    rows_of,
    yearly_rows,
)
from tongban.plugins.casework.reporting.yearly import NOTE, Progress, progress
from tongban.plugins.casework.restoring import warn_of_restore
from tongban.plugins.casework.session import Session, Settings, open_session, with_settings
from tongban.plugins.console import writing
from tongban.plugins.console.options import Day, as_json, printable
from tongban.plugins.console.tables import is_terminal, table


@click.command("report", short_help="Supervision: cases, limits, ratings.")
@click.option("--from", "since", type=Day(), metavar="DATE", help="Handed in from this day.")
@click.option("--until", type=Day(), metavar="DATE", help="Up to this day, itself included.")
@click.option(
    "--by",
    "dimensions",
    multiple=True,
    type=click.Choice(list(DIMENSIONS)),
    help="Only by these; left out, by all.",
)
@click.option(
    "--yearly",
    type=click.IntRange(2000, 2999),
    metavar="YEAR",
    help="The yearly progress report of the annex's second note instead.",
)
@click.option(
    "--rules-changed",
    "rules",
    is_flag=True,
    help="Open, decided and refused cases whose rules have changed since instead.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "csv", "html"]),
    help="HTML has plots and needs nothing beside it. Left out: by the name of FILE, or a table.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Left out: standard output.",
)
@with_settings
def report(
    kernel: Kernel,
    settings: Settings,
    *,
    since: date | None,
    until: date | None,
    dimensions: tuple[str, ...],
    yearly: int | None,
    rules: bool,
    form: str | None,
    output: Path | None,
) -> None:
    """监督通报: cases by state, place, department, item and mode, on time and late, ratings.

    A place and a department answer for their own limits and ratings. --yearly is the
    progress report that departments owe each December for the items of the third list
    (清单注2). Messages between offices that were never acknowledged are named as well.
    --rules-changed lists cases whose rules are others now than at their receipt, and
    what that changes in each; `tongban diff` shows the rules themselves.

    \b
    Examples:
      tongban report --from 2026-01-01 --until 2026-03-31
      tongban report --by place -o places.csv
      tongban report -o report.html
      tongban report --yearly 2026 -o progress.html
      tongban report --rules-changed
    """
    if rules and (yearly is not None or dimensions):
        raise click.UsageError("--rules-changed takes neither --yearly nor --by")
    if yearly is not None and (since or until or dimensions):
        raise click.UsageError("--yearly takes neither --from, --until nor --by")
    form = form or (output.suffix.removeprefix(".").lower() if output else "table")
    if output and not settings.as_json and form not in ("csv", "html"):
        raise click.UsageError(f"{output}: a file is CSV or HTML; name it so, or say --format")
    if rules:
        if form == "html" and not settings.as_json:
            raise click.UsageError("--rules-changed is a table, CSV or JSON, not HTML")
        with open_session(kernel, settings) as session:
            warn_of_restore(session)
            listed = changed(session, since, until)
        _write(listed.text(settings.as_json, form), listed.on_screen, settings, form, output)
        if not settings.as_json:
            listed.tell()
        return
    with open_session(kernel, settings) as session:
        warn_of_restore(session)
        made, limits = moment(session.now), _limits(session)
        lost = [(one.to_dict(), one.line(session)) for one in silent(session)]
        if yearly is not None:
            found = progress(kernel, session.store.snapshots(), limits, yearly)
            text = _yearly_text(kernel, settings, found, yearly, form, made)
        else:
            by = dimensions or tuple(DIMENSIONS)
            figures = count(kernel, session.store.snapshots(), limits, by, since, until)
            soon = by_office(session.store.snapshots(), protocol.day_of(session.now))
            text = _text(settings, figures, form, made, lost, soon)
    shown = found if yearly is not None else figures
    _write(text, lambda: _on_screen(kernel, shown), settings, form, output)
    if yearly is None and not settings.as_json:
        _tell_rules(figures)
        for _, line in lost:
            click.echo(printable(f"未获回执 silent: {line}"), err=True)
        for one in soon:
            line = f"{SOON}日内有效期届满 lapse within {SOON} days: {one.line(kernel)}"
            click.echo(printable(line), err=True)


def _tell_rules(figures: Figures) -> None:
    """How often the rules refused, and where people decided otherwise than they do."""
    total = figures.total
    if total.ineligible:
        insisted = f"坚持申请 insisted {total.insisted}"
        click.echo(f"依规则不予办理 refused by the rules: {total.ineligible}, {insisted}", err=True)
    for dimension in ("place", "department"):
        for one in figures.by.get(dimension, ()):
            if one.departures:
                line = f"偏离规则 departures: {one.name} {one.key}: {one.departures}"
                click.echo(printable(line), err=True)


def _write(
    text: str | None,
    on_screen: Callable[[], None],
    settings: Settings,
    form: str,
    output: Path | None,
) -> None:
    """Writes a report where it was wanted; without a text, on the screen."""
    if text is None:
        on_screen()
    elif output is None:
        click.echo(text, nl=False)
    else:
        # Spreadsheets take CSV for UTF-8 only with the mark in front.
        mark = "\ufeff" if form == "csv" and not settings.as_json else ""
        writing.write_file(output, mark + text)
        click.echo(printable(str(output)), err=True)


def _limits(session: Session) -> Callable[[protocol.Case], tuple[protocol.Limit, ...]]:
    now = session.now
    return lambda case: protocol.limits(case, session.service.calendar, now)


def _text(
    settings: Settings,
    figures: Figures,
    form: str,
    made: str,
    lost: list[tuple[dict[str, Any], str]],
    soon: list[Expiring],
) -> str | None:
    if settings.as_json:
        shown = {
            "kind": "supervision",
            "from": figures.since.isoformat() if figures.since else None,
            "until": figures.until.isoformat() if figures.until else None,
            "total": figures.total.to_dict(),
            "by": {name: [one.to_dict() for one in some] for name, some in figures.by.items()},
            "silent": [shown for shown, _ in lost],
            "expiring": [one.to_dict() for one in soon],
        }
        return as_json(shown) + "\n"
    if form == "html":
        return supervision_page(figures, made, [line for _, line in lost])
    return csv_text(COLUMNS, rows_of(figures)) if form == "csv" else None


def _yearly_text(
    kernel: Kernel, settings: Settings, found: list[Progress], year: int, form: str, made: str
) -> str | None:
    if settings.as_json:
        items = [one.to_dict() for one in found]
        return as_json({"kind": "yearly", "year": year, "note": NOTE, "items": items}) + "\n"
    if form == "html":
        return yearly_page(kernel, found, year, made)
    return csv_text(YEARLY_COLUMNS, yearly_rows(kernel, found)) if form == "csv" else None


def _on_screen(kernel: Kernel, shown: Figures | list[Progress]) -> None:
    if isinstance(shown, Figures):
        _figures_on_screen(shown)
        click.echo(f"{shown.total.cases} 件 cases", err=True)
        return
    if is_terminal():
        table(NARROW_YEARLY, [narrow_yearly(one) for one in shown])
    else:
        table(YEARLY_COLUMNS, yearly_rows(kernel, shown))
    click.echo(f"{len(shown)} 项 items (清单注2)", err=True)


def _figures_on_screen(figures: Figures) -> None:
    """One table in a pipe; on a terminal a narrow one for each dimension."""
    if not is_terminal():
        table(COLUMNS, rows_of(figures))
        return
    for dimension, tallies in figures.by.items():
        columns = (f"{DIMENSIONS[dimension]} {dimension}", *NARROW[1:])
        table(columns, [narrow_row(one) for one in (*tallies, figures.total)])
