"""Names of former versions of Tongban in the Python files of a department.

The files are parsed, never imported. A name is reported only where Tongban has it no longer.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

from tongban.kernel import nearest
from tongban.plugins.kit.check.documents import plugin_file, shown
from tongban.plugins.kit.check.findings import Finding, found
from tongban.plugins.kit.check.subject import Subject, check

_FACES = tuple(
    f"tongban.kernel{room}"
    for room in ("", ".model", ".engine", ".protocol", ".ports", ".rulefile", ".audit", ".service")
)

_EXAMPLES = "tongban.plugins.kit.examples"

NAMES: Mapping[str, str] = {
    "AS_OF": f"from {_EXAMPLES} import AS_OF",
    "Break": "from tongban.kernel.audit.hash_chain import Finding",
    "Broken": "from tongban.plugins.simulation import ViolationError",
    "Case": "from tongban.kernel import Example",
    "Conflict": "from tongban.kernel.ports.store import ConflictError",
    "CaseResult": f"from {_EXAMPLES} import ExampleResult (with `.example` and `.mismatches`)",
    "Early": "from tongban.kernel.protocol import OutOfOrderError",
    "Failure": f"from {_EXAMPLES} import Mismatch",
    "Mismatch": "from tongban.kernel.ports.store import MismatchError",
    "NotAllowed": "from tongban.kernel.ports.store import NotAllowedError",
    "Reader": "from tongban.kernel.ports.store import StoreReader",
    "Rejected": "from tongban.kernel.protocol import RejectedError",
    "Settle": "from tongban.kernel.protocol import Adjudicate",
    "Standstill": "from tongban.kernel.protocol import ClockStop",
    "Starts": "from tongban.plugins.simulation import Starts",
    "Stop": "from tongban.kernel.protocol import Suspend",
    "World": "from tongban.plugins.simulation import Harness",
    "chain": "from tongban.kernel.audit import hash_chain",
    "foreign": "from tongban.kernel.audit import untrusted",
    "lazy": "from tongban.plugins.console import lazy",
    "offices": "Kernel.rulebook.office_name(item, division, department)",
    "personal": "from tongban.kernel.protocol import personal_data",
    "recovering": "from tongban.kernel.service import recovery",
    "run_case": f"from {_EXAMPLES} import run_example (its result has `.example`, `.mismatches`)",
    "unfired": f"from {_EXAMPLES} import unfired_rules",
    "writing": "from tongban.plugins.console import writing",
}
"""Names that left `tongban.kernel` under another name or for a plugin, with what to write."""

MODULES: Mapping[str, str] = {
    f"tongban.{old}": f"tongban.{new}"
    for old, new in (
        line.split()
        for line in """\
