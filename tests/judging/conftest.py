"""Three provinces with stores of their own, and letters that one gives the other by hand."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any, ClassVar

import pytest
from attrs import define, evolve, field
from click.testing import CliRunner
from tests.conftest import HUKOU

from tongban.cli import cli
from tongban.kernel import Kernel, TongbanError
from tongban.kernel import protocol as p
from tongban.kernel.audit import hash_chain
from tongban.kernel.service import Answer, Done, RejectedError, Sender, Service
from tongban.plugins.stores.sqlite.embedded import SqliteStore, open_store

MONDAY = datetime(2026, 3, 2, 9, tzinfo=p.CHINA)
PAPERS = (p.Document("申请表", "form"), p.Document("证明", "original"))
PROVINCES = {"chengdu": "51", "xining": "63", "kunming": "53"}
PERSON = {
    "kind": "person",
    "name": "金示例",
    "id_number": "630102199003071231",
    "phone": "13800000000",
}
MOVE = {**HUKOU, "applicant": PERSON, "deliver_by": "pickup"}
"""Decided in Chengdu; Xining is asked to confirm."""
AT_ANOTHER_WINDOW = {**MOVE, "received_at": "630100", "deliver_by": "post"}
"""Handed in at a window of Xining, and forwarded to Chengdu."""
SCREENS = (
    ["case", "list"],
    ["case", "next"],
    ["case", "next", "--json"],
    ["case", "next", "--as", "supervisor:510000"],
    ["report"],
    ["report", "--format", "csv"],
    ["report", "--rules-changed"],
    ["doctor"],
    ["case", "tick"],
    ["audit", "verify"],
    ["audit", "reads"],
    ["audit", "reads", "--counts", "--json"],
    ["case", "rebuild", "--check"],
)


def sender(name: str) -> Sender:
    """A province as the sender of a letter."""
    return Sender(name, lambda address: address.startswith(PROVINCES[name]))


@define(eq=False)
class Province:
    """A store with its service."""

    name: str
    kernel: Kernel
    store: SqliteStore
    service: Service
    path: Path

    @property
    def serves(self) -> Callable[[str], bool]:
        return self.sender.serves

    @property
    def sender(self) -> Sender:
        return sender(self.name)

    def case(self, id: str) -> p.Case:
        found = self.store.case(id)
        assert found is not None
        return found

    def do(self, case: str, actor: p.Actor, body: p.CommandBody, **how: Any) -> Answer:
        return self.service.do(case, actor, body, **how)

    def everything(self) -> tuple[Any, ...]:
        """All that is kept but what was put aside."""
        inbox = [one for one in self.store.incoming() if one.message.kind != "alarm"]
        cases = [one.id for one in self.store.cases()]
        logs = [(one.seq, one.body) for case in cases for one in self.store.entries(case)]
        return logs, self.store.outgoing(), inbox

    def broken_screens(self, *cases: str) -> list[str]:
        """Screens that end in anything but an answer or an error that says what is wrong."""
        wrong = []
        for words in (*SCREENS, *(["case", "show", case] for case in cases)):
            result = CliRunner().invoke(cli, [*words, "--db", str(self.path)], obj=self.kernel)
            error = result.exception
            if error is not None and not isinstance(error, SystemExit | TongbanError | OSError):
                wrong.append(f"{' '.join(words)}: {error!r}")
        return wrong

    def screen(self, *words: str) -> str:
        """What a command shows."""
        result = CliRunner().invoke(cli, [*words, "--db", str(self.path)], obj=self.kernel)
        return result.output

    def alarms(self) -> list[p.Message]:
        open_ones = self.store.incoming(kind="alarm", open_only=True)
        return [one.message for one in open_ones]


@define(eq=False)
class Country:
    """The provinces, one clock, and whatever letters are written.

    Attributes:
        on_letter: is told of every letter before it is given: source, target, the letter.
    """

    MOVE: ClassVar[dict[str, Any]] = MOVE
    FORWARDED: ClassVar[dict[str, Any]] = AT_ANOTHER_WINDOW

    root: Path
    rules: Kernel
    now: list[datetime] = field(factory=lambda: [MONDAY])
    names: tuple[str, ...] = tuple(PROVINCES)
    places: dict[str, Province] = field(factory=dict)
    written: int = 0
    on_letter: Callable[[Province, Province, p.Message], None] | None = None

    def __attrs_post_init__(self) -> None:
        numbers = count(1)
        self.rules = self.rules.with_effects(
            clock=lambda: self.now[0], ids=lambda: f"{next(numbers):08}"
        )
        for name in self.names:
            self.open(name)

    def open(self, name: str) -> Province:
        """Opens a store, anew where it was open."""
        if name in self.places:
            self.places[name].store.close()
        path = self.root / f"{name}.db"
        store = open_store(path, clock=self.rules.clock)
        place = Province(name, self.rules, store, None, path)  # type: ignore[arg-type]
        place.service = Service(self.rules, store, place.serves)
        self.places[name] = place
        return place

    def close(self) -> None:
        for place in self.places.values():
            place.store.close()

    def later(self, **time: float) -> None:
        self.now[0] += timedelta(**time)

    def handed_in(self, name: str, raw: Mapping[str, Any], **how: Any) -> str:
        """A case that was received at the window of a province."""
        window = p.Actor("window", "w", raw["received_at"])
        done = self.places[name].service.submit(raw, window, applicant="a-1", **how)
        assert isinstance(done, Done), done
        received = self.places[name].do(done.case.id, window, p.Receive(materials=PAPERS))
        assert isinstance(received, Done), received
        return received.case.id

    def carry(self, *names: str, rounds: int = 3) -> list[RejectedError]:
        """Gives each what the others sent it; what was put aside is what it returns."""
        aside = []
        for _ in range(rounds):
            for source in [self.places[name] for name in names or PROVINCES]:
                for one in source.store.outgoing("pending"):
                    try:
                        self._give(source, one.message)
                    except p.OutOfOrderError:
                        continue
                    except RejectedError as rejected:
                        aside.append(rejected)
                        with source.store.transaction() as writes:
                            writes.failed(one.message.id, rejected.reason)
        return aside

    def _give(self, source: Province, message: p.Message) -> None:
        inside = "/" not in message.receiver or source.serves(message.receiver)
        target = source
        if not inside:
            target = next(one for one in self.places.values() if one.serves(message.receiver))
            if self.on_letter is not None:
                self.on_letter(source, target, message)
        self.give(target, message, None if inside else source)
        with source.store.transaction() as writes:
            writes.delivered(message.id)

    def give(self, target: Province, message: p.Message, source: Province | None) -> object:
        """A letter is signed by `source`, with the personal data that it has for it."""
        data = None
        named = _named(message)
        if source is not None and named and source.store.case(message.case) is not None:
            found = source.store.personal(message.case, p.SYSTEM, "随办件转交 goes with the case")
            data = found if found is not None and found.ref == named else None
        sender = source.sender if source is not None else None
        wired = p.Message.from_dict(json.loads(hash_chain.canonical(message.to_dict())))
        return target.service.receive_message(wired, data, sender)

    @staticmethod
    def officer(office: p.Office | str) -> p.Actor:
        """Somebody who serves an office."""
        place, _, department = (office if isinstance(office, str) else office.key).partition("/")
        if department == "window":
            return p.Actor("window", "w", place)
        return p.Actor("officer", "o", place, department)

    def letter(
        self, case: str, kind: str, body: Mapping[str, Any], sender: str, receiver: str
    ) -> p.Message:
        """A letter of any content, with an id of its own."""
        self.written += 1
        id = f"{self.written:032x}"
        return p.Message(id, "", case, sender, receiver, kind, self.now[0], "r", body)

    def event(self, case: p.Case, body: p.EventBody, actor: p.Actor, **also: Any) -> dict[str, Any]:
        """The next event of a case, as somebody makes it up."""
        made = p.Event(case.id, case.version + 1, self.now[0], actor, "made-up", body)
        return evolve(made, **also).to_dict()

    def refused(self, target: Province, message: p.Message, source: Province) -> RejectedError:
        """The letter is put aside, and nothing but an alarm is kept."""
        before = target.everything()
        with pytest.raises(RejectedError) as caught:
            self.give(target, message, source)
        assert target.everything() == before
        says = caught.value.text
        assert says.en.isascii(), "the languages are apart"
        assert caught.value.reason == (f"{says.zh} ({says.en})" if says.zh else says.en)
        return caught.value


def _named(message: p.Message) -> str:
    if message.kind not in ("forward", "request", "chase"):
        return ""
    body: Any = message.body
    found: str = body.get("case", body).get("personal", "")
    return found


@pytest.fixture(scope="session")
def rules() -> Kernel:
    """The rules, read once."""
    return Kernel()


@pytest.fixture(scope="session")
def country_at(rules: Kernel) -> Callable[..., Country]:
    """Makes a country in a folder, or a part of one; the caller closes it."""

    def made(root: Path, now: datetime = MONDAY, *names: str) -> Country:
        return Country(root, rules, [now], names or tuple(PROVINCES))

    return made


@pytest.fixture
def country_with() -> Callable[[Path, Kernel], Country]:
    """Makes a country in a folder by other rules; the caller closes it."""
    return Country


@pytest.fixture
def country(tmp_path: Path, rules: Kernel) -> Iterator[Country]:
    found = Country(tmp_path, rules)
    yield found
    found.close()
