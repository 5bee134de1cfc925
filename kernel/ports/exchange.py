"""What the hook `exchange` returns: how messages come from one place to another."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

if TYPE_CHECKING:
    from tongban.kernel.ports.store import Store
    from tongban.kernel.protocol import Message, Sender
    from tongban.kernel.protocol.personal_data import Personal

__all__ = ["Carrier", "ErasingCarrier", "WatchfulCarrier"]


@runtime_checkable
class Carrier(Protocol):
    """What carries messages between places, for one store."""

    def serves(self, address: str) -> bool:
        """Whether the store is that of an address, `630100/public_security`."""

    def run(
        self,
        store: Store,
        receive: Callable[[Message, Personal | None, Sender | None], object],
        now: datetime,
    ) -> Mapping[str, Any]:
        """Sends what is in the outbox, and takes in what has come; safe to repeat at any time.

        Args:
            store: whose outbox it is.
            receive: `Service.receive_message`: judges and keeps a message whose signature was
                verified, with the node that signed it; None for what is delivered inside the store.
            now: the moment.

        Returns:
            What was sent, taken in, is waited for, failed and was put aside, and why.
        """


@runtime_checkable
class WatchfulCarrier(Carrier, Protocol):
    """One that also says what somebody has to look at: the embedded exchange is one."""

    def condition(self, store: Store) -> Mapping[str, Any]:
        """What stands in the way of messages; nothing is sent or taken in by it.

        Returns:
            `problems`, sentences; `aside`, with `folder`, `number` and the first `reasons`;
            `alarms`, sentences; `waits`, names of nodes that a restored store was not
            answered by; `key`, id of the key that this node signs with.
        """

    def compare(self, store: Store) -> bool:
        """Whether a store goes less far than this node last said of it; it is `restored` then.

        Called when the store is opened for a command that writes.
        """


@runtime_checkable
class ErasingCarrier(Carrier, Protocol):
    """One that leaves personal data where others may read it: the embedded exchange is one."""

    def erase(self, store: Store, before: date) -> tuple[str, ...]:
        """Takes away what is on its way of personal data that is erased in the store.

        Args:
            store: whose data was erased just now or before (`Store.erased`).
            before: what is older than this day goes, whatever it is.

        Returns:
            What could not be taken away, a sentence each.
        """
