"""Which document tells the applicant of each event: a second opinion to the events' own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from attrs import frozen

from tongban.kernel import protocol


def _always(event: Any, licence: bool) -> bool:
    return True


@frozen
class Paper:
    """A document that is due to the applicant.

    Attributes:
        official: as the message names it.
        due: whether an event of its kind brings it: by the event's body, and by whether the item
            is a licence.
    """

    official: str
    due: Callable[[Any, bool], bool] = _always


PAPERS: Mapping[str, tuple[Paper, ...]] = {
    "submitted": (),
    "ruled_ineligible": (
        Paper("不予受理决定书", lambda body, licence: licence),
        Paper("不予办理告知书", lambda body, licence: not licence),
    ),
    "insisted": (Paper("坚持申请确认书"),),
    "received": (Paper("收件凭证"),),
    "returned": (Paper("退件通知书"),),
    "dispatched": (),
    "arrived": (),
    "chased": (),
    "accepted": (Paper("受理通知书"),),
    "supplement_requested": (Paper("补正告知书"),),
    "supplied": (),
    "lapsed": (Paper("逾期未补正告知书"),),
    "declined": (Paper("不予受理决定书"),),
    "examined": (),
    "cohandling_requested": (),
    "cohandling_confirmed": (),
    "cohandling_refused": (),
    "cohandling_completed": (),
    "paused": (Paper("特别程序告知书"),),
    "resumed": (Paper("恢复办理告知书"),),
    "extended": (Paper("延期告知书"),),
    "decided": (
        Paper("准予决定书", lambda body, licence: bool(body.granted)),
        Paper("不予决定书", lambda body, licence: not body.granted),
    ),
    "delivery_started": (Paper("送达告知书"),),
    "delivery_reported": (),
    "reissued": (Paper("补发告知书"),),
    "delivered": (),
    "void_found": (Paper("作废告知书"),),
    **dict.fromkeys(("contact_changed", "recused", "readmitted", "claimed", "released"), ()),
    "closed": (),
    "withdrawn": (Paper("撤回确认书"),),
    "terminated": (Paper("终止办理通知书"),),
    "amended": (Paper("更正申请信息告知书"),),
    "corrected": (Paper("更正通知书"),),
    "decision_replaced": (
        Paper("准予决定书", lambda body, licence: bool(body.granted)),
        Paper("不予决定书", lambda body, licence: not body.granted),
    ),
    "reopened": (Paper("重新办理通知书"),),
    "remedy_lodged": (),
    "remedy_admitted": (),
    "remedy_resolved": (),
    "rated": (),
    "follow_up_opened": (),
    "followed_up": (),
    "stopped": (),
    "settled": (),
    "authorised": (Paper("委托变更告知书"),),
    "expiring": (Paper("有效期届满提醒"),),
    "expired": (Paper("有效期届满告知书"),),
    "warned": (Paper("补正期限提醒", lambda body, licence: bool(body.step == "supply")),),
    "overdue": (),
    "attempt_refused": (),
    "clock_checked": (Paper("更正告知书", lambda body, licence: bool(body.reinstated)),),
    "taken_over": (),
    "recovered": (),
}
"""Every event by its kind."""


def papers_of(event: protocol.Event, licence: bool) -> tuple[str, ...]:
    """The documents that an event brings to the applicant.

    Args:
        event: of a case.
        licence: whether the case is about a licence.
    """
    return tuple(one.official for one in PAPERS[event.kind] if one.due(event.body, licence))
