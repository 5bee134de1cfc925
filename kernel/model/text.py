"""A text in both languages; errors are said in it, too, so its home is below them."""

from __future__ import annotations

from tongban.kernel.errors import Text

__all__ = ["Text"]
