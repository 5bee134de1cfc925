"""Stores put back or damaged, hostile letters, junk, clocks that jump, keys that change.

All together over live stores and real folders (`deep_attacked.py`: each alone); and for each
invariant a bug that is planted, so that it is seen to fail.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from tongban.kernel.protocol import judgement
from tongban.kernel.service import recovery
from tongban.plugins.exchange import pump
from tongban.plugins.exchange.incoming import Incoming
from tongban.plugins.exchange.spool import Spool
from tongban.plugins.simulation.report.result import Result
from tongban.plugins.simulation.running import run
from tongban.plugins.simulation.scenario.catalogue import Catalogue
from tongban.plugins.simulation.scenario.options import Options
from tongban.plugins.simulation.scenario.scenario import Scenario, load_scenario
from tongban.plugins.simulation.world.forging import made_up
from tongban.plugins.simulation.world.node import Node
from tongban.plugins.stores.sqlite import opening

Patch = pytest.MonkeyPatch


@pytest.fixture(scope="module")
def attacked() -> Scenario:
    return load_scenario("attacked")


@pytest.fixture
def under(attacked: Scenario, rules: Catalogue) -> Callable[..., Result]:
    """Runs a few cases with some kinds of faults, each in three nights of ten."""

    def ran(*kinds: str, seed: int = 1, store: str = "memory", **options: Any) -> Result:
        rates: dict[str, Any] = dict.fromkeys(kinds, 0.3) | options
        scenario = evolve(attacked, faults=evolve(attacked.faults, **rates))
        catalogue = Catalogue(scenario, rules.simulated, rules.kernels)
        asked = Options(seed, 2, 2, kinds=frozenset(rates), store=store, keep=True)
        return run(asked, scenario, catalogue)

    return ran


def test_all_of_them_over_live_stores(attacked: Scenario, rules: Catalogue) -> None:
    catalogue = Catalogue(attacked, rules.simulated, rules.kernels)
    result = run(Options(3, 3, 4, store="sqlite"), attacked, catalogue)
    assert result.failed is None
    assert result.metrics.left == 0


def test_one_seed_gives_the_same_events(under: Callable[..., Result]) -> None:
    kinds = ("store_restored",)
    assert under(*kinds).digest == under(*kinds).digest


def _a_cancellation_of_anybody(patch: Patch) -> None:
    rule = judgement.LETTERS["cancellation"]
    anybody = evolve(rule, sender=evolve(rule.sender, test=lambda *given: None), holds=())
    patch.setitem(judgement.LETTERS, "cancellation", anybody)


def _a_node_compares_nothing(patch: Patch) -> None:
    patch.setattr(pump, "put_back", lambda *given: False)


def _any_file_is_the_live_store(patch: Patch) -> None:
    patch.setattr(opening, "standing", lambda *given: "live")
    _a_node_compares_nothing(patch)  # else its own words in the shared folder tell


def _what_is_put_aside_is_copied(patch: Patch) -> None:
    def copied(self: Spool, path: Path, aside: Path, reason: str, content: bytes | None) -> None:
        if path.is_symlink() and path.exists():
            shutil.copyfile(path, aside / path.name)
        if path.is_dir():
            path.rmdir()
        else:
            path.unlink()

    patch.setattr(Spool, "put_aside", copied)


def _junk_stays(patch: Patch) -> None:
    patch.setattr(Spool, "put_aside", lambda *given: None)


def _only_the_newest_key_counts(patch: Patch) -> None:
    signer = Incoming.signer

    def newest(self: Any, node: str, to: str, path: Path, verifies: Any) -> Any:
        return signer(self, node, to, path, lambda keys: verifies(keys[:1]))

    patch.setattr(Incoming, "signer", newest)


def _nothing_is_taken_back(patch: Patch) -> None:
    patch.setattr(recovery, "take_back", lambda *given: 0)


PLANTED: dict[str, tuple[str, Callable[[Patch], None], tuple[str, ...], dict[str, Any]]] = {
    "believed": ("believed", _a_cancellation_of_anybody, ("hostile_letter",), {}),
    "noticed by its peers": ("noticed", _a_node_compares_nothing, ("store_copied",), {}),
    "noticed by its head file": (
        "noticed|chain", _any_file_is_the_live_store, ("wal_lost",), {"store": "sqlite"},
    ),
    "private": ("private", _what_is_put_aside_is_copied, ("folder_junk",), {}),
    "usable": ("usable", _junk_stays, ("folder_junk",), {}),
    "keys": ("keys", _only_the_newest_key_counts, ("key_rotated",), {"message_delayed": 0.9}),
    "lost": ("lost|diverged", _nothing_is_taken_back, ("store_restored",), {}),
}  # fmt: skip


@pytest.mark.parametrize("case", PLANTED.values(), ids=PLANTED)
def test_a_planted_bug_is_found(
    case: tuple[str, Callable[[Patch], None], tuple[str, ...], dict[str, Any]],
    under: Callable[..., Result],
    monkeypatch: Patch,
) -> None:
    name, plant, kinds, options = case
    plant(monkeypatch)
    for seed in range(1, 5):
        failed = under(*kinds, seed=seed, **options).failed
        if failed is not None:
            break
    assert failed is not None
    assert failed.name in name.split("|")
    assert any(text.startswith(kinds[0]) for text in failed.fired.values())


def test_the_hostile_node_writes_letters_of_every_kind(under: Callable[..., Result]) -> None:
    seen: list[Any] = []
    kept = Node.reopened

    def notes(self: Node, inner: Any) -> None:
        kept(self, inner)
        seen.append(self)

    patch = pytest.MonkeyPatch()
    with patch.context() as inside:
        inside.setattr(Node, "reopened", notes)
        under("clock_jump")
    ports = seen[0].ports
    record = max(ports.cases.past.values(), key=lambda one: len(one.case.plan.offices))
    letters = made_up(record.case, "710000", ports.agenda.moment, known=True)
    assert {one.kind for one in letters} | {"confirmation", "refusal"} == set(judgement.LETTERS)
