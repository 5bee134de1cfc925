"""Personal data that a store keeps: who may read it, what is noted of that, how long it stays.

Pure: a store gives what it holds, and does what comes out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime

from attrs import frozen

from tongban.kernel.audit.hash_chain import canonical
from tongban.kernel.ports.store import StoreReader
from tongban.kernel.ports.stored import UNSEALED, NotAllowedError, Reading, StoreError
from tongban.kernel.protocol import (
    Actor,
    Case,
    Message,
    barred,
    day_of,
    out_of_time,
    personal_of,
    roles,
)
from tongban.kernel.protocol.personal_data import has_id_number, may_read, was_asked

__all__ = [
    "LETTERS",
    "Letter",
    "Reading",
    "Use",
    "due",
    "is_ours",
    "no_part",
    "readable",
    "reading",
    "requested",
    "unknown",
    "who",
]

LETTERS = ("forward", "request", "chase", "cancellation")
"""Kinds of the messages that name personal data of a case, and bring it or only name it."""


def unknown(case: str) -> StoreError:
    """There is no such case here."""
    return StoreError(f"没有办件 {case} (there is no case {case})")


def no_part(store: StoreReader, id: str, actor: Actor, now: datetime) -> NotAllowedError:
    """An actor must not read the personal data of a case.

    Args:
        store: where the case, or a request about it, is.
        id: of the case.
        actor: who asked.
        now: the moment.
    """
    found = store.case(id)
    kept_off = barred(found, actor) if found is not None else None
    if kept_off:
        return NotAllowedError(
            f"办件 {id}:{kept_off.zh},不得查阅个人信息,本次尝试已记录 ({kept_off.en}; personal"
            " data is not shown, and that is on record)"
        )
    if found is not None and "agent" in roles(found, actor):
        why = out_of_time(found.mandate, found.authorisation, day_of(now))
        if why is not None:
            return NotAllowedError(
                f"不得查阅个人信息,本次尝试已记录:{why.zh} (its personal data must not be"
                f" read; that is on record: {why.en})"
            )
    return NotAllowedError(
        f"与办件 {id} 无关,不得查阅个人信息,本次尝试已记录 (this {actor.kind} has no"
        f" part in case {id} that lets them read its personal data; that is on record)"
    )


def readable(
    store: StoreReader, case: str, actor: Actor, now: datetime, ref: str = ""
) -> tuple[str, bool]:
    """The reference of a case's personal data, "" for none, and whether an actor may read it.

    A reference alone opens nothing: the data must have come with the case, or been kept for it.

    Args:
        store: where the case, or a request about it, is.
        case: its id.
        actor: who asks.
        now: the moment.
        ref: of data that a letter of the case names; "" for that of the case as it stands.

    Raises:
        StoreError: where the store knows nothing of the case.
    """
    found = store.case(case)
    if found is not None:
        wanted = ref or found.personal
        ours = bool(wanted) and is_ours(store, found, wanted)
        return wanted if ours else "", may_read(found, actor, day_of(now))
    requests = [one.message for one in store.incoming(case=case, kind="request")]
    if not requests:
        raise unknown(case)
    brought = _brought(store, case)
    known = brought[-1:] if not ref else [one for one in brought if one == ref]
    return ["", *known][-1], any(was_asked(one, actor) for one in requests)


def is_ours(store: StoreReader, case: Case, ref: str) -> bool:
    """Whether the data that a reference stands for was given to this store for a case.

    It was where the case was opened here with it, a letter of the case brought it, or it was
    kept here for a change. What another store only names may be the data of somebody else.

    Args:
        store: where the case is.
        case: as it stands.
        ref: that the case, or a letter about it, names.
    """
    log = store.events(case.id)
    opened = log[0].kind != "taken_over"
    made = [one.seq for one in log[1:] if getattr(one.body, "personal", "") == ref]
    if opened and not made and ref in (case.personal, getattr(log[0].body, "personal", "")):
        return True
    if ref in _brought(store, case.id):
        return True
    sent = (one.message for one in store.outgoing(case=case.id))
    if any(one.kind in ("command", "progress") and personal_of(one) == ref for one in sent):
        return True
    # Before a case that was opened here was sent on, all that happened to it happened here.
    left = next((one.seq for one in log if one.kind == "dispatched"), case.version + 1)
    return opened and any(seq < left for seq in made)


def _brought(store: StoreReader, case: str) -> list[str]:
    """The references whose data came with letters of a case; of old letters nothing tells."""
    came = (one.message for one in store.incoming(case=case) if one.seal != UNSEALED)
    return [ref for one in came if (ref := personal_of(one))]


def reading(
    case: str, ref: str, actor: Actor, purpose: str, allowed: bool, now: datetime
) -> Reading:
    """What is noted of a reading.

    Raises:
        StoreError: where no purpose is given.
    """
    if not purpose.strip() or has_id_number(purpose):
        raise StoreError(
            "查阅个人信息须写明用途,且不得含个人信息"
            " (say what it is read for, without personal data)"
        )
    return Reading(now.isoformat(), case, ref, canonical(who(actor)), purpose, allowed)


def who(actor: Actor) -> dict[str, str | None]:
    """An actor, as records name them: kind, id and office."""
    found = {"kind": actor.kind, "id": actor.id, "division": actor.division}
    return {**found, "department": actor.department}


@frozen
class Use:
    """A case that personal data is kept for.

    Attributes:
        until: the last moment at which it is needed, as text; None while the case is open.
    """

    case: str
    until: str | None

    @classmethod
    def of(cls, case: str, ended_at: str | None, valid_until: str | None) -> Use:
        """A case that is here: it needs the data until it ended and its result has lapsed.

        Args:
            case: its id.
            ended_at: the moment of its end, as text; None while it is open.
            valid_until: the last day of its result, as text; None where nothing says it.
        """
        return cls(case, max(ended_at, valid_until or "") if ended_at else None)


@frozen
class Letter:
    """A message of `LETTERS` that came in.

    Attributes:
        ref: of the data that it brought; "" where it brought none.
        received_at, handled_at: moments, as text.
    """

    case: str
    kind: str
    ref: str
    received_at: str
    handled_at: str | None

    @classmethod
    def of(
        cls, message: Message, seal: str, received_at: datetime, handled_at: datetime | None
    ) -> Letter:
        """From the inbox."""
        ref = personal_of(message) if seal != UNSEALED else ""
        done = handled_at.isoformat() if handled_at else None
        return cls(message.case, message.kind, ref, received_at.isoformat(), done)


def requested(letters: Iterable[Letter]) -> Iterator[tuple[str, Use]]:
    """What was brought with requests to confirm, of cases that other stores have.

    An answer or a cancellation is the end of it. While a lead waits it asks again every few
    days: a case that nothing was heard of for this long is not waited for.

    Args:
        letters: about cases that are not here, in the order in which they came.

    Returns:
        References with their uses.
    """
    refs, heard, ended = defaultdict[str, set[str]](set), dict[str, str](), dict[str, str]()
    for one in letters:
        heard[one.case] = max(heard.get(one.case, ""), one.received_at)
        if one.ref:
            refs[one.case].add(one.ref)
        end = one.handled_at if one.kind == "request" else None
        end = one.received_at if one.kind == "cancellation" else end
        if end:
            ended[one.case] = end
        elif one.kind == "request":
            ended.pop(one.case, None)  # it was asked once more
    for case, some in refs.items():
        for ref in some:
            yield ref, Use(case, ended.get(case, heard[case]))


def due(
    kept: Mapping[str, str], uses: Iterable[tuple[str, Use]], ended_before: date
) -> dict[str, tuple[str, ...]]:
    """Data whose time is up, with the cases that it was kept for.

    Args:
        kept: the moment at which data was kept, as text, by reference; without what is erased.
        uses: the cases that each is needed for.
        ended_before: cases that ended earlier than this day, in China.

    Returns:
        Ids of cases by reference. Data that no case here has any more, since a backup was
        put in place or a damaged file saved, is due when it was kept before that day.
    """
    by_ref = defaultdict[str, list[Use]](list)
    for ref, use in uses:
        by_ref[ref].append(use)
    day, found = ended_before.isoformat(), {}
    for ref, kept_at in kept.items():
        needed = [one.until for one in by_ref[ref]] or [kept_at]
        if all(until is not None and until[:10] < day for until in needed):
            found[ref] = tuple(sorted({one.case for one in by_ref[ref]}))
    return found
