"""Things that lie in a node's folders and are not letters to it."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import define, field

from tongban.plugins.simulation.checks.violation import ViolationError
from tongban.plugins.simulation.world.folders import FolderNetwork, name_of
from tongban.plugins.simulation.world.places import Places
from tongban.plugins.simulation.world.ports import Ports

if TYPE_CHECKING:
    from tongban.plugins.simulation.world.node import Node

_HUGE = 3_000_000_000
"""Bytes of a file without a content that may be read."""

_DEEP = 100_000
_SECRET = b"PRIVATE KEY"


@define(eq=False)
class Junk:
    """Lays things into folders.

    Args:
        ports: what all parts of a run share.
        places: the nodes, by province.
        network: with the folders.
        planted: names of what was laid there.
    """

    ports: Ports
    places: Places
    network: FolderNetwork
    planted: set[str] = field(factory=set)

    def begins(self, node: Node, name: tuple[Any, ...]) -> None:
        """Lays one of each thing into a folder of a node, which then looks into it."""
        ports, network = self.ports, self.network
        if not node.up or node.cut or ports.done:
            return
        part = ports.dice.chance.pick(("in", "ack", "recovery"), *name, "part")
        folder = network.shared / name_of(node.province) / part
        laid = []
        for nth, lay in enumerate(_THINGS):
            if ports.dice.chance.happens(0.6, *name, nth):
                path = folder / f"junk-{len(self.planted)}.json"
                lay(path, network, node)
                self.planted.add(path.stem)
                laid.append(path)
        put_back = node.store.restored is not None
        report = network.look(node)
        if report is None or put_back:
            return
        ports.metrics.noticed["folder_junk"] += not {
            row["id"] for row in report["aside"]
        }.isdisjoint(one.stem for one in laid)
        left = [one for one in laid if os.path.lexists(one)]
        if left and node.store.restored is None:
            raise ViolationError(
                "usable", None, f"{node.province}: {left[0].name} lies in {part} still"
            )
        ports.watch.usable(node)
        self.private()

    def private(self) -> None:
        """Nothing private lies in the folders.

        Raises:
            ViolationError: where a key, or a name that no other may read, is in a file.
        """
        self.ports.watch.checked["private"] += 1
        names = {record.draft.raw["applicant"].get("name", "") for record in self._records()}
        wanted = [_SECRET, *(one.encode() for one in names if one)]
        for path in sorted(self.network.shared.rglob("*")):
            if path.is_symlink() or not path.is_file() or path.stat().st_size > 4_000_000:
                continue
            content = path.read_bytes()
            if any(one in content for one in wanted):
                where = path.relative_to(self.network.shared)
                raise ViolationError("private", None, f"{where} holds what nobody else may read")

    def _records(self) -> list[Any]:
        return [
            one for one in self.ports.cases if one.draft.raw["applicant"].get("kind") == "person"
        ]


def _link(path: Path, network: FolderNetwork, node: Node) -> None:
    """A link to the private key of the node itself."""
    path.symlink_to(network.root / f"{name_of(node.province)}.0.key")


def _loop(path: Path, network: FolderNetwork, node: Node) -> None:
    path.symlink_to(path.name)


def _pipe(path: Path, network: FolderNetwork, node: Node) -> None:
    os.mkfifo(path)


def _folder(path: Path, network: FolderNetwork, node: Node) -> None:
    path.mkdir()


def _deep(path: Path, network: FolderNetwork, node: Node) -> None:
    path.write_bytes(b"[" * _DEEP)


def _huge(path: Path, network: FolderNetwork, node: Node) -> None:
    with path.open("wb") as file:
        file.truncate(_HUGE)


def _no_text(path: Path, network: FolderNetwork, node: Node) -> None:
    path.write_bytes(b'{"format": "\xff\xfe", "x": "\\ud800"}')


def _empty(path: Path, network: FolderNetwork, node: Node) -> None:
    path.write_bytes(b"")


def _anothers(path: Path, network: FolderNetwork, node: Node) -> None:
    """A letter to another node, or its card where there is no letter."""
    others = sorted(one for one in network.places.nodes if one != node.province)
    homes = [network.shared / name_of(one) for one in others]
    found = [file for home in homes for file in sorted((home / "in").glob("p*.json"))]
    found += [home / "node.json" for home in homes]
    path.write_bytes(found[0].read_bytes())


_THINGS: tuple[Callable[[Path, FolderNetwork, Node], None], ...] = (
    *(_link, _loop, _pipe, _folder, _deep, _huge, _no_text, _empty, _anothers),
)
