"""What the kit's commands work on: what is installed, or rule files that are being written."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import click
from attrs import frozen

from tongban.kernel import Item, Kernel


@frozen
class Targets:
    """Rules to look at, and a kernel that has loaded them.

    Attributes:
        kernel: the installed plugins; files that were named take the place of
            the departments that they define.
        items: the items of those files; every item, where none were named.
        files: the files that were named or found.
    """

    kernel: Kernel
    items: tuple[Item, ...]
    files: tuple[Path, ...]


def targets(paths: Sequence[Path], strict: bool = False) -> Targets:
    """What `paths` name.

    Args:
        paths: rule files, and folders in which to look for them; none for
            everything that is installed.
        strict: whether a broken plugin is an error.

    Raises:
        click.UsageError: where a path is not there, or a folder holds no rule file.
    """
    files = tuple(dict.fromkeys(file for path in paths for file in rule_files(path)))
    kernel = Kernel(strict=strict, drafts=files)
    named = {str(file) for file in files}
    items = tuple(item for item in kernel.items if not files or item.file in named)
    return Targets(kernel, items, files)


def rule_files(path: Path) -> Iterator[Path]:
    """The rule files of departments that `path` is or holds, in the order of their names.

    Raises:
        click.UsageError: where there is none.
    """
    if not path.exists():
        raise click.UsageError(f"{path}: there is no such file or folder")
    if not path.is_dir():
        yield path
        return
    found = [
        file
        for file in sorted((*path.rglob("*.yaml"), *path.rglob("*.yml")))
        if not any(part.startswith(".") for part in file.relative_to(path).parts)
        and _defines_a_department(file)
    ]
    if not found:
        raise click.UsageError(f"{path}: no rule file in it (one begins with `department:`)")
    yield from found


def _defines_a_department(file: Path) -> bool:
    """Whether a line begins with `department:`, as in no other kind of YAML file of ours."""
    return any(line.startswith(b"department:") for line in file.read_bytes().splitlines())
