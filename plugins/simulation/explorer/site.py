"""A site: the real `Service` over a store in memory, stepped one transaction at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress

from attrs import evolve, frozen

from tongban.kernel import Kernel, service
from tongban.kernel import protocol as p
from tongban.kernel.service import recovery
from tongban.plugins.simulation.explorer.scenario import CASE, Place
from tongban.plugins.simulation.explorer.site_state import Crash, CrashingStore, SiteState

_RECORDED = ("not_a_party", "not_your_step")


def carry(
    message: p.Message,
    take: Callable[[p.Message], None],
    acknowledge: Callable[[p.Message], None],
) -> None:
    """What a carrier does with a message that reached a site: keep it, then acknowledge it.

    Args:
        message: for this node.
        take: keeps it in the store; when it returns, that is committed.
        acknowledge: tells the sender, who then stops sending it.
    """
    take(message)
    acknowledge(message)


def restart(kept: SiteState) -> SiteState:
    """What a site has after a crash: what its store has kept, and nothing else."""
    return kept


@frozen
class Result:
    """The result of one step at one site.

    Attributes:
        kept: what the site keeps after it.
        code: `done`, `relayed`, `early`, `crashed`, `raised`, or the code of a refusal.
        says: the sentence of a refusal, or what was raised.
        used: whether the one who gave the command was heard, so that it is not given anew.
        acknowledged: whether the sender was told.
    """

    kept: SiteState
    code: str
    says: str = ""
    used: bool = True
    acknowledged: bool = False


class Site:
    """One place's store and its service. It holds nothing between two steps."""

    def __init__(self, kernel: Kernel, place: Place, calendars: p.Calendars) -> None:
        self._store = CrashingStore("memory", lambda: kernel.clock(), calendars)
        self._before = SiteState()
        self._answered: tuple[tuple[str, str], ...] = ()
        self._service = service.Service(kernel, self._store, place.serves)

    def _hold(self, kept: SiteState, crash: bool = False) -> None:
        self._store.contents, self._answered = kept.contents.copy(), kept.answered
        self._store.crashes, self._store.changed, self._before = crash, False, kept

    @property
    def _kept(self) -> SiteState:
        if not self._store.changed and self._answered is self._before.answered:
            return self._before
        return SiteState(self._store.contents, self._answered)

    def give(
        self, kept: SiteState, id: str, actor: p.Actor, body: p.CommandBody, crash: bool = False
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
        kept: SiteState,
        message: p.Message,
        sender: Place | None = None,
        crash: bool = False,
        dumb: bool = False,
    ) -> Result:
        """A message arrives.

        Args:
            kept: what the site keeps.
            message: for an address that it serves.
            sender: the site that signed it; None for the site itself.
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

    def assaulted(self, kept: SiteState, message: p.Message, sender: Place) -> SiteState:
        """What the site keeps after a letter of somebody without a part.

        Raises:
            Exception: whatever the product raises but that it waits or was put aside.
        """
        self._hold(kept)
        signed = service.Sender(sender.name, sender.serves)
        with suppress(service.RejectedError, service.OutOfOrderError):
            self._service.receive_message(message, None, signed)
        return self._kept

    def recover(
        self, kept: SiteState, mine: Sequence[p.Message], theirs: Sequence[tuple[p.Message, Place]]
    ) -> Result:
        """What a carrier does for a site that was put back, when all others have answered.

        Args:
            kept: what the site keeps.
            mine: what it once sent: others hand it back, or it still lies with them.
            theirs: what others once sent to it, with the site that signed it.
        """

        def work() -> tuple[str, str, bool]:
            store, before = self._store, ""
            while before != (now := self._kept.key):
                before = now
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

    def tick(self, kept: SiteState) -> Result:
        """What time has brought here."""

        def work() -> tuple[str, str, bool]:
            self._service.tick()
            return "done", "", True

        return self._run(kept, work, False)

    def calendar(self, division: str | None) -> p.Calendar:
        """The calendar of a place."""
        return self._service.calendar(division)

    def acknowledged(self, kept: SiteState, message: str) -> SiteState:
        """The sender hears that a message arrived."""
        self._hold(kept)
        if self._store.message(message) is not None:  # else it went with a store
            with self._store.transaction() as writes:
                writes.delivered(message)
        return self._kept

    def put_back(self, kept: SiteState) -> SiteState:
        """What the site keeps after a backup was put in the place of its store."""
        self._hold(kept)
        with self._store.transaction() as writes:
            writes.put_back(None, "backup")
        return self._kept

    def _note(self, message: str, code: str) -> None:
        if (message, code) not in self._answered:
            self._answered = (*self._answered, (message, code))

    def _run(
        self, kept: SiteState, work: Callable[[], tuple[str, str, bool]], crash: bool
    ) -> Result:
        self._hold(kept, crash)
        try:
            code, says, used = work()
        except Crash:
            return Result(self._kept, "crashed", used=False)
        except service.OutOfOrderError as early:
            return Result(kept, "early", str(early), used=False)
        except Exception as error:
            # Whatever the product raises is a finding, not an end of the search.
            return Result(kept, "raised", f"{type(error).__name__}: {error}", used=False)
        return Result(self._kept, code, says, used)
