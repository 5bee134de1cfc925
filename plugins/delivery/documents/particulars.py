"""What a document needs besides the case: names, calendars, the log, to whom it goes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import field, frozen

from tongban.kernel import protocol
from tongban.kernel.model import printing
from tongban.kernel.protocol import personal_data


@frozen
class Particulars:
    """What a case itself does not hold.

    Attributes:
        personal: of the applicant, in the form of `personal_data.personal_part`; empty where
            it was erased: the document then addresses 申请人.
        offices: official names by key; a key without one stands for itself.
        calendars: for last days; without them a document names working days alone.
        sources: names of the sources that citations mean, by their id.
        stated: what was stated in the application, a line each: `迁移原因:工作调动`.
        divisions: full names by code, of the places of the offices.
        events: the case's log; an extension's reasons come from it, and that a lapse was undone.
    """

    personal: Mapping[str, Any] = field(factory=dict, repr=False)
    offices: Mapping[str, str] = field(factory=dict)
    calendars: protocol.Calendars | None = None
    events: tuple[protocol.Event, ...] = ()
    sources: Mapping[str, str] = field(factory=dict)
    stated: tuple[str, ...] = ()
    divisions: Mapping[str, str] = field(factory=dict)

    def name(self, office: protocol.Office) -> str:
        """The official name of an office, or its key."""
        return self.offices.get(office.key, office.key)


def recipient_of(data: Mapping[str, Any], kind: str) -> dict[str, Any]:
    """Who a document is for: the name in full, the number of the paper masked, no more.

    Args:
        data: personal data of the applicant.
        kind: of the applicant, where `data` does not say.
    """
    masked = personal_data.mask(data)
    shown = {"kind": data.get("kind") or kind}
    if data.get("name"):
        shown["name"] = printing.visible(str(data["name"]))
    for name in ("id_number", "credit_code"):
        if masked.get(name):
            shown[name] = masked[name]
    return shown
