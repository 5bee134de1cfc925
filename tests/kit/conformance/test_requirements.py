"""A plugin that holds everything passes; for each requirement one that does not hold it fails."""

from __future__ import annotations

import builtins
import json
from collections.abc import Callable, Mapping

import pytest

from tongban.plugins.kit.conformance.findings import REQUIREMENTS, Outcome, Report
from tongban.plugins.kit.conformance.run import Options, run
from tongban.plugins.kit.conformance.subject import find

Try = Callable[..., Report]

DERIVE = '    number = application.applicant.id_number or ""\n'
RECEIVE = "    phone = application.applicant.phone\n"


def one(report: Report, id: str) -> Outcome:
    return next(outcome for outcome in report.outcomes if outcome.id == id)


def failed(report: Report) -> set[str]:
    return {outcome.id for outcome in report.outcomes if outcome.state == "failed"}


def said(report: Report, id: str) -> str:
    return "\n".join(failure.message for failure in one(report, id).failures)


def test_a_good_plugin_holds_everything(tried: Try, few_faults: None) -> None:
    report = tried()
    assert failed(report) == set()
    assert [outcome.id for outcome in report.outcomes] == list(REQUIREMENTS)
    alone = {outcome.id for outcome in report.outcomes if outcome.state == "not_applicable"}
    assert alone == {"packaged"}  # there is no project around it
    assert all(outcome.times for outcome in report.outcomes if outcome.id not in alone)


def is_found(tried: Try, id: str, changes: tuple[str, ...], more: str, message: str) -> None:
    """The requirement fails, with a message, and its witness is an application."""
    report = tried(*changes, more=more, only=(id,))
    assert id in failed(report)
    assert message in said(report, id)
    for failure in one(report, id).failures:
        if failure.witness is not None:
            assert find("harbour").kernel().application(json.loads(json.dumps(failure.witness)))


def inserted(at: str, *lines: str) -> tuple[str, str]:
    return at, "".join(f"    {line}\n" for line in lines) + at


