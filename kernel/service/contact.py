"""Change of contact (变更联系方式): from what an applicant says to a command, data kept apart."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import Any

from attrs import frozen

from tongban.kernel import protocol
from tongban.kernel.errors import Text
from tongban.kernel.kernel import Kernel
from tongban.kernel.model.postal_address import address_problem
from tongban.kernel.ports.store import ConflictError, Store
from tongban.kernel.protocol import Actor, ChangeContact, Refusal
from tongban.kernel.service import repeats
from tongban.kernel.service.passed_on import data_under_way
from tongban.kernel.service.results import Answer, Done

__all__ = ["ContactChanges", "ContactDetails"]

_PHONE = re.compile(r"[+(]?[0-9][0-9() \-]{4,22}[0-9](?: ?(?:转|-|x|ext\.?) ?[0-9]{1,6})?")
_MOST_ADDRESS = 200
_PURPOSE = "变更联系方式 (change of contact)"


@frozen
class ContactDetails:
    """How an applicant is to be reached from now on.

    Attributes:
        phone, address: the new ones; "" where they stay.
        delivery: the new way: `electronic`, `post`, `pickup`; "" where it stays.
        note: why, or by which evidence.
    """

    phone: str = ""
    address: str = ""
    delivery: str = ""
    note: str = ""

    @property
    def data(self) -> dict[str, str]:
        """The personal data among it."""
        given = {"phone": _plain(self.phone), "address": self.address.strip()}
        return {name: value for name, value in given.items() if value}


@frozen(eq=False)
class ContactChanges:
    """Changes how applicants are reached, for a service.

    Args:
        kernel, store: of the service.
        do: `Service.do`.
    """

    kernel: Kernel
    store: Store
    do: Callable[..., Answer]

    def change(
        self, case: str, actor: Actor, details: ContactDetails, id: str, expected: int | None
    ) -> Answer:
        """As `Service.change_contact`, in a store that was not put back."""
        found = self.store.case(case)
        given = {**details.data, **({"delivery": details.delivery} if details.delivery else {})}
        if found is None or not given or "change_contact" not in protocol.allowed(found, actor):
            # No data is looked at: the refusal is the protocol's own, and on record.
            return self.do(case, actor, ChangeContact(), id=id, expected=expected)
        wrong = self._wrong(details)
        if wrong:
            return Refusal("bad_input", wrong)
        kept = self.store.personal(case, protocol.SYSTEM, _PURPOSE)
        if kept is None and (details.data or details.delivery == "post"):
            return Refusal("bad_input", _NO_DATA)
        former: Mapping[str, Any] = kept.data if kept else {}
        data = {**former, **details.data}
        if details.delivery == "post" and not data.get("address"):
            return Refusal("bad_input", _NO_ADDRESS)
        reused = repeats.other_data(self.store, found, id, data) if id else None
        if reused is not None:
            return reused
        before = {**former, "delivery": found.delivery}
        changed = tuple(
            name for name in protocol.CONTACTS if name in given and given[name] != before.get(name)
        )
        if not changed:
            return Done(found)
        now = self.store.case(case)
        if now is not None and now.personal != found.personal:
            raise ConflictError(case, found.version, now.version)
        way = details.delivery if "delivery" in changed else ""
        body = ChangeContact(changed, way, note=details.note)
        apart = data if details.data.keys() & set(changed) else None
        waits = data_under_way(self.store, found, id) if apart else None
        if waits is not None:
            return waits
        return self.do(case, actor, body, id=id, expected=expected, personal=apart)

    def _wrong(self, details: ContactDetails) -> Text | None:
        given = details.data
        if "phone" in given and not _PHONE.fullmatch(given["phone"]):
            return _NO_PHONE
        if "address" not in given:
            return None
        address = given["address"]
        if len(address) > _MOST_ADDRESS or not address.isprintable():
            return _LONG_ADDRESS
        return address_problem(self.kernel.base.divisions, address)


def _plain(phone: str) -> str:
    """A phone number in the usual width, with the usual signs."""
    return re.sub("[‐-―−]", "-", unicodedata.normalize("NFKC", phone)).strip()


_NO_PHONE = Text(
    "电话有误,须为数字,可有区号、短横线和分机号,如 13800000000、0971-0000000",
    "no phone number: digits, with an area code, hyphens and an extension where there are some",
)
_LONG_ADDRESS = Text(
    f"地址有误,须为一行且至多{_MOST_ADDRESS}字",
    f"no address: one line of at most {_MOST_ADDRESS} characters",
)
_NO_ADDRESS = Text(
    "邮寄送达须有地址,而本办件未登记地址;请同时写明地址(--address)",
    "delivery by post needs an address, and none is on record: give it too, --address",
)
_NO_DATA = Text(
    "本库没有本办件的个人信息(已清除或者未随件转来),不能变更;请到持件机关办理",
    "the personal data of the case is not here (erased, or it did not come with the case): the"
    " office that has the case can change it",
)
