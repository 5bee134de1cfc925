"""Whether a plugin says the same for the same, and leaves everything else alone."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import redirect_stdout, suppress
from io import StringIO
from pathlib import Path
from subprocess import PIPE, Popen
from tempfile import TemporaryDirectory
from typing import Any

from attrs import field, frozen
from attrs.exceptions import FrozenInstanceError

from tongban.kernel import Application, Kernel
from tongban.plugins.kit.conformance.asking import answers, arguments, plain
from tongban.plugins.kit.conformance.findings import Failure, Outcome, outcome
from tongban.plugins.kit.conformance.subject import HOOKS, Subject
from tongban.plugins.kit.conformance.trying import Trial, smallest
from tongban.plugins.kit.conformance.watching import changes, listening, looked_at, state

_DECIDING = ("derive_facts", "receive", "route", "second_opinion")
_WORLDS: tuple[dict[str, str], ...] = (
    {"PYTHONHASHSEED": "1", "TZ": "UTC-14", "LC_ALL": "C"},
    {"PYTHONHASHSEED": "4242", "TZ": "UTC+12", "LC_ALL": "C.UTF-8"},
)
"""Two processes that differ in hashing, day, language and folder: it is never the same day."""

_MODULE = "tongban.plugins.kit.conformance.elsewhere"


@frozen(eq=False)
class Elsewhere:
    """Other processes that answer the same, while this one goes on."""

    processes: tuple[Popen[bytes], ...]
    folder: TemporaryDirectory[str]
    asked: bytes

    def results(self) -> list[Mapping[str, Any]]:
        """What each of them answered; `error` where it could not."""
        found = []
        try:
            for one in self.processes:
                said, complained = one.communicate(self.asked)
                try:
                    found.append(json.loads(said))
                except ValueError:
                    lines = complained.decode("utf-8", "replace").splitlines()
                    found.append({"error": lines[-1] if lines else f"exit {one.returncode}"})
        finally:
            self.folder.cleanup()
        return found


@frozen
class Before:
    """What other processes begin with: this one as it was before the plugin was imported."""

    path: tuple[str, ...] = field(factory=lambda: tuple(sys.path))
    environment: Mapping[str, str] = field(factory=lambda: dict(os.environ))


def start_elsewhere(word: str, found: Sequence[Trial], before: Before) -> Elsewhere:
    """Starts the other processes.

    Args:
        word: names the plugin.
        found: the applications, in order.
        before: what they begin with.
    """
    folder = TemporaryDirectory(prefix="tongban-")
    asked = {
        "plugin": word,
        "path": [str(Path(one).resolve()) for one in before.path],
        "applications": [dict(one.raw) for one in found],
    }
    processes = tuple(
        Popen(
            [sys.executable, "-m", _MODULE],
            stdin=PIPE,
            stdout=PIPE,
            stderr=PIPE,
            cwd=folder.name,
            env={**before.environment, **world},
        )
        for world in _WORLDS
    )
    return Elsewhere(processes, folder, json.dumps(asked, default=str).encode())


def repeats(
    subject: Subject,
    kernel: Kernel,
    found: Sequence[Trial],
    elsewhere: Sequence[Mapping[str, Any]],
) -> Outcome:
    """The same applications again, in another order, in a new kernel, in other processes.

    Args:
        subject: the plugin.
        kernel: with the plugin in it.
        found: applications.
        elsewhere: what other processes answered.
    """
    with listening():
        first = [answers(subject, kernel, one.application) for one in found]
        other = subject.kernel()
        rounds = {
            "the same application again": _again(subject, kernel, found),
            "in another order": _again(subject, kernel, found[::-1])[::-1],
            "in a new kernel, backwards": _again(subject, other, found[::-1])[::-1],
        }
    failures = []
    for number, result in enumerate(elsewhere):
        world = ", ".join(f"{key}={value}" for key, value in _WORLDS[number].items())
        if "error" in result:
            failures.append(Failure(f"in another process ({world}): {result['error']}"))
        else:
            rounds[f"in another process ({world})"] = result["answers"]
    as_sent = [json.loads(json.dumps(one, default=str)) for one in first]
    for how, again in rounds.items():
        for trial, was, now in zip(found, as_sent, again, strict=True):
            now = json.loads(json.dumps(now, default=str))
            parts = [key for key in was if was[key] != now.get(key)]
            if parts:
                says = f"{how}: {', '.join(parts)} differs{_difference(was, now, parts[0])}"
                failures.append(Failure(says, trial.raw))
                break
    return outcome("repeats", f"{len(rounds) + 1} rounds", len(found) * (len(rounds) + 1), failures)


def _again(subject: Subject, kernel: Kernel, found: Sequence[Trial]) -> list[dict[str, Any]]:
    return [answers(subject, kernel, one.application) for one in found]


def _difference(was: Mapping[str, Any], now: Mapping[str, Any], part: str) -> str:
    one, other = was[part], now.get(part)
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        keys = [key for key in {**one, **other} if one.get(key) != other.get(key)]
        return f" in {', '.join(keys)}"
    return ""


def no_clock(subject: Subject, kernel: Kernel, found: Sequence[Trial]) -> Outcome:
    """Clock, chance, folder and network, while a deciding hook is called.

    Args:
        subject: the plugin.
        kernel: with the plugin in it.
        found: applications; each hook was called before, so that all is imported.
    """
    present = [hook for hook in _DECIDING if subject.has(hook)]
    if not present:
        return outcome("no_clock", "no hook that decides", 0)
    failures: dict[str, Failure] = {}
    times = 0
    for trial in found:
        given = arguments(kernel, trial.application)
        for hook in present:
            if hook == "route" and given["route"]["decision"] is None:
                continue
            times += 1
            with listening():
                seen = looked_at(lambda h=hook, g=given: subject.call(h, g[h]))  # type: ignore[misc]
            for what in seen:
                failures.setdefault(f"{hook}{what}", Failure(f"{hook} looks at {what}", trial.raw))
    return outcome("no_clock", f"hooks: {', '.join(present)}", times, failures.values())


def unchanged(subject: Subject, kernel: Kernel, found: Sequence[Trial]) -> Outcome:
    """What a hook was given, before and after.

    Args:
        subject: the plugin.
        kernel: with the plugin in it.
        found: applications.
    """
    present = [hook for hook in HOOKS if subject.has(hook)]
    if not present:
        return outcome("unchanged", "no hook that is given an application", 0)
    # A decision that its own `route` had changed before would show no change.
    asked = subject.unrouted(kernel)
    failures: dict[str, Failure] = {}
    times = 0
    for trial in found:
        for hook in present:
            times += 1
            # Checked anew: what was changed once would be changed for all that follow.
            changed = _changed(subject, asked, hook, kernel.application(trial.raw))
            if changed and hook not in failures:

                def fails(one: Application, hook: str = hook) -> bool:
                    return _changed(subject, asked, hook, one) != ""

                raw = smallest(trial.raw, kernel, fails)
                failures[hook] = Failure(f"{hook} changes {changed}", raw)
    return outcome("unchanged", f"hooks: {', '.join(present)}", times, failures.values())


def _changed(subject: Subject, kernel: Kernel, hook: str, application: Application) -> str:
    """The argument that a hook changed, "" where it left all alone."""
    # Before anything is decided: that alone calls its hooks.
    was = plain(application)
    given = arguments(kernel, application)[hook]
    if given.get("decision", "") is None:
        return ""
    watched = [name for name in ("decision", "facts") if name in given]
    before = {name: plain(given[name]) for name in watched}
    # What it raises is reported under `hooks` and `hostile`.
    with listening():
        try:
            subject.call(hook, given)
        except Exception as error:  # noqa: BLE001 - whatever a plugin raises
            # An application cannot be changed: an attempt raises this.
            if isinstance(error, FrozenInstanceError) or "mappingproxy" in str(error):
                return "application"
    if plain(application) != was:
        return "application"
    return next((name for name in watched if plain(given[name]) != before[name]), "")


def traces(
    subject: Subject, kernel: Kernel, found: Sequence[Trial]
) -> tuple[list[Failure], list[str]]:
    """The process before and after each of its hooks is called.

    Args:
        subject: the plugin, none of whose hooks was called yet.
        kernel: with the plugin in it.
        found: applications.

    Returns:
        What it changes, and a note of each hook that prints.
    """
    failures: dict[str, Failure] = {}
    printing: dict[str, None] = {}
    for trial in found:
        given: dict[str, Any] = {"application": trial.application, "item": trial.application.item}
        for hook in (one for one in HOOKS if subject.has(one)):
            before, written = state(), StringIO()
            # Deciding calls its hooks too; those that need no decision come first.
            if hook not in ("derive_facts", "receive"):
                given = arguments(kernel, trial.application)[hook]
            with suppress(Exception), redirect_stdout(written):
                subject.call(hook, given)
            for what in changes(before, state()):
                failures.setdefault(what, Failure(f"{hook} changes {what}", trial.raw))
            if written.getvalue():
                printing[f"{hook} writes to standard output"] = None
    return list(failures.values()), list(printing)


def no_traces(
    found: Sequence[Trial], failures: Sequence[Failure], elsewhere: Sequence[Mapping[str, Any]]
) -> Outcome:
    """What `traces` found, and what importing the plugin left behind.

    Args:
        found: the applications that were tried.
        failures: of `traces`.
        elsewhere: what other processes say that importing it left behind.
    """
    left = dict.fromkeys(what for one in elsewhere for what in one.get("left", ()))
    more = [Failure(f"importing it changes {what}") for what in left]
    return outcome("no_traces", "import and hooks", 1 + len(found), [*more, *failures])
