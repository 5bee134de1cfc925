"""A receipt counts where it comes from the node that a letter was for, and from no other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tongban.plugins.exchange.envelope import Outcome, Receipt


@pytest.fixture
def asked(country: Callable[..., Any]) -> tuple[Any, str]:
    """Chengdu asked the city of Xining, which has a node of its own below that of its province."""
    here = country("chengdu", "xian", "xining", "xining-city")
    here.submit("hukou", "chengdu")
    chengdu = here.places["chengdu"]
    for _ in range(2):
        chengdu.work()
    chengdu.run()
    (request,) = (one for one in chengdu.store.outgoing("pending") if one.message.kind == "request")
    assert request.message.receiver == "630100/public_security"
    return here, request.message.id


def says(here: Any, node: str, id: str, outcome: Outcome) -> dict[str, Any]:
    """What Chengdu makes of a receipt that a node signed."""
    made = Receipt(node, "chengdu", id, outcome, "").signed(here.keys[node])
    (here.root / "chengdu" / "ack" / f"{node}.json").write_bytes(made.to_bytes())
    report: dict[str, Any] = here.places["chengdu"].run()
    return report


@pytest.mark.parametrize("outcome", ["taken", "refused", "rejected"])
@pytest.mark.parametrize("node", ["xian", "xining"])
def test_another_node_cannot_say_that_a_letter_came(
    asked: tuple[Any, str], node: str, outcome: Outcome
) -> None:
    here, id = asked
    (aside,) = says(here, node, id, outcome)["aside"]
    assert "not sent to that node" in aside["reason"]
    store = here.places["chengdu"].store
    assert id in [one.message.id for one in store.outgoing("pending")]
    here.settle()
    assert id in [one.message.id for one in store.outgoing("delivered")]
    assert here.places["xining-city"].store.incoming(kind="request") != ()


def test_the_node_itself_can(asked: tuple[Any, str]) -> None:
    here, id = asked
    assert says(here, "xining-city", id, "taken")["delivered"] == [id]
