"""What a plugin answers, as plain JSON that can be compared between runs and processes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from datetime import date
from typing import Any

from attrs import asdict, has

from tongban.kernel import Application, Decision, Kernel, PluginError
from tongban.plugins.kit.conformance.subject import HOOKS, Subject, said


def answers(subject: Subject, kernel: Kernel, application: Application) -> dict[str, Any]:
    """What the kernel decides and each of the plugin's deciding hooks says.

    Args:
        subject: the plugin.
        kernel: with the plugin in it.
        application: what is decided.

    Returns:
        `decision`, and every hook that it has; one that raises with the error's name.
    """
    given = arguments(kernel, application)
    decided = given["route"]["decision"]
    found: dict[str, Any] = {"decision": decided.to_dict() if decided else None}
    for hook in HOOKS:
        if subject.has(hook) and not (hook == "route" and decided is None):
            try:
                found[hook] = plain(subject.call(hook, given[hook]))
            except Exception as error:  # noqa: BLE001 - an error is reported elsewhere
                found[hook] = {"instead": said(error)}
    if "second_opinion" in found and isinstance(found["second_opinion"], list):
        found["second_opinion"] = sorted(map(str, found["second_opinion"]))
    return found


def arguments(kernel: Kernel, application: Application) -> dict[str, dict[str, Any]]:
    """Everything that the deciding hooks may be given for an application.

    Args:
        kernel: that decides it.
        application: checked.

    Returns:
        Of each of `HOOKS` its arguments by their names; the `decision` is None where
        plugins quarrel.
    """
    decision: Decision | None
    try:
        decision = kernel.decide(application)
    except PluginError:
        decision = None
    examined = {"application": application, "item": application.item}
    place = next(iter(application.places.values()), application.received_at)
    program = kernel.program(application.item)
    return {
        "derive_facts": examined,
        "receive": examined,
        "route": {"application": application, "decision": decision},
        "second_opinion": {"item": program, "facts": dict(kernel.engines.facts(application))},
        "working_days": {"division": place},
    }


def plain(value: Any) -> Any:
    """A value as JSON; what has no order is put into one."""
    if isinstance(value, Decision):
        return value.to_dict()
    if has(type(value)):
        return plain(asdict(value, recurse=False))
    if isinstance(value, Mapping):
        return {str(key): plain(one) for key, one in sorted(value.items(), key=lambda i: str(i[0]))}
    if isinstance(value, AbstractSet):
        return sorted(map(plain, value), key=str)
    if isinstance(value, date):
        return value.isoformat()
    if value is None or isinstance(value, str | int | float | bool):
        return value
    if isinstance(value, Iterable):
        return [plain(one) for one in value]
    return repr(type(value))
