"""`tongban test --update`: writes what came out into the cases that failed, after asking."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from tongban.kernel import Kernel
from tongban.plugins.console import writing
from tongban.plugins.console.options import printable
from tongban.plugins.kit.targets import Targets
from tongban.plugins.kit.testing.changes import Change, changes
from tongban.plugins.kit.testing.report import head
from tongban.plugins.kit.testing.running import Ran
from tongban.plugins.kit.testing.yaml_splice import NotFoundError, changed

_Accepted = list[tuple[Ran, Sequence[Change]]]


def update(chosen: Targets, failed: Sequence[Ran], yes: bool) -> list[Ran]:
    """Shows what would change in each case, asks, and writes what was agreed to.

    Only the files that were named are written, and in them only the values of
    `expect` that differ.

    Args:
        chosen: the files that were named, with the kernel that ran their cases.
        failed: the cases that failed.
        yes: whether not to ask.

    Returns:
        The cases that still fail.

    Raises:
        OSError: where a file cannot be written.
    """
    files = {str(file): file for file in chosen.files}
    agreed: dict[Path, _Accepted] = {}
    left: list[Ran] = []
    for ran in failed:
        accepted = _agreed(chosen.kernel, ran, yes)
        if accepted:
            agreed.setdefault(files[ran.case.file], []).append((ran, accepted))
        else:
            left.append(ran)
    for file, accepted_here in agreed.items():
        left += _rewrite(file, accepted_here)
    return left


def _agreed(kernel: Kernel, ran: Ran, yes: bool) -> Sequence[Change]:
    """The changes of one case that are to be made; none where it stays as it is."""
    found = changes(ran)
    click.echo(printable(head(kernel, ran)))
    if isinstance(found, str):
        click.echo(printable(f"  cannot be updated: {found}"))
        return ()
    for one in found:
        click.echo(printable(f"  {one}"))
    if yes or click.confirm(f"  改写 rewrite {printable(ran.case.file)}?"):
        return found
    return ()


def _rewrite(file: Path, accepted: _Accepted) -> list[Ran]:
    """Writes the changes of one file; returns the cases that could not be changed."""
    text = file.read_bytes().decode("utf-8")
    left = []
    # From the last case to the first, so that the lines of those before stay right.
    for ran, found in sorted(accepted, key=lambda one: one[0].case.line, reverse=True):
        try:
            text = changed(text, ran.case.line, ran.case.name, found)
        except NotFoundError as error:
            click.echo(printable(f"{file}: not changed: {error}"), err=True)
            left.append(ran)
    if len(left) < len(accepted):
        writing.write_file(file, text)
        count = len(accepted) - len(left)
        click.echo(printable(f"已改写 wrote {file}: {count} 个事例 cases"))
    return left
