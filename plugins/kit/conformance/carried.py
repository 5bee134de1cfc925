"""A plugin in cases that do not go straight: paused, refused, sent back, lost in the post."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, time, timedelta

from tongban.kernel import Kernel, PluginError, protocol
from tongban.plugins.kit.conformance.asking import plain
from tongban.plugins.kit.conformance.findings import Failure, Outcome, outcome
from tongban.plugins.kit.conformance.subject import Subject, said
from tongban.plugins.kit.conformance.trying import Trial
from tongban.plugins.kit.conformance.watching import listening
from tongban.plugins.kit.testing.case_steps import legal, opening

_USUAL = ("receive", "forward", "arrive", "accept", "confirm", "grant", "deliver", "report")
COURSES: Mapping[str, tuple[str, ...]] = {
    "straight": (),
    "paused": ("pause", "resume"),
    "refused": ("deny",),
    "refused by another authority": ("refuse",),
    "supplemented": ("supplement", "supply"),
    "withdrawn": ("receive", "withdraw"),
    "lost in the post": ("lost", "deliver"),
    "overdue": ("late",),
}
"""What happens to a case besides the usual, in order, each as soon as it may."""

_MOST_STEPS = 30
_ENOUGH = 2
"""Applications whose cases are carried, of each set of modes."""


def carried(subject: Subject, kernel: Kernel, found: Sequence[Trial]) -> Outcome:
    """Every course with applications of every mode; observers and channels are called each step.

    Args:
        subject: the plugin.
        kernel: with the plugin in it.
        found: applications.
    """
    failures: list[Failure] = []
    times = 0
    known = set(_problems(subject, kernel))
    for trial in _of_each_mode(kernel, found):
        for name in COURSES:
            times += 1
            with listening():
                try:
                    log = course(kernel, trial, name)
                except (protocol.FormatError, protocol.OrderError, ValueError) as error:
                    failures.append(Failure(f"{name}: no case can be opened: {error}", trial.raw))
                    continue
                failures += [Failure(f"{name}: {says}", trial.raw) for says in _told(subject, log)]
            # What it said when the kernel itself called it, as it is live.
            new = set(_problems(subject, kernel)) - known
            known |= new
            failures += [Failure(f"{name}: {says}", trial.raw) for says in sorted(new)]
    if not times:
        return outcome("cases_carried", "no application of its items is eligible", 0)
    return outcome("cases_carried", f"courses: {', '.join(COURSES)}", times, failures)


def _problems(subject: Subject, kernel: Kernel) -> Sequence[str]:
    status = subject.status(kernel)
    return status.problems if status else ()


def _of_each_mode(kernel: Kernel, found: Sequence[Trial]) -> Iterator[Trial]:
    seen: dict[tuple[str, ...], int] = {}
    for trial in found:
        try:
            decision = kernel.decide(trial.application)
        except PluginError:
            continue
        if decision.outcome == "eligible" and seen.setdefault(decision.modes, 0) < _ENOUGH:
            seen[decision.modes] += 1
            yield trial


def course(kernel: Kernel, trial: Trial, name: str) -> list[protocol.Event]:
    """Everything that happens to a case on a course.

    Args:
        kernel: its observers are called for each event.
        trial: the application that opens the case.
        name: of `COURSES`.

    Raises:
        ValueError: where the protocol refuses to open it.
    """
    now = datetime.combine(trial.application.as_of, time(9), protocol.CHINA)
    context = protocol.Context(now, _weekends)
    opened = protocol.handle(None, opening(kernel, trial.application), context)
    if isinstance(opened, protocol.Refusal):
        raise ValueError(opened.message)
    log = list(opened.events)
    ahead = list(COURSES[name])
    for _ in range(_MOST_STEPS):
        case = protocol.replay(log)
        assert case is not None
        if ahead[:1] == ["late"]:
            del ahead[0]
            now += timedelta(days=400)
            step = protocol.tick(case, protocol.Context(now, _weekends))
            log += step.events
            continue
        command = _next(case, ahead, protocol.Context(now, _weekends))
        if command is None:
            break
        log += protocol.handle(case, command, protocol.Context(now, _weekends)).events
    for event in log:
        kernel.ports.observed(event.to_dict())
    return log


def _next(
    case: protocol.Case, ahead: list[str], context: protocol.Context
) -> protocol.Command | None:
    wanted = ahead[0] if ahead else ""
    for command in legal(case, context, ("report" if wanted == "lost" else wanted,)):
        lost = isinstance(command.do, protocol.Report) and command.do.status == "lost"
        if wanted != "lost" or lost:
            del ahead[0]
            return command
    for kind in _USUAL:
        # Nothing that is wanted later is done too soon: by post, where a letter has to be lost.
        if kind == "report" and wanted == "lost":
            continue
        for command in legal(case, context, (kind,)):
            by = command.do.by if isinstance(command.do, protocol.Deliver) else "post"
            if by == "post" or "deliver" not in ahead:
                return command
    return None


def _told(subject: Subject, log: Sequence[protocol.Event]) -> Iterator[str]:
    """What its `observe` and `deliver` do for each step."""
    for number, event in enumerate(log):
        shown = event.to_dict()
        if subject.has("observe"):
            before = copy.deepcopy(shown)
            try:
                subject.call("observe", {"event": shown})
            except Exception as error:  # noqa: BLE001 - whatever a plugin raises
                yield f"observe {said(error)} at {event.kind}"
            if shown != before:
                yield f"observe changes the event {event.kind}"
        if subject.has("deliver") and event.kind == "decided":
            case = protocol.replay(log[: number + 1])
            assert case is not None
            yield from _delivers(subject, case)


def _delivers(subject: Subject, case: protocol.Case) -> Iterator[str]:
    shown = case.to_dict()
    before = copy.deepcopy(shown)
    try:
        delivery = subject.call("deliver", {"case": shown, "result": {}})
    except Exception as error:  # noqa: BLE001 - whatever a plugin raises
        yield f"deliver {said(error)}"
        return
    if delivery is not None and not isinstance(delivery, Mapping):
        yield f"deliver returned {type(delivery).__name__}, not a mapping"
    if plain(shown) != plain(before):
        yield "deliver changes the case"


def _weekends(division: str | None) -> protocol.Calendar:
    return protocol.Calendar()
