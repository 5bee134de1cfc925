"""`tongban key`: the key under which personal data lies: made, changed, its changes listed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from tongban.kernel import Kernel, SealingStorage
from tongban.kernel.audit import records
from tongban.kernel.ports import storage as sealing
from tongban.plugins.casework.actors import FORMS, parse_actor
from tongban.plugins.casework.session import (
    ACTOR_VARIABLE,
    Settings,
    at_moment,
    database,
    storage,
    with_settings,
)
from tongban.plugins.console import writing
from tongban.plugins.console.options import json_option, printable, write_json

LEFT = 1
_file = click.Path(path_type=Path, dir_okay=False)
_KEEP = (
    "请存于数据库及其备份之外、仅保管人可读之处 (keep it where only its keeper reads it, never"
    " beside the store or its backups; who loses it loses the personal data)"
)


def _sealing(kernel: Kernel) -> SealingStorage:
    kept = storage(kernel)
    if not isinstance(kept, SealingStorage):
        raise click.UsageError("this store's plugin has no key of its own for personal data")
    return kept


@click.command("new", short_help="Make a key for personal data.")
@click.argument("file", type=_file, required=False)
@json_option
@click.pass_obj
def new(kernel: Kernel, file: Path | None, as_json: bool) -> None:
    """Make a key for TONGBAN_KEY: into FILE, which only its owner may read, or printed.

    A FILE that is there already is never written over.

    \b
    Examples:
      tongban key new /etc/tongban/personal.key
      export TONGBAN_KEY="$(cat /etc/tongban/personal.key)"
    """
    kept = _sealing(kernel)
    text = kept.generate_key()
    if file is None:
        write_json({"key": text}) if as_json else click.echo(text)
        click.echo(_KEEP, err=True)
        return
    try:
        writing.write_file(file, text + "\n", mode=0o600, new=True)
    except FileExistsError:
        raise click.UsageError(
            f"{file}: 文件已存在,未覆盖 (a file is there already and is kept: name another)"
        ) from None
    if as_json:
        write_json({"file": str(file)})
    else:
        click.echo(printable(f"{file}: 密钥已生成 key made"))
    click.echo(_KEEP, err=True)


@click.command("change", short_help="Encrypt all personal data of a store with another key.")
@click.argument("file", type=_file)
@with_settings
def change(kernel: Kernel, settings: Settings, *, file: Path) -> None:
    """Encrypt all personal data of a store anew, with the key in FILE.

    TONGBAN_KEY is the key until now, and is checked first. All of it is done, or nothing:
    run it again after a crash, it says which key the store has. It is on record, with the
    moment and who did it. Backups keep the key that they were made with. Exit status: 0
    done, 1 done, but something is left that the former key opens, which is named.

    \b
    Examples:
      tongban key new new.key
      tongban key change new.key --as supervisor:630000@keeper
      export TONGBAN_KEY="$(cat new.key)"
    """
    kept = _sealing(kernel)
    kernel = at_moment(kernel, settings)
    if not settings.actor:
        raise click.UsageError(
            f"say who changes the key with --as, or {ACTOR_VARIABLE}: {', '.join(FORMS.values())}"
        )
    actor = parse_actor(kernel, settings.actor)
    if actor.kind in ("applicant", "agent"):
        raise click.UsageError("the keeper of the store changes its key, not an applicant or agent")
    path = database(settings)
    done = kept.change_key(
        path, kept.key_from_environment(), kept.read_key(file), clock=kernel.clock, by=actor
    )
    if settings.as_json:
        write_json({
            "changed": done.changed, "records": done.records, "former": done.former,
            "key": done.key, "emptied": done.emptied, "left": [str(one) for one in done.copies],
        })  # fmt: skip
    else:
        click.echo(printable(f"{path}: {_done(done)}"))
    for line in _next(kept.KEY_VARIABLE, file, path, done):
        click.echo(printable(line), err=True)
    if not done.emptied:
        raise SystemExit(LEFT)


def _done(done: sealing.KeyChange) -> str:
    if done.changed:
        label = f"{done.former or '无 none'} → {done.key}"
        return f"密钥已更换 key changed, {done.records} 份个人信息 records; 编号 label {label}"
    says = "数据库已用此密钥,未作更改 the store has this key already: nothing was changed"
    return f"{says}; 编号 label {done.key}"


def _next(variable: str, file: Path, path: Path, done: sealing.KeyChange) -> Iterator[str]:
    """What the keeper must do now, a sentence each."""
    yield (
        f"今后 {variable} 须为 {file} 中的密钥 (set {variable} to what this file holds, for every"
        " program that uses the store)"
    )
    if done.changed and done.former:
        yield (
            "此前的备份仍由旧密钥加密,备份销毁前请保留旧密钥 (backups from before still need the"
            " former key, and are read by who has it: keep it as long as they, then destroy both)"
        )
    for one in done.copies:
        yield f"{one}: 仍可能由旧密钥加密 (may still be under the former key: delete it in time)"
    if not done.emptied:
        yield (
            f"{path}-wal: 尚未清除,其他程序正在读取,请稍后再次运行 (another program reads the"
            " store, and what the former key opens is still in its -wal; run the same command"
            " again)"
        )


@click.command("history", short_help="Say when the key was changed, and by whom.")
@with_settings
def history(kernel: Kernel, settings: Settings) -> None:
    """Say when the key of personal data was changed, and by whom. It takes no key.

    A label names a key and tells nothing of it.

    \b
    Examples:
      tongban key history
    """
    kernel = at_moment(kernel, settings)
    opened = storage(kernel).open_store(
        database(settings), clock=kernel.clock, create=False, readonly=True
    )
    try:
        found = list(records.key_changes(opened.entries("")))
    finally:
        opened.close()
    if settings.as_json:
        write_json({"changes": found})
        return
    for one in found:
        click.echo(printable(_told(one)))
    if not found:
        click.echo("没有更换密钥的记录 no change of the key is on record")


def _told(one: Mapping[str, Any]) -> str:
    by = one["by"] or {}
    parts = [str(by[name]) for name in ("kind", "division", "department", "id") if by.get(name)]
    who = " ".join(parts) or "未知 unknown"
    return f"{one['at']} {one['former'] or '无 none'} → {one['key']}, 由 by {who}"


def key_commands() -> tuple[click.Command, ...]:
    """The commands of the group."""
    return new, change, history
