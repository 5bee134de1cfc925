"""What the `deliver` hook is asked, as a value: the case, the result, and who may sign."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from attrs import field, frozen

from tongban.kernel import DELIVERIES, nearest, protocol
from tongban.kernel.audit import signing
from tongban.plugins.delivery.documents import Document, DocumentError, Particulars, document

RESULTS = ("grant", "denial")
"""The documents that a channel carries to the applicant."""

_KNOWN = {
    "by",
    "document",
    "personal",
    "offices",
    "calendars",
    "events",
    "key",
    "font",
    "tracking",
    "carrier_status",
    "presented",
    "sources",
    "stated",
    "divisions",
}


@frozen
class Request:
    """What is to be delivered.

    Attributes:
        case: as it stands.
        kind: of the document; the result itself where nothing else is asked for.
        particulars: what the document needs besides the case.
        by: the wanted channel, "" for the applicant's choice.
        key: that signs; None where there is none.
        font: to be put into a PDF.
        tracking: number of the letter.
        carrier_status: what the carrier says of a letter.
        presented: what somebody shows who comes to pick up.
    """

    case: protocol.Case
    kind: str
    particulars: Particulars
    by: str = ""
    key: signing.SigningKey | None = field(default=None, repr=False)
    font: Path | None = None
    tracking: str = ""
    carrier_status: str = ""
    presented: Mapping[str, str] | None = field(default=None, repr=False)

    @property
    def personal(self) -> Mapping[str, Any]:
        """Personal data of the applicant."""
        return self.particulars.personal

    def document(self) -> Document:
        """The document that is asked for.

        Raises:
            DocumentError: where the case has not come to it.
        """
        return document(self.case, self.kind, self.particulars)


def request_of(
    case: Mapping[str, Any], result: Mapping[str, Any], font: Path | None = None
) -> Request:
    """The request that the hook's arguments are.

    Args:
        case: `protocol.Case.to_dict()`.
        result: keys as docs/delivery.md lists them.
        font: where `result` names none.

    Raises:
        DocumentError: where a key of `result` is unknown.
        FormatError: where `case` is not a case.
    """
    unknown = sorted(set(result) - _KNOWN)
    if unknown:
        near = nearest(unknown[0], _KNOWN)
        hint = f"; did you mean {near!r}?" if near else ""
        raise DocumentError(f"未知的字段 (unknown key {unknown[0]!r} of a result{hint})")
    found = protocol.Case.from_dict(case)
    events = tuple(
        one if isinstance(one, protocol.Event) else protocol.Event.from_dict(one)
        for one in result.get("events") or ()
    )
    particulars = Particulars(
        personal=result.get("personal") or {},
        offices=result.get("offices") or {},
        calendars=result.get("calendars"),
        events=events,
        sources=result.get("sources") or {},
        stated=tuple(result.get("stated") or ()),
        divisions=result.get("divisions") or {},
    )
    own = "grant" if found.granted else "denial"
    return Request(
        case=found,
        kind=result.get("document") or own,
        particulars=particulars,
        by=result.get("by") or "",
        key=result.get("key"),
        font=result.get("font") or font,
        tracking=result.get("tracking") or "",
        carrier_status=result.get("carrier_status") or "",
        presented=result.get("presented"),
    )


def channels(case: protocol.Case, wanted: str = "") -> tuple[str, ...]:
    """The ways in which a result may go, in the order in which they are tried.

    Args:
        case: as it stands.
        wanted: by the window that hands it over, "" for the applicant's choice.

    Returns:
        What is wanted, then what the applicant chose, then what the item allows; each
        only where the item allows it.
    """
    allowed = tuple(case.decision.get("delivery") or (case.plan.delivery,))
    chosen = case.application.get("deliver_by") or ""
    if any(one.delivery for one in case.contact_changes):
        chosen, allowed = case.delivery, (case.delivery, *allowed)
    order = (wanted, chosen, *allowed)
    return tuple(dict.fromkeys(one for one in order if one in allowed and one in DELIVERIES))
