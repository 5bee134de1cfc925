"""A node that was put back to an older state: it finds out, asks, and decides nothing twice."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import attrs
import pytest

from tongban.kernel import protocol, service
from tongban.kernel.audit import signing
from tongban.plugins.exchange.envelope import Receipt
from tongban.plugins.exchange.handed_back import Answer, Ask, read_handed_back
from tongban.plugins.exchange.pump import Exchange
from tongban.plugins.stores.sqlite.embedded import open_store, restore

CITIES = ("xian", "chengdu", "xining")
STARTS = {"hukou": "chengdu", "licence": "chengdu", "pension": "xian"}


def step(here: Any) -> bool:
    """Everybody works and pumps once; whether anything happened."""
    worked = [place.work() for place in here.places.values()]
    reports = list(here.run().values())
    here.clock.wait(minutes=1)
    busy = any(one["sent"] or one["taken"] or one["delivered"] for one in reports)
    return busy or any(worked)


class Backup:
    """What a place had at one moment."""

    def __init__(self, here: Any, name: str, folder: Path) -> None:
        self.here, self.place, self.folder = here, here.places[name], folder
        folder.mkdir()
        self.file = folder / "night.db"
        self.place.store.backup(self.file)

    def put_in_place(self) -> None:
        """As `tongban case restore` does it."""
        path = self.place.store.path
        self.place.store.close()
        restore(self.file, path, clock=self.here.clock, calendars=_none)
        self._open(path)

    def _open(self, path: Path) -> None:
        self.place.store = open_store(path, clock=self.here.clock)
        kernel = self.place.service.kernel
        self.place.service = service.Service(kernel, self.place.store, self.place.exchange.serves)


class Machine(Backup):
    """All of a machine: the store with what lies beside it, and what the node remembers."""

    def __init__(self, here: Any, name: str, folder: Path) -> None:
        self.here, self.place, self.folder = here, here.places[name], folder
        folder.mkdir()
        self.path = self.place.store.path
        self.place.store.close()
        for one in self.path.parent.glob(f"{self.path.name}*"):
            shutil.copy2(one, folder)
        self.seen = deepcopy(self.place.exchange.node.seen)
        self._open(self.path)

    def put_in_place(self) -> None:
        """As the reset of a virtual machine does it."""
        self.place.store.close()
        for one in self.path.parent.glob(f"{self.path.name}*"):
            one.unlink()
        for one in self.folder.iterdir():
            shutil.copy2(one, self.path.parent)
        exchange = self.place.exchange
        node = attrs.evolve(exchange.node, seen=deepcopy(self.seen))
        self.place.exchange = Exchange(node, exchange.spool, exchange.entropy)
        self._open(self.path)


def _none(division: str | None) -> protocol.Calendar:
    return protocol.Calendar()


def logs_agree(here: Any, case: str) -> None:
    """What two stores have of a case is the same, and it is decided once."""
    seen: dict[int, str] = {}
    for place in here.places.values():
        events = place.store.events(case)
        assert [one.kind for one in events].count("decided") <= 1
        for one in events:
            if one.kind != "recovered":
                text = json.dumps(one.to_dict(), sort_keys=True)
                assert seen.setdefault(one.seq, text) == text, (place.name, one.seq)
        assert place.store.verify() == ()


def ended(here: Any, case: str) -> bool:
    found = (place.store.case(case) for place in here.places.values())
    return any(one is not None and one.state == "closed" for one in found)


@pytest.mark.parametrize(
    ("name", "who", "kind", "begun"),
    [
        ("licence", "chengdu", Backup, 0),
        ("licence", "chengdu", Machine, 2),
        ("licence", "xining", Backup, 2),
        ("licence", "xining", Machine, 4),
        ("pension", "xian", Backup, 2),
        ("pension", "chengdu", Machine, 2),
        ("pension", "chengdu", Backup, 4),
        ("hukou", "chengdu", Backup, 1),
        ("hukou", "xining", Machine, 2),
    ],
)
def test_a_restored_node_goes_on_where_the_others_know_it_was(
    country: Callable[..., Any],
    tmp_path: Path,
    name: str,
    who: str,
    kind: type[Backup],
    begun: int,
) -> None:
    here = country(*(CITIES if name == "pension" else CITIES[1:]))
    case = here.submit(name, STARTS[name])
    for _ in range(begun):
        step(here)
    backup = kind(here, who, tmp_path / "backup")
    for _ in range(3):
        step(here)
    here.clock.wait(hours=1)
    backup.put_in_place()
    here.places[who].exchange.compare(here.places[who].store)  # as each command does
    for _ in range(60):
        step(here)
        if ended(here, case) and here.places[who].store.restored is None:
            break
    assert here.places[who].store.restored is None
    logs_agree(here, case)
    assert ended(here, case)


@pytest.fixture
def decided(country: Callable[..., Any], tmp_path: Path) -> tuple[Any, str, Backup]:
    """Xining has decided since its backup, and Chengdu knows."""
    here = country("chengdu", "xining")
    case = here.submit("licence", "chengdu")
    chengdu, xining = here.places["chengdu"], here.places["xining"]
    while not (kept := xining.store.case(case)) or kept.state != "accepted":
        step(here)
    backup = Machine(here, "xining", tmp_path / "backup")
    while chengdu.store.case(case).granted is None:
        step(here)
    here.run()
    here.clock.wait(hours=1)
    return here, case, backup


def deny(place: Any, case: str) -> object:
    return place.do(
        place.store.case(case), protocol.Deny(("复核不符",), "不符", article="第三十八条")
    )


def test_nothing_is_decided_before_the_others_were_asked(
    decided: tuple[Any, str, Backup],
) -> None:
    here, case, backup = decided
    xining = here.places["xining"]
    before = [one.to_dict() for one in xining.store.events(case)]
    backup.put_in_place()
    assert xining.exchange.compare(xining.store)
    answer = deny(xining, case)
    assert isinstance(answer, protocol.Refusal)
    assert answer.code == "restored"
    asking = xining.run()
    assert asking["recovery"]["state"] == "asking"
    assert asking["recovery"]["waits"] == ["chengdu"]
    assert asking["sent"] == asking["taken"] == []
    assert xining.exchange.condition(xining.store)["waits"] == ["chengdu"]
    told = here.places["chengdu"].run()
    assert "put back" in told["problems"][0]
    back = xining.run()["recovery"]
    assert (back["state"], back["unfit"]) == ("recovered", [])
    assert back["letters"] > 0
    assert [one.to_dict() for one in xining.store.events(case)] == before
    assert isinstance(deny(xining, case), protocol.Refusal)
    assert xining.store.audit().breaks == ()


def test_the_rest_of_the_machine_may_be_put_back_too(decided: tuple[Any, str, Backup]) -> None:
    """Then the receipts of others hold this node's own word of how far it was."""
    here, case, backup = decided
    xining = here.places["xining"]
    (here.root / "xining" / "head.json").unlink()
    backup.put_in_place()
    assert not xining.exchange.compare(xining.store)
    xining.run()  # what the backup holds is sent again, and answered
    here.run()
    here.run()
    here.run()
    here.run()
    assert xining.store.restored is None
    assert xining.store.case(case).granted is True
    logs_agree(here, case)


