"""The pump: sends the outbox, takes in what has come, and gives receipts for it.

Every step may be done twice, and a crash may come between any two of them. A message stays
in the outbox until the receipt for it is here; the receiver writes that after its store has
kept the message, and keeps each message once, by its id.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path
from typing import Any

from attrs import field, frozen

from tongban.kernel.audit import untrusted
from tongban.kernel.model import printing
from tongban.kernel.ports import logs
from tongban.kernel.ports import store as contract
from tongban.plugins.exchange.answering import Answering
from tongban.plugins.exchange.erasure import erase
from tongban.plugins.exchange.folders import Folders
from tongban.plugins.exchange.heads import HEAD, head_of
from tongban.plugins.exchange.incoming import Incoming, Receive
from tongban.plugins.exchange.membership import Node
from tongban.plugins.exchange.recovery import Recovery, begin, put_back, waiting_for
from tongban.plugins.exchange.report import Report
from tongban.plugins.exchange.sending import Outbox
from tongban.plugins.exchange.spool import REASON, Spool

_FIRST_REASONS, _LONGEST_REASON = 5, 20_000


@frozen(eq=False)
class Exchange:
    """Carries the messages of one store.

    Attributes:
        node: this store's place in the exchange.
        spool: the files.
        entropy: gives random bytes, to seal personal data.
    """

    node: Node
    spool: Spool = field(factory=Spool)
    entropy: Callable[[int], bytes] = os.urandom

    def serves(self, address: str) -> bool:
        """Whether the store is that of an address."""
        return self.node.served(address)

    def pump(self, *given: Any) -> Mapping[str, Any]:
        """`run`, as the version before called it."""
        warnings.warn("Exchange.pump is called run now", DeprecationWarning, stacklevel=2)
        return self.run(*given)

    def run(self, store: contract.Store, receive: Receive, now: datetime) -> Mapping[str, Any]:
        """Sends what is in the outbox, and takes in what has come.

        Args:
            store: whose outbox it is.
            receive: `Service.receive_message`.
            now: the moment, by which what failed is tried again.

        Returns:
            `Report.to_dict()`.

        Raises:
            StoreError: where the store cannot be read.
            OSError: where a folder cannot be read or written; nothing is lost by it.
        """
        report, node = Report(problems=list(self.node.problems)), self.node
        head = head_of(node.name, store, node.key, now) if node.key is not None else None
        outbox = Outbox(node, self.spool, self.entropy, store, receive, now, report, head)
        if node.folder is None or node.key is None:
            outbox.run()
            return report.to_dict()
        folders = Folders(node, node.folder, self.spool, report)
        folders.make()
        come = Incoming(
            node, node.folder, node.key, store, receive, self.spool, report, folders, now
        )
        answering = Answering(node, store, self.spool, outbox)
        recovery = Recovery(node, store, self.spool, folders, come, answering, report, now)
        self.compare(store)
        recovery.read()
        if self._goes_on(store, come, recovery):
            come.letters()
            outbox.run()
            recovery.doubt()
        recovery.answer_others()
        self._published(store, now, report)
        if report.failed or report.alarms:
            says = "%s: %d letters could not be sent, %d alarms; `tongban doctor` names them"
            logs.logger("exchange").warning(
                says, self.node.name, len(report.failed), len(report.alarms)
            )
        return report.to_dict()

    def _goes_on(self, store: contract.Store, come: Incoming, recovery: Recovery) -> bool:
        """Whether messages are carried; not where this store was put back and waits for others."""
        if store.restored is None:
            come.receipts()
            if recovery.proved():
                begin(self.node, store, None)
                recovery.staged.clear()
            else:
                recovery.take_back()  # of who answers after a supervisor went on without
                self.compare(store)
        if store.restored is None:
            return True
        if not recovery.go_on():
            return False
        come.receipts()
        return True

    def compare(self, store: contract.Store) -> bool:
        """Whether this store goes less far than it last said; it is `restored` then."""
        node, put = self.node, store.restored
        if put is not None:
            for line in (put.history, store.history):
                node.seen.note_line(line)
        found = put is None and put_back(node, store, self.spool)
        with suppress(OSError):  # it is written again with the next run
            node.seen.save()
        return found

    def condition(self, store: contract.Store) -> Mapping[str, Any]:
        """What stands in the way of messages; nothing is sent or taken in by it.

        Returns:
            `problems`, sentences; `aside`, with `folder`, `number` and the first `reasons`;
            `alarms`, sentences; `waits`, names of nodes that a restored store was not
            answered by; `key`, id of the key that this node signs with.
        """
        problems = list(self.node.problems)
        aside: dict[str, Any] = {"folder": "", "number": 0, "reasons": []}
        if self.node.folder is not None:
            folder = self.node.folder / "aside"
            try:
                names, number = self.spool.listed(folder, REASON, _FIRST_REASONS)
                reasons = [self._reason(folder / name) for name in names]
                aside = {"folder": str(folder), "number": number, "reasons": reasons}
            except OSError as error:
                problems.append(f"{folder}: 无法读取 (cannot be read: {error.strerror})")
        forks = {one.node for one in store.witnesses()}
        alarms = [f"{name}: {says}" for name, says in self.node.seen.alarms() if name in forks]
        waits = waiting_for(self.node, store) if store.restored is not None else []
        key = self.node.key.public.id if self.node.key is not None else ""
        found = {"problems": problems, "aside": aside, "alarms": alarms, "waits": waits}
        return {**found, "key": key}

    def erase(self, store: contract.Store, before: date) -> tuple[str, ...]:
        """Takes away what lies in folders of personal data that is erased; what could not be."""
        return erase(self.node, self.spool, store, before)

    def _reason(self, path: Path) -> str:
        try:
            content = self.spool.read(path, largest=_LONGEST_REASON) or b""
        except (OSError, untrusted.UnreadableError):
            content = b""
        return printing.printable(content.decode("utf-8", "replace").strip()) or path.name

    def _published(self, store: contract.Store, now: datetime, report: Report) -> None:
        """Says in the shared folder how far the log goes, and remembers what was seen."""
        node = self.node
        if node.folder is None or node.key is None:
            return
        head, before = head_of(node.name, store, node.key, now), node.seen.head(node.name)
        node.seen.note_line(head.history)
        try:
            if before is None or (before.history, before.head) != (head.history, head.head):
                self.spool.write(node.folder / HEAD, head.to_bytes(), own=1)
            node.seen.set_head(head)
            node.seen.save()
        except OSError as error:
            report.problems.append(f"{node.folder}: 无法写入 (cannot be written: {error.strerror})")
