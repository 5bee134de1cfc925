"""The second opinion: durable-rules matches the same rules, in C.

Its C module is old and has sharp edges: a rule or value that it was not written
for crashes the process. `values` and `translation` keep everything within what it
can do, `ruleset` calls it in the one order that is safe; nothing else touches
it. What does not fit is never shown to it: the engine abstains and says why.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from importlib import import_module
from importlib.util import find_spec
from threading import Lock
from typing import TypeAlias
from weakref import WeakKeyDictionary

from tongban.kernel import Facts, Program, hookimpl
from tongban.plugins.engines.durable_rules.ruleset import Engine, Ruleset
from tongban.plugins.engines.durable_rules.translation import translate
from tongban.plugins.engines.durable_rules.values import Abstention

__all__ = ["ABSENT", "second_opinion"]

_MODULE = "durable_rules_engine"

ABSENT = (
    ""
    if find_spec(_MODULE)
    else "no second opinion: durable-rules is not installed; "
    "pip install 'tongban[durable]' (needs a C compiler, and Python before 3.13)"
)
"""What is missing and what to install, where the engine cannot work here; else empty."""

_log = logging.getLogger(__name__)
_Prepared: TypeAlias = "tuple[Ruleset, ...] | Abstention"
_prepared: WeakKeyDictionary[Program, _Prepared] = WeakKeyDictionary()
_preparing = Lock()


@hookimpl
def second_opinion(item: Program, facts: Facts) -> Iterable[str] | None:
    """The ids of the rules that hold, by durable-rules.

    Args:
        item: the program whose rules are asked about.
        facts: attribute to value; None and what is absent do not exist.

    Returns:
        The ids; None where it abstains, with the reason in the log.

    Raises:
        RuntimeError: where the C module does not do as it should.
    """
    if ABSENT:
        return None
    try:
        rulesets = _rulesets(item)
        return frozenset().union(*(ruleset.held(facts) for ruleset in rulesets))
    except Abstention as reason:
        _log.warning("durable-rules abstains on %s: %s", item.item.key, str(reason))
        return None


def _rulesets(program: Program) -> tuple[Ruleset, ...]:
    """A program's rulesets, made once; they go when the program goes.

    Raises:
        Abstention: where a rule does not fit the engine.
    """
    with _preparing:
        prepared = _prepared.get(program)
        if prepared is None:
            prepared = _prepared[program] = _prepare(program)
    if isinstance(prepared, Abstention):
        raise Abstention(*prepared.args)
    return prepared


def _prepare(program: Program) -> _Prepared:
    engine: Engine = import_module(_MODULE)
    try:
        return tuple(Ruleset(engine, batch) for batch in translate(program.rules))
    except Abstention as reason:
        # Kept without its traceback, which would keep the program alive.
        return Abstention(*reason.args)
    except Exception as error:  # noqa: BLE001 - the module's own has no name to import
        # Not tried again: every ruleset that it refuses leaks.
        return Abstention(f"the engine refuses the rules: {error}")
