"""`tongban case join`: what a store serves, by which key, and whom it trusts for what."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import click

from tongban.kernel import DivisionError, Kernel, TongbanError, protocol
from tongban.kernel.audit import keys, signing, untrusted
from tongban.plugins.casework.audit_keys import save_public
from tongban.plugins.casework.session import (
    Settings,
    database,
    node_file,
    open_session,
    storage,
    with_settings,
)
from tongban.plugins.console import writing
from tongban.plugins.console.options import printable, write_json
from tongban.plugins.console.places import division_of

_GRACE = timedelta(days=90)
"""So long are letters taken that a key signed which another took the place of."""

_LARGEST = 1_000_000


@click.command("join", short_help="Say what this store serves, and exchange through a folder.")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option("--name", required=True, metavar="NAME", help="Of this node: small letters.")
@click.option(
    "--serves",
    multiple=True,
    required=True,
    metavar="PLACE",
    help="A division with those below it (510000), an address (630100/postal), or `-` for"
    " authorities without a division. Again for another.",
)
@click.option(
    "--key",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    metavar="FILE",
    help="Private key that signs what is sent; made where there is none. Another one than"
    " before takes its place, and the one before says so.",
)
@click.option(
    "--trust",
    multiple=True,
    metavar="NAME=KEY@PLACE,…",
    help="Another node, the id of its key, and what it serves, as its keeper told it; again for"
    " another. Without any, all who may write to FOLDER are trusted.",
)
@click.option(
    "--former-lost",
    is_flag=True,
    help="The key before is lost or stolen: it says nothing, and the others must trust the new"
    " one anew.",
)
@with_settings
def join(
    kernel: Kernel,
    settings: Settings,
    *,
    folder: Path,
    name: str,
    serves: tuple[str, ...],
    key: Path,
    trust: tuple[str, ...],
    former_lost: bool,
) -> None:
    """Say what this store serves, and exchange with other stores through a shared FOLDER.

    KEY.pub says afterwards that the key may sign for these places: give it to all who
    verifies documents of this store (`tongban verify`).

    \b
    Examples:
      tongban case join /srv/exchange --name chengdu --serves 510000 --key a.pem
      tongban case join /srv/exchange --name chengdu --serves 510000 --key a.pem \\
        --trust xining=0123456789abcdef0123456789abcdef@630000
    """
    node = node_file(database(settings))
    serves = tuple(one if one.startswith("-") else _in_force(kernel, one) for one in serves)
    trusted = _trusted(trust)
    before = _before(node)
    node.parent.mkdir(parents=True, exist_ok=True)
    public = _key(kernel, key, serves, name)
    says = {"name": name, "serves": list(serves), "exchange": str(folder.resolve())}
    more: dict[str, Any] = {"key": str(key.resolve())}
    if trusted or "trusted" in before:
        more["trusted"] = trusted or before["trusted"]
    former = [] if former_lost else _former(kernel, before, public, key)
    if former:
        more["former"] = former
    text = json.dumps({**says, **more}, ensure_ascii=False, indent=2)
    was = node.read_text(encoding="utf-8") if node.exists() else None
    writing.write_file(node, text + "\n")
    try:
        with open_session(kernel, settings, writes=True, create=True):
            pass
    except BaseException:
        # Nothing that was just refused stays in the way of the next command.
        node.unlink() if was is None else writing.write_file(node, was)
        raise
    if settings.as_json:
        write_json({"node": str(node), **says, "key": public.id})
    else:
        done = f"{node}: {name} → {', '.join(serves)}, 交换目录 exchange {folder}"
        click.echo(printable(done))
        click.echo(printable(f"密钥编号 id of the key, for the others' --trust: {public.id}"))


def _in_force(kernel: Kernel, place: str) -> str:
    """A code or an address with the code in force.

    Raises:
        click.UsageError: where there is none, or it could be several.
    """
    code, slash, department = place.partition("/")
    try:
        return kernel.base.divisions.in_force(division_of(kernel, code)) + slash + department
    except DivisionError as error:
        raise click.UsageError(f"--serves {place}: {error}") from None


def _key(kernel: Kernel, path: Path, serves: tuple[str, ...], name: str) -> signing.PublicKey:
    """The key, made where there is none; its public file says what it may sign."""
    kept, file = storage(kernel), path.with_name(path.name + ".pub")
    if not path.exists():
        kept.save_signing_key(kept.generate_signing_key(), path)
    loaded = kept.load_signing_key(path)
    assert loaded is not None, "a file that is named gives a key, or an error"
    if not _says_something(file, loaded.public):
        save_public(keys.KnownKey(loaded.public, serves, owner=name), file)
    return loaded.public


def _says_something(file: Path, public: signing.PublicKey) -> bool:
    """Whether a public file of this key says already what it may sign."""
    try:
        known = keys.read(untrusted.read_file(file, keys.LARGEST, follow=True))
    except (OSError, TongbanError):
        return False
    return known.key == public and bool(known.places)


def _before(node: Path) -> Mapping[str, Any]:
    """What the node's file says until now; nothing where there is none or it is damaged."""
    try:
        raw = untrusted.read_json(untrusted.read_file(node, _LARGEST, follow=True), _LARGEST)
    except (OSError, untrusted.UnreadableError):
        return {}
    return raw if isinstance(raw, dict) else {}


def _former(
    kernel: Kernel, before: Mapping[str, Any], public: signing.PublicKey, path: Path
) -> list[dict[str, str]]:
    """The keys before this one, the oldest first, and until when their letters are taken."""
    listed = before.get("former", [])
    last = before.get("key")
    found = [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
    if not isinstance(last, str) or Path(last).resolve() == path.resolve():
        return found
    loaded = storage(kernel).load_signing_key(Path(last))
    if loaded is None or loaded.public == public:
        return found
    until = kernel.clock().astimezone(protocol.CHINA).date() + _GRACE
    return [*found, {"key": last, "until": until.isoformat()}]


def _trusted(given: tuple[str, ...]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for one in given:
        name, _, rest = one.partition("=")
        key, at, places = rest.partition("@")
        if not name or not key:
            raise click.UsageError(
                f"--trust {one!r}: write NAME=KEY@PLACE,…; `tongban case join` of that node"
                " tells its key"
            )
        try:
            keys.check_pin(key)
        except signing.KeyFormatError as error:
            raise click.UsageError(f"--trust {name}: {error}") from None
        serves = [place for place in places.split(",") if place]
        found[name] = {"key": key, "serves": serves} if at else {"key": key}
    return found
