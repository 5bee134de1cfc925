"""`tongban conformance`: everything that a plugin must hold, tried out."""

from __future__ import annotations

from tongban.plugins.console.registration import lazily

register_commands = lazily(
    __name__,
    "",
    conformance=("command:conformance", "Try out everything that a plugin must hold."),
)