IN_HOOKS: Mapping[str, tuple[str, tuple[str, ...], str, str]] = {
    "a misspelled hook": (
        "hooks",
        ("def receive(", "def recieve("),
        "",
        "'recieve' is not a hook; did you mean 'receive'?",
    ),
    "an argument that no hook has": (
        "hooks",
        ("def receive(application, item)", "def receive(application, case)"),
        "",
        "unknown argument 'case'",
    ),
    "a default": (
        "hooks",
        ("def receive(application, item)", "def receive(application, item=None)"),
        "",
        "the argument 'item' has a default",
    ),
    "a wrong return type": ("hooks", ("return []", "return {}"), "", "receive returned dict"),
    "raises for a usual application": (
        "hooks",
        inserted(RECEIVE, "if application.channel == 'online': raise KeyError('x')"),
        "",
        "receive raised KeyError",
    ),
    "takes another's command": (
        "hooks",
        (),
        "@hookimpl\ndef register_commands(cli):\n    cli.commands.clear()\n",
        "takes away a command of somebody else",
    ),
    "a fact that nobody declared": (
        "own_facts",
        ("return {}", 'return {"adult": True}'),
        "",
        "adult: is not declared",
    ),
    "a fact of another plugin": (
        "own_facts",
        ("return {}", 'return {"identity.age": 20}'),
        "",
        "identity.age: belongs to the plugin identity",
    ),
    "a part that the fact does not declare": (
        "own_facts",
        (
            DERIVE,
            "    if application.facts.get('domestic_product') is None:\n        return {}\n"
            + DERIVE,
        ),
        "",
        "harbour.adult: follows from facts.domestic_product, which its `from` does not name",
    ),
    "a value outside of its domain": (
        "own_facts",
        ("return {}", 'return {"harbour.adult": 1}'),
        "",
        "harbour.adult: must be true or false",
    ),
    "reads the clock": (
        "no_clock",
        (
            DERIVE,
            "    from datetime import date\n    date.today()\n" + DERIVE,
        ),
        "",
        "derive_facts looks at the clock (date.today)",
    ),
    "rolls dice": (
        "no_clock",
        (RECEIVE, "    import random\n    random.random()\n" + RECEIVE),
        "",
        "receive looks at chance (random.random)",
    ),
    "writes into the application": (
        "unchanged",
        inserted(DERIVE, "application.facts['seen'] = True"),
        "",
        "derive_facts changes application",
    ),
    "writes into the decision": (
        "unchanged",
        (),
        "@hookimpl\ndef route(decision):\n"
        "    object.__setattr__(decision, 'outcome', 'ineligible')\n",
        "route changes decision",
    ),
    "raises where a part is missing": (
        "hostile",
        ('application.applicant.id_number or ""', "application.applicant.id_number"),
        "",
        "derive_facts raises TypeError",
    ),
    "remembers the last call": (
        "neighbours",
        ("return {}", 'SEEN.append(1)\n        return {"harbour.adult": len(SEEN) % 2 == 0}'),
        "SEEN = []\n",
        "it answers otherwise beside a broken plugin",
    ),
    "raises when a case is paused": (
        "cases_carried",
        (),
        "@hookimpl\ndef observe(event):\n    assert event['kind'] != 'paused'\n",
        "paused: observe raises AssertionError at paused",
    ),
    "changes an event": (
        "cases_carried",
        (),
        "@hookimpl\ndef observe(event):\n    event.pop('kind')\n",
        "observe changes the event submitted",
    ),
    "delivers nothing that can be read": (
        "cases_carried",
        (),
        "@hookimpl\ndef deliver(case, result):\n    return 'posted'\n",
        "deliver returned str, not a mapping",
    ),
    "shows a name in a defect": (
        "personal",
        (RECEIVE, RECEIVE + "    return [Defect('name', str(application.applicant.name))]\n"),
        "",
        "receive writes the name into a defect",
    ),
    "logs the applicant": (
        "personal",
        (RECEIVE, "    import logging\n    logging.info('%s', application)\n" + RECEIVE),
        "",
        "receive writes the name into a log",
    ),
    "prints a phone number": (
        "personal",
        inserted(RECEIVE, "print(application.applicant.phone)"),
        "",
        "receive writes the phone into the output",
    ),
    "raises with a number in the message": (
        "personal",
        (
            "if len(number) != 18 or not number[6:10].isdecimal()",
            "if not number or int(number) < 0",
        ),
        "",
        "derive_facts writes the broken ID number into an error",
    ),
}


@pytest.mark.parametrize("fault", IN_HOOKS)
def test_each_fault_of_a_hook_is_found(tried: Try, fault: str) -> None:
    is_found(tried, *IN_HOOKS[fault])


APART: Mapping[str, tuple[str, tuple[str, ...], str, str]] = {
    "an order that hashing decides": (
        "repeats",
        (
            "return []",
            "names = {f'f{n}' for n in range(30)}\n        return [Defect(n, '!') for n in names]",
        ),
        "",
        "in another process",
    ),
    "a day of its own": (
        "repeats",
        ("return []", "return [Defect('day', str(TODAY))]"),
        "import datetime\nTODAY = datetime.date.today()\n",
        "in another process",
    ),
    "a counter": (
        "repeats",
        ("return []", "SEEN.append(1)\n        return [Defect('n', str(len(SEEN)))]"),
        "SEEN = []\n",
        "the same application again: receive differs",
    ),
}


@pytest.mark.parametrize("fault", APART)
def test_each_fault_that_another_process_shows_is_found(
    tried: Try, restored: None, fault: str
) -> None:
    is_found(tried, *APART[fault])


TRACES: Mapping[str, tuple[str, tuple[str, ...], str, set[str]]] = {
    "when imported and at the window": (
        RECEIVE,
        ("import sys, warnings", "sys.path.append('x')", "warnings.simplefilter('ignore')"),
        "import os\nos.environ['HARBOUR'] = '1'\n",
        {
            "importing it changes the environment",
            "receive changes sys.path",
            "receive changes the filters of warnings",
        },
    ),
    "when facts are derived": (
        DERIVE,
        (
            "import logging, random, signal",
            "random.seed(1)",
            "logging.disable()",
            "signal.signal(15, signal.SIG_IGN)",
        ),
        "",
        {
            "derive_facts changes the random state",
            "derive_facts changes logging",
            "derive_facts changes signal handlers",
        },
    ),
}