kernel.addresses kernel.model.addresses
kernel.bundle kernel.audit.bundle
kernel.carriers kernel.ports.exchange
kernel.cases plugins.kit.examples
kernel.chain kernel.audit.hash_chain
kernel.foreign kernel.audit.untrusted
kernel.guarding kernel.ports.guarding
kernel.id_numbers kernel.model.id_numbers
kernel.keys kernel.audit.keys
kernel.lazy plugins.console.lazy
kernel.personal kernel.protocol.personal_data
kernel.printing kernel.model.printing
kernel.protocol.core kernel.protocol.decider
kernel.protocol.evolving kernel.protocol.apply
kernel.protocol.given kernel.protocol.effective_time
kernel.protocol.moving kernel.protocol.transfer
kernel.protocol.opening kernel.protocol.receipt
kernel.protocol.parts kernel.protocol.plan
kernel.protocol.scene kernel.protocol.command_context
kernel.protocol.steps kernel.protocol.transitions
kernel.protocol.words kernel.protocol.terms
kernel.recovering kernel.service.recovery
kernel.signing kernel.audit.signing
kernel.store kernel.ports.store
kernel.voids kernel.audit.voids
kernel.worlds plugins.simulation.harness
kernel.writing plugins.console.writing
plugins.casework.worklist kernel.protocol.worklist
plugins.commands.cases plugins.casework
plugins.commands.cases.answering plugins.casework.outcome
plugins.commands.cases.choosing plugins.casework.case_argument
plugins.commands.cases.keeping plugins.casework.backup
plugins.commands.cases.possible kernel.protocol.worklist
plugins.commands.cases.reporting plugins.casework.reporting
plugins.commands.cases.showing plugins.casework.show
plugins.commands.cases.todo plugins.casework.next
plugins.commands.cases.under_way plugins.casework.in_transit
plugins.commands.cases.upkeep plugins.casework.maintenance
plugins.commands.check plugins.kit.check
plugins.commands.conformance plugins.kit.conformance
plugins.commands.decisions plugins.console.decisions
plugins.commands.diff plugins.kit.diff
plugins.commands.diff.flips plugins.kit.diff.outcome_changes
plugins.commands.diff.screens plugins.kit.diff.terminal
plugins.commands.diff.sides plugins.kit.diff.rulesets
plugins.commands.dmn plugins.kit.dmn
plugins.commands.formatting plugins.kit.formatting
plugins.commands.new plugins.kit.new
plugins.commands.options plugins.console.options
plugins.commands.places plugins.console.places
plugins.commands.progress plugins.console.progress
plugins.commands.questions kernel.engine
plugins.commands.reading plugins.console.jsonl
plugins.commands.solver plugins.kit.solver
plugins.commands.targets plugins.kit.targets
plugins.commands.testing plugins.kit.testing
plugins.commands.testing.articles plugins.kit.testing.citation_coverage
plugins.commands.testing.choices plugins.kit.testing.value_pool
plugins.commands.testing.hostile plugins.kit.testing.hostile_values
plugins.commands.testing.pool plugins.kit.testing.worker_pool
plugins.commands.testing.seen plugins.kit.testing.rule_coverage
plugins.commands.testing.splicing plugins.kit.testing.yaml_splice
plugins.commands.texts plugins.kit.sources
plugins.commands.views plugins.console.tables
plugins.commands.why_not plugins.kit.why_not
plugins.commands.why_not.parts plugins.kit.why_not.attributes
plugins.commands.why_not.screens plugins.kit.why_not.terminal
plugins.commands.why_not.wants plugins.kit.why_not.goals
plugins.commands.why_not.ways plugins.kit.why_not.repairs
plugins.commands.words plugins.console.terms
plugins.exchange.carrying plugins.exchange.pump
plugins.exchange.disk plugins.exchange.spool
plugins.exchange.letters plugins.exchange.envelope
plugins.exchange.nodes plugins.exchange.membership
plugins.exchange.sealing plugins.exchange.encryption
plugins.simulation.acts plugins.simulation.world.behaviour
plugins.simulation.adapting plugins.simulation.scenario.rule_variants
plugins.simulation.applicants plugins.simulation.scenario.applicants
plugins.simulation.arrivals plugins.simulation.world.arrivals
plugins.simulation.assault plugins.simulation.world.assault
plugins.simulation.beginning plugins.simulation.scenario.preflight
plugins.simulation.catalogue plugins.simulation.scenario.catalogue
plugins.simulation.chance plugins.simulation.scenario.random_streams
plugins.simulation.clocks plugins.simulation.checks.deadlines
plugins.simulation.country plugins.simulation.world.world
plugins.simulation.document plugins.simulation.scenario.document
plugins.simulation.door plugins.simulation.harness
plugins.simulation.exploring plugins.simulation.explorer
plugins.simulation.faults plugins.simulation.scenario.faults
plugins.simulation.figures plugins.simulation.report.figures
plugins.simulation.folders plugins.simulation.world.folders
plugins.simulation.forging plugins.simulation.world.forging
plugins.simulation.guard plugins.simulation.store.faulty_store
plugins.simulation.harm plugins.simulation.world.harm
plugins.simulation.house plugins.simulation.scenario.installation
plugins.simulation.html plugins.simulation.report.html
plugins.simulation.invariants plugins.simulation.checks.invariants
plugins.simulation.journeys plugins.simulation.report.journeys
plugins.simulation.junk plugins.simulation.world.junk
plugins.simulation.memory plugins.simulation.store.memory
plugins.simulation.memory_gaps plugins.simulation.store.gaps
plugins.simulation.memory_images plugins.simulation.store.images
plugins.simulation.memory_notes plugins.simulation.store.notes
plugins.simulation.memory_rows plugins.simulation.store.rows
plugins.simulation.metrics plugins.simulation.report.metrics
plugins.simulation.network plugins.simulation.world.network
plugins.simulation.node plugins.simulation.world.node
plugins.simulation.options plugins.simulation.scenario.options
plugins.simulation.parquet plugins.simulation.report.parquet
plugins.simulation.people plugins.simulation.world.people
plugins.simulation.plots plugins.simulation.report.plots
plugins.simulation.post plugins.simulation.world.post
plugins.simulation.reconciling plugins.simulation.world.reconciling
plugins.simulation.record plugins.simulation.checks.record
plugins.simulation.screens plugins.simulation.report.terminal
plugins.simulation.shape plugins.simulation.scenario.fields
plugins.simulation.shrinking plugins.simulation.minimise
plugins.simulation.sink plugins.simulation.report.event_sink
plugins.simulation.staff plugins.simulation.world.staff
plugins.simulation.stores plugins.simulation.store.stores
plugins.simulation.summary plugins.simulation.report.summary
plugins.simulation.svg plugins.simulation.report.svg
plugins.simulation.telling plugins.simulation.cli_output
plugins.simulation.terms plugins.simulation.report.terms
""".splitlines()
    )
}
"""Former modules, with the present ones; what lies in a package goes with it."""

MEMBERS: Mapping[str, str] = {
    "kernel.decide_many": "a loop over kernel.decide(application, engine)",
    "kernel.divisions": "kernel.base.divisions",
    "kernel.engine": "kernel.engines.matching(name)",
    "kernel.possible_modes": "tongban.kernel.engine.possible_modes(kernel.program(item), day)",
    "kernel.today": "tongban.kernel.model.day_of(kernel.clock())",
    "kernel.world": "tongban.plugins.simulation.simulated_world(kernel, …)",
    "service.take": "service.receive_message(message, personal, sender)",
    "carrier.pump": "carrier.run(store, service.receive_message, now)",
    **{
        f"kernel.{name}": f"kernel.{group}.{name}"
        for group, names in (
            ("engines", ("disagreements", "facts", "opinions")),
            ("ports", (
                "brought", "carrier", "deliver", "examine", "failures", "findings", "guard",
                "implementing", "observed", "register_commands", "storage", "strict",
                "working_days",
            )),
        )
        for name in names
    },
}  # fmt: skip
"""Former members of what is usually called `kernel`, `service` or `carrier`: what to write."""

_NOT_CODE = frozenset(("build", "dist", "node_modules", "site-packages", "__pycache__"))


@check("TB407")
def former_names(subject: Subject) -> Iterator[Finding]:
    """Imports of names that Tongban has no longer, and former members of its classes."""
    for path in dict.fromkeys(_python_files(subject)):
        try:
            text = path.read_bytes()
            tree = ast.parse(text) if b"tongban" in text or b"kernel" in text else None
        except (OSError, SyntaxError, ValueError, RecursionError):
            continue
        for node in ast.walk(tree) if tree else ():
            for place, message, fix in _wrong(node):
                yield found(
                    "TB407",
                    shown(path),
                    place.lineno,
                    message,
                    column=place.col_offset + 1,
                    fix=fix,
                )


def _python_files(subject: Subject) -> Iterator[Path]:
    """The Python files of the projects that the checked rule files belong to."""
    for document in subject.documents:
        path = Path(document.file)
        if path.is_file():
            yield from _of_project(path.resolve().parent)
    if subject.everything:
        for status in subject.kernel.plugins:
            name = status.source.partition(".")[0]
            file = plugin_file(status) if status.state == "failed" and name != "tongban" else ""
            if file:
                yield from _of_project(Path(file).resolve().parent)


def _of_project(folder: Path) -> Iterator[Path]:
    """The Python files beside a rule file; with `__init__.py` there, of the whole project."""
    if not (folder / "__init__.py").is_file():
        yield from sorted(folder.glob("*.py"))
        return
    root = next((one for one in folder.parents if (one / "pyproject.toml").is_file()), folder)
    if (root / "src" / "tongban").is_dir() or _NOT_CODE & {*folder.relative_to(root).parts}:
        root = folder
    for path in sorted(root.rglob("*.py")):
        parts = path.relative_to(root).parts
        if not _NOT_CODE & {*parts} and not any(part.startswith(".") for part in parts):
            yield path


def _wrong(node: ast.AST) -> Iterator[tuple[ast.expr | ast.alias | ast.stmt, str, str]]:
    """What is gone of an import or a use of `kernel`: where, what is wrong, what to write."""
    if isinstance(node, ast.Import):
        for one in node.names:
            if _is_ours(one.name) and not _exists(one.name):
                yield one, f"{one.name} is a former name of a module", _module_fix(one.name)
    elif isinstance(node, ast.ImportFrom) and not node.level and _is_ours(node.module or ""):
        module = str(node.module)
        for one in node.names:
            if one.name != "*" and not _has(module, one.name):
                yield one, f"{module}.{one.name} is a former name", _name_fix(module, one.name)
    elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        owner, member = node.value.id, node.attr
        if f"{owner}.{member}" in MEMBERS:
            says = f"{member} is a former member of a {owner}"
            yield node, says, f"write {MEMBERS[f'{owner}.{member}']}"


def _is_ours(module: str) -> bool:
    return module == "tongban" or module.startswith("tongban.")


@cache
def _exists(module: str) -> bool:
    try:
        spec = find_spec(module)
    except (ImportError, ValueError):
        return False
    # A folder that an update left without code counts as a package, without a file.
    return spec is not None and spec.origin is not None


@cache
def _loaded(module: str) -> ModuleType | None:
    """A module of ours; None where what it needs is not installed."""
    try:
        return import_module(module)
    except ImportError:
        return None


def _has(module: str, name: str) -> bool:
    if not _exists(module):
        return False
    loaded = _loaded(module)
    public = getattr(loaded, "__all__", ())
    # What only a module's `__getattr__` gives, with a warning, is a former name.
    return loaded is None or name in public or name in vars(loaded) or _exists(f"{module}.{name}")


def _module_fix(module: str) -> str:
    """What to import in place of a former module; "" where it is not known."""
    parts = module.split(".")
    for n in range(len(parts), 1, -1):
        new = MODULES.get(".".join(parts[:n]))
        if new:
            return f"import {'.'.join((new, *parts[n:]))}"
    return ""


def _name_fix(module: str, name: str) -> str:
    """What to import in place of a former name; "" where it is not known."""
    new = _module_fix(module).removeprefix("import ") or _module_fix(f"{module}.{name}")
    if new.startswith("import "):
        package, _, last = new.removeprefix("import ").rpartition(".")
        return f"write from {package} import {last}"
    if new and _has(new, name):
        return f"write from {new} import {name}"
    if name in NAMES and module.startswith("tongban.kernel"):
        return f"write {NAMES[name]}"
    face = next((one for one in _FACES if name in getattr(_loaded(one), "__all__", ())), "")
    if face:
        return f"write from {face} import {name}"
    near = nearest(name, getattr(_loaded(module), "__all__", ())) if _exists(module) else None
    return f"did you mean {near}?" if near else ""
