"""A store on a file, cases that are really handled, and what drives them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from tongban.kernel import Kernel
from tongban.kernel import protocol as p
from tongban.kernel.engine import rules_version
from tongban.kernel.ports.store import Store
from tongban.kernel.protocol import personal_data
from tongban.plugins.stores.sqlite.embedded import SqliteStore, open_store

MONDAY = datetime(2026, 3, 2, 9, tzinfo=p.CHINA)
AGENT = {"kind": "person", "name": "黄莺", "phone": "13912345678"}
Applications = Mapping[str, dict[str, Any]]
PAPERS = (p.Document("申请表", "form"),)
BODIES: dict[str, Callable[[p.Case], p.CommandBody]] = {
    "receive": lambda case: p.Receive(materials=PAPERS),
    "forward": lambda case: p.Forward(PAPERS, "post", "EMS 1"),
    "arrive": lambda case: p.Arrive(),
    "accept": lambda case: p.Accept(),
    "supplement": lambda case: p.RequestSupplement(("证明",), 5),
    "supply": lambda case: p.Supply(("证明",)),
    "decline": lambda case: p.Decline(("不属于本机关职权",), article="第三十二条"),
    "examine": lambda case: p.Examine("符合条件"),
    "confirm": lambda case: p.Confirm("同意"),
    "refuse": lambda case: p.Refuse("不符合转出条件"),
    "pause": lambda case: p.Pause("hearing", "听证", 5),
    "resume": lambda case: p.Resume(),
    "extend": lambda case: p.Extend(("案情复杂",)),
    "grant": lambda case: p.Grant("符合条件"),
    "deny": lambda case: p.Deny(("不符合条件",), "不符合条件", article="第三十八条"),
    "deliver": lambda case: p.Deliver(),
    "report": lambda case: p.Report("arrived"),
    "close": lambda case: p.Close(),
    "insist": lambda case: p.Insist("事实有误"),
    "withdraw": lambda case: p.Withdraw(),
    "rate": lambda case: p.Rate(case.plan.lead.key, "dissatisfied"),
    "follow_up": lambda case: p.FollowUp(case.plan.lead.key, "已回访"),
}
NOT_CHOSEN = {
    *("submit", "take_over", "mirror", "check_clock"),  # open a case, or need more than one
    *("chase", "terminate", "stop", "settle", "authorise"),  # would end or halt most cases early
    *("change_contact", "recuse", "readmit", "claim", "release"),  # leave its course as it is
    *("amend", "correct", "reopen", "lodge", "admit", "resolve"),  # stand in tests of their own
}
assert {*BODIES} | NOT_CHOSEN == {*p.COMMANDS}, "every command is chosen or left out on purpose"


def no_holidays(division: str | None) -> p.Calendar:
    """A calendar of weekends only."""
    return p.Calendar()


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = MONDAY

    def __call__(self) -> datetime:
        return self.now

    def pass_days(self, days: int) -> None:
        self.now += timedelta(days=days)


class Desk:
    """Gives commands to cases in a store, as the service does: each in one transaction."""

    def __init__(
        self, kernel: Kernel, store: Store, clock: Clock, applications: Applications
    ) -> None:
        self.kernel, self.store, self.clock = kernel, store, clock
        self.applications = applications
        self._ids = count(1)

    def submit(self, name: str, case: str = "CASE-1", applicant: str = "applicant-1") -> p.Case:
        """Hands an application in, with its personal data."""
        raw = self.applications[name]
        application = self.kernel.application(raw)
        program = self.kernel.program(application.item)
        decision = self.kernel.decide(application)
        with self.store.transaction() as tx:
            body = p.submit(
                decision,
                program.item,
                application,
                rules=rules_version(program),
                applicant=applicant,
                personal=tx.keep_personal(personal_data.personal_part(raw)),
            )
            division = decision.to_dict()["receiving"]["division"]
            actor = (
                p.Actor("applicant", applicant)
                if raw["channel"] == "online"
                else p.Actor("window", "window-1", division)
            )
            result = p.handle(None, self._command(case, actor, body), self.context())
            assert isinstance(result, p.Step), result
            kept = tx.append(case, 0, result.events)
            tx.send(result.messages)
        assert kept is not None
        return kept

    def context(self) -> p.Context:
        return p.Context(self.clock(), no_holidays)

    def _command(self, case: str, actor: p.Actor, body: p.CommandBody) -> p.Command:
        return p.Command(f"{case}-command-{next(self._ids)}", case, actor, body)

    def do(self, case: str, actor: p.Actor, body: p.CommandBody) -> p.Step | p.Refusal:
        """Gives a command and keeps what it yields."""
        with self.store.transaction() as tx:
            found = tx.case(case)
            result = p.handle(found, self._command(case, actor, body), self.context())
            tx.append(case, found.version if found else 0, result.events)
            tx.send(result.messages)
        return result

    def tick(self, case: str) -> None:
        """Lets time work."""
        with self.store.transaction() as tx:
            found = tx.case(case)
            assert found is not None
            step = p.tick(found, self.context())
            tx.append(case, found.version, step.events)
            tx.send(step.messages)

    def choices(self, case: p.Case) -> list[tuple[p.Actor, p.CommandBody]]:
        """What anybody with a part in the case may do now."""
        return [
            (actor, BODIES[kind](case))
            for actor in actors(case)
            for kind in p.allowed(case, actor)
            if kind in BODIES
        ]

    def carry(self, case: str, *kinds: str) -> p.Case:
        """Takes the named steps, each by somebody who may."""
        for kind in kinds:
            found = self.store.case(case)
            assert found is not None
            # By state and part more people may than in fact can: the first who can does.
            results = (self.do(case, *one) for one in self.choices(found) if one[1].kind == kind)
            assert any(isinstance(result, p.Step) for result in results), (kind, found.state)
        found = self.store.case(case)
        assert found is not None
        return found


def officer(office: p.Office) -> p.Actor:
    """Somebody who serves an office."""
    kind: p.ActorKind = "window" if office.department == "window" else "officer"
    return p.Actor(kind, f"{kind}-{office.key}", office.division, office.department)


def actors(case: p.Case) -> list[p.Actor]:
    """Everybody with a part in a case."""
    people = [officer(office) for office in case.plan.offices]
    if case.plan.window:
        people.append(p.Actor("window", "window-1", case.plan.window))
    return [*people, p.Actor("applicant", case.applicant), p.SYSTEM]


def dump(store: SqliteStore) -> dict[str, list[tuple[Any, ...]]]:
    """Everything that stands in the tables beside the log, in a fixed order."""
    names = ("cases", "offices", "tasks", "deadlines", "outbox", "inbox")
    return {
        name: sorted(store._conn.execute(f"SELECT * FROM {name}").fetchall(), key=repr)
        for name in names
    }


@pytest.fixture(scope="session")
def kernel() -> Kernel:
    return Kernel(clock=lambda: MONDAY)


@pytest.fixture(scope="session")
def applications(applications: Applications) -> Applications:
    """Applications by name; each person has an agent."""

    def with_agent(raw: dict[str, Any]) -> dict[str, Any]:
        return {**raw, "applicant": {**raw["applicant"], "agent": AGENT}}

    return {
        name: with_agent(raw) if raw["applicant"]["kind"] == "person" else raw
        for name, raw in applications.items()
    }


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def open_file(tmp_path: Path, clock: Clock) -> Iterator[Callable[..., SqliteStore]]:
    """Opens a store on a file of the test's folder."""
    opened: list[SqliteStore] = []

    def opener(name: str = "cases.db", **options: Any) -> SqliteStore:
        options = {"clock": clock, "calendars": no_holidays, **options}
        store = open_store(tmp_path / name, **options)
        opened.append(store)
        return store

    yield opener
    for store in opened:
        store.close()