def test_a_fork_that_was_made_before_anybody_noticed_is_shown_at_both_ends(
    decided: tuple[Any, str, Backup],
) -> None:
    here, case, backup = decided
    chengdu, xining = here.places["chengdu"], here.places["xining"]
    there = [one.to_dict() for one in chengdu.store.events(case)]
    (here.root / "xining" / "head.json").unlink()
    backup.put_in_place()
    assert isinstance(deny(xining, case), service.Done), "nobody can know yet"
    alarms: dict[str, list[Any]] = {"chengdu": [], "xining": []}
    for _ in range(6):
        for name, report in here.run().items():
            alarms[name] += report["alarms"]
        here.clock.wait(minutes=5)
    assert alarms["chengdu"]
    assert alarms["xining"]
    for place in (chengdu, xining):
        assert [one.message for one in place.store.incoming(kind="alarm", open_only=True)]
    assert [one.to_dict() for one in chengdu.store.events(case)] == there


def test_a_node_that_never_answers_is_shown_and_a_supervisor_goes_on(
    decided: tuple[Any, str, Backup],
) -> None:
    here, case, backup = decided
    xining = here.places["xining"]
    backup.put_in_place()
    assert xining.exchange.compare(xining.store)
    for _ in range(3):
        assert xining.run()["recovery"]["waits"] == ["chengdu"]
        here.clock.wait(days=1, hours=1)
    asks = [one.name for one in (here.root / "chengdu" / "recovery").iterdir()]
    assert len(asks) == 3, "it is asked again each day"
    with xining.store.transaction() as writes:
        writes.recovered("supervisor 630000: 不再等待")
    assert xining.run()["recovery"]["state"] == ""
    assert not xining.exchange.compare(xining.store), "it is not put back once more"
    for _ in range(4):
        here.run()
    assert xining.store.restored is None
    assert xining.store.case(case).state != "accepted", "what was answered late came back"
    logs_agree(here, case)


# Neighbours that lie.


def _answered(here: Any, change: Callable[[Answer], Answer]) -> dict[str, Any]:
    """What a restored node does with an answer that was changed and signed again."""
    chengdu, xining = here.places["chengdu"], here.places["xining"]
    xining.run()
    chengdu.run()
    folder = here.root / "xining" / "recovery"
    for path in folder.glob("chengdu.answer-*"):
        found = read_handed_back(path.read_bytes())
        assert isinstance(found, Answer)
        path.write_bytes(change(found).signed(here.keys["chengdu"]).to_bytes())
    report: dict[str, Any] = dict(xining.run())
    return report


