"""A plugin's code ends in time, in whichever thread it runs, and is left out from then on."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from types import SimpleNamespace
from typing import Any

import pytest
from tests.conftest import MOVE as RAW

from tongban.kernel import Kernel, PluginError, hookimpl
from tongban.kernel.ports import guarding
from tongban.plugins.departments import public_security

EXPECTED = Kernel([public_security]).decide(RAW)
LIMIT = 0.1
FOR_EVER = 1_000_000


@pytest.fixture(autouse=True)
def interruptible() -> Iterator[None]:
    """Ctrl-C is not ignored, as it is for what runs in the background."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def kernel_with(seconds: float = LIMIT, **hooks: Callable[..., Any]) -> Kernel:
    made = {name: hookimpl(function) for name, function in hooks.items()}
    plugin = SimpleNamespace(__name__="slow", **made)
    return Kernel([public_security, plugin], guard=guarding.Watch(seconds))


def ended(hook: str, seconds: float = LIMIT) -> str:
    return (
        f"{hook} took longer than {seconds:g} s and was ended; the plugin is left out from here on"
    )


def loop() -> None:
    while True:
        pass


def loop_with_a_guard_of_its_own() -> None:
    """Catches what is meant to end it, a few times."""
    for _ in range(3):
        with suppress(BaseException):
            loop()
    loop()


def wait() -> None:
    time.sleep(FOR_EVER)


@pytest.mark.parametrize("function", [loop, loop_with_a_guard_of_its_own, wait])
def test_in_the_main_thread(function: Callable[[], None]) -> None:
    kernel = kernel_with(derive_facts=function)
    assert kernel.decide(RAW) == EXPECTED
    (failed,) = kernel.ports.failures
    assert failed.problems == (ended("derive_facts"),)


@pytest.mark.parametrize("function", [loop, loop_with_a_guard_of_its_own])
def test_in_threads(function: Callable[[], None]) -> None:
    """Each thread's call is ended, and nothing else that these threads do."""
    kernel = kernel_with(derive_facts=function)
    with ThreadPoolExecutor(3) as pool:
        found = [*pool.map(lambda _: kernel.decide(RAW), range(6))]
    assert found == [EXPECTED] * 6
    (failed,) = kernel.ports.failures
    assert failed.problems == (ended("derive_facts"),)


def test_it_is_left_out_from_then_on() -> None:
    calls = []

    def derive_facts() -> None:
        calls.append("derive_facts")
        loop()

    def receive() -> list[Any]:
        calls.append("receive")
        return []

    kernel = kernel_with(derive_facts=derive_facts, receive=receive)
    application = kernel.application(RAW)
    kernel.ports.examine(application)
    for _ in range(3):
        assert kernel.decide(application) == EXPECTED
        kernel.ports.examine(application)
    assert calls == ["receive", "derive_facts"]


def test_every_hook() -> None:
    """Each of them, in a kernel of its own."""
    asking: dict[str, Callable[[Kernel], object]] = {
        "departments": lambda kernel: kernel.plugins,
        "derive_facts": lambda kernel: kernel.decide(RAW),
        "receive": lambda kernel: kernel.ports.examine(kernel.application(RAW)),
        "route": lambda kernel: kernel.decide(RAW),
        "second_opinion": lambda kernel: kernel.engines.opinions(kernel.application(RAW)),
        "deliver": lambda kernel: kernel.ports.deliver({}, {}),
        "exchange": lambda kernel: kernel.ports.carrier(""),
        "observe": lambda kernel: kernel.ports.observed({}),
        "working_days": lambda kernel: kernel.ports.working_days(None),
    }
    for hook, ask in asking.items():
        slow: dict[str, Callable[..., Any]] = {hook: lambda: loop()}
        kernel = kernel_with(LIMIT, **slow)
        ask(kernel)
        assert [one.problems for one in kernel.ports.failures] == [(ended(hook),)], hook


def test_what_it_returns_is_read_in_time_as_well() -> None:
    class Slow(dict[str, Any]):
        def __iter__(self) -> Any:
            loop()

    kernel = kernel_with(derive_facts=lambda: Slow(x=1))
    assert kernel.decide(RAW) == EXPECTED
    assert [one.problems for one in kernel.ports.failures] == [(ended("derive_facts"),)]


def test_what_it_raises_is_read_in_time_as_well() -> None:
    class Slow(Exception):
        def __str__(self) -> str:
            loop()
            return ""

    def derive_facts() -> None:
        raise Slow

    kernel = kernel_with(derive_facts=derive_facts)
    assert kernel.decide(RAW) == EXPECTED
    assert [one.problems for one in kernel.ports.failures] == [(ended("derive_facts"),)]


def test_strict_makes_it_fatal() -> None:
    made = SimpleNamespace(__name__="slow", derive_facts=hookimpl(lambda: loop()))
    kernel = Kernel([public_security, made], guard=guarding.Watch(LIMIT), strict=True)
    with pytest.raises(PluginError, match="the plugin slow .* took longer than 0.1 s"):
        kernel.decide(RAW)


def test_nobody_is_ended_who_is_quick() -> None:
    """However many calls there are, and however long they take together."""
    calls = []

    def derive_facts() -> dict[str, Any]:
        calls.append(0)
        until = time.perf_counter() + LIMIT / 20
        while time.perf_counter() < until:
            pass
        return {}

    kernel = kernel_with(derive_facts=derive_facts)
    for _ in range(40):
        kernel.decide(RAW)
    assert len(calls) == 40
    assert kernel.ports.failures == ()


def test_without_a_limit() -> None:
    kernel = kernel_with(0, derive_facts=lambda: time.sleep(LIMIT))
    assert kernel.decide(RAW) == EXPECTED
    assert kernel.ports.failures == ()


def test_an_interruption_never_comes_late() -> None:
    """A call that ends at the very moment: it is over or ended, and nothing comes after it."""
    watch = guarding.Watch(0.02)
    outcomes = {"over": 0, "ended": 0}

    def call(n: int) -> None:
        until = time.perf_counter() + 0.018 + n % 40 / 5_000
        while time.perf_counter() < until:
            pass

    def tries(n: int) -> None:
        try:
            watch.run("slow", "derive_facts", lambda: call(n))
        except guarding.ExceededError:
            outcomes["ended"] += 1
        else:
            outcomes["over"] += 1
        for _ in range(1_000):  # whatever was on its way would arrive here
            pass

    for n in range(40):
        tries(n)
    with ThreadPoolExecutor(2) as pool:
        assert [*pool.map(tries, range(40))] == [None] * 40
    assert sum(outcomes.values()) == 80


def test_an_interrupt_by_hand_is_told_from_one_that_is_raised() -> None:
    def raised() -> KeyboardInterrupt:
        try:
            raise KeyboardInterrupt
        except KeyboardInterrupt as error:
            return error

    def sent() -> KeyboardInterrupt:
        try:
            signal.raise_signal(signal.SIGINT)
            for _ in range(100):
                pass
        except KeyboardInterrupt as error:
            return error
        raise AssertionError

    assert not guarding.interrupted_by_hand(raised())
    assert guarding.interrupted_by_hand(sent())


def test_an_interrupt_by_hand_ends_what_asked() -> None:
    def derive_facts() -> None:
        signal.raise_signal(signal.SIGINT)
        loop()

    kernel = kernel_with(10, derive_facts=derive_facts)
    with pytest.raises(KeyboardInterrupt):
        kernel.decide(RAW)
