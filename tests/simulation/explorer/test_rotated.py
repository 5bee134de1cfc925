"""Another key at any moment: each letter is believed by its own node's keys, and comes once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from tongban.kernel.audit import signing
from tongban.kernel.extension.ports import Ports
from tongban.plugins.exchange import peers
from tongban.plugins.exchange.cards import Card
from tongban.plugins.simulation.explorer.history import tell
from tongban.plugins.simulation.explorer.model import Model
from tongban.plugins.simulation.explorer.rotating import Rotating
from tongban.plugins.simulation.explorer.scenario import ScenarioError, find
from tongban.plugins.simulation.explorer.search import explore

Patch = pytest.MonkeyPatch


def test_keys_change_letters_lie_and_cards_are_read_before_or_after() -> None:
    """Every judgement comes up: of old and new letters, read early and late."""
    world = Model(find("rotated"))
    state, left = world.start()
    seen, level = set(), {state}
    for _ in range(14):
        after = set()
        for one in level:
            for action in world.actions(one, left):
                found = world.after(one, left, action)
                if found is not None and found[0] not in seen:
                    after.add(found[0])
        seen |= after
        level = after
    cards = {(card, one.keys.read[1 - n][n]) for one in seen for n, card in enumerate(one.keys[0])}
    assert cards == {(0, 0), (1, 0), (1, 1), (2, 0), (2, 1), (2, 2)}


def _anybody_signs(patch: Patch) -> None:
    patch.setattr(signing.PublicKey, "verifies", lambda key, text, signature: True)


def _former_keys_have_no_end(patch: Patch) -> None:
    def keys(card: Card, day: date) -> tuple[signing.PublicKey, ...]:
        return (card.key, *(one.key for one in card.former))

    patch.setattr(Card, "keys_at", keys)


def _any_card_goes(patch: Patch) -> None:
    patch.setattr(peers, "_judged", lambda card, pin, seen: None)


def _no_key_hands_on(patch: Patch) -> None:
    patch.setattr(Card, "descends_from", lambda card, key: card.key.id == key)


def _sent_again_as_it_was(patch: Patch) -> None:
    patch.setattr(Rotating, "sent_again", lambda rotating, state, message: state)


@pytest.mark.parametrize(
    ("plant", "invariant", "told"),
    [
        (_anybody_signs, "signed", ""),
        (_former_keys_have_no_end, "signed", "旧密钥到期"),
        (_any_card_goes, "signed", ""),
        (_no_key_hands_on, "stuck", "更换密钥"),
        (_sent_again_as_it_was, "stuck", "旧密钥到期"),
    ],
)
def test_a_careless_exchange_is_found(
    plant: Callable[[Patch], None], invariant: str, told: str, monkeypatch: Patch
) -> None:
    plant(monkeypatch)
    found = explore(find("rotated"))
    assert found.violation is not None
    assert found.violation.invariant == invariant
    assert told in " ".join(one.what for one in tell(found.world, found.way))


def test_without_an_exchange_nobody_can_say_who_signed(monkeypatch: Patch) -> None:
    monkeypatch.setattr(Ports, "carrier", lambda ports, node: None)
    with pytest.raises(ScenarioError, match="no exchange"):
        explore(find("rotated"))
