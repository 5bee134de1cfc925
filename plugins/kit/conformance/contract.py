"""Whether a plugin keeps the contract of its hooks, and touches no facts but its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import Any, TypeVar

import click
from attrs import evolve

from tongban.kernel import Application, Kernel, Party, PluginError
from tongban.plugins.kit.conformance.findings import Failure, Outcome, outcome
from tongban.plugins.kit.conformance.subject import Subject, said
from tongban.plugins.kit.conformance.trying import Trial
from tongban.plugins.kit.conformance.watching import listening

_Part = TypeVar("_Part", Application, Party)

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
        for fact, value in _derived(subject, trial.application).items():
            says = _not_its_own(subject, kernel, departments, str(fact), value)
            if says:
                failures.setdefault(says, Failure(says, trial.raw))
        for says in _undeclared(subject, trial, kernel):
            failures.setdefault(says, Failure(says, trial.raw))
    return outcome("own_facts", "facts derived", len(found), failures.values())


def _undeclared(subject: Subject, trial: Trial, kernel: Kernel) -> Iterator[str]:
    """Parts with or without which a fact is derived otherwise, though it does not declare them."""
    known = kernel.rulebook.vocabulary.facts
    derived = _derived(subject, trial.application)
    others = (*_without(trial.application), *_with(kernel, trial.application))
    for part, without in others:
        less: Mapping[Any, Any] | None = None
        for fact in (one for one in known.values() if one.derived_from):
            if part in fact.derived_from or fact.derived_by != subject.name:
                continue
            less = _derived(subject, without) if less is None else less
            if derived.get(fact.name) != less.get(fact.name):
                yield f"{fact.name}: follows from {part}, which its `from` does not name"


def _with(kernel: Kernel, application: Application) -> Iterator[tuple[str, Application]]:
    """The application with each fact that it does not say, in two values where there are two."""
    for fact in kernel.rulebook.vocabulary.facts.values():
        if fact.asked and fact.owner and fact.name not in application.facts:
            ends = (fact.low, fact.high) if fact.type == "int" else ()
            values = [*fact.told_apart(()), *(one for one in ends if one is not None)]
            for value in (values[0], values[-1]):
                facts = {**application.facts, fact.name: value}
                yield f"facts.{fact.name}", evolve(application, facts=facts)


def _without(application: Application) -> Iterator[tuple[str, Application]]:
    """The application without each of its parts, with the path of that part."""
    for family in ("facts", "places"):
        said: Mapping[str, Any] = getattr(application, family)
        for name in said:
            rest = {key: value for key, value in said.items() if key != name}
            yield f"{family}.{name}", _evolved(application, family, rest)
    for name in ("channel", "received_at"):
        if getattr(application, name) is not None:
            yield name, _evolved(application, name, None)
    for name in ("kind", "name", "id_number", "credit_code", "phone", "address"):
        if getattr(application.applicant, name) is not None:
            party = _evolved(application.applicant, name, None)
            yield f"applicant.{name}", evolve(application, applicant=party)


def _evolved(of: _Part, name: str, value: object) -> _Part:
    changes: dict[str, Any] = {name: value}
    return evolve(of, **changes)


def _derived(subject: Subject, application: Application) -> Mapping[Any, Any]:
    arguments = {"application": application, "item": application.item}
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
