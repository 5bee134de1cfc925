"""The kernel's own engine against every second one: cases, witnesses and generated facts."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping
from random import Random
from typing import Any

from attrs import evolve, frozen

from tongban.kernel import ApplicationError, Item, Kernel, PluginError, Scalar
from tongban.kernel.engine import Facts, Program
from tongban.plugins.kit.check.findings import Finding, Witness, found
from tongban.plugins.kit.check.subject import Subject

GENERATED = 40
"""How many facts are made for each item, besides those of its cases."""


@frozen
class _Question:
    """Facts that two engines are asked about.

    Attributes:
        origin: where the facts come from, for messages.
        witness: the application that they come from, if one does.
    """

    item: Item
    program: Program
    facts: Facts
    origin: str
    witness: Witness | None = None


class _Reasons(logging.Handler):
    """Keeps what an engine says of its abstaining."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.name != "tongban.plugins":  # what the kernel itself says of a plugin
            self.said.append(record.getMessage())


def compare_engines(
    subject: Subject, witnesses: Iterable[Witness], seed: int = 0
) -> Iterator[Finding]:
    """Where a second engine holds other rules than the kernel's own, or abstains.

    Args:
        subject: the rules; every case of theirs is asked about.
        witnesses: more applications to ask about.
        seed: of the generated facts, so that a run can be repeated.
    """
    kernel = subject.kernel
    ready = []
    for name in _engines(kernel):
        try:
            kernel.engines.matching(name)
            ready.append(name)
        except PluginError as error:
            yield found("TB503", "", 0, str(error), rule=name)
    if not ready:
        return
    questions = [*_of_cases(subject), *_of_witnesses(kernel, witnesses), *_made(subject, seed)]
    for name in ready:
        yield from _compare(subject, name, questions)


def _engines(kernel: Kernel) -> tuple[str, ...]:
    """The second engines, those that are absent here too; ours, where there is none."""
    return kernel.engines.names[1:] or ("durable-rules",)


def _compare(subject: Subject, name: str, questions: Iterable[_Question]) -> Iterator[Finding]:
    ask = subject.kernel.engines.matching(name)
    told: set[tuple[str, str]] = set()
    reasons = _Reasons()
    logger = logging.getLogger("tongban")
    propagated, logger.propagate = logger.propagate, False
    logger.addHandler(reasons)
    try:
        for one in questions:
            reasons.said.clear()
            try:
                theirs = ask(one.program, one.facts)
            except PluginError as error:
                yield from _once(told, one, _abstained(subject, one, str(error), reasons.said))
                continue
            if theirs != (ours := one.program.match(one.facts)):
                yield from _once(told, one, _disagree(subject, one, name, ours, theirs))
    finally:
        logger.removeHandler(reasons)
        logger.propagate = propagated


def _once(told: set[tuple[str, str]], one: _Question, finding: Finding) -> Iterator[Finding]:
    """A finding, unless the same was reported of the item."""
    key = (one.item.key, f"{finding.code} {finding.rule}")
    if key not in told:
        told.add(key)
        yield finding


def _abstained(subject: Subject, one: _Question, error: str, said: list[str]) -> Finding:
    message = f"{said[-1] if said else error} ({one.origin})"
    return _of_item("TB502", subject, one, message)


def _disagree(subject: Subject, one: _Question, name: str, ours: int, theirs: int) -> Finding:
    rules = [rule.id for n, rule in enumerate(one.program.rules) if (ours ^ theirs) >> n & 1]
    only = [rule.id for n, rule in enumerate(one.program.rules) if (ours & ~theirs) >> n & 1]
    more = [rule for rule in rules if rule not in only]
    says = [f"{name} does not hold {', '.join(only)}"] if only else []
    says += [f"{name} holds {', '.join(more)} too"] if more else []
    facts = ", ".join(f"{key}: {_said(value)}" for key, value in sorted(one.facts.items()))
    message = f"{'; '.join(says)} ({one.origin}: {facts})"
    return _of_item("TB501", subject, one, message)


def _of_item(code: str, subject: Subject, one: _Question, message: str) -> Finding:
    item = one.item
    at = subject.on_line(code, item.file, item.line, message, subject.short(item))
    return evolve(at, witness=one.witness)


def _said(value: Scalar | None) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "nothing" if value is None else str(value)


def _of_cases(subject: Subject) -> Iterator[_Question]:
    for result in subject.results:
        if result.application is None:
            continue
        kernel, item = subject.kernel, result.item
        facts = kernel.engines.facts(result.application)
        raw: dict[str, Any] = {"item": subject.short(item), **result.example.given}
        raw.setdefault("as_of", result.application.as_of.isoformat())
        raw.setdefault("applicant", {"kind": result.application.applicant.kind})
        origin = f"case {result.example.name!r}"
        yield _Question(item, kernel.program(item), facts, origin, raw)


def _of_witnesses(kernel: Kernel, witnesses: Iterable[Witness]) -> Iterator[_Question]:
    for raw in witnesses:
        try:
            application = kernel.application(raw)
        except ApplicationError:
            continue
        item = kernel.rulebook.items[application.item]
        facts = kernel.engines.facts(application)
        yield _Question(item, kernel.program(item), facts, "a witness", raw)


def _made(subject: Subject, seed: int) -> Iterator[_Question]:
    """Facts from the values that the rules of each item tell apart."""
    for item in subject.items:
        program = subject.kernel.program(item)
        random = Random(f"{seed} {item.key}")  # noqa: S311 - to be repeated, not to be secret
        values = _values(program)
        seen: set[tuple[Scalar | None, ...]] = set()
        for _ in range(GENERATED):
            chosen = {name: random.choice(options) for name, options in values.items()}
            key = tuple(chosen.values())
            if key not in seen:
                seen.add(key)
                yield _Question(item, program, chosen, f"generated facts, seed {seed}")


def _values(program: Program) -> Mapping[str, list[Scalar | None]]:
    found: dict[str, list[Scalar | None]] = {}
    for name in sorted(program.tested):
        attribute = program.vocabulary.attributes[name]
        own = (test for test in program.tests if test.attribute == name)
        found[name] = [*attribute.told_apart(own)]
        if attribute.optional:
            found[name].append(None)
    return found
