"""Whether a plugin keeps the contract of its hooks, and touches no facts but its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import Any

import click

from tongban.kernel import Kernel, PluginError
from tongban.plugins.kit.conformance.findings import Failure, Outcome, outcome
from tongban.plugins.kit.conformance.subject import Subject, said
from tongban.plugins.kit.conformance.trying import Trial
from tongban.plugins.kit.conformance.watching import listening

_BY_KERNEL = ("derive_facts", "receive", "route", "second_opinion", "working_days")


def hooks(subject: Subject, found: Sequence[Trial]) -> Outcome:
    """Names, arguments, defaults; and what each hook returns for every application.

    Args:
        subject: the plugin.
        found: applications to call its hooks with.
    """
    if subject.plugin is None:
        return outcome("hooks", "no code", 0)
    kernel = subject.kernel()
    failures = [Failure(problem) for problem in subject.early_problems(kernel)]
    if failures:
        return outcome("hooks", "names, arguments and defaults", 1, failures)
    with listening():
        failures += _by_kernel(subject, kernel, found)
        failures += _commands(subject)
    status = subject.status(kernel)
    names = status.hooks if status else ()
    return outcome("hooks", f"hooks: {', '.join(names)}", max(1, len(found)), failures)


def _by_kernel(subject: Subject, kernel: Kernel, found: Sequence[Trial]) -> Iterator[Failure]:
    """What the kernel itself objects to when it calls the hooks."""
    known = _problems(subject, kernel)
    if known or not subject.has(*_BY_KERNEL):
        return
    for trial in found:
        for says in _new(subject, kernel, known, partial(_called, kernel, trial)):
            if not says.startswith("derive_facts: "):
                yield Failure(says, trial.raw)
    for division in (None, "630000", "429004", "110000"):
        for says in _new(subject, kernel, known, partial(kernel.ports.working_days, division)):
            yield Failure(f"{says} (division {division})")


def _called(kernel: Kernel, trial: Trial) -> None:
    """Lets the kernel call every deciding hook for one application."""
    # Where two plugins quarrel over a route, that is not the fault of the one that is tried.
    with suppress(PluginError):
        kernel.decide(trial.application)
    kernel.ports.examine(trial.application)
    kernel.engines.opinions(trial.application)


def _new(
    subject: Subject, kernel: Kernel, known: set[str], call: Callable[[], object]
) -> Iterator[str]:
    call()
    now = _problems(subject, kernel)
    yield from sorted(now - known)
    known |= now


def _problems(subject: Subject, kernel: Kernel) -> set[str]:
    status = subject.status(kernel)
    return set(status.problems) if status and status.state == "failed" else set()


def _commands(subject: Subject) -> Iterator[Failure]:
    """Whether it adds its commands and leaves those of others."""
    if not subject.has("register_commands"):
        return
    theirs = click.Command("another")
    group = click.Group("tongban", commands={"another": theirs})
    try:
        subject.call("register_commands", {"cli": group})
    except Exception as error:  # noqa: BLE001 - whatever a plugin raises
        yield Failure(f"register_commands {said(error)}: {error}")
        return
    if group.commands.get("another") is not theirs:
        yield Failure("register_commands takes away a command of somebody else")
    for name, command in group.commands.items():
        if not isinstance(command, click.Command):
            yield Failure(f"register_commands adds {name!r}, which is not a click command")
        elif command is not theirs and not (command.short_help or command.help):
            yield Failure(f"the command {name!r} has no help")


def own_facts(subject: Subject, kernel: Kernel, found: Sequence[Trial]) -> Outcome:
    """Which facts `derive_facts` writes.

    Args:
        subject: the plugin.
        kernel: with the plugin in it.
        found: applications to call it with.
    """
    if not subject.has("derive_facts"):
        return outcome("own_facts", "derives no facts", 0)
    departments = {kernel.rulebook.items[key].department for key in subject.items}
    failures: dict[str, Failure] = {}
    for trial in found:
        for fact, value in _derived(subject, trial, kernel).items():
            says = _not_its_own(subject, kernel, departments, str(fact), value)
            if says:
                failures.setdefault(says, Failure(says, trial.raw))
    return outcome("own_facts", "facts derived", len(found), failures.values())


def _derived(subject: Subject, trial: Trial, kernel: Kernel) -> Mapping[Any, Any]:
    arguments = {"application": trial.application, "item": trial.application.item}
    try:
        with listening():
            derived = subject.call("derive_facts", arguments)
    except Exception:  # noqa: BLE001 - reported under `hooks` and `hostile`
        return {}
    return derived if isinstance(derived, Mapping) else {}


def _not_its_own(
    subject: Subject, kernel: Kernel, departments: set[str], fact: str, value: Any
) -> str:
    """Why a plugin may not derive a fact, or not with this value; "" where it may."""
    declared = kernel.rulebook.vocabulary.facts.get(fact)
    prefix, dot, _ = fact.partition(".")
    own = prefix == subject.name or prefix in departments
    if declared is None:
        return "" if dot and own else f"{fact}: is not declared and not its own"
    if declared.owner and not own:
        return f"{fact}: belongs to the department {declared.owner}"
    if dot and not own and any(getattr(one, "__name__", "") == prefix for one in subject.others):
        return f"{fact}: belongs to the plugin {prefix}"
    problem = declared.problem(value)
    return f"{fact}: {problem}" if problem else ""
