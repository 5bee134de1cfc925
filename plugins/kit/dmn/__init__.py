"""`tongban import-dmn`: DMN decision tables become rules."""

from __future__ import annotations

from tongban.plugins.console.registration import lazily

register_commands = lazily(
    __name__,
    "kit",
    import_dmn=("command:import_dmn", "Make rules of DMN decision tables."),
)
