"""The microkernel: receive, route, deliver. It knows no department and no province.

What departments and the command line need stands here; the faces of the rooms
(docs/architecture.md) have the rest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tongban.kernel.errors import (
    ApplicationError,
    Defect,
    PluginError,
    Problem,
    RulebookError,
    TongbanError,
    nearest,
)
from tongban.kernel.former import former
from tongban.kernel.kernel import Kernel
from tongban.kernel.model.application import Application, Party
from tongban.kernel.model.conditions import Condition, Scalar
from tongban.kernel.model.decision import Decision
from tongban.kernel.model.divisions import Division, DivisionError, Divisions
from tongban.kernel.model.rules import (
    APPLICANTS,
    CHANNELS,
    DELIVERIES,
    MODES,
    Citation,
    Example,
    Item,
    Material,
    Rule,
    Stated,
)
from tongban.kernel.ports.departments import DepartmentRules, department
from tongban.kernel.ports.exchange import Carrier, ErasingCarrier, WatchfulCarrier
from tongban.kernel.ports.findings import Finding
from tongban.kernel.ports.markers import hookimpl
from tongban.kernel.ports.plugin_status import Status
from tongban.kernel.ports.storage import SealingStorage, Storage
from tongban.kernel.ports.working_days import WorkingDays
from tongban.kernel.rulefile.rulebook import Rulebook

if TYPE_CHECKING:
    from tongban.kernel.service import Service

__all__ = [
    "APPLICANTS",
    "CHANNELS",
    "DELIVERIES",
    "MODES",
    "Application",
    "ApplicationError",
    "Carrier",
    "Citation",
    "Condition",
    "Decision",
    "Defect",
    "DepartmentRules",
    "Division",
    "DivisionError",
    "Divisions",
    "ErasingCarrier",
    "Example",
    "Finding",
    "Item",
    "Kernel",
    "Material",
    "Party",
    "PluginError",
    "Problem",
    "Rule",
    "Rulebook",
    "RulebookError",
    "Scalar",
    "SealingStorage",
    "Service",
    "Stated",
    "Status",
    "Storage",
    "TongbanError",
    "WatchfulCarrier",
    "WorkingDays",
    "department",
    "hookimpl",
    "nearest",
]

__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    """`Service`, loaded when it is first used; and names of the version before."""
    if name == "Service":
        from tongban.kernel.service import Service  # noqa: PLC0415 - deciding takes no protocol

        return Service
    return former(__name__, name, 3)
