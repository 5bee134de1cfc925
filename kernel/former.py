"""Public names of the kernel in the version before, so that what was written for it still runs.

`tongban check` (TB407) tells authors what to write; the next version has these names no more.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from importlib import import_module
from operator import attrgetter
from typing import Any

from tongban.kernel.errors import ApplicationError

__all__ = ["HOMES", "MEMBERS", "former", "former_member"]

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

_ERRORS = {
    "ports.store": ("Conflict", "Mismatch", "NotAllowed"),
    "protocol": ("Rejected",),
    "service": ("Rejected",),
}

HOMES: Mapping[str, str] = {
    **{
        f"tongban.kernel.{room}.{name}": f"tongban.kernel.{room}.{name}Error"
        for room, names in _ERRORS.items()
        for name in names
    },
    "tongban.kernel.audit.hash_chain.Break": "tongban.kernel.audit.hash_chain.Finding",
    "tongban.kernel.ports.store.Reader": "tongban.kernel.ports.store.StoreReader",
    "tongban.kernel.protocol.Early": "tongban.kernel.protocol.OutOfOrderError",
    "tongban.kernel.service.Early": "tongban.kernel.service.OutOfOrderError",
    **{f"tongban.kernel.{name}": f"tongban.kernel.{home}" for name, home in _MODULES.items()},
    **{
        f"tongban.kernel.{name}": f"tongban.kernel.{room}.{name}"
        for room, names in _NAMES.items()
        for name in names
    },
    "tongban.kernel.AS_OF": "tongban.plugins.kit.examples.AS_OF",
    "tongban.kernel.Case": "tongban.kernel.Example",
    "tongban.kernel.run_case": "tongban.plugins.kit.examples.run_example",
    "tongban.kernel.unfired": "tongban.plugins.kit.examples.unfired_rules",
    "tongban.kernel.protocol.Paper": "tongban.kernel.protocol.Document",
    "tongban.kernel.protocol.Settle": "tongban.kernel.protocol.Adjudicate",
    "tongban.kernel.protocol.Standstill": "tongban.kernel.protocol.ClockStop",
    "tongban.kernel.protocol.Stop": "tongban.kernel.protocol.Suspend",
    "tongban.kernel.protocol.rules_version": "tongban.kernel.engine.rules_version",
}
"""Each former name, with its package, and where it is now."""


def former(package: str, name: str, stacklevel: int = 2) -> Any:
    """What had a name in a package, with a warning that says where it is.

    Raises:
        AttributeError: where nothing had it.
    """
    home = HOMES.get(f"{package}.{name}")
    if home is None:
        raise AttributeError(f"module {package!r} has no attribute {name!r}")
    warnings.warn(f"{package}.{name} is {home} now", DeprecationWarning, stacklevel=stacklevel)
    room, _, last = home.rpartition(".")
    return import_module(home) if name in _MODULES else getattr(import_module(room), last)


def _decide_many(kernel: Any) -> Any:
    def decided(one: Any, engine: str | None) -> Any:
        try:
            return kernel.decide(one, engine)
        except ApplicationError as error:
            return error

    return lambda applications, engine=None: (decided(one, engine) for one in applications)


def _possible_modes(kernel: Any) -> Any:
    modes = import_module("tongban.kernel.engine").possible_modes
    return lambda item, day: modes(kernel.program(item), day)


def _today(kernel: Any) -> Any:
    return import_module("tongban.kernel.model").day_of(kernel.clock())


_ENGINES = ("disagreements", "facts", "opinions")
_PORTS = (
    *("brought", "carrier", "deliver", "examine", "failures", "findings", "guard", "implementing"),
    *("observed", "register_commands", "storage", "strict", "working_days"),
)

MEMBERS: Mapping[str, tuple[str, Callable[[Any], Any]]] = {
    "Kernel.decide_many": ("a loop over decide", _decide_many),
    "Kernel.divisions": ("base.divisions", attrgetter("base.divisions")),
    "Kernel.engine": ("engines.matching", attrgetter("engines.matching")),
    "Kernel.possible_modes": ("tongban.kernel.engine.possible_modes", _possible_modes),
    "Kernel.today": ("tongban.kernel.model.day_of(clock())", _today),
    **{f"Kernel.{name}": (f"engines.{name}", attrgetter(f"engines.{name}")) for name in _ENGINES},
    **{f"Kernel.{name}": (f"ports.{name}", attrgetter(f"ports.{name}")) for name in _PORTS},
    "Service.take": ("receive_message", attrgetter("receive_message")),
}
"""Each former member, with its class, where it is now, and what gives it."""


def former_member(one: object, name: str) -> Any:
    """What had a name in a kernel or a service, with a warning that says where it is.

    Raises:
        AttributeError: where nothing had it.
    """
    known = (f"{base.__name__}.{name}" for base in type(one).__mro__)
    member = next((one for one in known if one in MEMBERS), "")
    if not member:
        raise AttributeError(f"{type(one).__name__!r} object has no attribute {name!r}")
    home, found = MEMBERS[member]
    warnings.warn(f"{member} is {home} now", DeprecationWarning, stacklevel=3)
    return found(one)
