"""Whether a plugin's project declares its entry point and ships its module and rule files.

What works from a checkout may be missing where the package is installed, without a word:
an entry point that is not declared is not an error, and a file that is not shipped is found
by nobody. So the project file is read, and each lack is reported with the line to add.
"""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from configparser import ConfigParser, Error
from fnmatch import fnmatch
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec
from pathlib import Path, PurePath
from typing import Any

from attrs import frozen

from tongban.kernel import nearest
from tongban.plugins.kit.conformance.findings import Failure, Outcome, outcome
from tongban.plugins.kit.conformance.subject import GROUP, Subject

_FILE = "pyproject.toml"
_INSTALLED = ("site-packages", "dist-packages")


def packaged(subject: Subject) -> Outcome:
    """Whether the project of a plugin says what an installed package needs."""
    files = [file.resolve() for file in subject.rules]
    module = sys.modules.get(subject.module.partition(":")[0])
    code = getattr(module, "__file__", None)
    starts = [*files, *([Path(code)] if code else [])]
    project = next((found for start in starts if (found := _project(start))), None)
    if project is None:
        return outcome("packaged", f"no {_FILE} around it", 0)
    packages = {subject.module} if subject.module else {*map(_package, files)} - {""}
    if not packages:
        return outcome("packaged", "its rule files are in no package", 0)
    failures = [*_lacks(project, packages, files)]
    return outcome("packaged", _FILE, 1, failures)


def lacks_of(folder: Path) -> tuple[str, ...]:
    """What the package in a folder lacks, for somebody who named a plugin that is not there.

    Args:
        folder: with a project file or without.
    """
    project = _read(folder / _FILE) if (folder / _FILE).is_file() else None
    if project is None:
        return ()
    files = [path for base in project.bases for path in base.glob("*/*.yaml") if _declares(path)]
    return tuple(one.message for one in _lacks(project, {*map(_package, files)} - {""}, files))


def _declares(path: Path) -> bool:
    """Whether it looks like a department's rule file."""
    try:
        with path.open("rb") as stream:
            return b"department:" in stream.read(10_000)
    except OSError:
        return False


@frozen
class _Project:
    """A project file.

    Attributes:
        root: its folder.
        data: what it says; None where it is not TOML.
        error: why it is none.
    """

    root: Path
    data: Mapping[str, Any]
    error: str = ""

    def table(self, *keys: str) -> Mapping[str, Any]:
        """A table of the file, empty where there is none."""
        found: Any = self.data
        for key in keys:
            found = found.get(key, {}) if isinstance(found, Mapping) else {}
        return found if isinstance(found, Mapping) else {}

    @property
    def groups(self) -> Mapping[str, Mapping[str, Any]]:
        """Entry points by group: of the project, of Poetry, of setup.cfg."""
        found = {**self.table("tool", "poetry", "plugins"), **self.table("project", "entry-points")}
        config = ConfigParser(delimiters=("=",))
        try:
            config.read(self.root / "setup.cfg", encoding="utf-8")
        except (Error, UnicodeDecodeError):
            return found
        if config.has_section("options.entry_points"):
            for group, text in config["options.entry_points"].items():
                lines = [line.partition("=") for line in text.splitlines() if "=" in line]
                found.setdefault(group, {name.strip(): value.strip() for name, _, value in lines})
        return found

    @property
    def bases(self) -> tuple[Path, ...]:
        """Folders in which its packages may lie."""
        setuptools = self.table("tool", "setuptools")
        where = self.table("tool", "setuptools", "packages", "find").get("where", [])
        named = [*where, *dict(setuptools.get("package-dir", {})).values(), "src", "."]
        return tuple(dict.fromkeys(self.root / str(one) for one in named))

    @property
    def is_setuptools(self) -> bool:
        """Whether setuptools builds it, which ships code alone unless it is told."""
        backend = str(self.table("build-system").get("build-backend", "setuptools"))
        return backend.partition(".")[0] == "setuptools"

    @property
    def is_dynamic(self) -> bool:
        """Whether code says what its entry points are."""
        return "entry-points" in self.table("project").get("dynamic", [])


def _project(start: Path) -> _Project | None:
    """The project around a file; None where it is installed, or in none."""
    for folder in start.parents:
        if folder.name in _INSTALLED or (folder / "pyvenv.cfg").is_file():
            return None
        if (folder / _FILE).is_file():
            return _read(folder / _FILE)
        if (folder / ".git").exists():
            return None
    return None


