"""`tongban ask`: asks only what still matters, until there is a decision."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any

import click

from tongban.kernel import Decision, Kernel
from tongban.kernel.engine import AnswerError, Question, answered, next_question
from tongban.kernel.model import Text
from tongban.plugins.console import writing
from tongban.plugins.console.decisions import decision_view
from tongban.plugins.console.options import (
    Day,
    as_json,
    find_item,
    item_argument,
    printable,
    write_json,
)
from tongban.plugins.console.tables import show
from tongban.plugins.console.terms import division_name, plain

INCOMPLETE, INTERRUPTED = 3, 130
MAX_CANDIDATES = 9


@click.command(short_help="Answer only the questions that matter; get a decision.")
@item_argument
@click.option("--as-of", type=Day(), metavar="DATE", help="Decide as of this date, not today.")
@click.option(
    "--out", type=click.Path(dir_okay=False, writable=True), help="Write the application here."
)
@click.option("--json", "json_", is_flag=True, help="End with both as one JSON object.")
@click.pass_obj
def ask(kernel: Kernel, item: str, as_of: date | None, out: str | None, json_: bool) -> None:
    """Ask the questions that still matter for ITEM; end with the decision and the application.

    ITEM is an id or the exact official name. Each answer decides what is asked
    next. An answer is a value, its Chinese term, or its number in the list; a
    place is a division code or a name (西宁市, 西宁, 四川成都). Answer ? to see
    why something is asked.

    Questions go to standard error, decision and application to standard
    output. Nothing is lost: at the end of input (exit status 3) and after Ctrl-C
    (130) the application is printed as far as it goes, with --json also the
    question that was open.

    \b
    Examples:
      tongban ask 1-07
      tongban ask 结婚登记 --out application.json
      printf 'online\\nperson\\n西宁\\n' | tongban ask 2-08 --json
    """
    found = find_item(kernel, item)
    raw: dict[str, Any] = {"item": kernel.rulebook.short(found)}
    if as_of:
        raw["as_of"] = as_of.isoformat()
    click.echo(f"{raw['item']} {found.name} · {found.title}", err=True)
    try:
        decision = _interview(kernel, raw)
    except (EOFError, KeyboardInterrupt, click.Abort) as stop:
        click.echo("\nStopped. The application so far:", err=True)
        if json_:
            write_json({"application": raw, "question": _open(kernel, raw)})
        else:
            click.echo(as_json(raw))
        sys.exit(INCOMPLETE if isinstance(stop, EOFError) else INTERRUPTED)
    if json_:
        write_json({"application": raw, "decision": decision.to_dict()})
    else:
        click.echo(err=True)
        show(decision_view(kernel, decision))
        click.echo(as_json(raw))
    if out:
        writing.write_file(Path(out), as_json(raw) + "\n")
        click.echo(printable(f"Written; decide it again with: tongban route {out}"), err=True)


def _open(kernel: Kernel, raw: Mapping[str, Any]) -> dict[str, Any] | None:
    """The question that is open, for JSON."""
    following = next_question(kernel, raw)
    return following.to_dict() if isinstance(following, Question) else None


def _interview(kernel: Kernel, raw: dict[str, Any]) -> Decision:
    """Fills `raw` until it can be decided."""
    while True:
        following = next_question(kernel, raw)
        if isinstance(following, Decision):
            return following
        _ask(kernel, raw, following)


def _ask(kernel: Kernel, raw: dict[str, Any], one: Question) -> None:
    """Puts an answer into `raw` that passes the check of applications; asks until there is one."""
    asked = Text(one.wording.zh, one.wording.en or one.label.en)
    click.echo(f"\n{asked.both} [{one.name}]", err=True)
    for line in _choices(one):
        click.echo(f"  {line}", err=True)
    while True:
        said = _line()
        if said in ("?", "\uff1f"):
            _say(_why(one))
            continue
        try:
            more = answered(kernel, raw, one, said)
        except AnswerError as error:
            _say(_refused(error))
            continue
        if wrong := [*_malformed(kernel, more, one.name)]:
            _say(wrong)
            continue
        raw |= more
        click.echo(f"  ✓ {printable(_shown(kernel, one, _value(raw, one.name)))}", err=True)
        return


def _malformed(kernel: Kernel, raw: Mapping[str, Any], name: str) -> Iterator[str]:
    """What plugins find wrong in a number of the applicant's, such as its check character."""
    if name.startswith("applicant."):
        found = kernel.ports.examine(kernel.application(raw))
        yield from (str(one) for one in found if one.field == name and not one.warning)


def _say(lines: Iterable[str]) -> None:
    for line in lines:
        click.echo(printable(f"  {line}"), err=True)


def _choices(one: Question) -> Iterator[str]:
    """What may be answered, as numbered lines; of whole numbers only their range."""
    if one.type == "int":
        if one.low is not None and one.high is not None:
            yield f"{one.low} … {one.high}"
        return
    for n, (value, term) in enumerate(one.values.items(), 1):
        yield f"{n}. {plain(value)} {term}".rstrip()


def _shown(kernel: Kernel, one: Question, value: Any) -> str:
    """An answer as it was understood."""
    if one.type == "division":
        code = str(value)
        return division_name(kernel, code) if code in kernel.base.divisions else code
    return f"{plain(value)} {({**one.also, **one.values}).get(value, '')}".rstrip()


def _why(one: Question) -> Iterator[str]:
    """Why the question is asked."""
    yield one.purpose.both or one.label.both
    for rule in one.rules:
        yield f"  {rule.rule}: {rule.because}"


def _refused(error: AnswerError) -> Iterator[str]:
    """What is wrong with an answer, and the places that it can mean."""
    yield error.text.zh
    yield error.text.en
    codes = [*error.candidates]
    for code in codes[:MAX_CANDIDATES]:
        yield f"    {code} {error.candidates[code]}"
    if (more := len(codes) - MAX_CANDIDATES) > 0:
        yield f"    … and {more} more"


def _value(raw: Mapping[str, Any], name: str) -> Any:
    """What an application says under a path such as `facts.transferable`."""
    family, _, rest = name.partition(".")
    return raw[family][rest] if rest else raw[family]


def _line() -> str:
    """A line that is not blank.

    Raises:
        EOFError: where the input ends.
    """
    terminal = sys.stdin.isatty() and sys.stdout.isatty()
    if terminal:
        with suppress(ImportError):
            import readline  # noqa: F401, PLC0415 - gives `input` arrow keys and history
    while True:
        if not terminal:
            click.echo("> ", nl=False, err=True)
        line = input("> " if terminal else "").strip()
        if line:
            return line
