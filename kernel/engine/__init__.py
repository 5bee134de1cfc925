"""From the model to a decision: pure, the same for the same application, rules and date."""

from __future__ import annotations

from tongban.kernel.engine.codegen import Facts, compile_rules
from tongban.kernel.engine.missing_facts import possible_modes
from tongban.kernel.engine.program import Program
from tongban.kernel.engine.representatives import Sampler
from tongban.kernel.engine.rules_version import rules_version

__all__ = ["Facts", "Program", "Sampler", "compile_rules", "possible_modes", "rules_version"]
