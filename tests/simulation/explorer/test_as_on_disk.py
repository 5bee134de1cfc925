"""What the explorer's store in memory does is what the store on disk does, on the same way."""

from __future__ import annotations

import random
from contextlib import ExitStack
from pathlib import Path

import pytest

from tongban.kernel import service
from tongban.plugins.simulation.explorer.model import Model
from tongban.plugins.simulation.explorer.scenario import CASE, find
from tongban.plugins.simulation.explorer.state import Action, Left, State
from tongban.plugins.stores.sqlite.embedded import SqliteStore, open_store


class OnDisk:
    """The same nodes, each with a file."""

    def __init__(self, world: Model, folder: Path, opened: ExitStack) -> None:
        self.world = world
        self.stores: list[SqliteStore] = []
        self.services: list[service.Service] = []
        for n, place in enumerate(world.scenario.nodes):
            path = folder / f"{n}.sqlite"
            store = open_store(path, clock=lambda: world.now, calendars=world.calendar)
            self.stores.append(opened.enter_context(store))
            self.services.append(service.Service(world.kernel, store, place.serves))

    def do(self, action: Action, day: int) -> None:
        world, (kind, n, _) = self.world, action
        world.now = world.morning(day)
        if kind in ("give", "repeat"):
            move = world.scenario.moves[n]
            body = move.body or world._given
            self.services[move.at].do(CASE, move.actor, body, id=move.id)
        elif kind == "deliver":
            message, sender, receiver = world.messages[n]
            self.services[receiver].receive_message(message)
            with self.stores[sender].transaction() as writes:
                writes.delivered(message.id)
        elif kind == "tick":
            self.services[n].tick()

    def same(self, state: State) -> None:
        for store, number in zip(self.stores, state.nodes, strict=True):
            kept = self.world.kept[number]
            assert store.events(CASE) == kept.log
            assert store.case(CASE) == kept.case
            sent = {one.message.id: one.status == "delivered" for one in store.outgoing()}
            assert sent == {one.message.id: one.status == "delivered" for one in kept.outbox}
            taken = {one.message.id: one.handled_at is None for one in store.incoming()}
            assert taken == {one.message.id: one.handled_at is None for one in kept.inbox}


def walk(world: Model, chance: random.Random, disk: OnDisk, steps: int) -> int:
    state, left = world.start()[0], Left(0, 2, 0)
    done = 0
    for _ in range(steps):
        possible = [
            (action, found)
            for action in world.actions(state, left)
            if (found := world.after(state, left, action)) is not None and found[0] != state
        ]
        if not possible:
            break
        action, (state, left, _) = chance.choice(possible)
        disk.do(action, state.day)
        disk.same(state)
        done += 1
    return done


@pytest.mark.parametrize("name", ["clock", "collect", "joint", "relay", "three"])
def test_the_same_way_leads_to_the_same_on_disk(tmp_path: Path, name: str) -> None:
    lengths = []
    for seed in range(4):
        world = Model(find(name))
        folder = tmp_path / str(seed)
        folder.mkdir()
        with ExitStack() as opened:
            disk = OnDisk(world, folder, opened)
            lengths.append(walk(world, random.Random(seed), disk, 40))
            for store in disk.stores:
                assert store.verify() == ()
    assert max(lengths) >= 8
