"""Several stores with their nodes, offices that do their work, and files that fail."""

from __future__ import annotations

import random
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from tongban.kernel import Kernel, protocol, service
from tongban.kernel.audit import signing
from tongban.plugins.exchange.membership import Node, make_node, read_peers
from tongban.plugins.exchange.pump import Exchange
from tongban.plugins.exchange.spool import Spool
from tongban.plugins.stores.sqlite.embedded import SqliteStore, open_store

MONDAY = datetime(2026, 3, 2, 9, tzinfo=protocol.CHINA)
SERVES = {"chengdu": "510000", "xian": "610000", "xining": "630000", "xining-city": "630100"}
PAPERS = (protocol.Document("申请表", "form"),)


class Crash(BaseException):
    """The process is gone, between any two steps."""


class Chaos(Spool):
    """Files that are lost, doubled, come late and in any order; a process that dies."""

    crash = Crash

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.calm = False
        self.slow = True

    def _chance(self, probability: float) -> bool:
        return not self.calm and self.random.random() < probability

    def die(self) -> None:
        """Perhaps the process dies here."""
        if self._chance(0.08):
            raise Crash

    def names(
        self,
        folder: Path,
        most: int,
        groups: Collection[str] = (),
        after: Mapping[str, str] = MappingProxyType({}),
    ) -> list[str]:
        found = super().names(folder, most, groups, after)
        self.random.shuffle(found)
        late = (
            found[: self.random.randrange(len(found) + 1)]
            if self.slow and self._chance(0.3)
            else []
        )
        return [name for name in found if name not in late]

    def write(self, path: Path, content: bytes, own: int = 2) -> None:
        self.die()
        if not self._chance(0.15):  # else it is lost
            super().write(path, content, own)
        if self._chance(0.15):  # it comes twice
            again = path.with_name(f"again-{self.random.randrange(10**6)}.json")
            super().write(again, content, own)
        self.die()

    def remove(self, path: Path) -> None:
        self.die()
        if not self._chance(0.1):  # else it comes back
            super().remove(path)
        self.die()


class Dying:
    """A store whose process may die before, inside and after each transaction."""

    def __init__(self, store: SqliteStore, spool: Chaos) -> None:
        self._store, self._spool = store, spool

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    @contextmanager
    def transaction(self) -> Iterator[Any]:
        self._spool.die()
        with self._store.transaction() as writes:
            yield writes
            self._spool.die()
        self._spool.die()


class Place:
    """A store, its service and its node."""

    def __init__(
        self, name: str, store: SqliteStore, kernel: Kernel, exchange: Exchange, clock: Clock
    ) -> None:
        self.name, self.store, self.exchange, self.clock = name, store, exchange, clock
        self.service = service.Service(kernel, store, exchange.serves)

    def take(self, message: protocol.Message, personal: Any, sender: Any) -> object:
        """`Service.receive_message`, in a process that may die before and after it."""
        spool = self.exchange.spool
        if isinstance(spool, Chaos):
            spool.die()
        answer = self.service.receive_message(message, personal, sender)
        if isinstance(spool, Chaos):
            spool.die()
        return answer

    def run(self) -> Mapping[str, Any]:
        spool = self.exchange.spool
        store: Any = Dying(self.store, spool) if isinstance(spool, Chaos) else self.store
        return self.exchange.run(store, self.take, self.clock())

    def do(self, case: protocol.Case, body: protocol.CommandBody, office: Any = None) -> object:
        """A command by the place that serves the office that has the case."""
        return self.service.do(case.id, officer(office or case.holder), body)

    def work(self) -> bool:
        """Everybody here does what is theirs to do next; whether anything was done."""
        done = False
        for row in self.store.cases():
            case = self.store.case(row.id)
            body = _next(case) if case and self.service.serves(case.holder.key) else None
            if case and body:
                done = isinstance(self.do(case, body), service.Done) or done
        for one in self.store.incoming(kind="request", open_only=True):
            place, _, department = one.message.receiver.partition("/")
            actor = protocol.Actor("officer", "officer-9", place, department)
            self.service.do(one.message.case, actor, protocol.Confirm("同意"))
            done = True
        return done


def _next(case: protocol.Case) -> protocol.CommandBody | None:
    at_lead = case.holder == case.plan.lead
    if case.state == "accepted" and not at_lead:
        return protocol.Forward(PAPERS, "message")
    steps: dict[str, protocol.CommandBody] = {
        "submitted": protocol.Receive(materials=PAPERS),
        "received": protocol.Forward(PAPERS, "post", "EMS 1"),
        "dispatched": protocol.Arrive(),
        "arrived": protocol.Accept(),
        "accepted": protocol.Grant("符合条件"),
        "decided": protocol.Deliver("post", "EA1"),
        "delivering": protocol.Report("arrived"),
        "delivered": protocol.Close(),
    }
    return steps.get(case.state)


