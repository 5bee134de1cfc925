"""`tongban audit key`, `voids`: what a key may sign, and the signed list of void papers."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from tongban.kernel import Kernel
from tongban.kernel.audit import keys, signing, voids
from tongban.plugins.casework.session import (
    Settings,
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
@json_option
@click.pass_obj
def key_command(
    kernel: Kernel,
    file: Path,
    places: tuple[str, ...],
    start: date | None,
    end: date | None,
    owner: str,
    as_json: bool,
) -> None:
    """Make a new key: FILE, which only its owner may read, and FILE.pub for everybody.

    With --for, FILE.pub says for which offices the key may sign; `tongban verify`
    takes no document of another office by it. Where FILE is there already, only what
    FILE.pub says is written anew.

    \b
    Examples:
      tongban audit key audit.pem
      tongban audit key xining.pem --for 630100/public_security --until 2028-12-31
    """
    storing = storage(kernel)
    said = keys.KnownKey(_NOBODY, places, start, end, owner)
    if (start or end or owner) and not places:
        raise click.UsageError("say with --for what the key may sign for")
    if start and end and end < start:
        raise click.UsageError(f"--until {end} is before --from {start}")
    if file.exists() and places:
        loaded = storing.load_signing_key(file)
        assert loaded is not None, "a file that is named gives a key, or an error"
        made, public = loaded, file.with_name(file.name + ".pub")
    else:
        made = storing.generate_signing_key()
        public = storing.save_signing_key(made, file)
    known = keys.KnownKey(made.public, said.places, start, end, owner)
    save_public(known, public)
    if as_json:
        more = {"for": list(known.places)} if places else {}
        write_json({"private": str(file), "public": str(public), "id": made.public.id, **more})
        return
    says = f"私钥 private {file} · 公钥 public {public} · 编号 id {made.public.id}"
    click.echo(printable(says))
    if places:
        click.echo(printable(f"可签发 it may sign for: {known.says}"))


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
    kept = storage(kernel)
    signer = kept.load_signing_key(key)
    if signer is None:
        raise click.UsageError(f"no signing key: name one with --key or {kept.SIGNING_VARIABLE}")
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
