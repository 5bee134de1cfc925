"""A node: the real `Service` over a store in memory, stepped one transaction at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import cast

from attrs import evolve, frozen

from tongban.kernel import Kernel, service
from tongban.kernel import protocol as p
from tongban.kernel.ports import store as store_contract
from tongban.kernel.service import recovery
from tongban.plugins.simulation.explorer.memory import Crash, Kept, MemoryStore
from tongban.plugins.simulation.explorer.scenario import CASE, Place

__all__ = ["Node", "Result", "carry", "restart"]

_RECORDED = ("not_a_party", "not_your_step")


def carry(
    message: p.Message,
    take: Callable[[p.Message], None],
    acknowledge: Callable[[p.Message], None],
) -> None:
    """What a carrier does with a message that reached a node: keep it, then acknowledge it.

    Args:
        message: for this node.
        take: keeps it in the store; when it returns, that is committed.
        acknowledge: tells the sender, who then stops sending it.
    """
    take(message)
    acknowledge(message)


def restart(kept: Kept) -> Kept:
    """What a node has after a crash: what its store has kept, and nothing else."""
    return kept


@frozen
class Result:
    """The result of one step at one node.

    Attributes:
        kept: what the node keeps after it.
        code: `done`, `relayed`, `early`, `crashed`, `raised`, or the code of a refusal.
        says: the sentence of a refusal, or what was raised.
        used: whether the one who gave the command was heard, so that it is not given anew.
        acknowledged: whether the sender was told.
    """

    kept: Kept
    code: str
    says: str = ""
    used: bool = True
    acknowledged: bool = False


class Node:
    """One place's store and its service. It holds nothing between two steps."""

    def __init__(self, kernel: Kernel, place: Place, calendars: p.Calendars) -> None:
        self._store = MemoryStore(Kept(), calendars, lambda: kernel.clock())
        self._service = service.Service(
            kernel, cast(store_contract.Store, self._store), place.serves
        )

    def give(
        self, kept: Kept, id: str, actor: p.Actor, body: p.CommandBody, crash: bool = False
    ) -> Result:
        """What a person does here, in one transaction."""

        def work() -> tuple[str, str, bool]:
            answer = self._service.do(CASE, actor, body, id=id)
            if isinstance(answer, p.Refusal):
                return answer.code, answer.message, answer.code in _RECORDED
            return ("relayed" if isinstance(answer, service.Relayed) else "done"), "", True

        return self._run(kept, work, crash)

    def take(
        self,
        kept: Kept,
        message: p.Message,
        sender: Place | None = None,
        crash: bool = False,
        dumb: bool = False,
    ) -> Result:
        """A message arrives.

        Args:
            kept: what the node keeps.
            message: for an address that it serves.
            sender: the node that signed it; None for the node itself.
            crash: whether it dies right before the commit.
            dumb: whether it dies, or the line breaks, right before the acknowledgement.
        """
        signed = None if sender is None else service.Sender(sender.name, sender.serves)
        said: list[tuple[str, str]] = []
        acknowledged: list[bool] = []

        def take(message: p.Message) -> None:
            answer = self._service.receive_message(message, None, signed)
            if isinstance(answer, p.Refusal):
                said.append((answer.code, answer.message))
                self._note(message.id, answer.code)
                return
            said.append(("done", ""))
            if isinstance(answer, service.Done) and message.kind == "command":
                self._note(message.id, "done")

        def acknowledge(message: p.Message) -> None:
            if dumb:
                raise Crash
            acknowledged.append(True)

        def work() -> tuple[str, str, bool]:
            carry(message, take, acknowledge)
            return (*(said or [("done", "")])[0], True)

        found = self._run(kept, work, crash)
        if dumb and said:
            found = evolve(found, code=said[0][0], says=said[0][1])
        return evolve(found, acknowledged=bool(acknowledged))

    def assaulted(self, kept: Kept, message: p.Message, sender: Place) -> Kept:
        """What the node keeps after a letter of somebody without a part.

        Raises:
            Exception: whatever the product raises but that it waits or was put aside.
        """
        self._store.kept, self._store.crashes = kept, False
        signed = service.Sender(sender.name, sender.serves)
        with suppress(service.RejectedError, service.OutOfOrderError):
            self._service.receive_message(message, None, signed)
        return self._store.kept

    def recover(
        self, kept: Kept, mine: Sequence[p.Message], theirs: Sequence[tuple[p.Message, Place]]
    ) -> Result:
        """What a carrier does for a node that was put back, when all others have answered.

        Args:
            kept: what the node keeps.
            mine: what it once sent: others hand it back, or it still lies with them.
            theirs: what others once sent to it, with the node that signed it.
        """

        def work() -> tuple[str, str, bool]:
            store, before = cast(store_contract.Store, self._store), None
            while before != self._store.kept:
                before = self._store.kept
                for message in mine:
                    with suppress(service.OutOfOrderError):
                        if not recovery.is_known(store, message):
                            recovery.take_back(store, message)
                for message, place in theirs:
                    with suppress(service.RejectedError, service.OutOfOrderError):
                        signed = service.Sender(place.name, place.serves)
                        answer = self._service.receive_message(message, None, signed)
                        if answer is not None and message.kind == "command":
                            code = answer.code if isinstance(answer, p.Refusal) else "done"
                            self._note(message.id, code)
            recovery.answered(store)
            with store.transaction() as writes:
                writes.recovered("")
            return "done", "", True

        return self._run(kept, work, False)

    def tick(self, kept: Kept) -> Result:
        """What time has brought here."""

        def work() -> tuple[str, str, bool]:
            self._service.tick()
            return "done", "", True

        return self._run(kept, work, False)

    def calendar(self, division: str | None) -> p.Calendar:
        """The calendar of a place."""
        return self._service.calendar(division)

    def acknowledged(self, kept: Kept, message: str) -> Kept:
        """The sender hears that a message arrived."""
        self._store.kept, self._store.crashes = kept, False
        with self._store.transaction() as writes:
            writes.delivered(message)
        return self._store.kept

    def _note(self, message: str, code: str) -> None:
        known = self._store.kept.answered
        if (message, code) not in known:
            self._store.kept = evolve(self._store.kept, answered=(*known, (message, code)))

    def _run(self, kept: Kept, work: Callable[[], tuple[str, str, bool]], crash: bool) -> Result:
        self._store.kept, self._store.crashes = kept, crash
        try:
            code, says, used = work()
        except Crash:
            return Result(self._store.kept, "crashed", used=False)
        except service.OutOfOrderError as early:
            return Result(kept, "early", str(early), used=False)
        except Exception as error:
            # Whatever the product raises is a finding, not an end of the search.
            return Result(kept, "raised", f"{type(error).__name__}: {error}", used=False)
        return Result(self._store.kept, code, says, used)
