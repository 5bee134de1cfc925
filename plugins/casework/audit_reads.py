"""`tongban audit reads`: who read whose personal data, when and for what."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import click

from tongban.kernel import Kernel, protocol
from tongban.plugins.casework.actors import parse_actor
from tongban.plugins.casework.naming import actor_name, moment
from tongban.plugins.casework.readings import (
    NotedReading,
    ReaderCount,
    Wanted,
    counted,
    noted_readings,
    office_key,
    reading_json,
)
from tongban.plugins.casework.restoring import warn_of_restore
from tongban.plugins.casework.session import Session, Settings, open_session, with_settings
from tongban.plugins.console.options import Day, printable, write_json
from tongban.plugins.console.places import division_of
from tongban.plugins.console.tables import is_terminal, table

_COLUMNS = (
    "时间 when", "办件 case", "事项 item", "查阅人 reader", "用途 for what", "内容 what",
    "备注 note",
)  # fmt: skip
_COUNTS = (
    "查阅人 reader", "查阅 read", "被拒 refused", "本人 own", "无关 no part", "办件 cases",
    "首次 first", "末次 last",
)  # fmt: skip
_NARROW = ("时间, 办件 when, case", "查阅人 reader", "用途 for what", "内容 what")
_NARROW_COUNTS = (
    "查阅人 reader", "查阅/被拒/本人/无关\nread/refused/own/no part", "办件 cases",
    "首次, 末次 first, last",
)  # fmt: skip
"""What there is room for on a terminal: no id of a case is broken."""
_WHOLE = (
    "每次查阅均打开整份个人信息,看了其中哪些不作记录;仅本库记录 (a reading opens all of the data;"
    " what of it was looked at is not kept; of this store alone)"
)
_APPLICANT = ("applicant", "agent")


@click.command("reads", short_help="Who read whose personal data, when and for what.")
@click.option("--case", "case", metavar="CASE", help="Of this case.")
@click.option(
    "--reader",
    metavar="READER",
    help="By this one: the name of an account, or as --as has it: officer:510100/postal@NAME.",
)
@click.option(
    "--office",
    metavar="PLACE[/DEPARTMENT]",
    help="By people who serve there; of a place, there and below: 510100/public_security, 四川省.",
)
@click.option("--from", "since", type=Day(), metavar="DATE", help="From this day.")
@click.option("--until", type=Day(), metavar="DATE", help="Up to this day, itself included.")
@click.option(
    "--unusual", is_flag=True, help="Refused ones, and those by readers without a part in the case."
)
@click.option("--counts", is_flag=True, help="Count for each reader instead.")
@with_settings
def reads(
    kernel: Kernel,
    settings: Settings,
    *,
    case: str | None,
    reader: str | None,
    office: str | None,
    since: date | None,
    until: date | None,
    unusual: bool,
    counts: bool,
) -> None:
    """查阅记录: who read personal data, in which office, when, for what; and who was refused it.

    Who acts (--as) sees what is theirs to see: an applicant or agent the readings of
    their cases; an office its own, and those of its cases; a supervisor those of the
    offices they oversee; without --as, for the keeper of the store, all. It never
    shows the data itself. What is shown masked (`case show`) is no reading.

    \b
    Examples:
      tongban audit reads --as applicant:a-17
      tongban audit reads --case BJ20261122ABCDEF0123
      tongban audit reads --office 510100/public_security --from 2026-01-01
      tongban audit reads --counts --as supervisor:630000
    """
    if since and until and since > until:
        raise click.UsageError(f"--from {since} is after --until {until}: change one of them")
    with open_session(kernel, settings) as session:
        warn_of_restore(session)
        wanted = Wanted(
            case=None if case is None else session.case_id(case),
            reader=None if reader is None else _by_reader(kernel, reader.strip()),
            office=None if office is None else _by_office(kernel, office.strip()),
            since=since,
            until=until,
            unusual=unusual,
        )
        found = list(noted_readings(session, wanted))
    people = counted(found)
    if session.as_json:
        _write_json(session, wanted, found, people, counts)
        return
    _on_screen(session, found, people if counts else None)
    refused, own = sum(one.refused for one in people), sum(one.own for one in people)
    total = f"{len(found)} 次查阅 readings, {refused} 次被拒 refused, {own} 次本人 by applicants"
    click.echo(total, err=True)
    click.echo(_WHOLE, err=True)


def _write_json(
    session: Session,
    wanted: Wanted,
    found: list[NotedReading],
    people: list[ReaderCount],
    counts: bool,
) -> None:
    actor = session.actor
    personal = actor is not None and actor.kind in _APPLICANT
    shown = {
        "kind": "personal-readings",
        "for": actor.kind if actor else "keeper",
        "from": wanted.since.isoformat() if wanted.since else None,
        "until": wanted.until.isoformat() if wanted.until else None,
        "count": len(found),
        "not_kept": ["parts"],
    }
    if counts:
        more = [one.to_dict(session.kernel) for one in people]
        if personal:
            for one in more:
                if not one["reader"]["office"]:
                    del one["reader"]["id"]
        write_json({**shown, "readers": more})
        return
    each = [reading_json(session.kernel, one, for_applicant=personal) for one in found]
    write_json({**shown, "readings": each})


def _on_screen(
    session: Session, found: list[NotedReading], people: list[ReaderCount] | None
) -> None:
    if people is not None:
        counts = [_count_cells(session.kernel, one) for one in people]
        if is_terminal():
            narrow = ((who, "/".join(n[:-1]), n[-1], f"{a}\n{b}") for who, *n, a, b in counts)
            table(_NARROW_COUNTS, list(narrow))
        else:
            table(_COUNTS, counts)
        return
    cells = [_cells(session.kernel, one, session.actor) for one in found]
    if is_terminal():
        table(_NARROW, [_narrow(*one) for one in cells])
    else:
        table(_COLUMNS, cells)


def _narrow(
    when: str, case: str, item: str, who: str, purpose: str, what: str, note: str
) -> tuple[str, ...]:
    return f"{when}\n{case}\n{item}", who, purpose, f"{what}\n{note}".rstrip()


def _by_reader(kernel: Kernel, text: str) -> Callable[[protocol.Actor], bool]:
    kind, colon, rest = text.partition(":")
    if not text:
        raise click.UsageError("--reader needs a name; `tongban audit reads --counts` lists all")
    if not colon and text != "system":
        return lambda one: one.id == text
    if kind in _APPLICANT and rest:
        id = rest.partition("/")[0]
        return lambda one: (one.kind, one.id) == (kind, id)
    meant = _parsed(kernel, text, "--reader", text)
    return lambda one: (
        (one.kind, office_key(one)) == (meant.kind, office_key(meant))
        and (not meant.id or one.id == meant.id)
    )


def _by_office(kernel: Kernel, text: str) -> Callable[[protocol.Actor], bool]:
    word, slash, department = text.partition("/")
    place = None if word == "-" else division_of(kernel, word)
    if slash and department not in ("window", "supervisor"):
        _parsed(kernel, f"officer:{place or '-'}/{department}", "--office", text)
    if slash:
        return lambda one: office_key(one) == f"{place or '-'}/{department}"
    return lambda one: office_key(one) != "" and protocol.oversees(place, one.division)


def _parsed(kernel: Kernel, actor: str, option: str, given: str) -> protocol.Actor:
    try:
        return parse_actor(kernel, actor)
    except click.UsageError as error:
        why = error.message.removeprefix(f"--as {actor!r}: ")
        raise click.UsageError(f"{option} {given!r}: {why}") from None


def _cells(
    kernel: Kernel, one: NotedReading, viewer: protocol.Actor | None
) -> tuple[str, str, str, str, str, str, str]:
    item = one.case.item.get("name", "") if one.case else "在其他库办理 at another store"
    return (
        moment(one.at),
        one.noted.case,
        str(item),
        _who(kernel, one, viewer),
        printable(one.noted.purpose),
        _what(one),
        _note(one),
    )


def _who(kernel: Kernel, one: NotedReading, viewer: protocol.Actor | None) -> str:
    if one.own:
        return "申请人本人 the applicant"
    reader = one.reader
    name = actor_name(kernel, reader)
    if reader.kind == "applicant":
        name = "其他申请人 another applicant"
    told = viewer is None or viewer.kind not in _APPLICANT
    return f"{name} {reader.id}" if told and reader.kind in _APPLICANT else name


def _what(one: NotedReading) -> str:
    if one.parts == "all":
        return "当时所存全部 all that was kept"
    return "当时无资料 nothing was kept" if one.noted.allowed else "无 none"


def _note(one: NotedReading) -> str:
    if not one.noted.allowed:
        return "被拒 refused"
    return "现与本办件无关 no part in the case now" if one.part is False else ""


def _count_cells(kernel: Kernel, one: ReaderCount) -> tuple[str, ...]:
    numbers = (one.allowed, one.refused, one.own, one.without_part, len(one.cases))
    name = actor_name(kernel, one.reader)
    return name, *map(str, numbers), moment(one.first), moment(one.last)
