"""What every event has in common."""

from __future__ import annotations

from typing import ClassVar

__all__ = ["EventBody"]


class EventBody:
    """What happened, without when and by whom.

    Attributes:
        kind: its name where it is stored.
        version: of its form; a change of its fields counts it up.
    """

    __slots__ = ()
    kind: ClassVar[str]
    version: ClassVar[int] = 1
