"""What a hook returns is read once, while it is guarded, and goes on as plain values."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from itertools import count
from types import SimpleNamespace
from typing import Any

import pytest
from attrs import evolve
from tests.conftest import MOVE as RAW

from tongban.kernel import Decision, Defect, DepartmentRules, Kernel, WorkingDays, hookimpl
from tongban.plugins.departments import public_security

EXPECTED = Kernel([public_security]).decide(RAW).to_dict()


def fails(*_: object) -> Any:
    raise RuntimeError("late")


class Odd:
    """Fails at everything that Python does with a value."""

    __str__ = __repr__ = __hash__ = __len__ = __iter__ = __bool__ = fails
    __eq__ = __lt__ = __getitem__ = __contains__ = fails


class LateDict(dict[str, Any]):
    items = values = keys = fails
    __contains__ = __eq__ = __len__ = fails


class LateKeys(dict[str, Any]):
    __iter__ = __getitem__ = fails


class LateMapping(Mapping[str, Any]):
    def __getitem__(self, key: str) -> Any:
        raise RuntimeError("late")

    def __iter__(self) -> Iterator[str]:
        return iter(["mine.fact"])

    def __len__(self) -> int:
        raise SystemExit(0)


class Endless(Mapping[str, Any]):
    def __getitem__(self, key: str) -> Any:
        return 1

    def __iter__(self) -> Iterator[str]:
        return (f"mine.f{n}" for n in count())

    def __len__(self) -> int:
        return 1


class LateText(str):
    __str__ = __repr__ = __hash__ = __len__ = encode = split = fails  # type: ignore[assignment]
    __eq__ = __format__ = startswith = isprintable = __contains__ = fails

    __slots__ = ()


class LateNumber(int):
    __str__ = __repr__ = __hash__ = __index__ = __int__ = fails
    __eq__ = __lt__ = __ge__ = __le__ = __bool__ = bit_length = fails


class LateList(list[Any]):
    __iter__ = fails


class LateDefect(Defect):
    def __getattribute__(self, name: str) -> Any:
        return (
            fails() if name in ("field", "message", "warning") else super().__getattribute__(name)
        )


WORDS: Any = ["2026-01-01"]


def kernel_with(**hooks: Callable[..., Any]) -> Kernel:
    made = {name: hookimpl(function) for name, function in hooks.items()}
    return Kernel([public_security, SimpleNamespace(__name__="mine", **made)])


def problems(kernel: Kernel) -> list[str]:
    return [
        problem for one in kernel.ports.failures if one.name == "mine" for problem in one.problems
    ]


FACTS: dict[str, tuple[Any, str]] = {
    "keys late": (LateKeys(a=1), "raised RuntimeError: late"),
    "values late": (LateMapping(), "raised RuntimeError: late"),
    "endless": (Endless(), "returned more than 1,000 facts"),
    "many": ({f"mine.f{n}": n for n in range(2_000)}, "returned more than 1,000 facts"),
    "long": ({"mine.x": "x" * 100_000}, "returned a text of 100,000 characters; 65,536 at most"),
    "a long name": ({"x" * 100_000: 1}, "returned a text of 100,000 characters; 65,536 at most"),
    "huge": ({"mine.x": 1 << 100_000}, "returned a number of 100,001 bits; 64 at most"),
    "a list of pairs": ([("mine.x", 1)], "returned list, not a mapping of fact to value"),
    "an odd name": ({Odd: 1}, ": <class '"),
    "an odd value": ({"mine.x": Odd()}, ": mine.x must be true or false, a number, text or a date"),
    "a fraction": ({"mine.x": 1.5}, ": mine.x must be true or false, a number, text or a date"),
    "nothing": ({"mine.x": None}, ": mine.x must be true or false, a number, text or a date"),
    "a moment": (
        {"mine.x": datetime(2026, 1, 1)},
        ": mine.x must be true or false, a number, text or a date",
    ),
    "an odd thing": (Odd(), "returned Odd, not a mapping of fact to value"),
}


@pytest.mark.parametrize("name", FACTS)
def test_facts(name: str) -> None:
    value, says = FACTS[name]
    kernel = kernel_with(derive_facts=lambda: value)
    assert kernel.decide(RAW).to_dict() == EXPECTED
    (problem,) = problems(kernel)
    assert problem.startswith(f"derive_facts{says}" if says[0] == ":" else f"derive_facts {says}")


@pytest.mark.parametrize(
    "value",
    [lambda: LateText("x"), lambda: LateNumber(3), lambda: True, lambda: date(2026, 1, 1)],
    ids=["text", "number", "truth", "day"],
)
def test_facts_go_on_as_plain_values(value: Callable[[], Any]) -> None:
    """Values of classes of the plugin's own are what they are as text and numbers."""
    kernel = kernel_with(derive_facts=lambda: LateDict({"mine.x": value()}))
    (found,) = [
        one for n, one in kernel.engines.facts(kernel.application(RAW)).items() if n == "mine.x"
    ]
    assert type(found) in (str, int, bool, date)
    assert kernel.decide(RAW).to_dict() == EXPECTED
    assert problems(kernel) == []


