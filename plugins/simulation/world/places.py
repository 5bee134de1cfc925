"""The nodes of a run, by province."""

from __future__ import annotations

from collections.abc import Callable

from attrs import define, field

from tongban.plugins.simulation.world.node import Node


@define(eq=False)
class Places:
    """Every node that was needed so far.

    Args:
        made: a new node of a province.
        ready: what follows once a new node can be found.
    """

    made: Callable[[str], Node]
    ready: Callable[[Node], None]
    nodes: dict[str, Node] = field(factory=dict)

    def node(self, province: str) -> Node:
        """The node of a province; made when it is first needed."""
        found = self.nodes.get(province)
        if found is None:
            found = self.nodes[province] = self.made(province)
            self.ready(found)
        return found
