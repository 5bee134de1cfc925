"""What a simulated world is to whoever asks for one (`Kernel.world`): the hook `world` gives it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, runtime_checkable

from attrs import frozen

if TYPE_CHECKING:
    from tongban.kernel.extension.manager import Status
    from tongban.kernel.protocol import Event, Refusal

__all__ = ["Broken", "Starts", "World"]

Starts: TypeAlias = Callable[[], Iterable[object]]
"""Makes the plugins of a place anew, as a process does that starts there."""


@frozen
class Broken:
    """Something that must hold in a simulated world, and does not.

    Attributes:
        invariant: its name.
        means: what it demands, in words.
        says: what was seen instead.
        number: of the application that it is about; -1 where it is about none.
    """

    invariant: str
    means: str
    says: str
    number: int = -1


@runtime_checkable
class World(Protocol):
    """A simulated country in which cases of one's own are carried by the live service."""

    @property
    def kinds(self) -> Mapping[str, str]:
        """Every kind of fault that may happen here, with its official term."""

    @property
    def happened(self) -> Mapping[str, int]:
        """How often each kind has happened so far; kinds that did not are left out."""

    @property
    def today(self) -> date:
        """The day in this world."""

    @property
    def failures(self) -> tuple[Status, ...]:
        """The plugins that failed so far, in any place."""

    def submit(self, application: Mapping[str, Any], number: int | None = None) -> int | Refusal:
        """Hands an application in where it says, or where the authority is.

        Args:
            application: raw; it is decided as of the day of this world.
            number: its own, from which what becomes of it follows; None for the next one.

        Returns:
            Its number, from 0; or why no case was opened.

        Raises:
            ApplicationError: where it is wrong.
        """

    def run(self, days: int) -> Broken | None:
        """Lets days pass until nothing is under way any more; then looks at everything once more.

        Args:
            days: at most so many.

        Returns:
            What did not hold: it ends the world; None where everything held.
        """

    def events(self, number: int) -> tuple[Event, ...]:
        """Everything that happened to an application, in order."""
