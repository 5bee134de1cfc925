"""Messages between offices and to the applicant, in one envelope for all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import cached_property
from hashlib import sha256
from typing import Any, TypeAlias

from attrs import frozen

from tongban.kernel.errors import Text
from tongban.kernel.protocol.actors import APPLICANT, Office
from tongban.kernel.protocol.case import Case
from tongban.kernel.protocol.codec import FormatError, check_content, dump, load
from tongban.kernel.protocol.terms import LIMIT_STEPS

Draft: TypeAlias = tuple[str, str, Mapping[str, Any]]
"""Receiver, kind and body of a message, as an event drafts it."""


@frozen
class MessageWord:
    """How a kind of message is called, who sends it to whom, and what it carries."""

    official: str
    way: str
    carries: str


MESSAGES: Mapping[str, MessageWord] = {
    "notice": MessageWord(
        "告知",
        "an office to the applicant; who has the case to the office whose command it refused",
        "`document` (what it is), and what it says",
    ),
    "forward": MessageWord(
        "转办", "an office to the next on the way", "list of materials, the case as it leaves"
    ),
    "arrival": MessageWord("到达回执", "the next office to the one before", "what is missing"),
    "chase": MessageWord(
        "催办", "who waits to who is awaited", "what is awaited, with the request"
    ),
    "request": MessageWord(
        "协同办理请求", "the lead to every other authority", "item, facts, limit for the answer"
    ),
    "confirmation": MessageWord("协同办理确认", "an authority to the lead", "a note"),
    "refusal": MessageWord("不予确认反馈", "an authority to the lead", "the reason"),
    "cancellation": MessageWord(
        "协同办理撤销", "the lead to authorities that have not answered", "why the case ended"
    ),
    "result": MessageWord(
        "结果转交", "the lead to the window where it is picked up", "number of the result"
    ),
    "progress": MessageWord(
        "进度通报", "who has the case to the offices before", "the events, to be kept there too"
    ),
    "command": MessageWord(
        "转交事项",
        "an office without the case to the one that has it",
        "the command as it was given",
    ),
    "warning": MessageWord("临期预警", "the system to the office that must act", "limit, last day"),
    "urge": MessageWord("督办", "the system to the supervisor of who is late", "limit, last day"),
    "rating": MessageWord("评价", "the system to the side that is rated", "grade, comment"),
    "review": MessageWord(
        "复核提示",
        "the system to the office that gets a case; never sent",
        "what the rules here say otherwise",
    ),
    "alarm": MessageWord(
        "来信抵触警示",
        "the system to the supervisor where a letter contradicts what is here; never sent",
        "`code`, `reason`, and the node, kind and id of the letter",
    ),
}
"""Every kind of message."""


@frozen
class Message:
    """One message.

    Attributes:
        id: follows from case, event and receiver, so that a repeated step sends the same.
        collaboration: the number under which several offices act, "" for one.
        sender, receiver: addresses: `630100/public_security`, `applicant`, `system`,
            `630100/supervisor`.
        sent_at: of a command that is passed on and of an answer: when it was given.
        rules: the version of the rules under which the case is handled.
        signature: set by the carrier.
    """

    id: str
    collaboration: str
    case: str
    sender: str
    receiver: str
    kind: str
    sent_at: datetime
    rules: str
    body: Mapping[str, Any]
    signature: str = ""

    @cached_property
    def flaw(self) -> Text | None:
        """Why its body cannot be kept and shown; None where it can. Looked for once."""
        try:
            check_content(self.body, self.kind)
        except FormatError as error:
            return error.text
        return None

    def to_dict(self) -> dict[str, Any]:
        """The stable JSON form."""
        shown: dict[str, Any] = dump(self)
        return shown

    @classmethod
    def from_dict(cls, raw: Mapping[str, Any]) -> Message:
        """The message that `to_dict` wrote.

        Raises:
            FormatError: where it is anything else.
        """
        return load(cls, raw, "message")


def personal_of(message: Message) -> str:
    """The reference of the personal data that goes with a message; "" where none does.

    Args:
        message: of any kind. Of a forwarding the case names it, of a request the message, of a
            command what it says, and of news the event that it is about.
    """
    body: Any = message.body
    if message.kind in ("request", "chase"):
        return _reference(body)
    if message.kind == "forward":
        return _reference(body.get("case"))
    if message.kind == "command":
        return _reference(body.get("data"))
    if message.kind != "progress" or not isinstance(body.get("events"), list | tuple):
        return ""
    said = (one.get("data") for one in body["events"] if isinstance(one, Mapping))
    return next((ref for data in said if (ref := _reference(data))), "")


def _reference(said: Any) -> str:
    ref = said.get("personal") if isinstance(said, Mapping) else None
    return ref if isinstance(ref, str) else ""


def derived_id(*parts: object) -> str:
    """An id that follows from `parts` and from nothing else: 32 hexadecimal digits."""
    return sha256("\x1f".join(map(str, parts)).encode()).hexdigest()[:32]


# What the drafts of several events have in common.


def notice(document: str, **says: Any) -> Draft:
    """A document for the applicant, and what it says."""
    return APPLICANT, "notice", {"document": document, **says}


def request_of(case: Case) -> dict[str, Any]:
    """What an authority needs to know to confirm or refuse."""
    rule = next((one for one in case.plan.limits if one.step == "confirm"), None)
    again = {"round": len(case.reopenings)} if case.reopenings else {}
    return {
        **again,
        "item": dict(case.item),
        "application": dict(case.application),
        "personal": case.personal,
        "lead": dump(case.plan.lead),
        "limit": dump(rule) if rule else None,
    }


def cancellations(case: Case, because: str) -> Iterator[Draft]:
    """Takes the request back from every authority that has not answered."""
    for office in case.unanswered:
        yield office.key, "cancellation", {"because": because}


def reasons_of(case: Case, given: Sequence[str]) -> list[str]:
    """The reasons, with what a co-handling authority said when it refused."""
    refused = [f"{key}: {one.text}" for key, one in case.answers.items() if not one.confirmed]
    return [*given, *refused]


def named_article(article: str) -> dict[str, str]:
    """The article on which a decision rests, where one is named."""
    return {"article": article} if article else {}


def last_day(due: date | None, provisional: bool) -> dict[str, Any]:
    """The last day of a limit, None where no time is set."""
    return {"due": due.isoformat() if due else None, "provisional": provisional}


def time_limit(step: str, office: Office, due: date | None, provisional: bool) -> dict[str, Any]:
    """A limit that is near or has passed, and who must act."""
    official = LIMIT_STEPS[step]
    return {
        "step": step,
        "official": official,
        "office": dump(office),
        **last_day(due, provisional),
    }