def officer(office: protocol.Office) -> protocol.Actor:
    """Somebody who serves an office."""
    kind: protocol.ActorKind = "window" if office.department == "window" else "officer"
    return protocol.Actor(kind, f"{kind}-1", office.division, office.department)


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = MONDAY

    def __call__(self) -> datetime:
        return self.now

    def wait(self, **time: float) -> None:
        self.now += timedelta(**time)


class Country:
    """Places that exchange messages through one folder."""

    def __init__(
        self,
        root: Path,
        serves: Mapping[str, str],
        applications: Mapping[str, dict[str, Any]],
        seed: int | None = None,
    ) -> None:
        self.applications = applications
        self.root, self.clock = root / "exchange", Clock()
        self.keys = {name: signing.SigningKey(name.encode().ljust(32, b".")) for name in serves}
        for name, code in serves.items():
            make_node(self.root, name, (code,), self.keys[name])
        numbers = count(1)
        kernel = Kernel(clock=self.clock, ids=lambda: f"{next(numbers):012}")
        self.spool = Spool() if seed is None else Chaos(seed)
        self.places: dict[str, Place] = {}
        for name in serves:
            store = open_store(root / f"{name}.db", clock=self.clock)
            exchange = Exchange(self.node(name, serves[name]), self.spool, bytes)
            self.places[name] = Place(name, store, kernel, exchange, self.clock)

    def node(self, name: str, code: str) -> Node:
        """A node as it stands in the folder now."""
        peers, problems = read_peers(self.root)
        others = tuple(one for one in peers if one.name != name)
        return Node(name, (code,), self.keys[name], self.root / name, others, problems)

    def submit(self, name: str, at: str) -> str:
        """Hands an application in at a window of a place."""
        raw = self.applications[name]
        window = protocol.Actor("window", "window-1", raw["received_at"])
        done = self.places[at].service.submit(raw, window, applicant="applicant-1")
        assert isinstance(done, service.Done), done
        return done.case.id

    def run(self) -> dict[str, Mapping[str, Any]]:
        """Every node once."""
        return {name: place.run() for name, place in self.places.items()}

    def settle(self) -> None:
        """Everybody works, and every node pumps, until there is nothing left to do."""
        for _ in range(60):
            worked = [place.work() for place in self.places.values()]
            reports = self.run().values()
            quiet = all(not (one["sent"] or one["taken"] or one["delivered"]) for one in reports)
            if quiet and not any(worked):
                return
        raise AssertionError("it never comes to rest")

    def close(self) -> None:
        for place in self.places.values():
            place.store.close()


@pytest.fixture
def country(
    tmp_path: Path, applications: Mapping[str, dict[str, Any]]
) -> Iterator[Callable[..., Country]]:
    """Makes a country of places, each with its store."""
    made: list[Country] = []

    def make(*names: str, seed: int | None = None, root: Path = tmp_path) -> Country:
        serves = {name: SERVES[name] for name in names}
        found = Country(root, serves, applications, seed)
        made.append(found)
        return found

    yield make
    for one in made:
        one.close()


class Here:
    """Chengdu, with a letter and a receipt of Xining's behind whatever is put before them."""

    def __init__(self, country: Any) -> None:
        self.country, self.chengdu = country, country.places["chengdu"]
        self.folder = country.root / "chengdu"
        self.case = country.submit("hukou", "chengdu")
        for _ in range(2):
            self.chengdu.work()
        self.chengdu.run()
        self.country.places["xining"].work()
        self.country.places["xining"].run()
        self.country.places["xining"].work()
        self.country.places["xining"].run()

    def letters(self, part: str) -> list[Path]:
        return [one for one in (self.folder / part).iterdir() if "xining" in one.name]

    def honest_letters_are_taken(self) -> None:
        assert self.letters("in")
        assert self.letters("ack")
        report = self.chengdu.run()
        assert report["taken"], report
        assert report["delivered"], report
        assert not self.letters("in")
        assert not self.letters("ack")

    def aside(self) -> dict[str, Path]:
        return {one.name: one for one in (self.folder / "aside").iterdir()}


@pytest.fixture
def here(country: Callable[..., Any]) -> Here:
    return Here(country("chengdu", "xining"))
