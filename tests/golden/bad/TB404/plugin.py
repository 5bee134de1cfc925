"""A plugin of the harbour that sets a fact of the pilots."""

from __future__ import annotations

from collections.abc import Mapping

from tongban.kernel import Application, Scalar, hookimpl


@hookimpl
def derive_facts(application: Application, item: str) -> Mapping[str, Scalar]:
    """Every ship needs a pilot."""
    return {"pilots.needed": True}
