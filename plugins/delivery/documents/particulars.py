"""What a document needs besides the case: names, calendars, the log, to whom it goes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import field, frozen

from tongban.kernel import Kernel, personal, protocol

__all__ = ["WINDOW_NAME", "Particulars", "office_name", "recipient_of"]

WINDOW_NAME = "政务服务“跨省通办”窗口"
_BUREAU = {"厅": "局"}
"""What a province's department is called below the province."""


@frozen
class Particulars:
    """What a case itself does not hold.

    Attributes:
        personal: of the applicant, in the form of `personal.personal_part`; empty where
            it was erased: the document then addresses 申请人.
        offices: official names by key; a key without one stands for itself.
        calendars: for last days; without them a document names working days alone.
        events: the case's log; only an extension's reasons come from it.
    """

    personal: Mapping[str, Any] = field(factory=dict, repr=False)
    offices: Mapping[str, str] = field(factory=dict)
    calendars: protocol.Calendars | None = None
    events: tuple[protocol.Event, ...] = ()

    def name(self, office: protocol.Office) -> str:
        """The official name of an office, or its key."""
        return self.offices.get(office.key, office.key)


def recipient_of(data: Mapping[str, Any], kind: str) -> dict[str, Any]:
    """Who a document is for: the name in full, the number of the paper masked, no more.

    Args:
        data: personal data of the applicant.
        kind: of the applicant, where `data` does not say.
    """
    masked = personal.mask(data)
    shown = {"kind": data.get("kind") or kind}
    if data.get("name"):
        shown["name"] = str(data["name"])
    for name in ("id_number", "credit_code"):
        if masked.get(name):
            shown[name] = masked[name]
    return shown


def office_name(kernel: Kernel, item: str, office: protocol.Office) -> str:
    """What an office is called: `青海省西宁市公安局`.

    The name of a local branch follows from that of the department that leads; where a
    place calls it otherwise, whoever issues documents there gives the right name.

    Args:
        kernel: with the rules and the divisions.
        item: key of the item.
        office: of a case.
    """
    where = kernel.divisions.full_name(office.division) if office.division else ""
    if office.department == "window":
        return f"{where}{WINDOW_NAME}"
    found = kernel.rulebook.items.get(item)
    own = [one.name for one in found.authorities if one.id == office.department] if found else []
    if own:
        return f"{where}{own[0]}"
    name = next(
        (
            one.name
            for one in kernel.rulebook.departments
            if one.id == office.department and item.startswith(f"{one.jurisdiction}/")
        ),
        office.department,
    )
    name = name.removeprefix("省")
    is_province = bool(office.division) and str(office.division).endswith("0000")
    if not is_province and name[-1:] in _BUREAU:
        name = name[:-1] + _BUREAU[name[-1]]
    return f"{where}{name}"
