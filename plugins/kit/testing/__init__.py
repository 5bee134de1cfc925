"""`tongban test`, and the pytest plugin: the cases beside the rules."""

from __future__ import annotations

from tongban.plugins.console.registration import lazily

register_commands = lazily(
    __name__,
    "kit",
    test=("command:test", "Run the cases beside the rules; what do they try?"),
)
