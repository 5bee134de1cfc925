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
    "Paper": "from tongban.kernel.protocol import Document",
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
    f"tongban.{old}.{before}": f"tongban.{new}.{after or before}"
    for old, new, *names in (
        line.split()
        for line in """\
kernel kernel.model addresses id_numbers printing
kernel kernel.audit bundle chain=hash_chain foreign=untrusted keys signing voids
kernel kernel.ports carriers=exchange guarding store
kernel plugins.kit cases=examples
kernel plugins.console lazy writing
kernel kernel.protocol personal=personal_data
kernel.protocol kernel.protocol apply=events command_context=commands core=decider
kernel.protocol kernel.protocol effective_time=commands event_body=events evolving=events
kernel.protocol kernel.protocol exchange=relay given=commands handling=decision hearing=letters
kernel.protocol kernel.protocol letter_bodies=letters moving=transfer opening=receipt
kernel.protocol kernel.protocol origins=mirroring outbox=relay parts=plan planning=plan
kernel.protocol kernel.protocol rejections=letters results=commands scene=commands
kernel.protocol kernel.protocol steps=transitions texts=codec waking=ticking words=terms
kernel kernel protocol.command_bodies=protocol protocol.handling_events=protocol
kernel kernel protocol.intake_events=protocol
kernel kernel.service recovering=recovery
kernel plugins.simulation worlds=harness
plugins.casework kernel.protocol worklist
plugins.commands plugins cases=casework
plugins.commands.cases plugins.casework answering=outcome choosing=case_argument keeping=backup
plugins.commands.cases plugins.casework reporting showing=show todo=next under_way=in_transit
plugins.commands.cases plugins.casework upkeep=maintenance
plugins.commands.cases kernel.protocol possible=worklist
plugins.commands plugins.kit check conformance diff dmn formatting new solver targets testing
plugins.commands plugins.kit texts=sources why_not
plugins.commands plugins.console decisions options places progress reading=jsonl views=tables
plugins.commands plugins.console words=terms
plugins.commands.diff plugins.kit.diff flips=outcome_changes screens=terminal sides=rulesets
plugins.commands kernel questions=engine
plugins.commands.testing plugins.kit.testing articles=citation_coverage choices=value_pool
plugins.commands.testing plugins.kit.testing hostile=hostile_values pool=worker_pool
plugins.commands.testing plugins.kit.testing seen=rule_coverage splicing=yaml_splice
plugins.commands.why_not plugins.kit.why_not parts=attributes screens=terminal wants=goals
plugins.commands.why_not plugins.kit.why_not ways=repairs
plugins.exchange plugins.exchange carrying=pump disk=spool letters=envelope nodes=membership
plugins.exchange plugins.exchange sealing=encryption
plugins.simulation plugins.simulation.world acts=behaviour arrivals assault country=world folders
plugins.simulation plugins.simulation.world forging harm junk network node people post reconciling
plugins.simulation plugins.simulation.world staff
plugins.simulation plugins.simulation.scenario adapting=rule_variants applicants beginning=preflight
plugins.simulation plugins.simulation.scenario catalogue chance=random_streams document faults
plugins.simulation plugins.simulation.scenario house=installation options shape=fields
plugins.simulation plugins.simulation.checks clocks=deadlines invariants record
plugins.simulation plugins.simulation door=harness exploring=explorer shrinking=minimise
plugins.simulation.exploring plugins.simulation.explorer memory=site_state node=site world=model
plugins.simulation plugins.simulation telling=cli_output
plugins.simulation plugins.simulation.report figures html journeys metrics parquet plots
plugins.simulation plugins.simulation.report screens=terminal sink=event_sink summary svg terms
plugins.simulation plugins.simulation.store guard=watched_store memory memory_gaps=memory
plugins.simulation plugins.simulation.store memory_images=contents memory_notes=transaction
plugins.simulation plugins.simulation.store memory_rows=contents
plugins.simulation plugins.simulation.store stores
""".splitlines()
    )
    for before, _, after in (name.partition("=") for name in names)
}
"""Former modules, with the present ones; what lies in a package goes with it. A line of the table:
the package before, the present one, and names in it, `before=after` where they differ."""

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
