"""The two sides of a comparison: a word of the command line, and a kernel with its rules."""

from __future__ import annotations

import io
import shutil
import subprocess
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from datetime import date, datetime
from pathlib import Path
from tempfile import mkdtemp
from types import TracebackType

import click
from attrs import define, field, frozen

from tongban.kernel import Item, Kernel, RulebookError
from tongban.plugins.kit.targets import rule_files

INSTALLED = "installed"
"""The word for what is installed."""

_REVISION = "git:"
_RULES = "rules"
"""Where a revision keeps its rules, when the word does not say."""

MAX_SHOWN = 20


@frozen(eq=False)
class Side:
    """One side of a comparison.

    Attributes:
        name: as the command line has it.
        kernel: has loaded the rules.
        drafts: the departments of the rule files that were named, as jurisdiction
            and id; None for a whole rule set.
        as_of: the only date that is looked at, None for every date.
    """

    name: str
    kernel: Kernel
    drafts: frozenset[tuple[str, str]] | None = None
    as_of: date | None = None

    def items(self, scope: frozenset[tuple[str, str]] | None) -> dict[str, Item]:
        """Its items by key, those of the departments in `scope`; None for all."""
        return {
            item.key: item
            for item in self.kernel.items
            if scope is None or (item.jurisdiction, item.department) in scope
        }


@define
class Opener:
    """Opens sides; what had to be unpacked is gone when it is left.

    Args:
        installed: the kernel with what is installed.
        clock: of the kernels that it makes.
    """

    installed: Kernel
    clock: Callable[[], datetime]
    _folders: list[Path] = field(factory=list)

    def __enter__(self) -> Opener:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for folder in self._folders:
            shutil.rmtree(folder, ignore_errors=True)

    def open(self, word: str) -> Side:
        """The side that `word` names.

        Args:
            word: `installed`; a folder with vocabulary.yaml (a rule tree); a rule file
                or a folder of them, beside what is installed; a wheel; `git:REV` or
                `git:REV:PATH`, a revision of the repository in the working directory.

        Raises:
            click.UsageError: where there is no such thing.
            RulebookError: where its rules have mistakes.
        """
        if word == INSTALLED:
            side = Side(word, self.installed)
        elif word.startswith(_REVISION):
            side = self._of(word, self._revision(word))
        elif word.endswith(".whl"):
            side = self._of(word, self._wheel(Path(word)))
        else:
            side = self._of(word, Path(word))
        problems = side.kernel.problems
        if problems:
            raise RulebookError(problems[:MAX_SHOWN])
        return side

    def _of(self, word: str, path: Path) -> Side:
        if not path.exists():
            raise click.UsageError(
                f"{word}: there is no such file or folder; OLD and NEW are rule trees, rule"
                f" files, wheels, git:REVISION or {INSTALLED!r}"
            )
        tree = _tree(path)
        if tree is not None:
            kernel = Kernel(
                _helpers(), clock=self.clock, rules=tree, drafts=_departments(tree / "departments")
            )
            return Side(word, kernel)
        files = tuple(rule_files(path))
        kernel = Kernel(clock=self.clock, drafts=files)
        names = {str(file) for file in files}
        departments = (d for d in kernel.rulebook.departments if d.file in names)
        return Side(word, kernel, frozenset((d.jurisdiction, d.id) for d in departments))

    def _folder(self) -> Path:
        folder = Path(mkdtemp(prefix="tongban-diff-"))
        self._folders.append(folder)
        return folder

    def _revision(self, word: str) -> Path:
        revision, _, path = word.removeprefix(_REVISION).partition(":")
        path = path or _RULES
        if not revision or revision.startswith("-"):
            raise click.UsageError(f"{word}: write git:REVISION or git:REVISION:PATH")
        git = shutil.which("git")
        if git is None:
            raise click.UsageError(f"{word}: git is not installed")
        command = [git, "archive", "--format=tar", revision, "--", path]
        done = subprocess.run(command, capture_output=True, check=False)
        if done.returncode:
            why = done.stderr.decode("utf-8", "replace").strip().splitlines()
            raise click.UsageError(f"{word}: {why[-1] if why else 'git archive failed'}")
        folder = self._folder()
        with tarfile.open(fileobj=io.BytesIO(done.stdout)) as archive:
            archive.extractall(folder, filter="data")
        return folder / path

    def _wheel(self, path: Path) -> Path:
        folder = self._folder()
        try:
            with zipfile.ZipFile(path) as archive:
                rules = [n for n in archive.namelist() if n.endswith((".yaml", ".yml"))]
                archive.extractall(folder, rules)
        except (OSError, zipfile.BadZipFile) as error:
            raise click.UsageError(f"{path}: cannot be read as a wheel: {error}") from None
        if not rules:
            raise click.UsageError(f"{path}: this wheel holds no rules")
        return folder


def _tree(path: Path) -> Path | None:
    """The rule tree that `path` is or holds, one level or two below (in a wheel)."""
    if not path.is_dir():
        return None
    found = [path, *sorted(path.glob("*/")), *sorted(path.glob("*/*/"))]
    return next((one for one in found if (one / "vocabulary.yaml").is_file()), None)


def _departments(folder: Path) -> tuple[Path, ...]:
    return tuple(rule_files(folder)) if folder.is_dir() else ()


def _helpers() -> Iterator[object]:
    """The installed plugins that derive facts or change routes, and bring no rules."""
    installed = Kernel()
    departments = installed.ports.implementing("departments")
    for name, plugin in installed.ports.implementing("derive_facts", "route").items():
        if name not in departments:
            yield plugin