@pytest.mark.parametrize("fault", TRACES)
def test_each_trace_is_found(tried: Try, restored: None, fault: str) -> None:
    hook, lines, more, messages = TRACES[fault]
    report = tried(*inserted(hook, *lines), more=more, only=("no_traces",))
    assert failed(report) == {"no_traces"}
    assert {failure.message for failure in one(report, "no_traces").failures} == messages
    for failure in one(report, "no_traces").failures:
        if failure.witness is not None:
            assert find("harbour").kernel().application(json.loads(json.dumps(failure.witness)))


def test_a_plugin_that_cannot_be_imported(tried: Try) -> None:
    report = tried(more="import nothing_of_this_name\n")
    assert failed(report) == {"loads"}
    assert "No module named 'nothing_of_this_name'" in said(report, "loads")


def test_a_module_that_is_no_plugin() -> None:
    report = run("os.path", Options(applications=1, proofs=False, only=("loads",)))
    assert failed(report) == {"loads"}
    assert "none of its functions is marked with `hookimpl`" in said(report, "loads")


def test_rules_that_cannot_be_read(tried: Try) -> None:
    report = tried(rules="department: {id: harbour}\nitems: []\n", only=("loads",))
    assert failed(report) == {"loads"}
    assert "harbour.yaml:1" in said(report, "loads")


def test_a_case_that_does_not_come_out(tried: Try, rules: str) -> None:
    rules = rules.replace("expect: {eligible: true, modes: [online]", "expect: {modes: [joint]")
    report = tried(rules=rules, only=("cases", "checks"))
    assert failed(report) == {"cases", "checks"}
    failure = one(report, "cases").failures[0]
    assert failure.place.startswith("harbour.yaml:") or "/harbour.yaml:" in failure.place
    assert failure.witness is not None


FORGETS = """
KNOWN = set()


@hookimpl
def observe(event):
    if event["kind"] == "accepted":
        KNOWN.add(event["case"])


@hookimpl
def deliver(case, result):
    if case["id"] not in KNOWN:
        raise LookupError("no such case")
"""
"""Keeps in memory what it needs later: right as long as nobody restarts it."""


def test_what_a_restart_loses_only_the_simulated_world_finds(tried: Try, few_faults: None) -> None:
    report = tried(more=FORGETS)
    assert failed(report) == {"faults_survived"}
    (failure,) = one(report, "faults_survived").failures
    assert failure.message.startswith("killed_")
    assert "deliver raised LookupError: no such case (seed " in failure.message
    assert failure.witness is not None
    assert failure.again.startswith("tongban conformance harbour --only faults_survived --seed 0")
    again = tried(more=FORGETS, only=("faults_survived",))
    assert one(again, "faults_survived") == one(report, "faults_survived")


def test_what_fails_in_any_world_is_told_once(tried: Try, few_faults: None) -> None:
    more = "@hookimpl\ndef observe(event):\n    assert event['kind'] != 'closed'\n"
    report = tried(more=more, only=("cases_carried", "faults_survived"))
    assert failed(report) == {"faults_survived"}
    (failure,) = one(report, "faults_survived").failures
    assert failure.message.startswith("without any fault: observe raised AssertionError")


def test_a_plugin_that_can_be_imported_once_alone_is_tried_all_the_same(
    tried: Try, few_faults: None
) -> None:
    more = "import builtins\nassert not hasattr(builtins, 'harbour_is_here')\n"
    more += "builtins.harbour_is_here = True\n"
    try:
        outcome = one(tried(more=more, only=("faults_survived",)), "faults_survived")
    finally:
        delattr(builtins, "harbour_is_here")
    assert outcome.state == "passed"
    assert "cannot be imported anew" in outcome.tried


def test_without_the_simulation_it_says_what_to_install(
    tried: Try, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tongban.plugins.simulation.find_spec", lambda _: None)
    report = tried(only=("faults_survived",))
    outcome = one(report, "faults_survived")
    assert (outcome.state, outcome.times, report.passed) == ("not_tried", 0, True)
    assert outcome.to_dict()["todo"] == "pip install 'tongban[simulate]'"
