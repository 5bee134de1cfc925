"""Rule files under check: the golden ones, and copies of real ones."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest

from tongban.kernel import Kernel
from tongban.plugins.kit.check.run import Options, Report, examine, report_of, run, subject_of
from tongban.plugins.kit.sources import read_text
from tongban.plugins.kit.targets import Targets, rule_files

ROOT = Path(__file__).resolve().parents[3]
BAD = ROOT / "tests" / "golden" / "bad"

Examine = Callable[[Path], Report]


def _plugin(path: Path) -> ModuleType:
    spec = spec_from_file_location(path.parent.name.lower(), path)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def examine_golden() -> Examine:
    """Checks a golden file, or a folder of them with a plugin beside them.

    The solver is asked for the codes of proofs alone, the engines for theirs:
    each takes its time, and the other files are about something else.
    """

    def check(path: Path) -> Report:
        options = Options(
            sources={"plan": read_text(BAD / "source.txt")},
            proofs=path.stem.startswith("TB3"),
            engines=path.stem.startswith("TB5"),
        )
        code = path / "plugin.py"
        if not code.is_file():
            return run([path], options)
        files = tuple(rule_files(path))
        kernel = Kernel(plugins=[_plugin(code)], drafts=files)
        subject = subject_of(Targets(kernel, tuple(kernel.items), files), options)
        return report_of(examine(subject, options), options, subject)

    return check
