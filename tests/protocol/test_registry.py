"""Each command and each event is declared once: a row of the table, and a class in its phase."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from attrs import frozen

from tongban.kernel import protocol as p
from tongban.kernel.protocol import registry
from tongban.kernel.protocol.commands import command
from tongban.kernel.protocol.events import event
from tongban.kernel.protocol.phases import PHASES


@frozen
class _Body:
    """Neither a command nor an event yet."""


@pytest.mark.parametrize(
    ("rows", "bodies"), [(p.COMMANDS, p.COMMAND_BODIES), (p.EVENTS, p.EVENT_BODIES)]
)
def test_each_row_has_one_class_of_its_kind_in_a_phase(rows: Any, bodies: Any) -> None:
    assert {*rows} == {*bodies}
    assert len({*bodies.values()}) == len(rows)
    for kind, body in bodies.items():
        assert body.kind == kind
        assert getattr(p, body.__name__) is body


def test_each_phase_in_the_list_registers_something_and_no_other_module_does() -> None:
    bodies = (*p.COMMAND_BODIES.values(), *p.EVENT_BODIES.values())
    assert {body.__module__ for body in bodies} == {module.__name__ for module in PHASES}
    assert len({*PHASES}) == len(PHASES)


def test_each_command_has_what_it_does_and_each_event_what_it_changes() -> None:
    for kind, body in p.COMMAND_BODIES.items():
        step = p.COMMANDS[kind]
        handled, opened = "handle" in vars(body), "open" in vars(body)
        assert (handled, opened) == (bool(step.states and step.yields), not step.states)
        assert {*body.limits} <= {*p.LIMIT_STEPS}
    for kind, seen in p.EVENT_BODIES.items():
        opens = not p.EVENTS[kind].moves or kind in ("taken_over", "recovered")
        assert ("opens" if opens else "changes") in vars(seen)


@pytest.mark.parametrize("register", [command, event])
@pytest.mark.parametrize("kind", ["terminate", "terminated"])
def test_a_class_for_a_kind_without_a_row_or_with_a_class_is_refused(
    register: Callable[[str], Callable[[Any], Any]], kind: str
) -> None:
    known = (register is command) == (kind == "terminate")
    says = f"{kind!r} is {kind.title()} already" if known else f"no row {kind!r}"
    with pytest.raises(registry.RegistryError, match=says):
        register(kind)(_Body)


def test_a_class_without_what_it_does_is_refused() -> None:
    with pytest.raises(registry.RegistryError, match=r"'accept' needs a method handle\(\)"):
        registry.register({}, p.COMMANDS, "accept", "handle")(_Body)
    with pytest.raises(
        registry.RegistryError, match=r"'rated' needs a method changes or opens\(\)"
    ):
        registry.register({}, p.EVENTS, "rated", "changes", "opens")(_Body)


def test_a_row_without_a_class_or_with_an_unknown_event_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    registry.check_complete(p.COMMAND_BODIES, p.EVENT_BODIES)
    with pytest.raises(registry.RegistryError, match=r"no class for accept of transitions\.py"):
        registry.check_complete([kind for kind in p.COMMANDS if kind != "accept"], p.EVENTS)
    step = p.CommandStep("", "", (), (), ("nothing",))
    monkeypatch.setattr(registry, "COMMANDS", {**p.COMMANDS, "accept": step})
    with pytest.raises(registry.RegistryError, match="'accept' yields nothing, not in EVENTS"):
        registry.check_complete(p.COMMANDS, p.EVENTS)
