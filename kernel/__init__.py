"""The microkernel: receive, route, deliver. It knows no department and no province.

Everything that plugins and the command line may use stands here; its modules
are the kernel's own business.
"""

from __future__ import annotations

from typing import Any

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
from tongban.kernel.ports.storage import Storage
from tongban.kernel.ports.working_days import WorkingDays
from tongban.kernel.rulefile.rulebook import Rulebook

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
    """Names of the version before."""
    return former(__name__, name)
