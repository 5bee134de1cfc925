"""What an operator reads: records under the logger `tongban`, never personal data.

A record names plugins, nodes, folders, ids of cases and messages, and codes of refusals. What
people or plugins wrote (reasons, values, names of files) is not in one: it may be personal.
Nothing is printed unless the program that uses Tongban configures `logging`.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from logging import Logger

__all__ = ["logger"]


@cache
def logger(part: str) -> Logger:
    """The logger of a part: `tongban.service`, `tongban.exchange`, `tongban.plugins`.

    Args:
        part: what comes after `tongban.`.
    """
    import logging  # noqa: PLC0415 - a command that reports nothing takes no time for it

    logging.getLogger("tongban").addHandler(logging.NullHandler())
    return logging.getLogger(f"tongban.{part}")
