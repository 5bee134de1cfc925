"""Personal data: what of an application it is, how it is masked, what stands for it in the log."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from attrs import asdict, field, frozen

from tongban.kernel.audit.hash_chain import canonical
from tongban.kernel.model.application import Application
from tongban.kernel.model.id_numbers import (
    has_id_number,
    id_number_in,
    many_digits,
    without_id_numbers,
)

if TYPE_CHECKING:
    from datetime import date

    from tongban.kernel.protocol.actors import Actor
    from tongban.kernel.protocol.case import Case
    from tongban.kernel.protocol.messages import Message
    from tongban.kernel.protocol.transitions import Role

__all__ = [
    "PARTIES",
    "Personal",
    "has_id_number",
    "id_number_in",
    "many_digits",
    "mask",
    "may_read",
    "personal_part",
    "reference",
    "was_asked",
    "without_id_numbers",
]

PARTIES: frozenset[Role] = frozenset(
    {"applicant", "agent", "window", "holder", "accepting", "lead", "cohandler", "system"}
)
"""Whose part in a case lets them read its personal data. A supervisor's does not."""

_FIELDS = ("kind", "name", "id_number", "credit_code", "phone", "address")
_STARS = "*" * 8
_COUNTY = re.compile(
    r"^(?P<upper>(?:[^省市区县旗州盟街路巷弄村号]{2,8}(?:省|自治区|特别行政区))?"
    r"(?:[^省市区县旗盟街路巷弄村号]{1,10}(?:自治州|地区|盟|市))?)"
    r"(?P<county>[^市街路巷弄号]{1,16}?(?<![小社园校厂库景])(?:自治县|自治旗|林区|区|县|旗)"
    r"|[^市区县街路巷弄村号]{1,6}市)?"
)


@frozen
class Personal:
    """The personal data of one case.

    Attributes:
        ref: what stands for it in the log: `reference(salt, data)`.
        data: of the applicant, in the form of `personal_part`.
        salt: random; gone with the data when it is erased, so that `ref` tells nothing.
    """

    ref: str
    data: Mapping[str, Any] = field(repr=False)
    salt: bytes = field(repr=False)

    @property
    def genuine(self) -> bool:
        """Whether the data is what `ref` was made of."""
        return reference(self.salt, self.data) == self.ref

    def masked(self) -> dict[str, Any]:
        """What may be shown: `mask(data)`."""
        return mask(self.data)


def personal_part(application: Mapping[str, Any] | Application) -> dict[str, Any]:
    """The applicant and the agent of an application: what must not be in the log.

    Args:
        application: raw, as JSON gives it, or read.

    Returns:
        Of the keys kind, name, id_number, credit_code, phone and address those that
        are given; the agent in the same form under `agent`.
    """
    if isinstance(application, Application):
        return _party(asdict(application.applicant))
    return _party(application.get("applicant"))


def _party(raw: Any) -> dict[str, Any]:
    if not isinstance(raw, Mapping):
        return {}
    found = {name: raw[name] for name in _FIELDS if raw.get(name) is not None}
    agent = _party(raw.get("agent"))
    return {**found, "agent": agent} if agent else found


def reference(salt: bytes, data: Mapping[str, Any]) -> str:
    """What stands for personal data in the log: its salted hash.

    Args:
        salt: at least 16 random bytes; without it names and numbers cannot be tried out.
        data: in the form of `personal_part`.
    """
    return sha256(salt + canonical(data).encode()).hexdigest()


def mask(data: Mapping[str, Any]) -> dict[str, Any]:
    """Personal data as it may be shown.

    Args:
        data: in the form of `personal_part`.

    Returns:
        The same keys: `张**`, `6301********1234`, `138****1234`, an address up to the
        county. An organisation's name and credit code are public and stay.
    """
    public = data.get("kind") in ("enterprise", "institution")
    shown: dict[str, Any] = {}
    for name, value in data.items():
        if name == "agent" and isinstance(value, Mapping):
            shown[name] = mask(value)
        elif name in ("kind", "credit_code") or (name == "name" and public):
            shown[name] = value
        else:
            shown[name] = _MASKS.get(name, _all)(str(value))
    return shown


def _all(text: str) -> str:
    return _STARS


def _name(text: str) -> str:
    return text[:1] + "**"


def _ends(text: str) -> str:
    return text[:4] + _STARS + text[-4:] if len(text) >= 15 else _STARS


def _phone(text: str) -> str:
    digits = re.sub(r"\D", "", text).removeprefix("86")
    return f"{digits[:3]}****{digits[-4:]}" if len(digits) >= 11 else _STARS


def _address(text: str) -> str:
    found = _COUNTY.match(text.replace(" ", ""))
    return (found[0] if found else "") + "****"


_MASKS: Mapping[str, Callable[[str], str]] = {
    "name": _name,
    "id_number": _ends,
    "phone": _phone,
    "address": _address,
}


def was_asked(request: Message, actor: Actor) -> bool:
    """Whether an actor is of the authority that a co-handling request asks.

    Args:
        request: of a case that another store has.
        actor: who asks for the personal data.
    """
    mine = f"{actor.division or '-'}/{actor.department}"
    return actor.kind == "system" or (actor.kind == "officer" and mine == request.receiver)


def may_read(case: Case, actor: Actor, day: date) -> bool:
    """Whether an actor may read the personal data of a case.

    Args:
        case: as it stands.
        actor: who asks. The machine itself may: it writes the result documents.
        day: in China, on which an agent's authorisation must hold.
    """
    from tongban.kernel.protocol.guards import roles  # noqa: PLC0415 - decisions need no protocol
    from tongban.kernel.protocol.mandate import out_of_time  # noqa: PLC0415 - as above

    if actor.kind == "agent" and out_of_time(case.mandate, case.authorisation, day):
        return False
    return bool(roles(case, actor) & PARTIES)
