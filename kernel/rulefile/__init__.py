"""From YAML to the model: every mistake at once, each with its file, line and column."""

from __future__ import annotations

from tongban.kernel.rulefile.yaml_tree import Node, compose, scalar

__all__ = ["Node", "compose", "scalar"]
