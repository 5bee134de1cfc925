"""The judgement of incoming letters: who may send which, and what must hold of it. One table.

Pure. `judge` is asked before anything of a letter is kept. The sentences of the table are
those of docs/protocol.md; beside each stands what tests it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

import attrs
from attrs import frozen

import tongban.kernel.protocol.senders as who
import tongban.kernel.protocol.substance as what
from tongban.kernel.protocol.actors import APPLICANT
from tongban.kernel.protocol.codec import FormatError, check_case_id, is_name
from tongban.kernel.protocol.letters import (
    Here,
    Letter,
    RejectedError,
    Sender,
    body_of,
    dated,
    reject_unless,
)
from tongban.kernel.protocol.messages import Message

_ADDRESS = re.compile(r"(?:\d{6}|-)/[a-z][a-z0-9_]{0,63}|applicant|system", re.ASCII)


@frozen
class Clause:
    """Something that must hold of a letter.

    Attributes:
        says: it, in a few words.
        test: lets a letter pass, or raises `RejectedError` or `OutOfOrderError`.
    """

    says: str
    test: Callable[[Letter, Here], None]


@frozen
class LetterRule:
    """Who may send a kind of letter, and what must hold of it.

    Attributes:
        of_machine: whether the machine (`system`) is named as its sender.
    """

    sender: Clause
    holds: tuple[Clause, ...] = ()
    of_machine: bool = False


def readable(message: Message) -> None:
    """Check that a letter can be looked up, kept and shown. Asked before all else.

    Raises:
        RejectedError: where an id, an address or a text of it has another form, or is too long.
    """
    more = (message.case, message.collaboration, message.rules, message.signature)
    reject_unless(
        is_name(message.id)
        and is_name(message.kind)
        and all(is_name(one, least=0) for one in more)
        and all(_ADDRESS.fullmatch(one) for one in (message.sender, message.receiver)),
        "form",
        "信封有误",
        "an id or an address of the letter is none",
    )
    if message.flaw:
        raise RejectedError("form", message.flaw.zh, message.flaw.en)


def _of_a_case(letter: Letter, here: Here) -> None:
    if here.case is None:
        check_case_id(letter.message.case)


def _for_here(letter: Letter, here: Here) -> None:
    message = letter.message
    reject_unless(
        not letter.sender.node or here.serves(message.receiver),
        "stranger",
        f"本库不服务 {message.receiver}",
        "that address is not served here",
    )


def _dated(letter: Letter, here: Here) -> None:
    dated(letter.message.sent_at, here, "信件")


def _of_a_kind(letter: Letter, here: Here) -> None:
    """Letters to the applicant are carried inside a store alone."""
    message = letter.message
    reject_unless(
        message.kind in LETTERS and (message.receiver != APPLICANT or not letter.sender.node),
        "stranger",
        "库与库之间没有这种信件",
        "no letter of this kind goes from store to store",
    )


def _speaks(letter: Letter, here: Here) -> None:
    message, sender = letter.message, letter.sender
    machine = message.sender == "system"
    reject_unless(
        # What is delivered inside a store is its own, whatever it names.
        (LETTERS[message.kind].of_machine or not sender.node)
        if machine
        else sender.serves(message.sender),
        "stranger",
        f"{sender.node or '发件节点'} 无权代表 {message.sender}",
        "not an address of that node",
    )


def _same_as_before(letter: Letter, here: Here) -> None:
    if here.known is None or _bare(letter.message) == _bare(here.known):
        return
    if letter.message.kind == "progress" and here.case is not None:
        # Says which event is another one.
        what.log_is_the_one_here(attrs.evolve(letter, body=body_of(letter.message)), here)
    raise RejectedError(
        "contradiction",
        f"信件 {letter.message.id} 此前已到,内容不同",
        "a letter of this id came before and said something else",
    )


def _bare(message: Message) -> Message:
    """A letter without what may differ where it is written again or kept under another id."""
    return attrs.evolve(message, id="", signature="")


COMMON: tuple[Clause, ...] = (
    Clause("ids and texts have their form and bounds, numbers are finite", _of_a_case),
    Clause("it is of a kind that goes from store to store", _of_a_kind),
    Clause("it is for an address that is served here", _for_here),
    Clause("it is dated at most a day ahead of the clock here", _dated),
    Clause(
        "the node may speak for the address that it names as sender; for none that is served here",
        _speaks,
    ),
    Clause("personal data comes beside the reference of it alone", what.brings_its_data),
    Clause("a letter of the same id that came before says the same", _same_as_before),
)
"""What must hold of every letter, in the order in which it is asked."""

_ANSWER = LetterRule(
    Clause("an authority that the case has to be confirmed by", who.from_cohandler),
    (Clause("an officer of it answers what was asked from here; the case is here", what.answers),),
)

LETTERS: Mapping[str, LetterRule] = {
    "forward": LetterRule(
        Clause("the office that has the case, to the next on its way", who.from_office_before),
        (
            Clause("each field of the case can be, and all of them together", what.case_is_sound),
            Clause("what is here of the case says the same", what.case_is_the_one_here),
        ),
    ),
    "progress": LetterRule(
        Clause("a node with an office on the way of the case", who.from_way),
        (
            Clause("events are of the case, numbered one by one", what.events_are_numbered),
            Clause("events that are here are the same, and so is the log before the new ones",
                   what.log_is_the_one_here),
            Clause("the node has the case at each new event, and that event is what the protocol"
                   " gives for a command of somebody with that part, or for the time; it is not"
                   " before the event before it; an officer served here passed the command on"
                   " from here", what.events_are_legal),
        ),
    ),
    "arrival": LetterRule(
        Clause("the office to which the receiver sent the case", who.from_next),
        (Clause("what is missing was in the list", what.missing_was_listed),),
    ),
    "request": LetterRule(
        Clause("the authority that leads; another one must not have asked before",
               who.from_lead_of_request),
        (
            Clause("item and application are without personal data, the limit can be counted",
                   what.asks),
        ),
    ),
    "chase": LetterRule(
        Clause("of an answer the authority that leads, of an arrival an office on the way",
               who.from_who_waits),
        (
            Clause("of an answer: as a request", what.waits_for),
        ),
    ),
    "confirmation": _ANSWER,
    "refusal": _ANSWER,
    "cancellation": LetterRule(
        Clause("the authority whose request lies here, or that leads the case", who.from_who_asked)
    ),
    "result": LetterRule(
        Clause("the authority that decides, which has the case", who.from_lead),
        (Clause("the number is one of the case's", what.result_is_of_the_case),),
    ),
    "command": LetterRule(
        Clause("an office with a part in the case, for its own people, an applicant, or a window"
               " by which the case came to it", who.from_part),
        (Clause("it is of the case, and one that offices pass on", what.passed_on),),
    ),
    "notice": LetterRule(
        Clause("the office to which a command was passed on from here",
               who.from_who_has_the_command),
        (Clause("it is the answer to that command", what.says_why),),
    ),
    "warning": LetterRule(
        Clause("the node that has the case, had it when the log says so, or whose request lies"
               " here", who.from_holder),
        (Clause("it names a limit, and is for the office that must act", what.limited),),
        of_machine=True,
    ),
    "urge": LetterRule(
        Clause("the node that has the case, had it when the log says so, or whose request lies"
               " here", who.from_holder),
        (Clause("it names a limit, and is for the supervisor of the office", what.limited),),
        of_machine=True,
    ),
    "rating": LetterRule(
        Clause("the node that has the case, or whose request lies here", who.from_holder),
        (Clause("it has one of the five grades, for a side of the case", what.graded),),
        of_machine=True,
    ),
}  # fmt: skip
"""Every kind of letter that goes from store to store."""


def judge(message: Message, sender: Sender, here: Here) -> None:
    """Check that a letter is to be taken, or came before.

    Args:
        message: its signature was verified, and it is `readable`.
        sender: the node that signed it.
        here: what is known of its case.

    Raises:
        OutOfOrderError: where others must come first; it has to come again.
        RejectedError: where it is to be put aside, with the code and the reason.
    """
    try:
        letter = Letter(message, sender, None)
        for clause in COMMON:
            clause.test(letter, here)
        if here.known is not None or message.receiver == APPLICANT:
            return
        letter = attrs.evolve(letter, body=body_of(message))
        rule = LETTERS[message.kind]
        for clause in (rule.sender, *rule.holds):
            clause.test(letter, here)
    except RejectedError:
        raise
    except FormatError as error:
        raise RejectedError("form", error.text.zh, error.text.en) from None
