"""Places on the command line: an argument that names one, and what is said of abolished ones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import click

from tongban.kernel import Divisions, Kernel

__all__ = ["abolished_in", "division_of"]


def division_of(kernel: Kernel, word: str) -> str:
    """The division that a code or a name means.

    Raises:
        click.UsageError: where it is none, or could be several.
    """
    divisions = kernel.base.divisions
    if word in divisions:
        return word
    codes = () if word.isdigit() else divisions.find(word)
    if len(codes) == 1:
        return codes[0]
    if codes:
        some = ", ".join(f"{code} {divisions.full_name(code)}" for code in codes[:5])
        more = f" and {len(codes) - 5} more" if codes[5:] else ""
        raise click.UsageError(f"{word!r} may be {some}{more}; give the code")
    near = divisions.suggest(word) or divisions.near(word)
    hint = f"; did you mean {near} {divisions.full_name(near)}?" if near else ""
    raise click.UsageError(f"no division is called {word!r}{hint}")


def abolished_in(divisions: Divisions, raw: Any) -> Iterator[str]:
    """What is said of the abolished divisions of a raw application that were translated."""
    if not isinstance(raw, Mapping):
        return
    places = raw.get("places")
    said = {"received_at": raw.get("received_at")}
    said |= {f"places.{k}": v for k, v in places.items()} if isinstance(places, Mapping) else {}
    for name, value in said.items():
        code = f"{value:06d}" if type(value) is int and value >= 0 else value
        if not isinstance(code, str) or code not in divisions or not divisions[code].until:
            continue
        now = divisions.successors(code)
        if len(now) == 1:
            yield (
                f"{name}: {code} {divisions[code].name}已撤销({divisions[code].until}),"
                f"按现行区划{now[0]} {divisions.full_name(now[0])}办理"
                " (abolished; what took its place is used)"
            )
