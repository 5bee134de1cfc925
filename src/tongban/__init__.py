"""Tongban (通办): decides and carries cross-province government services."""

from tongban.kernel import __version__

__all__ = ["__version__"]
