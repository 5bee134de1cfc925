"""The microkernel: receive, route, deliver. It knows no department and no province.

Everything that plugins and the command line may use stands here; its modules
are the kernel's own business.
"""

from __future__ import annotations

from tongban.kernel.cases import AS_OF, CaseResult, Failure, run_case, unfired
from tongban.kernel.errors import (
    ApplicationError,
    Defect,
    PluginError,
    Problem,
    RulebookError,
    TongbanError,
    nearest,
)
from tongban.kernel.extension.manager import Status
from tongban.kernel.hookspecs import (
    DepartmentRules,
    Finding,
    Storage,
    WorkingDays,
    department,
    hookimpl,
)
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
    Case,
    Citation,
    Item,
    Material,
    Rule,
    Stated,
)
from tongban.kernel.ports.exchange import Carrier, ErasingCarrier, WatchfulCarrier
from tongban.kernel.rulefile.rulebook import Rulebook

__all__ = [
    "APPLICANTS",
    "AS_OF",
    "CHANNELS",
    "DELIVERIES",
    "MODES",
    "Application",
    "ApplicationError",
    "Carrier",
    "Case",
    "CaseResult",
    "Citation",
    "Condition",
    "Decision",
    "Defect",
    "DepartmentRules",
    "Division",
    "DivisionError",
    "Divisions",
    "ErasingCarrier",
    "Failure",
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
    "offices",
    "run_case",
    "unfired",
]

__version__ = "0.1.0"
