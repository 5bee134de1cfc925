"""The process of the command line, and what somebody else's plugin cannot do to it by accident."""

from __future__ import annotations

from tongban.plugins.process.guard import Process

__all__ = ["Process"]
