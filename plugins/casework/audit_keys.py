"""`tongban audit key`, `voids`: what a key may sign, and the signed list of void papers."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import click
from attrs import evolve

from tongban.kernel import Kernel, protocol
from tongban.kernel.audit import keys, signing, untrusted, voids
from tongban.plugins.casework.session import (
    Settings,
    at_moment,
    open_session,
    storage,
    with_settings,
)
from tongban.plugins.console import writing
from tongban.plugins.console.options import Day, as_json, json_option, printable, write_json

_file = click.Path(path_type=Path, dir_okay=False)


@click.command("key", short_help="Make a key that signs, and say what it may sign.")
@click.argument("file", type=_file)
@click.option(
    "--for",
    "places",
    multiple=True,
    metavar="PLACE",
    help="What it may sign for: a division with those below it (510000), or an office"
    " (630100/public_security). Again for another.",
)
@click.option("--from", "start", type=Day(), metavar="DATE", help="From this day on.")
@click.option("--until", "end", type=Day(), metavar="DATE", help="Until this day.")
@click.option("--owner", default="", metavar="NAME", help="Whose it is, for people.")
@click.option(
    "--replaces",
    type=_file,
    metavar="OLD",
    help="Private key whose place it takes: OLD.pub ends on the day on which FILE.pub begins (left"
    " out, today), and what it may sign goes over.",
)
@json_option
@click.pass_obj
def key_command(
    kernel: Kernel,
    file: Path,
    places: tuple[str, ...],
    start: date | None,
    end: date | None,
    owner: str,
    replaces: Path | None,
    as_json: bool,
) -> None:
    """Make a new key: FILE, which only its owner may read, and FILE.pub for everybody.

    With --for, FILE.pub says for which offices the key may sign; `tongban verify`
    takes no document of another office by it. With --from and --until it counts for what
    was signed in its time alone. Where FILE is there already, only what FILE.pub says is
    written anew; without --for, its days alone.

    \b
    Examples:
      tongban audit key audit.pem
      tongban audit key xining.pem --for 630100/public_security --until 2028-12-31
      tongban audit key xining-2027.pem --replaces xining.pem
    """
    if file.exists() and not places and (start or end):
        places, start, end, owner = _kept(file, start, end, owner)
    former = None if replaces is None else _former(kernel, replaces, file)
    if former is not None:
        start = start or protocol.day_of(kernel.clock())
        places, owner = places or former.places, owner or former.owner
    said = keys.KnownKey(_NOBODY, places, start, end, owner)
    if owner and not (places or start or end):
        raise click.UsageError("say with --for what the key may sign for")
    if start and end and end < start:
        raise click.UsageError(f"--until {end} is before --from {start}")
    ended = _ended(former, start) if former and start else None
    made, public = _pair(kernel, file, anew=said != keys.KnownKey(_NOBODY))
    if former is not None and former.key == made.public:
        raise click.UsageError(f"{file} and {replaces} hold the same key: name a new file")
    known = evolve(said, key=made.public)
    save_public(known, public)
    if ended is not None and replaces is not None:
        save_public(ended, public_file(replaces))
    _tell(file, known, (replaces, ended) if replaces and ended else None, as_json)


def _tell(
    file: Path, known: keys.KnownKey, former: tuple[Path, keys.KnownKey] | None, as_json: bool
) -> None:
    """Says what was written: the key, and the one whose place it takes with its file."""
    public, id = public_file(file), known.key.id
    if as_json:
        more: dict[str, object] = {"for": list(known.places)} if known.places else {}
        if former is not None:
            more["replaces"] = {"id": former[1].key.id, "until": str(former[1].end)}
        write_json({"private": str(file), "public": str(public), "id": id, **more})
        return
    click.echo(printable(f"私钥 private {file} · 公钥 public {public} · 编号 id {id}"))
    if known.says:
        click.echo(printable(f"可签发 it may sign{' for' if known.places else ''}: {known.says}"))
    if former is not None:
        old, days = former[1], former[1].days
        says = f"旧密钥 the former key {old.key.id}: {days.zh} {days.en}; {public_file(former[0])}"
        click.echo(printable(f"{says} 与 and {public} 须一并交给核验者 go to all who verify"))


def _kept(
    file: Path, start: date | None, end: date | None, owner: str
) -> tuple[tuple[str, ...], date | None, date | None, str]:
    """What the public file of a key says already, where its days alone are to change."""
    if not public_file(file).exists():
        return (), start, end, owner
    said = read_public(public_file(file))
    return said.places, start or said.start, end or said.end, owner or said.owner


def public_file(path: Path) -> Path:
    """The file of the public key beside that of a private one."""
    return path.with_name(path.name + ".pub")


def read_public(path: Path) -> keys.KnownKey:
    """The public key in a file, with what it may sign.

    Raises:
        TongbanError: where it is none.
        click.UsageError: where it cannot be read.
    """
    try:
        return keys.read(untrusted.read_file(path, keys.LARGEST, follow=True))
    except OSError as error:
        raise click.UsageError(
            f"{path}: 无法读取密钥 (the key cannot be read: {error.strerror})"
        ) from None


def _pair(kernel: Kernel, file: Path, *, anew: bool) -> tuple[signing.SigningKey, Path]:
    """The private key in a file and the file of its public half; made where there is none.

    Args:
        anew: whether a private key that is there may get a new public file.
    """
    storing = storage(kernel)
    if file.exists() and anew:
        loaded = storing.load_signing_key(file)
        assert loaded is not None, "a file that is named gives a key, or an error"
        return loaded, public_file(file)
    made = storing.generate_signing_key()
    return made, storing.save_signing_key(made, file)


def _former(kernel: Kernel, path: Path, file: Path) -> keys.KnownKey:
    """The key that is replaced: its public file, or its public half where there is no such file."""
    if path.resolve() == file.resolve():
        raise click.UsageError(f"{file} cannot take its own place: name a new file")
    if public_file(path).exists():
        return read_public(public_file(path))
    loaded = storage(kernel).load_signing_key(path)
    assert loaded is not None, "a file that is named gives a key, or an error"
    return keys.KnownKey(loaded.public)


def _ended(former: keys.KnownKey, last: date) -> keys.KnownKey:
    """The key that is replaced, which may sign until the day on which the new one begins."""
    if former.start and former.start > last:
        raise click.UsageError(
            f"the former key begins on {former.start}, after {last}: say with --from when the new"
            " one begins"
        )
    return former if former.end and former.end < last else evolve(former, end=last)


def signing_key(kernel: Kernel, settings: Settings, path: Path | None) -> signing.SigningKey:
    """The key that signs now: in a file, or what the environment names.

    Raises:
        click.UsageError: where there is none, or its public file says that it may not sign today.
    """
    key = usable_key(kernel, settings, path)
    if key is None:
        raise click.UsageError(
            f"no signing key: name one with --key or {storage(kernel).SIGNING_VARIABLE};"
            " `tongban audit key FILE` makes one"
        )
    return key


def usable_key(kernel: Kernel, settings: Settings, path: Path | None) -> signing.SigningKey | None:
    """The same; None where nothing names one."""
    kept = storage(kernel)
    key = kept.load_signing_key(path)
    named = path or Path(os.environ.get(kept.SIGNING_VARIABLE, ""))
    if key is None or "-----BEGIN" in str(named) or not public_file(named).exists():
        return key
    known = read_public(public_file(named))
    today = protocol.day_of(at_moment(kernel, settings).clock())
    if known.key == key.public and not known.is_valid_on(today):
        raise click.UsageError(
            f"{named}: 密钥不在有效期内 (the key may sign {known.days.en} only: name the one that"
            " took its place)"
        )
    return key


_NOBODY = signing.PublicKey(bytes(32))
"""Stands for the key while what it may sign is read: nothing is made where that is wrong."""


def save_public(known: keys.KnownKey, path: Path) -> None:
    """Writes a key file, in one step.

    Raises:
        OSError: where it cannot be written.
    """
    writing.write_file(path, known.to_text())


@click.command("voids", short_help="Write a signed list of papers that are void.")
@click.option("--key", type=_file, metavar="FILE", help="Private key. [env TONGBAN_SIGNING_KEY]")
@click.option("-o", "--output", type=_file, metavar="FILE", help="Left out: standard output.")
@with_settings
def voids_command(
    kernel: Kernel, settings: Settings, *, key: Path | None, output: Path | None
) -> None:
    """Write the numbers of all papers that are void, signed, for `tongban verify --void`.

    It holds no personal data. Publish it anew when papers become void: it says of which
    moment it is. In a folder of keys it is found by its name, `*.void.json`.

    \b
    Examples:
      tongban audit voids --key xining.pem -o keys/xining.void.json
    """
    signer = signing_key(kernel, settings, key)
    with open_session(kernel, settings) as session:
        found = [
            voids.Void(number, case.id, case.plan.lead.key, case.result or "")
            for case in session.store.snapshots()
            for number in case.voided
        ]
        made = voids.sign(signer, session.store.id, session.now.isoformat(), found)
    text = as_json(made.to_dict())
    if output is None:
        click.echo(text)
        return
    writing.write_file(output, text + "\n")
    done = {"file": str(output), "numbers": len(found), "key": made.key}
    if settings.as_json:
        write_json(done)
    else:
        click.echo(printable(f"{output}: {len(found)} 份作废 void, 签名 signed by {made.key}"))
