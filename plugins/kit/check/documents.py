"""Rule files as their authors see them: text, and a tree that knows where everything stands."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from importlib.metadata import EntryPoint
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path

from attrs import frozen

from tongban.kernel import Kernel, Status
from tongban.kernel.rulefile import Node, compose

SHARED = ("common.yaml", "vocabulary.yaml", "sources.yaml")
"""The house's own files, which are checked with everything that is installed."""


@frozen
class Spot:
    """A value of a file, with the item or rule that it stands in and the key that it has."""

    node: Node
    owner: str
    key: str


@frozen(eq=False)
class Document:
    """One file.

    Attributes:
        file: what messages call it.
        known_as: what the kernel calls it.
        text: what it says; "" where it cannot be read.
    """

    file: str
    known_as: str
    text: str

    @cached_property
    def root(self) -> Node | None:
        """The whole tree, without what is not YAML; None where nothing is."""
        return compose(self.text, lambda line, column, message: None)

    @cached_property
    def lines(self) -> list[str]:
        """The lines of the text."""
        return self.text.splitlines()

    def line(self, number: int) -> str:
        """One line, counted from 1; "" where there is none."""
        return self.lines[number - 1] if 0 < number <= len(self.lines) else ""

    @cached_property
    def department(self) -> str:
        """The id of the department that it defines, "" where it does not say one."""
        head = self.root.get("department") if self.root else None
        name = head.get("id") if head else None
        return name.text if name else ""

    @cached_property
    def spots(self) -> tuple[Spot, ...]:
        """Every value, outer ones first."""
        return tuple(self._walk(self.root, "", "", "")) if self.root else ()

    def under(self, *keys: str) -> Iterator[Spot]:
        """The values that stand under one of `keys`."""
        return (spot for spot in self.spots if spot.key in keys)

    def keys_of(self, name: str) -> Iterator[Node]:
        """The keys of the mapping that stands under `name` in the file itself."""
        node = self.root.get(name) if self.root else None
        return (key for key, _ in node.keys) if node else iter(())

    def items(self) -> Iterator[Spot]:
        """The items, each with its id as owner."""
        return self._entries("items")

    def rules(self) -> Iterator[Spot]:
        """The rules of the department and of its items, each with its full id as owner."""
        return self._entries("rules")

    def _entries(self, key: str) -> Iterator[Spot]:
        return (Spot(s.node, s.owner, key) for s in self.spots if s.key == f"{key}[]")

    def _walk(self, node: Node, owner: str, key: str, above: str) -> Iterator[Spot]:
        yield Spot(node, owner, key)
        for name, value in node.keys:
            yield from self._walk(value, owner, name.text, key)
        for one in node.items:
            inner = owner
            named = one.get("id")
            if key == "items" and named:
                inner = named.text
            elif key == "rules" and named:
                inner = f"{owner or self.department or 'common'}.{named.text}"
            yield from self._walk(one, inner, f"{key}[]", above)


def read(path: Path) -> Document:
    """The document that `path` is; what cannot be read is empty, and the kernel says why."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except (OSError, UnicodeDecodeError):
        text = ""
    return Document(str(path), str(path), text)


def installed_documents(kernel: Kernel) -> Iterator[Document]:
    """The rule files of every installed plugin, and the house's own."""
    for name in SHARED:
        yield _of_resource(files("tongban.rules") / name)
    for status in kernel.plugins:
        if "departments" not in status.hooks:
            continue
        try:
            plugin = EntryPoint(status.name, status.source, "tongban").load()
            brought = [one.rules for one in plugin.departments()]
        except Exception:  # noqa: BLE001, S112 - what fails there, the kernel has reported
            continue
        for rules in brought:
            yield _of_resource(rules)


def plugin_file(status: Status) -> str:
    """The file of a plugin's code, as a path; its name where it has none."""
    try:
        spec = find_spec(status.source.partition(":")[0])
    except (ImportError, ValueError):
        spec = None
    return shown(Path(spec.origin)) if spec and spec.origin else ""


def shown(path: Path) -> str:
    """`path` from the working directory, where it lies in it."""
    path = path.resolve()
    here = Path.cwd().resolve()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)


def _of_resource(resource: object) -> Document:
    name = getattr(resource, "name", "")
    try:
        text = resource.read_bytes().decode("utf-8-sig")  # type: ignore[attr-defined]
    except Exception:  # noqa: BLE001 - whatever stands for a file there
        text = ""
    file = shown(resource) if isinstance(resource, Path) else str(name)
    return Document(file, str(name), text)
