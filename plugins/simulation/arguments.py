"""What the commands of this plugin take from a command line, and how they refuse it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import Path

import click
from click.shell_completion import CompletionItem

from tongban.plugins.simulation.scenario.faults import FAULTS
from tongban.plugins.simulation.scenario.options import is_fault_id

_MOST_NUMBERS = 10_000
_MOST_SEEDS = 100_000
_SEEDS = re.compile(r"([0-9]{1,18})\.\.([0-9]{1,18})")
_NUMBER = re.compile("[0-9]{1,9}")


class BadInputError(click.ClickException):
    """Input that cannot be used; exit status 1 would say that an invariant does not hold.

    Args:
        message: is shown without control characters, which a file or its name may hold.
    """

    exit_code = 2

    def __init__(self, message: str) -> None:
        super().__init__("".join(one if _is_shown(one) else ascii(one)[1:-1] for one in message))


def _is_shown(sign: str) -> bool:
    return sign.isprintable() or sign in "\n\u00a0\u3000"


class NotWrittenError(click.ClickException):
    """A file that could not be written after all, when everything else was done."""

    exit_code = 74


def seeds(ctx: click.Context, param: click.Parameter, value: str | None) -> range | None:
    """`1..20`: from the first to the last."""
    if value is None:
        return None
    match = _SEEDS.fullmatch(value)
    if match is None or int(match[1]) > int(match[2]):
        raise click.BadParameter(f"{value[:40]!r}; write it as 1..20")
    found = range(int(match[1]), int(match[2]) + 1)
    if found.stop - found.start > _MOST_SEEDS:
        raise click.BadParameter(f"{value}; at most {_MOST_SEEDS:,} seeds")
    return found


def numbers(
    ctx: click.Context, param: click.Parameter, value: str | None
) -> tuple[int, ...] | None:
    """`3,17`: numbers of applicants."""
    if value is None:
        return None
    parts = [one.strip() for one in value.split(",")]
    if not all(_NUMBER.fullmatch(one) for one in parts) or len(parts) > _MOST_NUMBERS:
        raise click.BadParameter(f"{value[:40]!r}; numbers of applicants, 3,17")
    return tuple(sorted({int(one) for one in parts}))


def kinds(ctx: click.Context, param: click.Parameter, value: str | None) -> frozenset[str] | None:
    """Kinds of faults; `none` for no kind."""
    if value is None:
        return None
    found = _words(value)
    unknown = sorted(found - set(FAULTS))
    if unknown:
        raise click.BadParameter(f"{unknown[0][:40]!r} is none of {', '.join(FAULTS)}")
    return found


def fault_ids(
    ctx: click.Context, param: click.Parameter, value: str | None
) -> frozenset[str] | None:
    """Ids of faults, as a replay names them; `none` for no fault."""
    if value is None:
        return None
    found = _words(value)
    odd = sorted(one for one in found if not is_fault_id(one))
    if odd:
        raise click.BadParameter(
            f"{odd[0][:40]!r} is not an id of a fault: 8 of 0-9 and a-f, as a replay names them"
        )
    return found


def _words(value: str) -> frozenset[str]:
    return frozenset() if value == "none" else frozenset(one.strip() for one in value.split(","))


def choose(names: Callable[[], Iterable[str]]) -> Callable[..., list[CompletionItem]]:
    """A `shell_complete` that offers scenarios that are built in; files where none fits.

    Args:
        names: gives those that are built in.
    """

    def complete(
        ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        fit = [CompletionItem(one) for one in names() if one.startswith(incomplete)]
        return fit or [CompletionItem(incomplete, type="file")]

    return complete


def writable(option: str, path: Path) -> None:
    """Makes sure, before a long run, that its file can be written; leaves what is there.

    Args:
        option: that names the file.
        path: of the file.

    Raises:
        BadInputError: where it cannot.
    """
    try:
        if path.exists() and not path.is_file() and not path.is_dir():
            return  # a pipe or a device: to open it twice would be to use it
        new = not path.exists()
        with path.open("ab"):
            pass
        if new:
            path.unlink()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise BadInputError(f"{option} {path}: cannot be written ({reason})") from None
