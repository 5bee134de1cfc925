"""Modes, crossing, receiving place and legs, as design.md defines them."""

from __future__ import annotations

from typing import Any

import pytest

from tongban.kernel import Decision, Kernel
from tongban.kernel.engine import possible_modes

MOVE = {"item": "2-03", "facts": {"move_reason": "job_transfer"}, "applicant": {"kind": "person"}}


def decide(kernel: Kernel, base: dict[str, Any], **more: Any) -> Decision:
    return kernel.decide({**base, **more})


def legs(decision: Decision) -> list[str]:
    return [f"{leg.source} > {leg.target} {leg.by} {leg.what}" for leg in decision.legs]


def at(channel: str, received_at: int | None = None, **places: int) -> dict[str, Any]:
    """How an application comes, where it is handed in, and the places that it names."""
    received = {} if received_at is None else {"received_at": received_at}
    return {"channel": channel, **received, "places": places}


def of(item: str) -> dict[str, Any]:
    return {"item": item, "applicant": {"kind": "person"}}


PROOF = of("2-01")


@pytest.mark.parametrize(
    ("base", "more", "modes", "crossing"),
    [
        # online: no attendance, whatever the place
        (PROOF, at("online", hukou=630100), {"online"}, "none"),
        # a window elsewhere collects; in another county of the same prefecture it is local
        (PROOF, at("window", 510104, hukou=630100), {"collect"}, "province"),
        (PROOF, at("window", 632801, hukou=630100), {"collect"}, "prefecture"),
        (PROOF, at("window", 630121, hukou=630102), {"local"}, "none"),
        # a municipality is one place; a county directly under a province is its own
        (PROOF, at("window", 110105, hukou=110101), {"local"}, "none"),
        (PROOF, at("window", 429004, hukou=429005), {"collect"}, "prefecture"),
        # a kiosk handles remotely; at the handling place it is local too
        (PROOF, at("kiosk", 440300, hukou=630100), {"online"}, "province"),
        (PROOF, at("kiosk", 630104, hukou=630100), {"online", "local"}, "none"),
        # joint counts places: two authorities in one prefecture are one
        (MOVE, at("online", move_in=510100, move_out=630100), {"online", "joint"}, "province"),
        (MOVE, at("online", move_in=630102, move_out=630121), {"online"}, "none"),
        (
            MOVE,
            at("window", 440300, move_in=510100, move_out=630100),
            {"collect", "joint"},
            "province",
        ),
        # the military side counts, and has no division
        (of("1-12"), at("window", 630100, transfer_in=630104), {"joint"}, "none"),
        # a central authority is never where the window stands
        (of("1-49"), at("window", 630100), {"collect"}, "none"),
    ],
)
def test_modes_and_crossing(
    kernel: Kernel, base: dict[str, Any], more: dict[str, Any], modes: set[str], crossing: str
) -> None:
    decision = decide(kernel, base, **more)
    assert decision.outcome == "eligible"
    assert set(decision.modes) == modes
    assert decision.crossing == crossing


def test_the_sample_of_the_design(kernel: Kernel) -> None:
    more = at("window", 510100, move_in=510100, move_out=630100)
    shown = decide(kernel, MOVE, **more, as_of="2026-11-22", deliver_by="post").to_dict()
    assert list(shown) == [
        "item", "as_of", "outcome", "modes", "crossing", "receiving", "handling", "legs",
        "delivery", "time_limit", "reasons", "overridden", "missing", "advice",
    ]  # fmt: skip
    assert shown["item"] == {
        "id": "2-03",
        "name": "工作调动户口迁移",
        "department": "public_security",
        "jurisdiction": "630000",
    }
    assert shown["receiving"] == {"place": "move_in", "division": "510100"}
    assert shown["handling"] == [
        {"place": "move_in", "division": "510100", "department": "public_security", "lead": True},
        {"place": "move_out", "division": "630100", "department": "public_security", "lead": False},
    ]
    assert [list(leg.values()) for leg in shown["legs"]] == [
        ["applicant", "move_in", "window", "application"],
        ["move_in", "move_out", "message", "request"],
        ["move_out", "move_in", "message", "confirmation"],
        ["move_in", "applicant", "post", "result"],
    ]
    assert shown["reasons"][0]["cite"]["section"] == "二(一)3"
    assert shown["reasons"][-1]["rule"] == "2-03"
    assert (shown["delivery"], shown["time_limit"], shown["advice"]) == (["post"], [], [])


