"""Cards and keys: an older one replaces none, nobody outranks this node's own file."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongban.kernel import protocol
from tongban.kernel.audit import hash_chain, signing
from tongban.kernel.model import addresses
from tongban.plugins.exchange.addresses import NodeError, believed
from tongban.plugins.exchange.cards import make_card, read_card
from tongban.plugins.exchange.encryption import sealing_key
from tongban.plugins.exchange.membership import Node, load_node, make_node
from tongban.plugins.exchange.peers import pins_of

CHENGDU, XINING, NEXT, THIRD = (signing.SigningKey(one * 32) for one in (b"c", b"x", b"n", b"t"))
NOW = datetime(2026, 3, 2, 9, tzinfo=protocol.CHINA)
LATER = NOW + timedelta(days=1)


@pytest.fixture
def load(tmp_path: Path) -> Callable[..., Node]:
    """Loads Chengdu's node, whose file may say more; its memory lies beside it."""
    (tmp_path / "chengdu.pem").write_text(CHENGDU.to_pem())

    def made(now: datetime = NOW, **says: Any) -> Node:
        path = tmp_path / "cases.node.json"
        own = {"name": "chengdu", "serves": ["510000"], "exchange": "x", "key": "chengdu.pem"}
        path.write_text(json.dumps(own | says))
        return load_node(path, {}, now)

    return made


@pytest.fixture
def publish(tmp_path: Path) -> Callable[..., Path]:
    """Publishes a card of Xining."""

    def made(
        serves: tuple[str, ...] = ("630000",),
        key: signing.SigningKey = XINING,
        now: datetime = NOW,
        former: tuple[tuple[signing.SigningKey, date], ...] = (),
        name: str = "xining",
    ) -> Path:
        return make_node(tmp_path / "x", name, serves, key, now=now, former=former) / "node.json"

    return made


def names(node: Node) -> dict[str, tuple[str, ...]]:
    return {one.name: one.serves for one in node.peers}


def _pin(key: signing.SigningKey, *serves: str) -> dict[str, Any]:
    return {"key": key.public.id, "serves": list(serves)}


# Serial and validity.


def test_an_older_card_never_replaces_a_newer_one(
    load: Callable[..., Node], publish: Callable[..., Path], tmp_path: Path
) -> None:
    card = publish(("630000", "540000"))
    shutil.copy(card, tmp_path / "old.json")
    load()
    publish(("630000",), now=LATER)
    assert names(load()) == {"xining": ("630000",)}
    shutil.copy(tmp_path / "old.json", card)
    found = load()
    assert found.peers == ()
    assert "older" in found.problems[0]
    publish(("630000",), now=LATER + timedelta(days=1))
    assert names(load()) == {"xining": ("630000",)}


def test_a_node_publishes_anew_what_was_put_back(load: Callable[..., Node], tmp_path: Path) -> None:
    card = tmp_path / "x" / "chengdu" / "node.json"
    load()
    first = card.read_bytes()
    load(serves=["510000", "540000"])
    second = read_card(card.read_bytes(), "chengdu")
    card.write_bytes(first)
    load(serves=["510000", "540000"])
    third = read_card(card.read_bytes(), "chengdu")
    assert read_card(first, "chengdu").serial < second.serial < third.serial
    load(serves=["510000", "540000"])
    assert read_card(card.read_bytes(), "chengdu") == third, "nothing new, nothing written"


def test_a_card_out_of_its_time_is_shown_and_not_used(
    load: Callable[..., Node], publish: Callable[..., Path]
) -> None:
    publish()
    for now in (NOW - timedelta(days=3), NOW + timedelta(days=500)):
        found = load(now)
        assert found.peers[0].unusable
        assert any("xining" in one and "有效期" in one for one in found.problems)
    assert load(NOW + timedelta(days=300)).peers[0].unusable == ""


def test_a_card_is_renewed_before_its_time_is_over(
    load: Callable[..., Node], tmp_path: Path
) -> None:
    card = tmp_path / "x" / "chengdu" / "node.json"
    load()
    first = read_card(card.read_bytes(), "chengdu")
    load(NOW + timedelta(days=100))
    assert read_card(card.read_bytes(), "chengdu") == first
    load(NOW + timedelta(days=250))
    assert read_card(card.read_bytes(), "chengdu").serial > first.serial


