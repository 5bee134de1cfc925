"""Who read whose personal data, as a store notes it: which of it somebody may see, and counts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime
from typing import Any

from attrs import define, field, frozen

from tongban.kernel import Kernel, protocol
from tongban.kernel.ports import rows, store
from tongban.kernel.protocol import personal_data
from tongban.plugins.casework.actors import acting_in
from tongban.plugins.casework.naming import actor_name
from tongban.plugins.casework.session import Session

_AT_A_PLACE = ("window", "officer", "supervisor")


@frozen
class NotedReading:
    """A reading of personal data, with the case that it was of.

    Attributes:
        noted: as the store keeps it.
        case: as it stands now; None where another store has it.
        part: whether the reader has a part in the case now that lets them read; None where the
            case is not here, and nobody can say.
    """

    noted: store.Reading
    reader: protocol.Actor
    case: protocol.Case | None
    part: bool | None

    @property
    def at(self) -> datetime:
        """The moment."""
        return datetime.fromisoformat(self.noted.at)

    @property
    def own(self) -> bool:
        """Whether the applicant read what is theirs."""
        return self.noted.allowed and self.reader.kind == "applicant"

    @property
    def unusual(self) -> bool:
        """Whether it was refused, or the reader is known to have no part in the case now."""
        return not self.noted.allowed or self.part is False

    @property
    def parts(self) -> str:
        """What of the data: `all` that was kept at that moment, or `none`.

        A reading opens the whole; whether it was erased by then is not noted with it.
        """
        return "all" if self.noted.allowed and self.noted.ref else "none"


def office_key(actor: protocol.Actor) -> str:
    """Where somebody serves, `510100/public_security`; "" for those who serve nowhere."""
    if actor.kind not in _AT_A_PLACE:
        return ""
    return f"{actor.division or '-'}/{actor.department or actor.kind}"


@frozen
class Wanted:
    """Which readings; what is None leaves all.

    Attributes:
        case: id of a case.
        reader: takes an actor.
        office: takes a division and a department, `window` for a window.
        since, until: days in China, both included.
        unusual: only what is `NotedReading.unusual`.
    """

    case: str | None = None
    reader: Callable[[protocol.Actor], bool] | None = None
    office: Callable[[protocol.Actor], bool] | None = None
    since: date | None = None
    until: date | None = None
    unusual: bool = False

    def takes(self, one: NotedReading) -> bool:
        """Whether a reading is one of them."""
        day = protocol.day_of(one.at)
        return (
            (self.reader is None or self.reader(one.reader))
            and (self.office is None or self.office(one.reader))
            and (self.since is None or day >= self.since)
            and (self.until is None or day <= self.until)
            and (not self.unusual or one.unusual)
        )


def noted_readings(session: Session, wanted: Wanted) -> Iterator[NotedReading]:
    """The readings that were asked for, as far as who acts may see them, oldest first.

    Without an actor, for the keeper of the store, that is all. An applicant and an agent see
    those of their cases; an office its own and those of cases in which it has a part that lets
    it read; a supervisor those by offices they oversee, and of cases of such offices.
    """
    cases: dict[str, protocol.Case | None] = {}
    for noted in session.store.readings(wanted.case):
        if noted.case not in cases:
            cases[noted.case] = session.store.case(noted.case)
        case, reader = cases[noted.case], noted.reader
        part = None if case is None else _has_part(session.kernel, case, reader)
        one = NotedReading(noted, reader, case, part)
        if wanted.takes(one) and _may_see(session.kernel, one, session.actor):
            yield one


def _has_part(kernel: Kernel, case: protocol.Case, actor: protocol.Actor) -> bool:
    if actor.kind == "agent":  # the number of the authorisation is not kept with a reading
        return actor.id == case.agent != ""
    today = protocol.day_of(kernel.clock())
    return personal_data.may_read(case, acting_in(kernel, actor, case), today)


def _may_see(kernel: Kernel, one: NotedReading, viewer: protocol.Actor | None) -> bool:
    if viewer is None or viewer.kind == "system":
        return True
    case, mine = one.case, office_key(viewer)
    if viewer.kind == "supervisor":
        theirs = [office.division for office in case.plan.offices] if case else []
        if office_key(one.reader):
            theirs.append(one.reader.division)
        return any(protocol.oversees(viewer.division, place) for place in theirs)
    if mine and mine == office_key(one.reader):
        return True
    return case is not None and personal_data.may_read(
        case, acting_in(kernel, viewer, case), protocol.day_of(kernel.clock())
    )


@define
class ReaderCount:
    """How often somebody read.

    Attributes:
        allowed, refused: readings, and attempts.
        own: of those that were allowed, by the applicant.
        without_part: allowed ones of cases in which the reader is known to have no part now.
        cases: ids.
        first, last: moments.
    """

    reader: protocol.Actor
    first: datetime
    last: datetime
    allowed: int = 0
    refused: int = 0
    own: int = 0
    without_part: int = 0
    cases: set[str] = field(factory=set)

    def add(self, one: NotedReading) -> None:
        """Counts a reading."""
        self.allowed += one.noted.allowed
        self.refused += not one.noted.allowed
        self.own += one.own
        self.without_part += one.noted.allowed and one.part is False
        self.cases.add(one.noted.case)
        self.first, self.last = min(self.first, one.at), max(self.last, one.at)

    def to_dict(self, kernel: Kernel) -> dict[str, Any]:
        """For JSON."""
        return {
            "reader": reader_json(kernel, self.reader),
            "allowed": self.allowed,
            "refused": self.refused,
            "own": self.own,
            "without_part": self.without_part,
            "cases": len(self.cases),
            "first": self.first.isoformat(),
            "last": self.last.isoformat(),
        }


def counted(found: Iterable[NotedReading]) -> list[ReaderCount]:
    """Counts for each reader, those who read most first."""
    by_reader: dict[protocol.Actor, ReaderCount] = {}
    for one in found:
        if one.reader not in by_reader:
            by_reader[one.reader] = ReaderCount(one.reader, one.at, one.at)
        by_reader[one.reader].add(one)
    return sorted(by_reader.values(), key=_order)


def _order(one: ReaderCount) -> tuple[int, str, str, str]:
    return -one.allowed - one.refused, one.reader.kind, office_key(one.reader), one.reader.id


def reader_json(kernel: Kernel, reader: protocol.Actor) -> dict[str, Any]:
    """A reader, for machines; ids as they were noted."""
    return {
        "kind": reader.kind,
        "id": reader.id,
        "office": office_key(reader),
        "name": actor_name(kernel, reader),
    }


def reading_json(kernel: Kernel, one: NotedReading, *, for_applicant: bool) -> dict[str, Any]:
    """A reading, for machines.

    Args:
        for_applicant: without what says nothing to an applicant: the reference of the data, and
            opaque ids of other applicants and of agents.
    """
    noted, reader = one.noted, reader_json(kernel, one.reader)
    if for_applicant and not office_key(one.reader):
        del reader["id"]
    shown = {
        "at": one.at.astimezone(protocol.CHINA).isoformat(),
        "case": noted.case,
        "item": rows.item_key(one.case) if one.case else "",
        "name": one.case.item.get("name", "") if one.case else "",
        "reader": reader,
        "own": one.own,
        "purpose": noted.purpose,
        "parts": one.parts,
        "allowed": noted.allowed,
        "part": one.part,
    }
    return shown if for_applicant else shown | {"ref": noted.ref}
