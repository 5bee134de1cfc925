"""`tongban audit`: verify the log, sign it, export a case as a bundle, check a bundle offline."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from pathlib import Path

import attrs
import click

from tongban.kernel import Kernel, TongbanError, bundle, chain, protocol, signing, store
from tongban.plugins.commands.cases.audit_keys import key_command, voids_command
from tongban.plugins.commands.cases.choosing import case_argument
from tongban.plugins.commands.cases.session import (
    Settings,
    open_session,
    storage,
    with_settings,
)
from tongban.plugins.commands.cases.showing import timeline
from tongban.plugins.commands.options import as_json, json_option, printable, write_json
from tongban.plugins.commands.views import View, show

__all__ = ["audit_commands"]

BROKEN = 1

_file = click.Path(path_type=Path, dir_okay=False)


@click.command("verify", short_help="Find every event that was changed, removed or moved.")
@click.option("--key", type=_file, metavar="FILE", help="Public key that signed checkpoints.")
@click.option(
    "--checkpoint",
    "files",
    type=_file,
    multiple=True,
    metavar="FILE",
    help="Checkpoints that were kept elsewhere, one a line.",
)
@with_settings
def verify(
    kernel: Kernel, settings: Settings, *, key: Path | None, files: tuple[Path, ...]
) -> None:
    """Find every event that was changed, removed, added or moved, and name it.

    What somebody with full access rewrote from some event to the end, only checkpoints
    show that were signed before and kept elsewhere (`tongban audit checkpoint`).
    Exit status: 0 the log is whole, 1 it is not.

    \b
    Examples:
      tongban audit verify
      tongban audit verify --key audit.pem.pub --checkpoint checkpoints.jsonl
    """
    public = storage(kernel).load_public_key(key) if key else None
    marks = [mark for file in files for mark in _checkpoints(file)]
    if marks and public is None:
        raise click.UsageError("--checkpoint needs --key, the public key that signed them")
    with open_session(kernel, settings) as session:
        breaks = session.store.verify(marks, public)
        count = sum(1 for _ in session.store.entries())
    if settings.as_json:
        write_json({"whole": not breaks, "events": count, "breaks": [b.to_dict() for b in breaks]})
    else:
        for one in breaks:
            click.echo(printable(str(one)))
        says = "日志完整 the log is whole" if not breaks else "日志已被破坏 the log is broken"
        click.echo(f"{says}: {count} 个事件 events, {len(breaks)} 处异常 breaks")
    if breaks:
        sys.exit(BROKEN)


def _checkpoints(file: Path) -> Iterable[store.Checkpoint]:
    for number, line in enumerate(_text(file).splitlines(), 1):
        try:
            raw = json.loads(line)
            yield store.Checkpoint(**{**raw, "head": chain.Head(**raw["head"])})
        except (ValueError, TypeError, KeyError):
            raise click.UsageError(f"{file}:{number}: not a checkpoint") from None


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "not UTF-8 text"
        raise click.UsageError(f"{file}: {why}") from None


@click.command("checkpoint", short_help="Sign how far the log goes now.")
@click.option("--key", type=_file, metavar="FILE", help="Private key. [env TONGBAN_SIGNING_KEY]")
@with_settings
def checkpoint(kernel: Kernel, settings: Settings, *, key: Path | None) -> None:
    """Sign how far the log goes now; keep the line that comes out somewhere else.

    \b
    Examples:
      tongban audit checkpoint --key audit.pem >> checkpoints.jsonl
    """
    signer = _signing_key(kernel, key)
    with open_session(kernel, settings, writes=True) as session:
        write_json(attrs.asdict(session.store.checkpoint(signer)))


def _signing_key(kernel: Kernel, path: Path | None) -> signing.SigningKey:
    kept = storage(kernel)
    key = kept.load_signing_key(path)
    if key is None:
        raise click.UsageError(
            f"no signing key: name one with --key or {kept.SIGNING_VARIABLE};"
            " `tongban audit key FILE` makes one"
        )
    return key


@click.command("export", short_help="Write a case as a signed bundle.")
@case_argument
@click.option("--key", type=_file, metavar="FILE", help="Private key. [env TONGBAN_SIGNING_KEY]")
@click.option("-o", "--output", type=_file, metavar="FILE", help="Left out: standard output.")
@with_settings
def export(
    kernel: Kernel, settings: Settings, *, case: str, key: Path | None, output: Path | None
) -> None:
    """Write a case's log as a signed bundle, which anybody checks offline with the public key.

    It holds no personal data, only a salted hash of it.

    \b
    Examples:
      tongban audit export BJ20261122ABCDEF0123 --key audit.pem -o case.json
    """
    signer = _signing_key(kernel, key)
    with open_session(kernel, settings) as session:
        id = session.case_id(case)
        made = session.store.export(id, signer)
    text = as_json(made)
    if output is None:
        click.echo(text)
        return
    output.write_text(text + "\n", encoding="utf-8")
    done = {"case": id, "file": str(output), "events": len(made["entries"]), "key": made["key"]}
    if settings.as_json:
        write_json(done)
    else:
        says = f"{output}: {id}, {done['events']} 个事件 events, 签名 signed by {made['key']}"
        click.echo(printable(says))


@click.command("check-bundle", short_help="Check an exported case, offline.")
@click.argument("file", type=_file)
@click.option(
    "--key", type=_file, metavar="FILE", required=True, help="Public key of the store's keeper."
)
@json_option
@click.pass_obj
def check_bundle(kernel: Kernel, file: Path, key: Path, as_json: bool) -> None:
    """Check a bundle: signature, every event, that none is missing; then show what it proves.

    No store is needed. Exit status: 0 genuine, 1 not.

    \b
    Examples:
      tongban audit check-bundle case.json --key audit.pem.pub
    """
    public = storage(kernel).load_public_key(key)
    try:
        proved = bundle.verify_bundle(json.loads(_text(file)), public)
        events = tuple(protocol.Event.from_dict(json.loads(one.body)) for one in proved.entries)
    except (ValueError, TongbanError) as error:
        why = str(error) if isinstance(error, TongbanError) else "not JSON"
        if as_json:
            write_json({"genuine": False, "why": why})
        click.echo(printable(f"{file}: 存证包无效 not genuine: {why}"), err=True)
        sys.exit(BROKEN)
    if as_json:
        facts = {"store": proved.store, "case": proved.case, "exported_at": proved.exported_at}
        says = [event.to_dict() for event in events]
        write_json({"genuine": True, **facts, "key": proved.key, "events": says})
        return
    view = View(f"{proved.case} 存证包有效 genuine")
    view.add("签名 signed by", proved.key)
    view.add("导出 exported", f"{proved.exported_at}, 库 store {proved.store}")
    view.add("经过 timeline", timeline(kernel, events))
    show(view)


def audit_commands() -> tuple[click.Command, ...]:
    """The commands of the group."""
    return verify, checkpoint, export, check_bundle, key_command, voids_command