def _forged(found: Answer) -> Answer:
    letter = next(one for one in found.letters if one.message.kind == "progress")
    body = json.loads(json.dumps(letter.message.to_dict()["body"]).replace("2026", "2027"))
    return attrs.evolve(found, letters=(
        attrs.evolve(letter, message=attrs.evolve(letter.message, body=body)),
    ))  # fmt: skip


def _signed_by_the_neighbour(found: Answer) -> Answer:
    key = signing.SigningKey(b"chengdu".ljust(32, b"."))
    return attrs.evolve(found, letters=tuple(one.signed(key) for one in found.letters))


@pytest.mark.parametrize("change", [_forged, _signed_by_the_neighbour])
def test_only_this_nodes_own_words_are_taken_back(
    decided: tuple[Any, str, Backup], change: Callable[[Answer], Answer]
) -> None:
    here, case, backup = decided
    xining = here.places["xining"]
    backup.put_in_place()
    xining.exchange.compare(xining.store)
    before = [one.to_dict() for one in xining.store.events(case)]
    report = _answered(here, change)
    assert "并非本节点所签" in report["aside"][0]["reason"]
    assert [one.to_dict() for one in xining.store.events(case)] == before
    assert xining.store.restored is not None


def test_a_neighbour_cannot_make_a_node_believe_that_it_was_put_back(
    country: Callable[..., Any],
) -> None:
    here = country("chengdu", "xining")
    case = here.submit("licence", "chengdu")
    for _ in range(3):
        step(here)
    xining = here.places["xining"]
    for number in range(3):
        made = Receipt("chengdu", "xining", f"{number:032x}", "taken").signed(here.keys["chengdu"])
        (here.root / "xining" / "ack" / f"{number}.json").write_bytes(made.to_bytes())
    assert xining.run()["aside"]
    assert [*(here.root / "chengdu" / "recovery").iterdir()], "it asks"
    for _ in range(3):
        here.run()
    assert xining.store.restored is None
    assert not [*(here.root / "xining" / "recovery").iterdir()]
    here.settle()
    assert ended(here, case)


def test_questions_and_answers_that_are_none_stop_nothing(country: Callable[..., Any]) -> None:
    here = country("chengdu", "xining")
    here.submit("licence", "chengdu")
    for _ in range(3):
        step(here)
    key = here.keys["chengdu"]
    ask = Ask("chengdu", "xining", "a" * 32, here.clock()).signed(key)
    answer = Answer("chengdu", "xining", "b" * 32, 1, 1).signed(key)
    files = {
        "answer to nothing": answer.to_bytes(),
        "unsigned": attrs.evolve(ask, signature="").to_bytes(),
        "for another": attrs.evolve(ask, to="lhasa").signed(key).to_bytes(),
        "no moment": ask.to_bytes().replace(b"2026-", b"20x6-"),
        "many parts": attrs.evolve(answer, parts=10**9).signed(key).to_bytes(),
        "no JSON": b"[",
        "deep": b"[" * 10_000,
    }
    folder = here.root / "xining" / "recovery"
    for name, content in files.items():
        (folder / f"{name}.json").write_bytes(content)
    (folder / "pipe.json").mkdir()
    for number in range(5):
        one = attrs.evolve(ask, id=f"{number:032x}").signed(key)
        (folder / one.file).write_bytes(one.to_bytes())
    report = here.places["xining"].run()
    assert len(report["aside"]) == len(files) + 1
    answered = [*(here.root / "chengdu" / "recovery").glob("xining.answer-*")]
    assert len(answered) == 1, "one in a run"


def test_a_request_that_never_arrived_goes_out_once_more(
    country: Callable[..., Any], tmp_path: Path
) -> None:
    here = country(*CITIES)
    case = here.submit("pension", "xian")
    chengdu, xian = here.places["chengdu"], here.places["xian"]
    while not chengdu.store.case(case) or chengdu.store.case(case).state != "arrived":
        assert step(here)
    backup = Backup(here, "chengdu", tmp_path / "backup")
    chengdu.work()
    chengdu.run()
    lost = [*(here.root / "xining" / "in").glob("*.json")]
    assert lost
    for one in lost:
        one.unlink()
    xian.run()
    assert xian.store.case(case).state == "cohandling"
    backup.put_in_place()
    for _ in range(20):
        step(here)
    assert ended(here, case)
    logs_agree(here, case)
    notices = [one.message.body["document"] for one in chengdu.store.incoming(case=case)
               if one.message.kind == "notice"]  # fmt: skip
    assert notices.count("受理通知书") == 1
