"""Personal data in folders: sealed in letters that lie aside, or that were not fetched."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time
from pathlib import Path

from tongban.kernel import protocol
from tongban.kernel.audit import untrusted
from tongban.kernel.ports import store as contract
from tongban.plugins.exchange.addresses import NodeError
from tongban.plugins.exchange.envelope import letter
from tongban.plugins.exchange.membership import Node
from tongban.plugins.exchange.spool import REASON, Spool


def erase(node: Node, spool: Spool, store: contract.Store, before: date) -> tuple[str, ...]:
    """Takes away the files whose personal data is erased in the store, or whose time is up.

    What lay aside is deleted. A letter that another node has not fetched is written
    again by the next exchange, without the data.

    Args:
        node: with its folder and those of its peers.
        spool: the files.
        store: whose personal data was erased.
        before: files that were last changed before this day, in China, go whatever they are.

    Returns:
        What could not be taken away, a sentence each.
    """
    if node.folder is None:
        return ()
    left: list[str] = []
    moment = datetime.combine(before, time(), protocol.CHINA).timestamp()
    own = [node.folder / part for part in ("aside", "in", "recovery")]
    theirs = [peer.folder / part for peer in node.peers for part in ("in", "recovery")]
    for folder in (*own, *theirs):
        ours = "" if folder in own else f"{node.name}."
        try:
            old = spool.older(folder, moment)
            due = {name for name in old if name.startswith(ours)}
            due.update(_of_erased(folder, ours, spool, store))
        except FileNotFoundError:
            continue
        except OSError as error:
            left.append(f"{folder}: 无法读取 (cannot be read: {error.strerror})")
            continue
        left += _removed(folder, due, spool)
    return tuple(left)


def _of_erased(folder: Path, ours: str, spool: Spool, store: contract.Store) -> Iterator[str]:
    """Letters with sealed data about cases whose personal data is erased, and their reasons."""
    for name in spool.listed(folder, ".json", 1_000_000)[0]:
        if not name.startswith(ours):
            continue
        try:
            found = letter(spool.read(folder / name) or b"")
        except (NodeError, OSError, untrusted.UnreadableError):
            continue  # no letter: what it holds is not known here, and it goes when it is old
        if found.sealed and store.erased(found.message.case):
            yield name
            yield f"{Path(name).stem}{REASON}"


def _removed(folder: Path, names: set[str], spool: Spool) -> Iterator[str]:
    for name in sorted(names):
        try:
            spool.remove(folder / name)
        except OSError as error:
            yield f"{folder / name}: 无法删除,请手工删除 (delete it by hand: {error.strerror})"
