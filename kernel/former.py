"""Names of `tongban.kernel` in the version before, so that what was written for it still runs.

`tongban check` (TB407) tells authors what to write; the next version has these names no more.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from importlib import import_module
from typing import Any

__all__ = ["HOMES", "former"]

_MODULES = {
    "addresses": "model.addresses",
    "bundle": "audit.bundle",
    "chain": "audit.hash_chain",
    "foreign": "audit.untrusted",
    "guarding": "ports.guarding",
    "keys": "audit.keys",
    "personal": "protocol.personal_data",
    "printing": "model.printing",
    "recovering": "service.recovery",
    "signing": "audit.signing",
    "store": "ports.store",
    "voids": "audit.voids",
}
_NAMES = {
    "engine": ("Facts", "Program", "Sampler", "compile_rules"),
    "model": (
        *("AllOf", "AnyOf", "Between", "Literal", "Not", "OneOf", "Test"),
        *("attributes", "disjuncts", "evaluate", "passes"),
    ),
    "rulefile": ("Node", "compose", "scalar"),
}

HOMES: Mapping[str, str] = {
    **{name: f"tongban.kernel.{home}" for name, home in _MODULES.items()},
    **{name: f"tongban.kernel.{room}.{name}" for room in _NAMES for name in _NAMES[room]},
}
"""Each former name, and where it is now."""


def former(name: str) -> Any:
    """What had a name, with a warning that says where it is.

    Raises:
        AttributeError: where nothing had it.
    """
    if name not in HOMES:
        raise AttributeError(f"module 'tongban.kernel' has no attribute {name!r}")
    home = HOMES[name]
    warnings.warn(f"tongban.kernel.{name} is {home} now", DeprecationWarning, stacklevel=3)
    package, _, last = home.rpartition(".")
    return import_module(home) if name in _MODULES else getattr(import_module(package), last)
