"""`tongban fmt`: one layout for all rule files; `tongban schema`: what editors read."""

from __future__ import annotations

from tongban.plugins.console.registration import lazily

register_commands = lazily(
    __name__,
    "kit",
    fmt=("command:fmt", "One layout for rule files, comments kept."),
    schema=("schema:schema", "The JSON Schema of rule files, for editors."),
)
