"""An application (申请): what an applicant puts in, typed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Any

from attrs import field, frozen

from tongban.kernel.model.conditions import Scalar


def _read_only(said: Mapping[str, Any]) -> MappingProxyType[str, Any]:
    return said if isinstance(said, MappingProxyType) else MappingProxyType(said)


@frozen
class Party:
    """An applicant, or an agent who acts for one.

    Attributes:
        kind: `person`, `enterprise`, `institution`; None where not said.
        agent: someone who acts for this party.
    """

    kind: str | None = None
    name: str | None = None
    id_number: str | None = field(default=None, repr=False)
    credit_code: str | None = None
    phone: str | None = field(default=None, repr=False)
    address: str | None = field(default=None, repr=False)
    agent: Party | None = None


@frozen
class Application:
    """An application that was checked against the vocabulary; it cannot be changed.

    Attributes:
        item: key of the item, `630000/2-03`.
        as_of: the date as of which it is decided.
        channel: `online`, `window`, `kiosk`; None where not said.
        received_at: code of the division where it was handed in.
        places: name of a place to division code.
        facts: name of a fact to its value.
        deliver_by: `electronic`, `post`, `pickup`; None for the item's default.
    """

    item: str
    as_of: date
    channel: str | None = None
    received_at: str | None = None
    applicant: Party = Party()
    places: MappingProxyType[str, str] = field(factory=dict, converter=_read_only)
    facts: MappingProxyType[str, Scalar] = field(factory=dict, converter=_read_only)
    deliver_by: str | None = None
