"""What durable-rules says of an item's rules: prepared once for each program, or an abstention."""

from __future__ import annotations

import logging
from importlib import import_module
from threading import Lock
from typing import TypeAlias
from weakref import WeakKeyDictionary

from tongban.kernel.engine import Facts, Program
from tongban.plugins.engines.durable_rules.ruleset import Engine, Ruleset
from tongban.plugins.engines.durable_rules.translation import translate
from tongban.plugins.engines.durable_rules.values import AbstentionError

_MODULE = "durable_rules_engine"

_log = logging.getLogger(__package__)
_Prepared: TypeAlias = "tuple[Ruleset, ...] | AbstentionError"
_prepared: WeakKeyDictionary[Program, _Prepared] = WeakKeyDictionary()
_preparing = Lock()


def opinion(program: Program, facts: Facts) -> frozenset[str] | None:
    """The ids of the rules that hold; None where the engine abstains, with the reason in the log.

    Args:
        program: whose rules are asked about.
        facts: attribute to value.

    Raises:
        RuntimeError: where the C module does not do as it should.
    """
    try:
        rulesets = _rulesets(program)
        return frozenset().union(*(ruleset.held(facts) for ruleset in rulesets))
    except AbstentionError as reason:
        _log.warning("durable-rules abstains on %s: %s", program.item.key, str(reason))
        return None


def _rulesets(program: Program) -> tuple[Ruleset, ...]:
    """A program's rulesets, made once; they go when the program goes.

    Raises:
        AbstentionError: where a rule does not fit the engine.
    """
    with _preparing:
        prepared = _prepared.get(program)
        if prepared is None:
            prepared = _prepared[program] = _prepare(program)
    if isinstance(prepared, AbstentionError):
        raise AbstentionError(*prepared.args)
    return prepared


def _prepare(program: Program) -> _Prepared:
    engine: Engine = import_module(_MODULE)
    try:
        return tuple(Ruleset(engine, batch) for batch in translate(program.rules))
    except AbstentionError as reason:
        # Kept without its traceback, which would keep the program alive.
        return AbstentionError(*reason.args)
    except Exception as error:  # noqa: BLE001 - the module's own has no name to import
        # Not tried again: every ruleset that it refuses leaks.
        return AbstentionError(f"the engine refuses the rules: {error}")
