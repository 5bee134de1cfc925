"""The command `tongban verify`."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tongban.kernel import Kernel, TongbanError, service
from tongban.kernel.audit import keys, untrusted, voids
from tongban.kernel.model import printing
from tongban.plugins.delivery import verifying
from tongban.plugins.delivery.verifying import VERDICTS

if TYPE_CHECKING:
    from tongban.kernel import Kernel
    from tongban.kernel.audit import keys, voids
    from tongban.plugins.delivery.verifying import Verification, Voided

DB_VARIABLE = "TONGBAN_DB"
"""The store of this machine, where it has one."""

KEYS_VARIABLE = "TONGBAN_PUBLIC_KEYS"
"""Files or folders of public keys, as the system's search path separates them."""

_STATUS = {
    "genuine": 0,
    "changed": 1,
    "wrong_issuer": 1,
    "void": 1,
    "unknown_key": 2,
    "no_document": 2,
    "unchanged": 3,
}
_COLOURS = {"genuine": "green", "changed": "red", "wrong_issuer": "red", "void": "red"}
_LABELS = {
    "title": "文书 document",
    "number": "编号 number",
    "item_name": "事项 item",
    "case": "办件 case",
    "issuer_name": "出具机关 issuer",
    "issued_on": "日期 date",
    "code": "验证码 code",
}
_FACTS = {
    "granted": "是否准予",
    "decided_on": "决定日期",
    "accepted_on": "受理日期",
    "reasons": "理由",
    "rules": "规则",
    "article": "依据",
    "remedy": "救济",
    "void": "作废文号",
    "voided": "作废文号",
    "number": "文号",
    "act": "所争议的决定",
    "ended": "原办理结果",
    "outcome": "按规则",
    "changed": "更正内容",
    "receipt": "收件凭证",
    "materials": "材料",
    "outstanding": "待补正",
    "due": "截止日",
    "by": "送达方式",
    "tracking": "单号",
    "procedure": "特别程序",
    "working_days": "工作日",
}
"""What a document says for machines, by its name there; others are shown by that alone."""
_CLAIMED = "文书自称的机关 the office that it names"
_NOT_SAID = "未说明 not said"
_ENDINGS = (".pub", ".pem")
_VOIDS = ".void.json"
_LONGEST = 500
"""So much of one value is shown; a document of ours has no longer one."""

_MOST = 10_000
"""At most this many files of a folder are looked at."""


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
@click.option(
    "--void",
    "lists",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    multiple=True,
    help="A signed list of void papers (`tongban audit voids`); may be repeated.",
)
@click.option(
    "--db",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="The store of the office, where it is at hand: it knows what is void. [env TONGBAN_DB]",
)
@click.option("--json", "as_json", is_flag=True, help="Stable JSON for machines.")
@click.pass_obj
def verify(
    kernel: Kernel | None,
    file: Any,
    paths: tuple[Path, ...],
    lists: tuple[Path, ...],
    db: Path | None,
    as_json: bool,
) -> None:
    """Say whether a document is as it was issued, by whose key, and what it certifies.

    FILE is the PDF or JSON file of a document, `-` standard input. Key files come from
    the authorities by another way than the document, and say for which offices they may
    sign (`tongban audit key --for`); without --key they are taken from TONGBAN_PUBLIC_KEYS
    (files or folders). Lists in a folder of keys (`*.void.json`) are read too. Personal
    data is shown masked.

    \b
    Exit status:
      0  genuine: unchanged, and the key may sign for the office
      1  changed; signed by a key that may not sign for the office; or void
      2  signed by a key that is not known here, or no such document
      3  unchanged, but the key file does not say for which office it may sign

    \b
    Examples:
      tongban verify decision.pdf --key xining.pub
      tongban verify decision.json --key keys/ --void xining.void.json --json
    """
    # The protocol is large, and every command of the program would wait for it.

    content = file.read(verifying.LARGEST + 1)
    found = [*_files(paths)]
    result = verifying.verify(
        content,
        tuple(one for path, strict in found if (one := _key(path, strict))),
        tuple(_lists(lists, (path for path, _ in found))),
        _store(kernel, db),
        None if kernel is None else kernel.base.divisions,
    )
    if as_json:
        click.echo(printing.escaped(json.dumps(result.to_dict(), ensure_ascii=False)))
    else:
        for line in _lines(result, kernel):
            click.echo(line, printing.unguarded(sys.stdout))
    sys.exit(_STATUS[result.verdict])


def _files(paths: Iterable[Path]) -> Iterator[tuple[Path, bool]]:
    """Files that may hold keys or lists, and whether each was named itself."""
    given = list(paths)
    if not given:
        said = os.environ.get(KEYS_VARIABLE, "")
        given = [Path(one) for one in said.split(os.pathsep) if one]
    for path in given:
        if path.is_dir():
            inside = sorted(path.iterdir())[:_MOST]
            yield from ((one, False) for one in inside if one.name.endswith((*_ENDINGS, _VOIDS)))
        else:
            yield path, True


