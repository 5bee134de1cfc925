"""durable-rules is handled with care: after errors, among kernels, and where it is absent."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tongban.kernel import Kernel, Rule
from tongban.kernel.engine import Program
from tongban.kernel.model import AllOf, OneOf
from tongban.plugins.engines.durable_rules import opinion

if TYPE_CHECKING:
    from tests.engines.conftest import Durable, Generated

    ProgramOf = Callable[[Sequence[Rule]], Program]

CALLS = (
    ("assert_fact", 1),
    ("start_action_for_state", 1),
    ("complete_and_start_action", 1),
    ("complete_and_start_action", 2),
    ("complete_and_start_action", 3),
    ("delete_state", 1),
)


class Fault(BaseException):
    """Like an interrupt from the keyboard: it comes anywhere, and no one expects it."""


class Faulty:
    """The C module, in which calls of one function fail, before or after they did their work."""

    def __init__(self) -> None:
        import durable_rules_engine

        self.engine = durable_rules_engine
        self.calls: Counter[str] = Counter()
        self.failing = ("", False, range(0))

    def fail(self, name: str, done: bool, which: range) -> None:
        self.calls.clear()
        self.failing = (name, done, which)

    def __getattr__(self, name: str) -> Any:
        function = getattr(self.engine, name)

        def call(*arguments: object) -> object:
            self.calls[name] += 1
            failing, done, which = self.failing
            fails = name == failing and self.calls[name] in which
            if fails and not done:
                raise Fault
            result = function(*arguments)
            if fails:
                raise Fault
            return result

        return call


@pytest.fixture
def faulty(durable: Durable, monkeypatch: pytest.MonkeyPatch) -> Faulty:
    """The C module as the plugin gets it from now on."""
    engine = Faulty()
    monkeypatch.setattr(opinion, "import_module", lambda name: engine)
    return engine


@pytest.mark.parametrize(("name", "nth"), CALLS)
@pytest.mark.parametrize("done", [False, True], ids=["before", "after"])
def test_after_an_interrupt_in_any_call_it_answers_as_before(
    durable: Durable,
    generated: Generated,
    program_of: ProgramOf,
    faulty: Faulty,
    name: str,
    nth: int,
    done: bool,
) -> None:
    is_x = OneOf("a", ("x",))
    program = program_of(generated.rules([is_x, OneOf("a", ("y",)), is_x]))
    (ruleset,) = opinion._rulesets(program)
    for _ in range(3):
        faulty.fail(name, done, range(nth, nth + 1))
        with pytest.raises(Fault):
            durable.held(program, {"a": "x"})
        assert durable.held(program, {"a": "x"}) == {"r-0", "r-2"}
        assert durable.held(program, {"a": "y"}) == {"r-1"}
    assert ruleset.states == 64


def test_a_state_that_cannot_be_given_back_is_not_used_again(
    durable: Durable, generated: Generated, program_of: ProgramOf, faulty: Faulty
) -> None:
    program = program_of(generated.rules([OneOf("a", ("x",))]))
    (ruleset,) = opinion._rulesets(program)
    for left in reversed(range(64)):
        faulty.fail("delete_state", False, range(1, 3))
        with pytest.raises(Fault):
            durable.held(program, {"a": "x"})
        assert ruleset.states == left
        if left:
            assert durable.held(program, {"a": "x"}) == {"r-0"}
    assert durable.held(program, {"a": "x"}) is None
    assert "64 evaluations failed" in durable.reasons[0]


@pytest.mark.parametrize("reply", [(1, 0), (2, 0)], ids=["not handled", "observed"])
def test_a_fact_that_the_engine_does_not_take_is_an_error_and_no_opinion(
    durable: Durable,
    generated: Generated,
    program_of: ProgramOf,
    faulty: Faulty,
    monkeypatch: pytest.MonkeyPatch,
    reply: tuple[int, int],
) -> None:
    program = program_of(generated.rules([OneOf("a", ("x",), negated=True)]))
    assert durable.held(program, {"a": "x"}) == set()
    monkeypatch.setattr(faulty, "assert_fact", lambda handle, fact: reply, raising=False)
    with pytest.raises(RuntimeError, match="durable-rules did not"):
        durable.plugin.second_opinion(item=program, facts={"a": "x"})


def test_rules_that_the_engine_refuses_are_tried_once(
    durable: Durable,
    generated: Generated,
    program_of: ProgramOf,
    faulty: Faulty,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(name: str, rules: str) -> int:
        faulty.calls["refused"] += 1
        raise ValueError("error code: 106")

    monkeypatch.setattr(faulty, "create_ruleset", refuse, raising=False)
    program = program_of(generated.rules([OneOf("a", ("x",))]))
    for _ in range(3):
        assert durable.held(program, {"a": "x"}) is None
        assert "106" in durable.reasons[0]
    assert faulty.calls["refused"] == 1


def test_rulesets_go_with_their_program(
    durable: Durable, generated: Generated, program_of: ProgramOf, faulty: Faulty
) -> None:
    program = program_of(generated.rules([AllOf(())] * 120))
    assert durable.held(program, {}) == {f"r-{n}" for n in range(120)}
    assert durable.held(program, {}) is not None
    assert faulty.calls["create_ruleset"] == 3
    assert faulty.calls["delete_ruleset"] == 0
    del program
    gc.collect()
    assert faulty.calls["delete_ruleset"] == 3


def test_a_program_that_it_abstains_on_is_not_kept_alive(
    durable: Durable, generated: Generated, program_of: ProgramOf
) -> None:
    kept = len(opinion._prepared)
    program = program_of(generated.rules([OneOf("a", ("\ud800",))]))
    assert durable.held(program, {}) is None
    assert len(opinion._prepared) == kept + 1
    del program
    gc.collect()
    assert len(opinion._prepared) == kept


def test_kernels_side_by_side_have_rulesets_of_their_own(
    durable: Durable, kernel: Kernel, faulty: Faulty
) -> None:
    others = [Kernel(), Kernel()]
    item = kernel.items[0]
    raw = {"applicant": {"kind": item.applicant.value[0]}, **item.cases[0].given, "item": item.key}
    said = [
        one.engines.opinions(one.application(raw))["durable-rules"] for one in (*others, kernel)
    ]
    assert said[0] == said[1] == said[2] is not None
    made = faulty.calls["create_ruleset"]
    assert made >= 2
    del others[0]
    gc.collect()
    assert 0 < faulty.calls["delete_ruleset"] < made
    application = others[0].application(raw)
    assert others[0].engines.opinions(application)["durable-rules"] == said[0]


# How it is found, or not. These run in processes of their own.

ABSENT = "import sys; sys.modules['durable_rules_engine'] = None\n"


def python(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if name != "TONGBAN_REQUIRE_DURABLE"}
    return subprocess.run(
        [sys.executable, "-c", code],
        env={**kept, "PYTHONIOENCODING": "utf-8", **environment},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def test_the_c_module_is_not_loaded_before_it_is_asked(durable: Durable) -> None:
    code = """
