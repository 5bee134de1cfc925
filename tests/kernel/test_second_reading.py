"""The compiled engine looks facts up by itself; a plain reader of the same facts decides alike."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tongban.kernel import Kernel, hookimpl
from tongban.kernel.engine import Facts, Program
from tongban.kernel.model import evaluate

Make = Callable[..., Kernel]
Text = Callable[..., str]


class Reader:
    """An engine that reads each rule anew."""

    @hookimpl
    def second_opinion(self, item: Program, facts: Facts) -> list[str]:
        """The rules that hold."""
        return [rule.id for rule in item.rules if evaluate(rule.when, facts)]


@pytest.fixture(scope="module")
def read(kernel: Kernel) -> Kernel:
    """The catalogue, with the plain reader beside the kernel's own engine."""
    return kernel.restarted([Reader()])


def test_every_case_of_the_catalogue_is_decided_alike(read: Kernel) -> None:
    decided = 0
    for item in read.items:
        usual = {"as_of": "2026-01-01", "applicant": {"kind": item.applicant.value[0]}}
        for case in item.cases:
            raw = {**usual, **case.given, "item": item.key}
            assert read.decide(raw) == read.decide(raw, engine="Reader"), (item.id, case.name)
            decided += 1
    assert decided > 500


@pytest.mark.parametrize(("at", "eligible"), [("work", False), ("residence", True)])
def test_a_rule_sees_the_place_that_was_chosen_by_handing_in_there(
    make_kernel: Make, one_item: Text, rule: Text, at: str, eligible: bool
) -> None:
    """Nobody said `handle_at`: it follows from where the application is handed in."""
    text = one_item(rules=rule("not_there", "{eligible: false}", when="{handle_at: work}"))
    kernel = make_kernel(
        text.replace("handled_at: [hukou]", "handled_at: {one_of: [work, residence]}")
    )
    places = {"work": "510100", "residence": "630100"}
    raw = {
        "item": "9-01",
        "channel": "window",
        "received_at": places[at],
        "applicant": {"kind": "person"},
        "places": places,
    }
    assert (kernel.decide(raw).outcome == "eligible") is eligible