DEFECTS: dict[str, tuple[Any, str]] = {
    "late": (LateList([1]), "raised RuntimeError: late"),
    "endless": (
        (Defect("x", str(n)) for n in count()),
        "returned more than 10,000 of a list of Defect",
    ),
    "long": ([Defect("x", "y" * 100_000)], "returned a text of 100,000 characters"),
    "a late defect": ([LateDefect("a", "b")], "raised RuntimeError: late"),
    "words": (["x"], "returned list with str in it, not a list of Defect"),
    "a number as message": ([Defect("x", 7)], "raised TypeError"),  # type: ignore[arg-type]
    "a mapping": ({"x": 1}, "returned dict, not a list of Defect"),
    "an odd thing": (Odd(), "raised RuntimeError: late"),
}


@pytest.mark.parametrize("name", DEFECTS)
def test_defects(name: str) -> None:
    value, says = DEFECTS[name]
    kernel = kernel_with(receive=lambda: value)
    assert kernel.ports.examine(kernel.application(RAW)) == ()
    (problem,) = problems(kernel)
    assert problem.startswith(f"receive {says}")


def test_defects_go_on_as_plain_values() -> None:
    kernel = kernel_with(receive=lambda: iter([Defect(LateText("a"), LateText("b"))]))
    (found,) = kernel.ports.examine(kernel.application(RAW))
    assert {type(found), type(found.field), type(found.message)} == {Defect, str}


class LateDecision(Decision):
    outcome = property(fails)


def late(decision: Decision) -> Decision:
    found = object.__new__(LateDecision)
    found.__dict__.update(vars(decision))
    return found


ROUTES: dict[str, tuple[Callable[[Any], Any], str]] = {
    "late": (late, "raised RuntimeError: late"),
    "legs of words": (
        lambda d: evolve(d, legs=("post",)),
        "returned a Decision with str in its legs, not Leg",
    ),
    "endless legs": (lambda d: evolve(d, legs=count()), "returned count in it"),
    "late legs": (lambda d: evolve(d, legs=LateList([1])), "raised RuntimeError: late"),
    "an odd time limit": (lambda d: evolve(d, time_limit=(Odd(),)), "returned Odd in it"),
    "an outcome that there is not": (
        lambda d: evolve(d, outcome="perhaps"),
        "returned a Decision with an outcome or a day that there is not",
    ),
    "no receiving place": (
        lambda d: evolve(d, receiving="here"),
        "returned a Decision whose receiving place or item is something else",
    ),
    "long": (
        lambda d: evolve(d, delivery=("x" * 100_000,)),
        "returned a text of 100,000 characters; 65,536 at most",
    ),
    "deep": (
        lambda d: evolve(d, time_limit=({"x": nested(5_000)},)),
        "raised RecursionError",
    ),
    "many": (
        lambda d: evolve(d, modes=("x",) * 300_000),
        "returned more than 200,000 values",
    ),
}


def nested(depth: int) -> list[Any]:
    found: list[Any] = []
    for _ in range(depth):
        found = [found]
    return found


@pytest.mark.parametrize("name", ROUTES)
def test_routes(name: str) -> None:
    change, says = ROUTES[name]
    kernel = kernel_with(route=lambda decision: change(decision))
    assert kernel.decide(RAW).to_dict() == EXPECTED
    (problem,) = problems(kernel)
    assert problem.startswith(f"route {says}")


