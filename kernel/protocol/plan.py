"""Small values that commands, events and cases share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, TypeAlias

from attrs import field, frozen

from tongban.kernel.protocol.actors import Office

__all__ = ["LimitRule", "LogMark", "OnRefusal", "Paper", "Plan"]

OnRefusal: TypeAlias = Literal["end", "return"]
"""What a refusal by a co-handling authority does: ends the case, or returns it to the applicant."""


@frozen
class Paper:
    """One material that was handed in or sent.

    Attributes:
        form: `original`, `copy`, `form`, `electronic`.
        copies: how many.
    """

    name: str
    form: str = "copy"
    copies: int = 1


@frozen
class LimitRule:
    """A limit as a rule sets it.

    Attributes:
        step: what must be done, one of `LIMIT_STEPS`.
        working_days: within so many.
        extension: by this many it may be extended, once; 0 where it may not.
        cite: where that stands.
        basis: `stated` or `inferred`.
    """

    step: str
    working_days: int
    extension: int = 0
    cite: Mapping[str, Any] = field(factory=dict)
    basis: str = "stated"


@frozen
class LogMark:
    """How far the log of a case went, and what it was.

    Attributes:
        version: number of the last event.
        log: `chain.shared_hash` of the events up to it.
    """

    version: int
    log: str


@frozen
class Plan:
    """How a case goes through the house, by the decision under which it was received.

    Attributes:
        modes: all that apply together.
        channel: `online`, `window`, `kiosk`.
        window: division of the place where it is handed in; None where no code names it.
        way: the offices that the application passes, the lead last.
        accepting: which of `way` accepts (受理).
        others: the authorities that must confirm, for `joint`.
        delivery: `electronic`, `post`, `pickup`.
        limits: those that rules give.
        licence: whether it is a licence (行政许可), for which silence means acceptance.
    """

    modes: tuple[str, ...]
    channel: str
    window: str | None
    way: tuple[Office, ...]
    accepting: int
    others: tuple[Office, ...] = ()
    delivery: str = "electronic"
    limits: tuple[LimitRule, ...] = ()
    licence: bool = False
    on_refusal: OnRefusal = "end"

    @property
    def lead(self) -> Office:
        """The authority that decides."""
        return self.way[-1]

    @property
    def offices(self) -> tuple[Office, ...]:
        """Everyone who has a part, in order, each once."""
        return tuple({office.key: office for office in (*self.way, *self.others)}.values())
