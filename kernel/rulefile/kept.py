"""What was read of the rule files that come with Tongban, kept beside them as bytecode is.

A start reads all of them, which takes longer than all else in it. So the result is put into
`__pycache__` next to the file, with a key of all that it follows from: the file, what it
stands on, the code that reads it. Whoever can write there can change Tongban's bytecode as well.
Files of others, mistakes, and folders that cannot be written are read anew each time.
"""

from __future__ import annotations

import os
import pickle
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import cache
from hashlib import sha256
from importlib.util import cache_from_source
from pathlib import Path
from typing import Any, TypeVar

_T = TypeVar("_T")

_KERNEL = Path(__file__).parent.parent
_OURS = _KERNEL.parent / "rules"
"""The rule files that come with Tongban."""


def kept(path: object, key: Iterable[bytes | str], read: Callable[[], _T]) -> _T:
    """What `read` gives, from the file where it was kept before.

    Args:
        path: the rule file; any other object than a path to one of Tongban's is read anew.
        key: all that the result follows from, the code that reads it aside.
        read: reads it; where it raises, nothing is kept.
    """
    if not isinstance(path, Path) or _OURS not in path.parents:
        return read()
    store = Path(cache_from_source(str(path))).with_suffix(".rules")
    digest = sha256(_code())
    for part in key:
        digest.update(part.encode() if isinstance(part, str) else part)
        digest.update(b"\0")
    found = _found(store, digest.digest())
    if found is None:
        found = [read()]
        if not sys.dont_write_bytecode:
            _keep(store, digest.digest(), found)
    value: _T = found[0]
    return value


@cache
def _code() -> bytes:
    """The code that reads rule files, by what Python tells bytecode apart by."""
    files = [
        _KERNEL / "errors.py",
        *(_KERNEL / "model").iterdir(),
        *Path(__file__).parent.iterdir(),
    ]
    sizes = [(one.name, one.stat()) for one in sorted(files) if one.suffix == ".py"]
    told = ((name, stat.st_mtime_ns, stat.st_size) for name, stat in sizes)
    return repr((sys.version, *told)).encode()


def _found(store: Path, digest: bytes) -> list[Any] | None:
    """A list of the one value, where it was kept under this key."""
    try:
        content = store.read_bytes()
        if content[: len(digest)] != digest:
            return None
        found = pickle.loads(content[len(digest) :])  # noqa: S301 - as good as the bytecode there
    except Exception:  # noqa: BLE001 - whatever is wrong with it, it is read anew
        return None
    return found if isinstance(found, list) else None


def _keep(store: Path, digest: bytes, value: list[Any]) -> None:
    """Puts a value there in one step, if that can be done."""
    written = store.with_name(f"{store.name}.{os.getpid()}")
    with suppress(OSError):
        store.parent.mkdir(exist_ok=True)
        written.write_bytes(digest + pickle.dumps(value, pickle.HIGHEST_PROTOCOL))
        written.replace(store)