def test_a_card_of_the_first_version_is_read(load: Callable[..., Node], tmp_path: Path) -> None:
    folder = tmp_path / "x" / "xining"
    folder.mkdir(parents=True)
    raw: dict[str, Any] = {
        "format": "tongban.node/1",
        "name": "xining",
        "serves": ["630000"],
        "key": XINING.public.to_pem(),
        "sealing": sealing_key(XINING),
    }
    text = "\n".join((raw["format"], "xining", "630000", raw["key"], raw["sealing"]))
    (folder / "node.json").write_text(json.dumps(raw | {"signature": XINING.sign(text)}))
    assert names(load()) == {"xining": ("630000",)}
    assert load().problems == ()


@pytest.mark.parametrize(
    "changes",
    [
        {"serial": 10**30},
        {"serial": "1"},
        {"from": "0001-01-01T00:00:00+00:00"},
        {"until": "9999-12-31T23:59:59-12:00"},
        {"until": "2026-03-02"},
        {"former": [{}]},
        {"former": [[]] * 30},
        {"former": None},
        {"serves": ["٥١٠٠٠٠"]},
        {"serves": ["51"]},
        {"serves": "510000"},
        {"sealing": "AA=="},
        {"key": "\ud800"},
        {"more": 1},
        {"name": "chengdu"},
    ],
)
def test_a_card_that_is_none_is_named(changes: dict[str, Any]) -> None:
    """Signed by its own key as it stands: a neighbour writes what it likes."""
    raw = make_card("xining", ("630000",), XINING, 1, NOW).to_dict() | changes
    bare = {name: one for name, one in raw.items() if name != "signature"}
    try:
        raw["signature"] = XINING.sign(f"tongban.card/2\n{hash_chain.canonical(bare)}")
    except UnicodeError:
        raw["signature"] = "x"
    with pytest.raises(NodeError):
        read_card(json.dumps(raw).encode("ascii"), "xining")


# What a node serves.


def test_no_card_takes_what_this_node_serves(
    load: Callable[..., Node], publish: Callable[..., Path]
) -> None:
    claims = ("510100/public_security", "510000", "510104", "630000")
    publish(claims)
    found = load()
    assert names(found) == {"xining": ("630000",)}
    assert found.served("510100/public_security")
    assert found.served("510104/health")
    assert "510100/public_security" in found.problems[0]
    pinned = load(trusted={"xining": _pin(XINING, "630000", "510104")})
    assert names(pinned) == {"xining": ("510104", "630000")}
    assert not pinned.served("510104/health"), "this node's own file gives it away"
    assert pinned.served("510100/public_security")


def test_a_pin_bounds_what_a_card_says(
    load: Callable[..., Node], publish: Callable[..., Path]
) -> None:
    publish(("630000", "540000", "-"))
    publish(("630100/postal", "610000"), CHENGDU, name="xian")
    trusted = {"xining": _pin(XINING, "630000"), "xian": CHENGDU.public.id}
    found = load(trusted=trusted)
    assert names(found) == {"xining": ("630000",), "xian": ("610000",)}
    assert len(found.problems) == 2
    assert [one.name for one in found.whose("630100/postal")] == ["xining"]


def test_a_pinned_place_stays_away_while_its_card_is_broken(
    load: Callable[..., Node], publish: Callable[..., Path]
) -> None:
    card = publish(("510104",))
    trusted = {"xining": _pin(XINING, "510104")}
    assert not load(trusted=trusted).served("510104/health")
    card.write_text("{}")
    found = load(trusted=trusted)
    assert not found.served("510104/health")
    assert found.whose("510104/health") == ()
    assert found.missing("510104/health") == "xining"
    card.unlink()
    assert not load(trusted=trusted).served("510104/health")


_PLACES = st.lists(
    st.sampled_from(["510000", "510100", "510104", "510104/health", "630000", "-", "-/military"]),
    max_size=4,
).map(tuple)
_ADDRESSES = st.sampled_from(
    ["510104/health", "510100/postal", "512000/postal", "630100/postal", "-/military", "-/rail"]
)


@given(
    claims=st.dictionaries(st.sampled_from(["a", "b", "c"]), _PLACES),
    own=_PLACES,
    pins=st.dictionaries(st.sampled_from(["a", "b", "c"]), _PLACES),
    address=_ADDRESSES,
)
def test_this_nodes_own_file_prevails(
    claims: dict[str, tuple[str, ...]],
    own: tuple[str, ...],
    pins: dict[str, tuple[str, ...]],
    address: str,
) -> None:
    found, _ = believed(claims, own, pins)
    for name, places in found.items():
        assert set(places) <= set(claims[name])
        if addresses.rank(places, address) == 0:
            continue
        if name in pins:
            assert addresses.rank(pins[name], address) > 0
        else:
            # It may claim what is wider than ours, and then ours is the more exact.
            assert addresses.rank(own, address) == 0 or addresses.rank(
                own, address
            ) > addresses.rank(places, address)


