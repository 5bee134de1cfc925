"""Who takes part in the exchange, whose an address is, and what only the receiver can read."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from tongban.kernel import Carrier, Kernel
from tongban.kernel.audit import signing
from tongban.kernel.model.addresses import rank
from tongban.kernel.protocol import personal_data
from tongban.plugins import exchange as plugin
from tongban.plugins.exchange.addresses import NodeError
from tongban.plugins.exchange.encryption import opened, sealed, sealing_key
from tongban.plugins.exchange.membership import load_node, make_node, read_peers

CHENGDU, XINING = signing.SigningKey(b"c" * 32), signing.SigningKey(b"x" * 32)


@pytest.fixture
def node_file(tmp_path: Path) -> Callable[..., Path]:
    """Writes the file of a node whose peer is Xining, beside the shared folder."""

    def write(**changes: Any) -> Path:
        make_node(tmp_path / "exchange", "xining", ("630000",), XINING)
        (tmp_path / "chengdu.key").write_text(CHENGDU.to_pem(), encoding="ascii")
        given = {
            "name": "chengdu",
            "serves": ["510000"],
            "exchange": "exchange",
            "key": "chengdu.key",
        }
        raw = {name: one for name, one in {**given, **changes}.items() if one is not None}
        (tmp_path / "node.json").write_text(json.dumps(raw), encoding="utf-8")
        return tmp_path / "node.json"

    return write


def test_a_file_is_all_that_a_node_needs(node_file: Callable[..., Path]) -> None:
    carrier = plugin.exchange(str(node_file()))
    assert isinstance(carrier, Carrier)
    assert carrier.serves("510100/public_security")
    assert carrier.serves("applicant")
    assert not carrier.serves("630100/public_security")
    assert not carrier.serves("-/military_agency")


def test_the_key_may_come_from_the_environment(node_file: Callable[..., Path]) -> None:
    path = node_file(key=None)
    assert load_node(path, {"TONGBAN_SIGNING_KEY": CHENGDU.to_pem()}).key == CHENGDU
    with pytest.raises(NodeError, match="TONGBAN_SIGNING_KEY"):
        load_node(path, {})


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"name": None}, "'name' is missing"),
        ({"sreves": []}, "unknown 'sreves'"),
        ({"serves": ["51"]}, "'51'"),
        ({"name": "../x"}, "a node's name"),
        ({"key": "nowhere.key"}, "nowhere.key"),
    ],
)
def test_a_wrong_file_says_what_is_wrong(
    node_file: Callable[..., Path], changes: dict[str, Any], says: str
) -> None:
    with pytest.raises(NodeError, match=says):
        load_node(node_file(**changes))


def test_a_card_that_was_changed_is_left_out_and_named(
    node_file: Callable[..., Path], tmp_path: Path
) -> None:
    path = node_file()
    card = tmp_path / "exchange" / "xining" / "node.json"
    raw = json.loads(card.read_text("utf-8"))
    card.write_text(json.dumps(raw | {"serves": ["630000", "540000"]}), encoding="utf-8")
    node = load_node(path)
    assert node.peers == ()
    assert "xining" in node.problems[0]


def test_pinned_keys_prevail_over_the_folder(
    node_file: Callable[..., Path], tmp_path: Path
) -> None:
    assert load_node(node_file(trusted={"xining": XINING.public.id})).problems == ()
    make_node(tmp_path / "exchange", "lhasa", ("540000",), CHENGDU)
    pinned = load_node(node_file(trusted={"xining": CHENGDU.public.id}))
    assert pinned.peers == ()
    assert len(pinned.problems) == 1, "the one that nobody pinned is not believed, nor a problem"


def test_the_most_exact_one_has_an_address(tmp_path: Path) -> None:
    for name, serves in {
        "province": ("630000",),
        "city": ("630100",),
        "desk": ("630100/postal",),
        "other": ("540000",),
        "copy": ("540000",),
    }.items():
        make_node(tmp_path, name, serves, XINING)
    peers, problems = read_peers(tmp_path)
    assert problems == ()
    node = plugin.exchange("")
    assert node is not None
    from tongban.plugins.exchange.membership import Node

    me = Node("me", ("630000",), CHENGDU, tmp_path, tuple(p for p in peers if p.name != "province"))
    assert [one.name for one in me.whose("630100/postal")] == ["desk"]
    assert [one.name for one in me.whose("630123/health")] == ["city"]
    assert not me.served("630100/postal")
    assert me.served("632700/postal")
    assert {one.name for one in me.whose("540100/postal")} == {"other", "copy"}
    assert rank(("630000",), "510100/postal") == 0


def test_only_the_receiver_opens_personal_data() -> None:
    data, salt = {"kind": "person", "name": "金丝雀"}, b"s" * 16
    kept = personal_data.Personal(personal_data.reference(salt, data), data, salt)
    letter = sealed(kept, sealing_key(XINING), "m1", lambda size: b"e" * size)
    assert opened(letter, XINING, "m1") == kept
    changed = letter[:-6] + ("A" if letter[-6] != "A" else "B") + letter[-5:]
    for wrong, key, message in (
        (letter, CHENGDU, "m1"),
        (letter, XINING, "m2"),
        (changed, XINING, "m1"),
        ("", XINING, "m1"),
        ("@@", XINING, "m1"),
    ):
        with pytest.raises(NodeError) as raised:
            opened(wrong, key, message)
        assert "金丝雀" not in str(raised.value)


def test_the_plugin_is_loaded_whole() -> None:
    (status,) = Kernel(plugins=[plugin]).plugins
    assert (status.state, status.hooks) == ("loaded", ("exchange",))


def test_modules_of_the_version_before_are_found_with_a_warning() -> None:
    with pytest.warns(DeprecationWarning, match="exchange.nodes is .*exchange.membership now"):
        found = import_module("tongban.plugins.exchange.nodes").load_node
    assert found is load_node
    with pytest.warns(DeprecationWarning, match="exchange.letters is .*exchange.envelope now"):
        exec("from tongban.plugins.exchange import letters; letters.Letter")


def test_what_looks_through_all_modules_is_not_warned() -> None:
    assert not hasattr(sys.modules["tongban.plugins.exchange.nodes"], "__file__")


def test_a_carrier_goes_on_pumping(country: Callable[..., Any]) -> None:
    place = country("chengdu").places["chengdu"]
    with pytest.warns(DeprecationWarning, match="Exchange.pump is called run now"):
        report = place.exchange.pump(place.store, place.service.receive_message, place.clock())
    assert report.keys() == place.run().keys()