import sys
from tongban.kernel import Kernel
kernel = Kernel()
status = {plugin.name: plugin.state for plugin in kernel.plugins}["durable-rules"]
before = "durable_rules_engine" in sys.modules
item = kernel.items[0]
kernel.engines.opinions(kernel.application({**item.cases[0].given, "item": item.key}))
print(status, before, "durable_rules_engine" in sys.modules)
"""
    done = python(code)
    assert done.stdout.split() == ["loaded", "False", "True"], done.stderr


def test_where_it_is_absent_the_kernel_says_so_and_goes_on() -> None:
    code = f"""{ABSENT}
from tongban.kernel import Kernel, PluginError
kernel = Kernel()
status = {{plugin.name: plugin for plugin in kernel.plugins}}["durable-rules"]
print(status.state, *status.problems)
item = kernel.items[0]
raw = {{**item.cases[0].given, "item": item.key}}
print(kernel.decide(raw).outcome)
print(kernel.engines.opinions(kernel.application(raw)).get("durable-rules"))
try:
    kernel.decide(raw, engine="durable-rules")
except PluginError as error:
    print(error)
"""
    done = python(code)
    assert done.returncode == 0, done.stderr
    status, outcome, opinion, error = done.stdout.splitlines()
    assert status.startswith("absent ")
    assert outcome in ("eligible", "ineligible", "incomplete")
    assert opinion == "None"
    for line in (status, error):
        assert "pip install 'tongban[durable]'" in line
        assert "C compiler" in line
        assert "Python before 3.13" in line


COLLECT = f"""{ABSENT}
import pytest
folder = {str(Path(__file__).parent)!r}
sys.exit(pytest.main(["-q", "--collect-only", "-p", "no:cacheprovider", folder]))
"""


def test_where_it_is_absent_its_tests_are_left_out_and_the_report_says_so() -> None:
    done = python(COLLECT)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "tests did not run: no second opinion" in done.stdout
    assert "test_compiled.py" in done.stdout
    assert "test_both_engines_and_the_oracle_agree" not in done.stdout
    assert "test_soak.py" not in done.stdout


def test_where_it_is_required_its_absence_fails() -> None:
    done = python(COLLECT, TONGBAN_REQUIRE_DURABLE="1")
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert "TONGBAN_REQUIRE_DURABLE=1, but durable-rules is not installed" in (
        done.stdout + done.stderr
    )
