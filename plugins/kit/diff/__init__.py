"""`tongban diff`: what a change of rules changes."""

from __future__ import annotations

from tongban.plugins.console.registration import lazily

register_commands = lazily(
    __name__,
    "kit",
    diff=("command:diff", "What a change of rules changes, proved or shown."),
)
