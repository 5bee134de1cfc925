"""Tongban (通办): decides and carries cross-province government services."""

from __future__ import annotations

__all__ = ["__version__"]


def __getattr__(name: str) -> str:
    # A program that imports one small part of the package (pytest does, at every start)
    # need not wait for the kernel.
    if name == "__version__":
        from tongban.kernel import __version__  # noqa: PLC0415

        return __version__
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
