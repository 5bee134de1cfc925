"""`tongban audit`: verify the log, sign it, export a case as a bundle, check a bundle offline."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path

import attrs
import click

from tongban.kernel import Kernel, TongbanError, protocol
from tongban.kernel.audit import bundle, hash_chain, untrusted
from tongban.kernel.ports import store
from tongban.plugins.casework.audit_keys import (
    key_command,
    read_public,
    signing_key,
    voids_command,
)
from tongban.plugins.casework.audit_reads import reads
from tongban.plugins.casework.case_argument import case_argument
from tongban.plugins.casework.session import (
    Settings,
    node_file,
    open_session,
    with_settings,
)
from tongban.plugins.casework.show import timeline
from tongban.plugins.console import writing
from tongban.plugins.console.options import as_json, json_option, printable, write_json
from tongban.plugins.console.tables import View, show

BROKEN = 1
_LARGEST = 500_000_000

_file = click.Path(path_type=Path, dir_okay=False)


@click.command("verify", short_help="Find what was changed, removed, added or moved.")
@click.option(
    "--key",
    "named",
    type=_file,
    multiple=True,
    metavar="FILE",
    help="Public key that signed checkpoints; again for one that came before or after it.",
)
@click.option(
    "--checkpoint",
    "files",
    type=_file,
    multiple=True,
    metavar="FILE",
    help="Checkpoints that were kept elsewhere, one a line.",
)
@click.option(
    "--witness",
    "told",
    type=_file,
    multiple=True,
    metavar="FILE",
    help="What another node was told of this log, one a line, as its `audit witness` wrote it.",
)
@with_settings
def verify(
    kernel: Kernel,
    settings: Settings,
    *,
    named: tuple[Path, ...],
    files: tuple[Path, ...],
    told: tuple[Path, ...],
) -> None:
    """Find everything that was changed, removed, added or moved, and name it.

    The log proves itself, the messages, the readings of personal data and the tables. What
    somebody with full access rewrote from some event to the end, only checkpoints show
    that were signed before and kept elsewhere (`tongban audit checkpoint`), or what other
    nodes were told (`--witness`). A checkpoint counts that one of the keys signed in its time
    (`tongban audit key --until`, `--replaces`). The last line says what was compared.
    Exit status: 0 all fits together, 1 it does not.

    \b
    Examples:
      tongban audit verify
      tongban audit verify --key audit.pem.pub --checkpoint checkpoints.jsonl
      tongban audit verify --key audit.pem.pub --key audit-2027.pem.pub
      tongban audit verify --witness xining.jsonl
    """
    signers = [read_public(one) for one in named]
    marks = [mark for file in files for mark in _checkpoints(file)]
    if marks and not signers:
        raise click.UsageError("--checkpoint needs --key, the public key that signed them")
    witnesses = [one for file in told for one in _witnesses(file)]
    with open_session(kernel, settings, suspect=True) as session:
        found = session.store.audit(marks, signers, witnesses)
    broken = bool(found.breaks) or bool(found.refused) or (bool(told) and not found.witnessed)
    if settings.as_json:
        write_json(_audit_json(found, broken))
    else:
        for one in found.breaks:
            click.echo(printable(str(one)))
        for line in _signed_by(found.marks):
            click.echo(printable(line))
        click.echo(_concluded(found, bool(told), bool(signers)))
    if broken:
        sys.exit(BROKEN)


def _audit_json(found: store.Audit, broken: bool) -> dict[str, object]:
    return {
        "whole": not broken,
        "events": found.events,
        "records": found.records,
        "checkpoints": {
            "checked": found.checked,
            "unchecked": found.unchecked,
            "refused": found.refused,
            "signed": [_mark_json(one) for one in found.marks],
        },
        "witnesses": {"compared": found.witnessed, "of_another_log": found.strangers},
        "sealed": found.sealed,
        "breaks": [one.to_dict() for one in found.breaks],
    }


def _mark_json(one: store.CheckedMark) -> dict[str, object]:
    key = {"key": one.signer.key.id, "owner": one.signer.owner}
    return {"position": one.position, "at": one.at, **key, "in_time": one.timely}


def _signed_by(marks: Iterable[store.CheckedMark]) -> Iterator[str]:
    """By which key checkpoints verified; those that no key may have signed, each."""
    by_key: dict[str, list[store.CheckedMark]] = {}
    for one in marks:
        if one.timely:
            by_key.setdefault(one.signer.key.id, []).append(one)
    for id, some in by_key.items():
        first, last = min(one.at for one in some), max(one.at for one in some)
        moments = first if first == last else f"{first} – {last}"
        whose = f" ({some[0].signer.owner})" if some[0].signer.owner else ""
        yield f"密钥 key {id}{whose}: 签名有效的检查点 checkpoints verified {len(some)}, {moments}"
    for one in marks:
        if not one.timely:
            yield (
                f"日志第 {one.position} 位的检查点 ({one.at}) 不予承认,密钥 {one.signer.key.id}"
                f" 的有效期{one.signer.days.zh} (the checkpoint at position {one.position} is"
                f" refused: its key may sign {one.signer.days.en} only)"
            )


def _concluded(found: store.Audit, told: bool, key: bool) -> str:
    """What was found and what it rests on, and no more than that."""
    parts = [f"{found.events} 个事件 events", f"{found.records} 条记录 records"]
    if found.breaks:
        return f"不完整或已被改动 not whole: {', '.join(parts)}, {len(found.breaks)} 处异常 breaks"
    if found.refused:
        parts.append(f"{found.refused} 个检查点不予承认 checkpoints refused")
    if found.checked:
        parts.append(f"{found.checked} 个检查点已核验签名 checkpoints checked")
    if found.unchecked or not key:
        why = "" if key else " (no key)"
        parts.append(f"{found.unchecked} 个检查点未核验签名 checkpoints not checked{why}")
    if told:
        parts.append(f"{found.witnessed} 条见证相符 witnesses agree")
    if found.strangers:
        parts.append(f"{found.strangers} 条见证属其他日志 witnesses of another log")
    if found.sealed:
        parts.append(f"{found.sealed} 份个人信息未解密核对 sealed and not compared")
    if told and not found.witnessed:
        return f"见证与本日志无关 no witness knows this log: {', '.join(parts)}"
    if found.refused:
        says = "日志自洽,但有检查点不予承认 self-consistent, but checkpoints are refused"
        return f"{says}: {', '.join(parts)}"
    outside = bool(found.checked or found.witnessed)
    says = (
        "与外部凭据相符 agrees with what is kept elsewhere" if outside else "自洽 self-consistent"
    )
    return f"日志{says}: {', '.join(parts)}"


def _witnesses(file: Path) -> Iterable[store.Witness]:
    for number, line in enumerate(_text(file).splitlines(), 1):
        try:
            raw = json.loads(line)
            head = hash_chain.Head(raw["position"], raw["hash"])
            at = datetime.fromisoformat(raw["at"])
            yield store.Witness(raw.get("by", ""), raw["history"], head, at)
        except (ValueError, TypeError, KeyError, RecursionError):
            raise click.UsageError(
                f"{file}:{number}: not what `tongban audit witness` writes"
            ) from None


@click.command("witness", short_help="Write what other nodes said of their logs.")
@click.argument("node", required=False)
@with_settings
def witness(kernel: Kernel, settings: Settings, *, node: str | None) -> None:
    """Write how far the logs of other nodes went when they were last heard of, one a line.

    For `tongban audit verify --witness` there: each node is a witness of the others.

    \b
    Examples:
      tongban audit witness xining > xining.jsonl
    """
    with open_session(kernel, settings) as session:
        for one in session.store.witnesses():
            if node in (None, one.node):
                write_json({
                    "node": one.node, "by": _own_name(session.path), "history": one.history,
                    "position": one.head.position, "hash": one.head.hash, "at": one.at.isoformat(),
                })  # fmt: skip


def _own_name(path: Path) -> str:
    """The name of this node; "" where it exchanges with no other."""
    try:
        return str(json.loads(node_file(path).read_text(encoding="utf-8"))["name"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def _checkpoints(file: Path) -> Iterable[store.Checkpoint]:
    for number, line in enumerate(_text(file).splitlines(), 1):
        try:
            raw = json.loads(line)
            yield store.Checkpoint(**{**raw, "head": hash_chain.Head(**raw["head"])})
        except (ValueError, TypeError, KeyError, RecursionError):
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
    signer = signing_key(kernel, settings, key)
    with open_session(kernel, settings, writes=True) as session:
        write_json(attrs.asdict(session.store.checkpoint(signer)))


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
    signer = signing_key(kernel, settings, key)
    with open_session(kernel, settings) as session:
        id = session.case_id(case)
        made = session.store.export(id, signer)
    text = as_json(made)
    if output is None:
        click.echo(text)
        return
    writing.write_file(output, text + "\n")
    done = {"case": id, "file": str(output), "events": len(made["entries"]), "key": made["key"]}
    if settings.as_json:
        write_json(done)
    else:
        says = f"{output}: {id}, {done['events']} 个事件 events, 签名 signed by {made['key']}"
        click.echo(printable(says))


@click.command("check-bundle", short_help="Check an exported case, offline.")
@click.argument("file", type=_file)
@click.option(
    "--key",
    "named",
    type=_file,
    metavar="FILE",
    required=True,
    multiple=True,
    help="Public key of the store's keeper; again for one that came before or after it.",
)
@json_option
@click.pass_obj
def check_bundle(kernel: Kernel, file: Path, named: tuple[Path, ...], as_json: bool) -> None:
    """Check a bundle: signature, every event, that none is missing; then show what it proves.

    No store is needed. The key must be one that may sign on that day. Exit status: 0
    genuine, 1 not.

    \b
    Examples:
      tongban audit check-bundle case.json --key audit.pem.pub
    """
    signers = [read_public(one) for one in named]
    try:
        proved = bundle.verify_bundle(untrusted.read_json(_text(file), _LARGEST), signers)
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
    return verify, checkpoint, witness, export, check_bundle, reads, key_command, voids_command
