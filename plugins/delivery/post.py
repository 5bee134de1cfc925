"""Delivery by post: the label, the number of the letter, what the carrier says of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from attrs import asdict, field, frozen

from tongban.kernel import nearest, protocol
from tongban.plugins.delivery.documents import DocumentError
from tongban.plugins.delivery.electronic import files
from tongban.plugins.delivery.request import Request

PAID_BY = "邮递费由申请人承担"
CARRIER: Mapping[str, protocol.DeliveryStatus | None] = {
    "handed_over": None,
    "on_its_way": "on_its_way",
    "in_transit": "on_its_way",
    "out_for_delivery": "on_its_way",
    "arrived": "arrived",
    "signed_for": "arrived",
    "returned": "returned",
    "refused": "returned",
    "undeliverable": "returned",
    "lost": "lost",
    "destroyed": "lost",
}
"""What a carrier may say of a letter, and what that means for the case."""

_HANDED_OVER = "已交寄"
_S10 = re.compile(r"([A-Z]{2})(\d{8})(\d)([A-Z]{2})")
_WEIGHTS = (8, 6, 4, 2, 3, 5, 9, 7)


@frozen
class Label:
    """What stands on the letter. Personal data: it goes to the carrier and nowhere else.

    Attributes:
        tracking: number of the letter, "" where the carrier gives it later.
        content: which document, by its number; never what it says.
    """

    name: str = field(repr=False)
    phone: str = field(repr=False)
    address: str = field(repr=False)
    sender: str
    content: str
    tracking: str
    paid_by: str = PAID_BY


@frozen
class Movement:
    """One step of a letter on its way.

    Attributes:
        status: `handed_over`, one of the protocol's, or `reissued`.
        official: the same in Chinese.
    """

    delivery: int
    status: str
    official: str
    at: datetime
    tracking: str = ""
    note: str = ""


def carry(request: Request) -> Mapping[str, Any] | None:
    """Hands a letter over, or says what the carrier's news mean; None without an address.

    Raises:
        DocumentError: where the number or the carrier's word is wrong.
    """
    if request.carrier_status:
        return {"by": "post", "status": _meaning(request.carrier_status)}
    if not request.personal.get("address"):
        return None
    problem = tracking_problem(request.tracking)
    if problem:
        raise DocumentError(problem)
    made = files(request)
    label = Label(
        name=str(request.personal.get("name") or ""),
        phone=str(request.personal.get("phone") or ""),
        address=str(request.personal["address"]),
        sender=request.particulars.name(request.case.plan.lead),
        content=f"{made['title']} {made['number']}",
        tracking=request.tracking,
    )
    return {"by": "post", "status": None, "label": asdict(label), **made}


def _meaning(word: str) -> protocol.DeliveryStatus | None:
    if word not in CARRIER:
        near = nearest(word, CARRIER)
        hint = f"; did you mean {near!r}?" if near else ""
        raise DocumentError(f"未知的寄递状态 (unknown word of a carrier {word!r}{hint})")
    return CARRIER[word]


def tracking_problem(number: str) -> str:
    """What is wrong with the number of a letter; "" where nothing can be said against it.

    Args:
        number: of the form of the Universal Postal Union (`EA123456785CN`), whose last
            digit checks the others, or any other.
    """
    found = _S10.fullmatch(number)
    if found is None:
        return ""
    left = 11 - sum(int(one) * weight for one, weight in zip(found[2], _WEIGHTS, strict=True)) % 11
    wanted = {10: 0, 11: 5}.get(left, left)
    if wanted == int(found[3]):
        return ""
    return f"邮件号码有误 (the check digit of {number} is wrong; look at the number again)"


def movements(events: Iterable[protocol.Event]) -> tuple[Movement, ...]:
    """The result of every letter of a case, in order.

    Args:
        events: the case's log.
    """
    found: list[Movement] = []
    by: dict[int, str] = {}
    for event in events:
        body = event.body
        if isinstance(body, protocol.DeliveryStarted):
            by[body.delivery] = body.by
            if body.by == "post":
                row = (body.delivery, "handed_over", _HANDED_OVER, event.at, body.tracking)
                found.append(Movement(*row))
        elif isinstance(body, protocol.DeliveryReported) and by.get(body.delivery) == "post":
            official = protocol.DELIVERY_STATUSES[body.status]
            row = (body.delivery, body.status, official, event.at, "")
            found.append(Movement(*row, body.note))
        elif isinstance(body, protocol.Delivered) and body.by == "post":
            official = protocol.DELIVERY_STATUSES["arrived"]
            found.append(Movement(body.delivery, "arrived", official, event.at))
        elif isinstance(body, protocol.Reissued):
            note = f"原{body.void}号作废"
            found.append(Movement(len(by) + 1, "reissued", "补发", event.at, "", note))
    return tuple(found)