# Pins and keys.


def test_a_short_pin_is_shown_with_what_to_write(
    load: Callable[..., Node], publish: Callable[..., Path]
) -> None:
    publish()
    found = load(trusted={"xining": XINING.public.id[:16]})
    assert found.peers == ()
    assert "write all 32" in found.problems[0]


@pytest.mark.parametrize(
    "trusted",
    [[], "x", {"xining": {"key": "0" * 32, "serves": "630000"}}, {"xining": {"kee": "x"}},
     {"xining": {"key": "0" * 32, "serves": ["63"]}}],
)  # fmt: skip
def test_a_wrong_pin_is_a_clear_error(load: Callable[..., Node], trusted: Any) -> None:
    with pytest.raises(NodeError, match=r"trusted|serves"):
        load(trusted=trusted)
    assert pins_of(None) == (None, [])


def test_a_key_that_hands_on_is_followed(
    load: Callable[..., Node], publish: Callable[..., Path]
) -> None:
    until = (NOW + timedelta(days=90)).date()
    trusted = {"xining": XINING.public.id}
    publish()
    load(trusted=trusted)
    publish(key=NEXT, now=LATER, former=((XINING, until),))
    (peer,) = load(LATER, trusted=trusted).peers
    assert peer.keys == (NEXT.public, XINING.public), "letters by the key before are taken"
    publish(key=THIRD, now=LATER + timedelta(days=1), former=((XINING, until), (NEXT, until)))
    (peer,) = load(NOW + timedelta(days=200), trusted=trusted).peers
    assert peer.keys == (THIRD.public,), "not for ever"


def test_a_key_that_was_replaced_does_not_come_back(
    load: Callable[..., Node], publish: Callable[..., Path]
) -> None:
    """A thief of the key before, which is still the one that is pinned."""
    until = (NOW + timedelta(days=90)).date()
    trusted = {"xining": XINING.public.id}
    publish()
    load(trusted=trusted)
    publish(key=NEXT, now=LATER, former=((XINING, until),))
    load(LATER, trusted=trusted)
    for thief in ({"key": XINING}, {"key": THIRD, "former": ((XINING, until),)}):
        publish(now=LATER + timedelta(days=1), **thief)
        found = load(LATER, trusted=trusted)
        assert found.peers == ()
        assert "hand on" in found.problems[0]
    publish(key=THIRD, now=LATER + timedelta(days=2))
    assert load(LATER, trusted={"xining": THIRD.public.id}).peers != (), "pinned anew"


def test_a_forged_succession_is_none(
    load: Callable[..., Node], publish: Callable[..., Path]
) -> None:
    card = publish(key=THIRD, former=((NEXT, NOW.date()),))
    raw = json.loads(card.read_bytes())
    raw["former"][0]["key"] = XINING.public.to_pem()
    bare = {name: one for name, one in raw.items() if name != "signature"}
    raw["signature"] = THIRD.sign(f"tongban.card/2\n{hash_chain.canonical(bare)}")
    card.write_text(json.dumps(raw))
    found = load(trusted={"xining": XINING.public.id})
    assert found.peers == ()


def test_a_memory_that_is_lost_or_damaged_is_said_and_begins_anew(
    load: Callable[..., Node], publish: Callable[..., Path], tmp_path: Path
) -> None:
    publish()
    load()
    memory = tmp_path / "cases.seen.json"
    assert memory.stat().st_mode & 0o077 == 0
    for content in (b"", b"[", b"{}", b'{"format": "tongban.seen/1", "cards": 5, "lines": 7}'):
        memory.write_bytes(content)
        assert names(load()) == {"xining": ("630000",)}
    memory.unlink()
    os.mkfifo(memory)
    found = load()
    assert names(found) == {"xining": ("630000",)}
    assert "seen.json" in found.problems[0]


def test_a_card_of_ones_own_that_was_replaced_is_published_again(
    load: Callable[..., Node], tmp_path: Path
) -> None:
    card = tmp_path / "x" / "chengdu" / "node.json"
    load()
    puts: tuple[Callable[[], object], ...] = (
        card.mkdir,
        lambda: os.mkfifo(card),
        lambda: card.symlink_to("/etc/hostname"),
        lambda: card.write_text("{}"),
    )
    for put in puts:
        card.unlink()
        put()
        assert load().problems == ()
        assert read_card(card.read_bytes(), "chengdu").name == "chengdu"
