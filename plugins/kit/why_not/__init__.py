"""`tongban why-not`: the fewest changes that turn a decision."""

from __future__ import annotations

from tongban.plugins.console.registration import lazily

register_commands = lazily(
    __name__,
    "kit",
    why_not=("command:why_not", "The fewest changes that turn a decision."),
)
