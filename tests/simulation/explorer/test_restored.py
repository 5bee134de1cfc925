"""A backup in the place of a store: what others have comes back, nothing is decided before."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from attrs import evolve

from tongban.kernel import service
from tongban.kernel.service import recovery
from tongban.plugins.simulation.explorer.history import tell
from tongban.plugins.simulation.explorer.scenario import Scenario, find, within
from tongban.plugins.simulation.explorer.search import explore

Patch = pytest.MonkeyPatch
STATES = 1_200


@pytest.fixture(scope="module")
def one_backup() -> Scenario:
    """As far as the case is at the second authority, or was withdrawn."""
    found = find("restored")
    moves = tuple(one for one in found.moves if one.id not in ("confirm", "grant", "deny"))
    return within(evolve(found, moves=moves), states=STATES)


def test_what_others_have_comes_back(one_backup: Scenario) -> None:
    found = explore(one_backup)
    assert found.violation is None
    assert found.states >= STATES


def _nothing_is_taken_back(patch: Patch) -> None:
    patch.setattr(recovery, "take_back", lambda *given: 0)


def _it_goes_on_at_once(patch: Patch) -> None:
    patch.setattr(service.Service, "_put_back", lambda self: None)


@pytest.mark.parametrize("plant", [_nothing_is_taken_back, _it_goes_on_at_once])
def test_a_careless_restore_is_found(
    plant: Callable[[Patch], None], one_backup: Scenario, monkeypatch: Patch
) -> None:
    plant(monkeypatch)
    found = explore(one_backup)
    assert found.violation is not None
    told = " ".join(one.what for one in tell(found.world, found.way))
    assert "the backup is put in the place of the store" in told
