"""What must hold after every event. A check looks at what just happened: it stays fast."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from hashlib import sha256
from heapq import heappop, heappush
from typing import Any

from attrs import define, field

from tongban.kernel import protocol
from tongban.kernel.audit import hash_chain
from tongban.kernel.ports import store as contract
from tongban.plugins.simulation.checks import recourse
from tongban.plugins.simulation.checks.colleagues import check_recusal, check_tasks
from tongban.plugins.simulation.checks.contact import check_contact, check_void
from tongban.plugins.simulation.checks.deadlines import dues
from tongban.plugins.simulation.checks.mandates import check_mandate
from tongban.plugins.simulation.checks.node_view import NodeView
from tongban.plugins.simulation.checks.papers import papers_of
from tongban.plugins.simulation.checks.record import Record
from tongban.plugins.simulation.checks.step import Check, Finding, Step
from tongban.plugins.simulation.checks.validity import check_lapse, check_lapse_missed
from tongban.plugins.simulation.checks.violation import ViolationError
from tongban.plugins.simulation.store.watched_store import EventText, Written

CHECKS: tuple[Check, ...] = (
    *recourse.CHECKS,
    *(check_contact, check_void, check_recusal, check_tasks, check_lapse, check_mandate),
)
"""What looks at each event that is new."""


@define(eq=False)
class Watch:
    """Sees every commit of every node.

    Args:
        first: the day on which the run begins.
    """

    first: date
    heads: dict[str, hash_chain.Head] = field(factory=dict)
    tails: dict[tuple[str, str], str] = field(factory=dict)
    known: dict[str, dict[str, int]] = field(factory=dict)
    limits: dict[str, list[tuple[date, str, str, str]]] = field(factory=dict)
    checked: Counter[str] = field(factory=Counter)

    def committed(self, node: NodeView, written: Written, record: Record) -> list[protocol.Event]:
        """Checks what one transaction wrote.

        Returns:
            The events that no other store had before.

        Raises:
            ViolationError: where an invariant does not hold.
        """
        before = record.case
        fresh = [event for event, _, text in written.texts if self._is_new(record, event, text)]
        for event in fresh:
            told = record.case
            self._event(node, record, event)
            self._checked(Step(node, record, told, event, record.case, tuple(written.messages)))
        if fresh:
            self._ends(record, before, fresh)
            self._tells(record, fresh, written.messages)
            self._due(node, record)
        if written.events:
            self._part(node, record)
            self._chained(node, record, written.texts)
            after = written.after
            assert after is not None
            self.known.setdefault(node.province, {})[record.id] = after.version
            if after.version == record.case.version and after != record.case:
                raise ViolationError("diverged", record, "the tables are not what the events say")
        self._addressed(record, written.messages)
        self.checked["raised"] += 1  # what raises never comes to its commit
        return fresh

    def _is_new(self, record: Record, event: protocol.Event, text: str) -> bool:
        self.checked["diverged"] += 1
        if event.kind == "recovered":
            return False  # it stands for what this store lost, and others have
        digest = sha256(text.encode()).hexdigest()
        there = record.digests.setdefault(event.seq, digest)
        if there != digest:
            says = f"event {event.seq} ({event.kind}) is another one in another store"
            raise ViolationError("diverged", record, says)
        return event.seq > record.case.version or (event.seq == 1 and record.case.version == 1)

    def _event(self, node: NodeView, record: Record, event: protocol.Event) -> None:
        case = record.case
        if event.seq > 1 or case.version != 1:
            try:
                case = protocol.evolve(case, event)
            except protocol.OrderError as error:
                raise ViolationError("lost", record, f"an event is missing: {error}") from None
        planned = event.kind == "amended" and record.case.state == "ineligible"
        if case.rules != record.case.rules or (case.plan != record.case.plan and not planned):
            raise ViolationError("rules", record, "the rules or the plan of the case have changed")
        if case.plan != record.case.plan:
            record.plans.append(case.plan)
        self.checked["rules"] += 1
        body: Any = event.body
        if event.kind in ("warned", "overdue"):
            self._signalled(node, record, case, event)
        if event.kind == "decided":
            record.decisions += 1
            self.checked["decided_twice"] += 1
            if record.decisions > 1:
                raise ViolationError("decided_twice", record, "a second decision")
        if event.kind == "overdue":
            record.overdue.append((body.step, body.office.key))
        record.case = case

    def _checked(self, step: Step) -> None:
        step.record.log.add(step.event)
        for check in CHECKS:
            self._found(step.record, check(step))

    def _found(self, record: Record, findings: Iterator[Finding]) -> None:
        for name, wrong in findings:
            self.checked[name] += 1
            if wrong:
                raise ViolationError(name, record, wrong)

    def ended(self, record: Record, home: NodeView) -> None:
        """Each day, a case that is over and about which something is under way."""
        self._found(record, check_lapse_missed(record, home))

    def _ends(self, record: Record, before: protocol.Case, fresh: Iterable[protocol.Event]) -> None:
        if _anew(record.case) > _anew(before):  # corrected or reopened, and may end once more
            record.endings = int(record.case.over)
            return
        # What the rules refuse goes on where the applicant insists, or corrects it to what they
        # allow; no other end is taken back.
        again = any(_goes_on(event) for event in fresh)
        record.endings -= again
        if record.case.over and not before.over:
            record.endings += 1
        if record.endings > 1 or (before.over and not record.case.over and not again):
            raise ViolationError("decided_twice", record, "it ended, and went on")
        if before.over and before.granted is not record.case.granted:
            raise ViolationError(
                "decided_twice", record, "a case that was over was decided otherwise"
            )

    def _tells(
        self, record: Record, fresh: Iterable[protocol.Event], messages: Iterable[protocol.Message]
    ) -> None:
        wanted = Counter(
            paper for event in fresh for paper in papers_of(event, record.case.plan.licence)
        )
        if not wanted:
            return
        self.checked["untold"] += 1
        sent = Counter(
            one.body["document"]
            for one in messages
            if one.kind == "notice" and one.receiver == "applicant"
        )
        if wanted - sent:
            raise ViolationError(
                "untold", record, f"the applicant is not sent {', '.join(wanted - sent)}"
            )

    def _signalled(
        self, node: NodeView, record: Record, case: protocol.Case, event: protocol.Event
    ) -> None:
        """A warning or a report of delay is right only where a second count says so too."""
        self.checked["paused_clock"] += 1
        body: Any = event.body
        mine = {(one.step, one.office): one.day for one in dues(case, node.calendars)}
        day = mine.get((body.step, body.office.key))
        today = protocol.day_of(event.at)
        if day != body.due:
            says = f"{event.kind} of {body.step} counts to {body.due}; it runs to {day or 'no day'}"
            raise ViolationError("paused_clock", record, says)
        if event.kind == "overdue" and today <= body.due:
            raise ViolationError("paused_clock", record, f"{body.step} is not late on {today}")

    def _due(self, node: NodeView, record: Record) -> None:
        if not (record.case.plan.limits or record.case.supplement or record.case.follow_ups):
            return
        heap = self.limits.setdefault(node.province, [])
        for one in dues(record.case, node.calendars):
            if one.day is not None:
                heappush(heap, (one.day, record.id, one.step, one.office))

    def _part(self, node: NodeView, record: Record) -> None:
        self.checked["outsider"] += 1
        if not any(node.serves(office.key) for office in record.case.plan.offices):
            raise ViolationError(
                "outsider", record, f"the store of {node.province} has no part in it"
            )

    def _addressed(self, record: Record, messages: Iterable[protocol.Message]) -> None:
        offices = [one for plan in (record.case.plan, *record.plans) for one in plan.offices]
        for one in messages:
            if one.receiver in ("applicant", "system"):
                continue
            keys = {office.key for office in offices}
            keys |= {protocol.supervisor_of(office.division) for office in offices}
            if one.receiver not in keys:
                says = f"a {one.kind} goes to {one.receiver}, which has no part in it"
                raise ViolationError("outsider", record, says)

    def _chained(self, node: NodeView, record: Record, texts: list[EventText]) -> None:
        """The store's own chain goes on from what was seen of it last."""
        entries = node.tail(record.id, len(texts))
        head = self.heads.get(node.province) or hash_chain.Head(
            0, hash_chain.log_start(node.store.id)
        )
        place = (node.province, record.id)
        tail = self.tails.get(place) or hash_chain.case_start(record.id)
        for entry, (event, _, text) in zip(entries, texts, strict=True):
            tail = hash_chain.link_hash(tail, text)
            # Records of the store itself may stand between; `finished` looks at them too.
            follows = entry.position > head.position + 1 or entry.log_before == head.hash
            head = hash_chain.Head(
                entry.position, hash_chain.entry_hash(entry.log_before, entry.position, tail)
            )
            self.checked["chain"] += 1
            if not follows or (entry.case_hash, entry.log_hash) != (tail, head.hash):
                raise ViolationError(
                    "chain", record, f"event {event.seq} is not in the chain as it is"
                )
        self.heads[node.province] = head
        self.tails[place] = tail

    def arrived(self, node: NodeView, record: Record, message: protocol.Message) -> None:
        """A message was acknowledged: what it brings must be in the store."""
        self.checked["lost"] += 1
        if message.kind == "forward" and node.store.case(record.id) is None:
            raise ViolationError(
                "lost", record, "its arrival was acknowledged, and it is not there"
            )
        if node.store.message(message.id) is None:
            raise ViolationError(
                "lost", record, f"a {message.kind} was acknowledged, and is not kept"
            )

    def restarted(self, node: NodeView, records: Mapping[str, Record]) -> None:
        """What a store must still hold after its node was killed: all that was committed."""
        for case, version in self.known.get(node.province, {}).items():
            self.checked["lost"] += 1
            found = node.store.case(case)
            if found is None or found.version != version:
                at = found.version if found else 0
                says = f"committed up to event {version}, after the restart {at}"
                raise ViolationError("lost", records[case], says)
            last = node.tail(case, 1)[0]
            self.checked["chain"] += 1
            if (last.seq, last.case_hash) != (version, self.tails[node.province, case]):
                raise ViolationError(
                    "chain", records[case], "the log does not end as it was seen last"
                )

    def finished(self, node: NodeView, records: Mapping[str, Record]) -> None:
        """At the end of a run: each store as a whole."""
        self.restarted(node, records)
        self.checked["chain"] += 1
        broken = node.store.verify()
        if broken:
            raise ViolationError("chain", records.get(broken[0].case), str(broken[0]))

    def day_done(self, node: NodeView, records: Mapping[str, Record]) -> None:
        """After a node's daily tick: no limit has passed without a report of delay."""
        heap, today = self.limits.get(node.province, []), node.today
        while heap and heap[0][0] < today:
            _, case, step, office = heappop(heap)
            record = records.get(case)
            if step == "supply":
                continue  # the applicant's own: it lapses without a report
            if record is None or not node.serves(record.case.holder.key):
                continue
            self.checked["silent_limit"] += 1
            for one in dues(record.case, node.calendars):
                late = one.day is not None and one.day < today
                if (one.step, one.office) == (step, office) and late:
                    said = f"overdue {step} {office} {one.day}"
                    if said not in record.case.signalled:
                        says = f"{step} was due on {one.day}, and nobody was told by {today}"
                        raise ViolationError("silent_limit", record, says)

    def held(self, record: Record, home: NodeView) -> None:
        """Every open case is with the office that has it, or on its way there."""
        self.checked["lost"] += 1
        on_its_way = any(True for _ in record.unacknowledged)
        if (
            home.store.restored is None
            and not on_its_way
            and home.up
            and home.store.case(record.id) is None
        ):
            raise ViolationError(
                "lost", record, f"{home.province} should have it, and nothing is sent"
            )

    def put_back(self, node: NodeView) -> None:
        """An older state is in the place of a store: what was seen of it does not hold."""
        self.heads[node.province] = node.store.head()
        for place in [one for one in self.tails if one[0] == node.province]:
            del self.tails[place]
        known = self.known[node.province] = {}
        for entry in node.store.entries():
            if not entry.case:
                continue  # a record of the store itself
            self.tails[node.province, entry.case] = entry.case_hash
            known[entry.case] = entry.seq

    def goes_on(self, node: NodeView, record: Record) -> None:
        """A case whose last events are lost: its limits run from what is left."""
        self._due(node, record)

    def usable(self, node: NodeView) -> None:
        """Everything that a command asks of a store can be asked, and its audit is clean."""
        self.checked["usable"] += 1
        kept, one_case = node.store, contract.TaskFilter
        try:
            for case in kept.snapshots():
                kept.events(case.id), kept.tasks(one_case(case=case.id)), kept.masked(case.id)
            kept.cases(), kept.tasks(), kept.deadlines(), kept.outgoing(), kept.incoming()
            broken = kept.verify()
        except Exception as error:
            says = f"{node.province}: {type(error).__name__}: {error}"
            raise ViolationError("usable", None, says) from error
        if broken and kept.restored is None:  # until then the audit says what is missing
            raise ViolationError("usable", None, f"{node.province}: {broken[0]}")

    def settled(self, record: Record) -> None:
        """Nothing is under way for a case any more: it must have ended, and all must be told."""
        self.checked["unended"] += 1
        if record.unread:
            raise ViolationError("untold", record, f"{len(record.unread)} notices never came")

    def unsettled(self, record: Record, overdue: bool, calendars: protocol.Calendars) -> None:
        """At the end of a run, a case that is not over."""
        self.checked["unended"] += 1
        if record.unread:
            raise ViolationError("untold", record, f"{len(record.unread)} notices never came")
        if not record.case.over and not overdue and not record.case.signalled:
            says = f"it stands at {record.case.state}, and is not shown as overdue"
            raise ViolationError("unended", record, says)
        for one in protocol.owed(record.case):
            says = f"remedy {one.number} was {one.outcome}, and was never carried out"
            raise ViolationError("remedies", record, says)

    def forgotten(self, province: str, case: str) -> None:
        """A settled case takes no memory any more."""
        self.known.get(province, {}).pop(case, None)
        self.tails.pop((province, case), None)


def _anew(case: protocol.Case) -> int:
    """How often a case was reopened, or its decision corrected."""
    return len(case.reopenings) + len(case.corrections)


def _goes_on(event: protocol.Event) -> bool:
    body: Any = event.body
    return event.kind == "insisted" or (event.kind == "amended" and body.plan is not None)