def _key(path: Path, strict: bool) -> keys.KnownKey | None:
    """The key in a file; in a folder what is not a public key is passed over."""
    if path.name.endswith(_VOIDS):
        return None
    try:
        return keys.read(untrusted.read_file(path, keys.LARGEST, follow=True))
    except (OSError, TongbanError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        says = f"{_field(path)} is not a public key (PEM, Ed25519): {_field(why)}"
        if strict:
            raise click.UsageError(says) from None
        if not isinstance(error, OSError) and b"Tongban-" in _begin(path):
            # Somebody meant it to be one.
            click.echo(f"Warning: {says}", err=True)
        return None


def _begin(path: Path) -> bytes:
    try:
        return untrusted.read_file(path, 1 << 20, follow=True)[:4096]
    except (OSError, TongbanError):
        return b""


def _lists(named: Iterable[Path], inside: Iterable[Path]) -> Iterator[voids.Voids]:
    """Lists of void papers: one that was named must be one."""
    found = [(path, True) for path in named]
    found += [(path, False) for path in inside if path.name.endswith(_VOIDS)]
    for path, strict in found:
        try:
            yield voids.read(untrusted.read_file(path, voids.LARGEST, follow=True))
        except (OSError, TongbanError) as error:
            why = error.strerror if isinstance(error, OSError) else error
            says = f"{_field(path)}: {_field(why)}"
            if strict:
                raise click.UsageError(says) from None
            click.echo(f"Warning: {says}", err=True)


def _store(kernel: Kernel | None, named: Path | None) -> Voided:
    """What a store knows of papers that are void; the one of this machine where none is named."""
    path = named or Path(os.environ.get(DB_VARIABLE) or os.devnull)
    if not path.is_file():
        if named is not None:
            raise click.UsageError(f"{_field(path)}: no store is there")
        return lambda case, number: None
    kernel = kernel or Kernel()
    kept = kernel.ports.storage(os.environ.get("TONGBAN_STORE", ""))
    made = {"clock": kernel.clock, "calendars": service.calendars(kernel)}
    open_store: Callable[..., Any] = kept.open_store

    def voided(case: str, number: str) -> str | None:
        store = open_store(path, **made, create=False, readonly=True)
        try:
            found = store.case(case)
        finally:
            store.close()
        return found.result if found is not None and number in found.voided else None

    return voided


def _lines(result: Verification, kernel: Kernel | None) -> Iterator[str]:
    colour = _COLOURS.get(result.verdict, "yellow")
    yield click.style(VERDICTS[result.verdict].both, fg=colour, bold=True)
    yield f"  {_field(result.why.bracketed)}"
    if result.key:
        yield f"  签名密钥 key: {_field(result.key)}"
    if result.signer:
        yield f"  密钥所有者 its owner: {_field(result.signer['owner'] or _NOT_SAID)}"
        yield f"  可签发 it may sign for: {_field(result.signer['may_sign'] or _NOT_SAID)}"
    if not result.certifies:
        return
    if result.verdict == "changed":
        yield "  签发时的内容 what was issued:"
    yield from _certified(result, kernel)


def _certified(result: Verification, kernel: Kernel | None) -> Iterator[str]:
    says = result.certifies
    for name, label in _LABELS.items():
        claimed = name == "issuer_name" and result.verdict in ("unchanged", "wrong_issuer")
        yield f"  {_CLAIMED if claimed else label}: {_field(says[name])}"
        if name == "issuer_name":
            yield f"  机关代码 its code: {_field(_place(says['issuer'], kernel))}"
    recipient = says["recipient"]
    shown = " ".join(str(recipient[name]) for name in ("name", "id_number") if recipient.get(name))
    if shown:
        yield f"  受送达人 recipient: {_field(shown)}"
    for name, value in says["facts"].items():
        if value not in (None, [], ""):
            label = f"{_FACTS[name]} {name}" if name in _FACTS else _field(name)
            yield f"  {label}: {_field(_said(value))}"


def _place(issuer: str, kernel: Kernel | None) -> str:
    """An office's address with the name of its place, which the document's words may not fit."""
    code = issuer.partition("/")[0]
    known = kernel is not None and code in kernel.base.divisions
    return f"{issuer} {kernel.base.divisions.full_name(code)}" if kernel and known else issuer


def _said(value: Any) -> str:
    if isinstance(value, list):
        return "; ".join(map(str, value))
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | bool) else str(value)


def _field(value: object) -> str:
    """A value from outside on one line."""
    text = str(value)
    return printing.printable(text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…")