def _read(path: Path) -> _Project:
    try:
        return _Project(path.parent, tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:
        return _Project(path.parent, {}, f"cannot be read: {error}")


def _package(file: Path) -> str:
    """The package that a file lies in, `minp.rules`; "" where it lies in none."""
    names: list[str] = []
    folder = file.parent
    while (folder / "__init__.py").is_file():
        names.insert(0, folder.name)
        folder = folder.parent
    return ".".join(names)


def _lacks(project: _Project, packages: Iterable[str], files: Iterable[Path]) -> Iterator[Failure]:
    if project.error:
        yield _failure(project.error)
        return
    if not project.is_dynamic:
        yield from _entry_points(project, {*packages})
    if project.is_setuptools:
        missing = [file for file in files if _package(file) and not _is_shipped(project, file)]
        for file in missing:
            name = _package(file)
            line = f'{_key(name)} = ["*{file.suffix}"]'
            says = f"the rule file {file.name} of the package {name!r} is not shipped with it"
            yield _failure(f"{says}; add under [tool.setuptools.package-data]: {line}")


def _entry_points(project: _Project, packages: set[str]) -> Iterator[Failure]:
    package = min(packages, default="my_department")
    line = f'{package.partition(".")[0]} = "{package}"'
    groups = project.groups
    points = groups.get(GROUP)
    if not points:
        others = [one for one in groups if one != GROUP]
        near = nearest(GROUP, others) or next((one for one in others if GROUP in one), None)
        meant = f"; the group {near!r} is another one" if near else ""
        says = f"declares no entry point of the group {GROUP!r}, so the plugin is not found{meant}"
        yield _failure(f"{says}; add [project.entry-points.{GROUP}] and under it: {line}")
        return
    modules = {str(value).partition(":")[0].strip() for value in points.values()}
    installed = entry_points(group=GROUP)
    for name, value in points.items():
        module = str(value).partition(":")[0].strip()
        if not _is_there(project, module):
            near = nearest(module, packages) or (package if len(points) == 1 else None)
            meant = f"; write: {name} = {near!r}".replace("'", '"') if near else ""
            yield _failure(
                f"the entry point {name} = {value!r} names no module that is there{meant}"
            )
        elif (other := _taken(installed.select(name=name), module)) is not None:
            says = f"the name {name!r} of an entry point is taken by {other}"
            yield _failure(f"{says}; write another, such as: {package}_rules = {value!r}")
    for one in sorted(packages):
        if any(one == module or one.startswith(f"{module}.") for module in modules):
            continue
        if any(module.startswith(f"{one}.") for module in modules):
            continue
        if all(_is_there(project, module) for module in modules):
            line = f'{one.rpartition(".")[2]} = "{one}"'
            says = f"no entry point of the group {GROUP!r} names the module {one!r}"
            yield _failure(f"{says}; add under [project.entry-points.{GROUP}]: {line}")


def _is_there(project: _Project, module: str) -> bool:
    """Whether a module lies in the project, or can be imported."""
    path = PurePath(*module.split(".")) if module else PurePath("?")
    for base in project.bases:
        if (base / path).is_dir() or (base / path).with_suffix(".py").is_file():
            return True
    try:
        return find_spec(module) is not None
    except (ImportError, ValueError, AttributeError):
        return False


def _taken(installed: Iterable[EntryPoint], module: str) -> str | None:
    """The distribution that has one of these entry points for another module."""
    for point in installed:
        if _module(point) != module:
            return point.dist.name if point.dist else point.value
    return None


def _module(point: EntryPoint) -> str:
    return point.value.partition(":")[0].strip()


def _is_shipped(project: _Project, file: Path) -> bool:
    """Whether setuptools puts a file into the package that it builds."""
    data = project.table("tool", "setuptools", "package-data")
    for package, patterns in data.items():
        for base in project.bases:
            folder = base if package in ("*", "") else base / PurePath(*package.split("."))
            depth = "**/" if package in ("*", "") else ""
            for pattern in patterns if isinstance(patterns, list) else ():
                if folder.is_dir() and any(
                    one.resolve() == file for one in folder.glob(f"{depth}{pattern}")
                ):
                    return True
    wanted = project.table("tool", "setuptools").get("include-package-data", True)
    return bool(wanted) and _in_manifest(project, file)


def _in_manifest(project: _Project, file: Path) -> bool:
    """Whether MANIFEST.in names a file, which setuptools then takes into the package."""
    try:
        lines = (project.root / "MANIFEST.in").read_text(encoding="utf-8").splitlines()
        path = file.relative_to(project.root.resolve()).as_posix()
    except (OSError, ValueError):
        return False
    for line in lines:
        word, *rest = line.split() or [""]
        if word == "include" and any(_is_at(path, one) for one in rest):
            return True
        if word == "global-include" and any(fnmatch(file.name, one) for one in rest):
            return True
        within = bool(rest) and path.startswith(f"{rest[0].rstrip('/')}/")
        if word == "graft" and within:
            return True
        if word == "recursive-include" and within and any(fnmatch(file.name, o) for o in rest[1:]):
            return True
    return False


def _is_at(path: str, pattern: str) -> bool:
    """Whether a pattern names a path, folder by folder."""
    parts, wanted = path.split("/"), pattern.split("/")
    return len(parts) == len(wanted) and all(map(fnmatch, parts, wanted))


def _key(name: str) -> str:
    return f'"{name}"' if "." in name else name


def _failure(message: str) -> Failure:
    return Failure(message, place=_FILE)
