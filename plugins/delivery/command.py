"""The command `tongban verify`."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from tongban.kernel import signing
    from tongban.plugins.delivery.verifying import Verification

__all__ = ["KEYS_VARIABLE", "verify"]

KEYS_VARIABLE = "TONGBAN_PUBLIC_KEYS"
"""Files or folders of public keys, as the system's search path separates them."""

_STATUS = {"genuine": 0, "changed": 1, "unknown_key": 2, "no_document": 2}
_COLOURS = {"genuine": "green", "changed": "red"}
_LABELS = {
    "title": "文书 document",
    "number": "编号 number",
    "item_name": "事项 item",
    "case": "办件 case",
    "issuer_name": "出具机关 issuer",
    "issued_on": "日期 date",
    "code": "验证码 code",
}
_ENDINGS = (".pub", ".pem")


@click.command(short_help="Is a document genuine?")
@click.argument("file", type=click.File("rb"))
@click.option(
    "--key",
    "paths",
    metavar="PATH",
    type=click.Path(exists=True, path_type=Path),
    multiple=True,
    help="A public key, or a folder of them; may be repeated.",
)
@click.option("--json", "as_json", is_flag=True, help="Stable JSON for machines.")
def verify(file: Any, paths: tuple[Path, ...], as_json: bool) -> None:
    """Say whether a document is as it was issued, by whom, and what it certifies.

    FILE is the PDF or JSON file of a document, `-` standard input. Public keys come
    from the authorities by another way than the file; without --key they are taken
    from TONGBAN_PUBLIC_KEYS (files or folders). Personal data is shown masked.

    \b
    Exit status:
      0  genuine
      1  changed since it was issued
      2  signed by a key that is not known here, or no such document

    \b
    Examples:
      tongban verify decision.pdf --key xining.pub
      tongban verify decision.json --json
    """
    # The protocol is large, and every command of the program would wait for it.
    from tongban.plugins.delivery import verifying  # noqa: PLC0415

    result = verifying.verify(file.read(), tuple(_keys(paths)))
    if as_json:
        click.echo(json.dumps(result.to_dict(), ensure_ascii=False))
    else:
        for line in _lines(result):
            click.echo(line)
    sys.exit(_STATUS[result.verdict])


def _keys(paths: Iterable[Path]) -> Iterator[signing.PublicKey]:
    given = list(paths)
    if not given:
        said = os.environ.get(KEYS_VARIABLE, "")
        given = [Path(one) for one in said.split(os.pathsep) if one]
    for path in given:
        if path.is_dir():
            inside = sorted(one for one in path.iterdir() if one.suffix in _ENDINGS)
            yield from (key for one in inside if (key := _key(one, strict=False)))
        else:
            key = _key(path, strict=True)
            if key:
                yield key


def _key(path: Path, strict: bool) -> signing.PublicKey | None:
    """The key in a file; in a folder what is no public key is passed over."""
    from tongban.kernel import signing  # noqa: PLC0415 - only here

    try:
        return signing.PublicKey.from_pem(path.read_text(encoding="ascii"))
    except (OSError, UnicodeDecodeError, signing.KeyFormatError):
        if strict:
            raise click.UsageError(f"{_plain(str(path))} is no public key (PEM, Ed25519)") from None
        return None


def _lines(result: Verification) -> Iterator[str]:
    from tongban.plugins.delivery.verifying import VERDICTS  # noqa: PLC0415 - as above

    official, english = VERDICTS[result.verdict]
    colour = _COLOURS.get(result.verdict, "yellow")
    yield click.style(f"{official} {english}", fg=colour, bold=True)
    yield f"  {result.why}"
    if result.key:
        yield f"  签名密钥 key: {result.key}"
    if not result.certifies:
        return
    if result.verdict == "changed":
        yield "  签发时的内容 what was issued:"
    for name, label in _LABELS.items():
        yield f"  {label}: {_plain(str(result.certifies[name]))}"
    recipient = result.certifies["recipient"]
    shown = " ".join(str(recipient[name]) for name in ("name", "id_number") if recipient.get(name))
    if shown:
        yield f"  受送达人 recipient: {_plain(shown)}"
    for name, value in result.certifies["facts"].items():
        if value not in (None, [], ""):
            yield f"  {_plain(str(name))}: {_plain(_said(value))}"


def _said(value: Any) -> str:
    if isinstance(value, list):
        return "; ".join(map(str, value))
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | bool) else str(value)


def _plain(text: str) -> str:
    """`text` without what moves a cursor or turns the direction of writing."""
    return "".join(char if char.isprintable() else "�" for char in text)
