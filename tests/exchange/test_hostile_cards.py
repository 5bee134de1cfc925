"""Cards and files of nodes that are none: their node is left out, and the rest goes on."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tongban.plugins.exchange import pump
from tongban.plugins.exchange.addresses import NodeError
from tongban.plugins.exchange.membership import load_node

from .conftest import Here
from .test_hostile_folder import THINGS


@pytest.fixture
def node(here: Here, tmp_path: Path) -> Path:
    (tmp_path / "chengdu.pem").write_text(here.country.keys["chengdu"].to_pem())
    path = tmp_path / "cases.node.json"
    says = {"name": "chengdu", "serves": ["510000"], "exchange": str(here.country.root)}
    path.write_text(json.dumps({**says, "key": "chengdu.pem"}))
    return path


def test_a_card_of_any_kind_leaves_its_node_out_alone(here: Here, node: Path) -> None:
    for number, put in enumerate(THINGS.values()):
        folder = here.country.root / f"lhasa-{number}"
        folder.mkdir()
        put(folder / "node.json")
    found = load_node(node)
    assert [one.name for one in found.peers] == ["xining"]
    assert len(found.problems) == len(THINGS)
    assert all(f"lhasa-{n}/" in "".join(found.problems) for n in range(len(THINGS)))


def test_a_file_of_ones_own_that_is_none_is_a_clear_error(tmp_path: Path) -> None:
    for thing, put in THINGS.items():
        path = tmp_path / f"{thing}.node.json"
        put(path)
        with pytest.raises(NodeError, match=thing):
            load_node(path)


def test_letters_wait_where_the_card_of_their_node_was_broken(here: Here, node: Path) -> None:
    exchange = pump.Exchange(load_node(node))
    card = here.country.root / "xining" / "node.json"
    genuine = card.read_bytes()
    card.write_bytes(b"{}")
    broken = pump.Exchange(load_node(node))
    report = broken.run(
        here.chengdu.store, here.chengdu.service.receive_message, here.chengdu.clock()
    )
    assert report["aside"] == []
    assert all("名片" in one["reason"] for one in report["waiting"])
    assert here.letters("in")
    card.write_bytes(genuine)
    whole = pump.Exchange(load_node(node))
    assert whole.run(
        here.chengdu.store, here.chengdu.service.receive_message, here.chengdu.clock()
    )["taken"]
    assert exchange.node.knows("xining")
