"""Whether a plugin survives what goes wrong around it, and keeps what it receives to itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from attrs import evolve

from tongban.kernel import Application, ApplicationError, Defect, Kernel, Party, hookimpl
from tongban.plugins.kit.conformance.asking import answers, arguments
from tongban.plugins.kit.conformance.findings import Failure, Outcome, outcome
from tongban.plugins.kit.conformance.subject import HOOKS, Subject, said
from tongban.plugins.kit.conformance.trying import Trial, hostile, smallest
from tongban.plugins.kit.conformance.watching import listening

_STRANGE = 150
"""How many wrong applications are put in front of the plugin."""


def survives(
    subject: Subject, kernel: Kernel, found: Sequence[Trial], less: Sequence[Trial]
) -> Outcome:
    """Applications with parts missing, strange values, and what is not an application.

    Args:
        subject: the plugin.
        kernel: with the plugin in it.
        found: applications that are right.
        less: applications with something left out.
    """
    failures: dict[str, Failure] = {}
    present = [hook for hook in HOOKS if subject.has(hook)]
    odd = [Trial(one.raw, _odd(one.application)) for one in found]
    for trial in (*less, *odd):
        for hook in present:
            says = _raises(subject, kernel, hook, trial.application)
            if says and says not in failures:

                def fails(one: Application, hook: str = hook, says: str = says) -> bool:
                    return _raises(subject, kernel, hook, one) == says

                raw = smallest(trial.raw, kernel, fails)
                failures[says] = Failure(says, raw)
    wrong = list(hostile(found, kernel, _STRANGE))
    for raw in wrong:
        says = _not_refused(kernel, raw)
        if says:
            failures.setdefault(says, Failure(says))
    times = len(less) + len(odd) + len(wrong)
    return outcome("hostile", "missing, strange and wrong parts", times, failures.values())


def _odd(application: Application) -> Application:
    """The same for somebody whose every text is strange, who has an agent like that."""
    strange = "\u202e\x00\x1b[2J" + "9" * 200
    agent = Party("person", strange, strange, strange, strange, strange)
    return evolve(
        application, applicant=evolve(agent, kind=application.applicant.kind, agent=agent)
    )


def _raises(subject: Subject, kernel: Kernel, hook: str, application: Application) -> str:
    given = arguments(kernel, application)[hook]
    if given.get("decision", "") is None:
        return ""
    with listening():
        try:
            subject.call(hook, given)
        except Exception as error:  # noqa: BLE001 - whatever a plugin raises
            return f"{hook} {said(error)}"
    return ""


def _not_refused(kernel: Kernel, raw: Any) -> str:
    try:
        with listening():
            kernel.decide(raw)
    except ApplicationError:
        return ""
    except Exception as error:  # noqa: BLE001 - whatever comes instead
        return f"a wrong application raises {type(error).__name__}, not ApplicationError"
    return "a wrong application is decided"


class Broken:
    """A plugin that raises in every hook."""

    __name__ = "broken_neighbour"

    @hookimpl
    def departments(self) -> Any:
        raise RuntimeError("broken")

    @hookimpl
    def derive_facts(self, application: Any, item: Any) -> Any:
        raise RuntimeError("broken")

    @hookimpl
    def receive(self, application: Any, item: Any) -> Any:
        raise RuntimeError("broken")

    @hookimpl
    def route(self, application: Any, decision: Any) -> Any:
        raise RuntimeError("broken")

    @hookimpl
    def second_opinion(self, item: Any, facts: Any) -> Any:
        raise RuntimeError("broken")

    @hookimpl
    def deliver(self, case: Any, result: Any) -> Any:
        raise RuntimeError("broken")

    @hookimpl
    def observe(self, event: Any) -> Any:
        raise RuntimeError("broken")

    @hookimpl
    def working_days(self, division: Any) -> Any:
        raise RuntimeError("broken")

    @hookimpl
    def register_commands(self, cli: Any) -> Any:
        raise RuntimeError("broken")


def neighbours(subject: Subject, kernel: Kernel, found: Sequence[Trial]) -> Outcome:
    """The same decisions beside a plugin that raises in every hook.

    Args:
        subject: the plugin.
        kernel: with the plugin in it.
        found: applications.
    """
    beside = subject.kernel([Broken()])
    failures = []
    with listening():
        for trial in found:
            now = answers(subject, beside, trial.application)
            if now != answers(subject, kernel, trial.application):
                failures.append(Failure("it answers otherwise beside a broken plugin", trial.raw))
    before, after = subject.status(kernel), subject.status(beside)
    new = [one for one in after.problems if one not in before.problems] if before and after else []
    if before and after and (new or before.state != after.state):
        failures.append(Failure(f"it is {after.state} beside a broken plugin: {'; '.join(new)}"))
    return outcome("neighbours", "beside a plugin that raises", len(found), failures)


_CANARIES = {
    "the name": "金丝雀卡那里",
    "the ID number": "630102199903078881",
    "the broken ID number": "63010219990307CANARY",
    "the credit code": "91630100MA7CANARY8",
    "the phone": "13877777772",
    "the address": "金丝雀路77号",
    "the agent's name": "代办卡那里",
    "the agent's ID number": "510104198811228885",
}
"""Invented personal data, to be found again where it does not belong."""


def personal(subject: Subject, found: Sequence[Trial]) -> Outcome:
    """Personal data in errors, defects, logs, warnings and output.

    Args:
        subject: the plugin.
        found: applications; their applicants are replaced.
    """
    present = [hook for hook in HOOKS if subject.has(hook)]
    if not present:
        return outcome("personal", "no hook that is given a person", 0)
    kernel = subject.kernel()
    failures: dict[str, Failure] = {}
    times = 0
    for trial in found:
        for number in ("the ID number", "the broken ID number"):
            raw = {**trial.raw, "applicant": _person(trial.application, number)}
            application = evolve(trial.application, applicant=_party(raw["applicant"]))
            times += 1
            for says in _told(subject, kernel, application, present):
                failures.setdefault(says, Failure(says, raw))
    for says in _in_report(subject, kernel):
        failures.setdefault(says, Failure(says))
    return outcome("personal", f"hooks: {', '.join(present)}", times, failures.values())


def _person(application: Application, number: str) -> dict[str, Any]:
    return {
        "kind": application.applicant.kind or "person",
        "name": _CANARIES["the name"],
        "id_number": _CANARIES[number],
        "credit_code": _CANARIES["the credit code"],
        "phone": _CANARIES["the phone"],
        "address": _CANARIES["the address"],
        "agent": {
            "kind": "person",
            "name": _CANARIES["the agent's name"],
            "id_number": _CANARIES["the agent's ID number"],
        },
    }


def _party(raw: Mapping[str, Any]) -> Party:
    return Party(**{**raw, "agent": Party(**raw["agent"])})


def _told(
    subject: Subject, kernel: Kernel, application: Application, present: Sequence[str]
) -> Iterator[str]:
    """What the hooks let slip of an applicant."""
    given = arguments(kernel, application)
    kernel.ports.examine(application)
    for hook in present:
        if given[hook].get("decision", "") is None:
            continue
        texts: list[tuple[str, str]] = []
        with listening() as heard:
            try:
                value = subject.call(hook, given[hook])
            except Exception as error:  # noqa: BLE001 - whatever a plugin raises
                texts.append(("an error", f"{error} {error!r}"))
            else:
                texts += _messages(value)
        for what, where in heard.where(_CANARIES):
            yield f"{hook} writes {what} into {where}"
        for where, text in texts:
            for what, word in _CANARIES.items():
                if word in text:
                    yield f"{hook} writes {what} into {where}"


def _messages(value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, list | tuple):
        for one in value:
            if isinstance(one, Defect):
                yield "a defect", f"{one.field} {one.message}"


def _in_report(subject: Subject, kernel: Kernel) -> Iterator[str]:
    """What `tongban plugins` would show of them."""
    status = subject.status(kernel)
    text = "\n".join(status.problems) if status else ""
    for what, word in _CANARIES.items():
        if word in text:
            yield f"`tongban plugins` shows {what}"
