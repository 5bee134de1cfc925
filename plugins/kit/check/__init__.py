"""`tongban check`: the linter and verifier of rules."""

from __future__ import annotations

from tongban.plugins.console.registration import lazily

register_commands = lazily(
    __name__,
    "kit",
    check=("command:check", "Check rules: mistakes, style, sources, proofs."),
)
