"""`tongban case document`: the documents of a case (文书), as plugins write them."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from tongban.kernel import Kernel, nearest, protocol
from tongban.kernel.model import printing
from tongban.plugins.casework.audit_keys import usable_key
from tongban.plugins.casework.case_argument import case_argument
from tongban.plugins.casework.refusals import stated
from tongban.plugins.casework.session import (
    Session,
    Settings,
    open_session,
    with_settings,
)
from tongban.plugins.console import writing
from tongban.plugins.console.options import printable, write_json

NOT_WRITTEN = 4
_HINT = "no channel carries it: the post needs an address, electronic delivery a key (--key)"
_PURPOSE = "制作文书 (to write a document of the case)"


@click.command("document", short_help="Write a document of the case (文书): PDF, JSON, text.")
@case_argument
@click.argument("kind", required=False, default="", metavar="[KIND]")
@click.option(
    "--key",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Private key that signs. [env TONGBAN_SIGNING_KEY; without any, text alone is written]",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("."),
    metavar="FOLDER",
    help="Where to; left out, this folder.",
)
@with_settings
def document(
    kernel: Kernel, settings: Settings, *, case: str, kind: str, key: Path | None, output: Path
) -> None:
    """Write a document of the case, for who acts: a party to it, which is recorded.

    KIND is `receipt`, `acceptance`, `supplement`, `decline` … (docs/delivery.md has all);
    left out, the decision. The files hold the applicant's name: they are for the
    applicant and for the carrier.

    \b
    Examples:
      tongban case document BJ20261122ABCDEF0123 receipt --as window:510100
      tongban case document BJ20261122ABCDEF0123 --key office.pem -o out \\
          --as officer:510100/public_security
    """
    signing = usable_key(kernel, settings, key)
    with open_session(kernel, settings, writes=True) as session:
        id = session.case_id(case)
        found = session.store.case(id)
        if found is None:
            raise click.UsageError(f"the case {id} is with another store, and so are its documents")
        kept = session.store.personal(id, session.acting, _PURPOSE)
        wanted = {
            "document": kind,
            "personal": dict(kept.data) if kept else {},
            "offices": _offices(session, found),
            "calendars": session.service.calendar,
            **explained(session.kernel, found),
            "events": session.store.events(id),
            "key": signing,
            "tracking": found.deliveries[-1].tracking if found.deliveries else "",
        }
        before = {one.name: one.problems for one in kernel.ports.failures}
        made = session.kernel.ports.deliver(found.to_dict(), wanted)
        why = _why(kernel, before)
        kinds = _kinds(session.kernel, found) if made is None and kind and not why else {}
    if kinds and kind not in kinds:
        raise click.UsageError(_unknown(kind, kinds))
    if made is None:
        click.echo(printable(f"未能制作文书 no document: {why or _HINT}"), err=True)
        sys.exit(NOT_WRITTEN)
    written = _write(output, made, label=not kind)
    if settings.as_json:
        says = {name: made.get(name) for name in ("title", "number", "code", "by")}
        write_json({"case": id, **says, "files": [str(path) for path in written]})
        return
    code = f", 验证码 code {made['code']}" if made.get("code") else ""
    click.echo(printable(f"{made.get('title', '')} {made.get('number', '')}{code}"))
    for path in written:
        click.echo(printable(f"    {path}"))


def _offices(session: Session, case: protocol.Case) -> dict[str, str]:
    item = case.decision["item"]
    key = f"{item['jurisdiction']}/{item['id']}"
    return {
        office.key: session.kernel.rulebook.office_name(key, office.division, office.department)
        for office in case.plan.offices
    }


def explained(kernel: Kernel, case: protocol.Case) -> dict[str, Any]:
    """What a refusal in writing needs to be understood.

    Args:
        kernel: with the rules.
        case: that was refused.

    Returns:
        `sources`, names of what rules cite, by id; `stated`, what the application says, a line
        each, in the words of the vocabulary; `divisions`, names of the offices' places by code.
    """
    book = kernel.rulebook
    codes = {one.division for one in case.plan.offices if one.division}
    table = book.vocabulary.divisions
    return {
        "sources": {id: str(one.get("name", "")) for id, one in book.sources.items()},
        "stated": stated(kernel, case),
        "divisions": {code: table.full_name(code) for code in codes if code in table},
    }


def _kinds(kernel: Kernel, case: protocol.Case) -> Mapping[str, str]:
    """The kinds of documents that can be asked for, with their titles."""
    said = kernel.ports.deliver(case.to_dict(), {"kinds": True}) or {}
    found = said.get("kinds")
    return found if isinstance(found, Mapping) else {}


def _unknown(kind: str, kinds: Mapping[str, str]) -> str:
    near = nearest(kind, kinds)
    hint = f", did you mean {near!r}?" if near else ""
    all_of_them = ", ".join(f"{one} {title}" for one, title in kinds.items())
    return f"没有此类文书 (no kind of document {kind[:40]!r}{hint}) 可选 one of: {all_of_them}"


def _why(kernel: Kernel, before: Mapping[str, tuple[str, ...]]) -> str:
    """What a plugin says went wrong since."""
    new = [
        problem
        for one in kernel.ports.failures
        for problem in one.problems
        if problem not in before.get(one.name, ())
    ]
    return "; ".join(new)


def _write(folder: Path, made: Mapping[str, Any], *, label: bool) -> list[Path]:
    """The files in a folder, for their owner alone: they hold personal data.

    Args:
        folder: made where there is none.
        made: what the plugin gave.
        label: whether the letter's label is wanted as well.
    """
    folder.mkdir(parents=True, exist_ok=True)
    contents = {str(one["name"]): bytes(one["content"]) for one in made.get("files", ())}
    sticker = made.get("label")
    if label and isinstance(sticker, Mapping):
        lines = (f"{name}: {printing.visible(str(value))}" for name, value in sticker.items())
        contents[f"{made.get('number', 'case')}-label.txt"] = "\n".join(lines).encode() + b"\n"
    written = []
    for name, content in contents.items():
        path = folder / Path(name).name
        writing.write_file(path, content, mode=0o600)
        written.append(path)
    return written
