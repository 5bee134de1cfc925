"""`tongban explore`: every interleaving of small worlds, by the real protocol code.

`explore(scenario)` visits every state; docs/exploring.md says what is modelled.
"""

from __future__ import annotations

from tongban.plugins.console.registration import lazily

register_commands = lazily(
    __name__,
    "",
    explore=("command:explore", "Every interleaving of a small world, checked."),
)
