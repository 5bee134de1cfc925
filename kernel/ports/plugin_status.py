"""The state of a plugin: loaded, failed or absent, and its problems."""

from __future__ import annotations

from typing import Any, Literal

from attrs import frozen


@frozen
class Status:
    """The state of a plugin.

    Attributes:
        name: its entry point's name, or the one it was registered under.
        source: module or object that it is.
        state: `absent` is a plugin that says itself that it cannot work here.
        problems: why it failed, or what failed in it since.
        hooks: the hooks that it implements.
    """

    name: str
    source: str
    state: Literal["loaded", "failed", "absent"]
    distribution: str = ""
    hooks: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "name": self.name,
            "source": self.source,
            "distribution": self.distribution,
            "state": self.state,
            "hooks": list(self.hooks),
            "problems": list(self.problems),
        }
