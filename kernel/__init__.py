"""The microkernel: receive, route, deliver. It knows no department and no province.

Everything that plugins and the command line may use stands here; its modules
are the kernel's own business.
"""

from __future__ import annotations

from tongban.kernel.application import Application, Party
from tongban.kernel.carriers import Carrier, ErasingCarrier, WatchfulCarrier
from tongban.kernel.cases import AS_OF, CaseResult, Failure, run_case, unfired
from tongban.kernel.conditions import (
    AllOf,
    AnyOf,
    Between,
    Condition,
    Literal,
    Not,
    OneOf,
    Scalar,
    Test,
    attributes,
    disjuncts,
    evaluate,
    passes,
)
from tongban.kernel.decision import Decision
from tongban.kernel.divisions import Division, DivisionError, Divisions
from tongban.kernel.engine import Facts, compile_rules
from tongban.kernel.errors import (
    ApplicationError,
    Defect,
    PluginError,
    Problem,
    RulebookError,
    TongbanError,
    nearest,
)
from tongban.kernel.hookspecs import (
    DepartmentRules,
    Finding,
    Storage,
    WorkingDays,
    department,
    hookimpl,
)
from tongban.kernel.kernel import Kernel
from tongban.kernel.model import (
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
from tongban.kernel.notation import Node, compose, scalar
from tongban.kernel.plugins import Status
from tongban.kernel.program import Program
from tongban.kernel.rulebook import Rulebook
from tongban.kernel.rules_version import rules_version
from tongban.kernel.samples import Sampler
from tongban.kernel.worlds import Broken, Starts, World

__all__ = [
    "APPLICANTS",
    "AS_OF",
    "CHANNELS",
    "DELIVERIES",
    "MODES",
    "AllOf",
    "AnyOf",
    "Application",
    "ApplicationError",
    "Between",
    "Broken",
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
    "Facts",
    "Failure",
    "Finding",
    "Item",
    "Kernel",
    "Literal",
    "Material",
    "Node",
    "Not",
    "OneOf",
    "Party",
    "PluginError",
    "Problem",
    "Program",
    "Rule",
    "Rulebook",
    "RulebookError",
    "Sampler",
    "Scalar",
    "Starts",
    "Stated",
    "Status",
    "Storage",
    "Test",
    "TongbanError",
    "WatchfulCarrier",
    "WorkingDays",
    "World",
    "addresses",
    "attributes",
    "bundle",
    "chain",
    "compile_rules",
    "compose",
    "department",
    "disjuncts",
    "evaluate",
    "foreign",
    "guarding",
    "hookimpl",
    "keys",
    "lazy",
    "nearest",
    "offices",
    "passes",
    "personal",
    "printing",
    "protocol",
    "recovering",
    "rules_version",
    "run_case",
    "scalar",
    "service",
    "signing",
    "store",
    "unfired",
    "voids",
    "writing",
]

__version__ = "0.1.0"