def test_a_route_goes_on_as_a_plain_decision() -> None:
    def route(decision: Decision) -> Decision:
        legs = [evolve(leg, by=LateText("message")) for leg in decision.legs]
        return evolve(decision, legs=tuple(legs))

    kernel = kernel_with(route=route)
    found = kernel.decide(RAW)
    assert type(found) is Decision
    assert {type(leg.by) for leg in found.legs} == {str}
    assert {leg.by for leg in found.legs} == {"message"}
    assert problems(kernel) == []


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (LateList(["x"]), "raised RuntimeError: late"),
        ((str(n) for n in count()), "returned more than 10,000 of the ids of rules"),
        ([1], "returned list with int in it, not the ids of rules"),
        ("rule", "returned str, not the ids of rules"),
    ],
    ids=["late", "endless", "numbers", "a word"],
)
def test_opinions(value: Any, says: str) -> None:
    kernel = kernel_with(second_opinion=lambda: value)
    assert kernel.engines.opinions(kernel.application(RAW)) == {"mine": None}
    assert problems(kernel) == [f"second_opinion {says}"]


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (lambda: WorkingDays(published=(date(2026, 1, 1),)), "returned WorkingDays whose"),  # type: ignore[arg-type]
        (lambda: WorkingDays(holidays={datetime(2026, 1, 1)}), "returned WorkingDays with"),
        (lambda: WorkingDays(holidays=WORDS), "returned WorkingDays with str in it"),
        (lambda: {"holidays": []}, "returned dict, not WorkingDays"),
        (lambda: WorkingDays(holidays=Odd()), "raised RuntimeError: late"),
        (lambda: WorkingDays(statutory=2027), "returned WorkingDays whose `statutory`"),  # type: ignore[arg-type]
    ],
    ids=["half a span", "moments", "words", "a mapping", "odd", "a year"],
)
def test_days(value: Callable[[], Any], says: str) -> None:
    kernel = kernel_with(working_days=value)
    assert kernel.ports.working_days("510100") == ()
    (problem,) = problems(kernel)
    assert problem.startswith(f"working_days {says}")


def test_days_of_the_law_are_asked_for_later() -> None:
    asked: list[int] = []

    def statutory(year: int) -> set[date]:
        asked.append(year)
        return {date(year, 1, 1)}

    kernel = kernel_with(working_days=lambda: WorkingDays(statutory=statutory))
    (found,) = kernel.ports.working_days("510100")
    assert asked == []
    assert found.statutory is not None
    assert found.statutory(2027) == found.statutory(2027) == {date(2027, 1, 1)}
    assert asked == [2027]


@pytest.mark.parametrize(
    ("law", "says"),
    [
        (lambda year: 1 // 0, "raised ZeroDivisionError"),
        (lambda year: [str(year)], "returned WorkingDays with str in it"),
        (lambda year: year, "returned int, not days"),
        (list, "raised TypeError"),
    ],
    ids=["raises", "words", "a number", "of no year"],
)
def test_days_of_the_law_that_are_none(law: Any, says: str) -> None:
    kernel = kernel_with(working_days=lambda: WorkingDays(statutory=law))
    (found,) = kernel.ports.working_days("510100")
    assert found.statutory is not None
    assert found.statutory(2027) == frozenset()
    (problem,) = problems(kernel)
    assert problem.startswith(f"working_days {says}")


class Loud(Exception):
    def __str__(self) -> str:
        raise SystemExit(0)


class Louder(BaseException):
    def __str__(self) -> str:
        return LateText("\x1b[2J")


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (ValueError("\x1b]0;owned\x07\x1b[2Jline\nError: forged"), r"ValueError: \x1b]0;owned"),
        (ValueError("x" * 10_000_000), "ValueError: xxx"),
        (ValueError("\u202egnp.exe\ud800"), r"ValueError: \u202egnp.exe\ud800"),
        (Louder(), r"Louder: \x1b[2J"),
        (Loud(), "Loud"),
        (KeyboardInterrupt(), "KeyboardInterrupt"),
        (MemoryError(), "MemoryError"),
        (SystemExit(0), "SystemExit: 0"),
        (GeneratorExit(), "GeneratorExit"),
        (StopIteration(), "StopIteration"),
    ],
    ids=[
        "escapes",
        "long",
        "bidirectional",
        "escapes by a class",
        "no words",
        "interrupt",
        "memory",
        "exit",
        "generator",
        "stop",
    ],
)
def test_whatever_is_raised(error: BaseException, says: str) -> None:
    def derive_facts() -> None:
        raise error

    kernel = kernel_with(derive_facts=derive_facts)
    assert kernel.decide(RAW).to_dict() == EXPECTED
    (problem,) = problems(kernel)
    assert problem.startswith(f"derive_facts raised {says}")
    assert problem.isprintable()
    assert len(problem) < 600


class Rules:
    """Stands for a rule file."""

    name = "rules.yaml"

    def __init__(self, read: Callable[[], bytes]) -> None:
        self.read_bytes = read
        self.open = lambda mode: SimpleNamespace(
            read=lambda size: read(), __enter__=fails, __exit__=fails
        )


@pytest.mark.parametrize("file", [Rules(lambda: fails()), Odd(), None, 7, "/dev/zero"])
def test_rule_files_that_are_none(file: Any) -> None:
    kernel = kernel_with(departments=lambda: [DepartmentRules(file)])
    assert kernel.decide(RAW).to_dict() == EXPECTED
    (problem,) = problems(kernel)
    assert "cannot be read" in problem