@pytest.fixture
def store(open_file: Callable[..., SqliteStore]) -> SqliteStore:
    return open_file()


@pytest.fixture
def desk(kernel: Kernel, store: SqliteStore, clock: Clock, applications: Applications) -> Desk:
    return Desk(kernel, store, clock, applications)


@pytest.fixture
def make_desk(kernel: Kernel, clock: Clock, applications: Applications) -> Callable[[Store], Desk]:
    """A desk at a store of the test's own."""
    return lambda store: Desk(kernel, store, clock, applications)


@pytest.fixture(scope="session")
def desk_at(
    kernel: Kernel, applications: Applications
) -> Callable[[], tuple[Clock, Callable[[Store], Desk]]]:
    """A clock, and what makes a desk that looks at it, for stores that live shorter than a test."""

    def made() -> tuple[Clock, Callable[[Store], Desk]]:
        clock = Clock()
        return clock, lambda store: Desk(kernel, store, clock, applications)

    return made


@pytest.fixture(scope="session")
def desk_in(
    desk_at: Callable[[], tuple[Clock, Callable[[Store], Desk]]],
) -> Callable[[str], AbstractContextManager[Desk]]:
    """A desk at a new store in a folder, with a clock of its own; the store is closed after it."""

    @contextmanager
    def desk(folder: str) -> Iterator[Desk]:
        clock, make = desk_at()
        path = Path(folder) / "cases.db"
        with open_store(path, clock=clock, calendars=no_holidays) as store:
            yield make(store)

    return desk


@pytest.fixture
def tables() -> Callable[[SqliteStore], dict[str, list[tuple[Any, ...]]]]:
    return dump


@pytest.fixture
def through_json() -> Callable[[Any], Any]:
    return lambda value: json.loads(json.dumps(value, ensure_ascii=False))
