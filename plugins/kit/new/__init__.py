"""`tongban new`: a department's project, from a template."""

from __future__ import annotations

from tongban.plugins.console.registration import lazily

register_commands = lazily(
    __name__,
    "kit",
    new=("command:new", "Begin a department of your own."),
)
