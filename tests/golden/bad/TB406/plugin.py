"""A plugin that fails on every application."""

from __future__ import annotations

from collections.abc import Mapping

from tongban.kernel import Application, Scalar, hookimpl


@hookimpl
def derive_facts(application: Application, item: str) -> Mapping[str, Scalar]:
    """Raises."""
    raise ValueError("no tide table")