@pytest.mark.parametrize(
    ("more", "way"),
    [
        (
            {"channel": "online"},
            [
                "applicant > move_in online application",
                "move_in > move_out message request",
                "move_out > move_in message confirmation",
                "move_in > applicant online result",
            ],
        ),
        (
            {"channel": "window", "received_at": 440300},
            [
                "applicant > received window application",
                "received > move_in post application",
                "move_in > move_out message request",
                "move_out > move_in message confirmation",
                "move_in > applicant post result",
            ],
        ),
        (
            {"channel": "window", "received_at": 630100, "deliver_by": "electronic"},
            [
                "applicant > move_out window application",
                "move_out > move_in post application",
                "move_in > move_out message request",
                "move_out > move_in message confirmation",
                "move_in > applicant online result",
            ],
        ),
        (
            {"channel": "window", "received_at": 440300, "deliver_by": "pickup"},
            [
                "applicant > received window application",
                "received > move_in post application",
                "move_in > move_out message request",
                "move_out > move_in message confirmation",
                "move_in > received post result",
                "received > applicant window result",
            ],
        ),
    ],
)
def test_legs_in_order(kernel: Kernel, more: dict[str, Any], way: list[str]) -> None:
    places = {"move_in": 510100, "move_out": 630100}
    assert legs(decide(kernel, MOVE, places=places, **more)) == way


def test_a_place_that_accepts_passes_on_to_the_one_that_handles(kernel: Kernel) -> None:
    decision = decide(kernel, of("2-45"), **at("window", 510100, purchase=510100, fund=630100))
    assert decision.modes == ("collect",)
    assert decision.handling[0].department == "fund_centre"
    assert legs(decision) == [
        "applicant > purchase window application",
        "purchase > fund post application",
        "fund > applicant post result",
    ]


def test_the_place_that_pays_is_shown_and_does_not_act(kernel: Kernel) -> None:
    raw = {**of("2-62"), **at("window", 510104, treatment=510100, insured=630100)}
    shown = kernel.decide({**raw, "facts": {"credential": "id_card"}}).to_dict()
    assert shown["modes"] == ["local"]
    assert shown["handling"][0] == {
        "place": "treatment",
        "division": "510100",
        "department": "medical_insurance",
        "lead": True,
    }
    assert shown["handling"][1]["place"] == "insured"
    assert shown["handling"][1]["acts"] is False


def test_an_authority_stands_at_its_own_level(kernel: Kernel) -> None:
    permit = {"item": "1-24", "applicant": {"kind": "enterprise"}, "channel": "online"}
    assert decide(kernel, permit, places={"enterprise": 632801}).handling[0].division == "632800"
    drug = {"item": "1-53", "applicant": {"kind": "enterprise"}, "channel": "online"}
    facts = {"domestic_product": True}
    decision = decide(kernel, drug, places={"registered": 632801}, facts=facts)
    assert decision.handling[0].division == "630000"
    assert decision.handling[0].department == "drug_administration"


@pytest.mark.parametrize("item", ["1-05", "1-28", "2-62", "3-03", "3-04", "3-07"])
def test_six_rows_are_never_collected_or_joint(kernel: Kernel, item: str) -> None:
    found = kernel.rulebook.find(item)
    assert found is not None
    modes = possible_modes(kernel.program(found), kernel.clock().date())
    assert "local" in modes
    assert modes <= {"local", "online"}


def test_every_item_can_be_handled_in_some_mode(kernel: Kernel) -> None:
    day = kernel.clock().date()
    assert [i.id for i in kernel.items if not possible_modes(kernel.program(i), day)] == []
