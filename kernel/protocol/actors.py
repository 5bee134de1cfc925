"""Who acts in a case, and the authorities that take part in it."""

from __future__ import annotations

from attrs import field, frozen

from tongban.kernel.protocol.terms import ActorKind

APPLICANT = "applicant"
"""The address of the applicant, in messages."""

WINDOW = "window"
"""The department of a window that only collects."""


@frozen
class Office:
    """An authority at a place (办理机关), or a window that collects.

    Attributes:
        place: the role of the place in the case, `move_out`; `received` where it has none.
        division: six digits; None where no code names it.
        department: id of the department; `window` for a window that only collects.
    """

    place: str
    division: str | None
    department: str

    @property
    def key(self) -> str:
        """Its address in messages: `630100/public_security`."""
        return f"{self.division or '-'}/{self.department}"


@frozen
class Actor:
    """Who gives a command. Holds no personal data: `id` is an opaque name.

    Attributes:
        id: of the person or the machine, as the store knows it.
        division: where a window, an officer or a supervisor serves.
        department: of an officer.
        authorisation: of an agent: the number of the letter that lets them act (授权委托书).
    """

    kind: ActorKind
    id: str = field(default="", repr=False)
    division: str | None = None
    department: str = ""
    authorisation: str = field(default="", repr=False)

    @property
    def office(self) -> str:
        """The key of the office that an officer or a window acts for; "" for all others."""
        if self.kind == "window":
            return f"{self.division or '-'}/{WINDOW}"
        return f"{self.division or '-'}/{self.department}" if self.kind == "officer" else ""

    def serves(self, office: Office) -> bool:
        """Whether this is an officer of `office`, or the window that it is."""
        if office.department == WINDOW:
            return self.kind == "window" and self.division == office.division
        return (
            self.kind == "officer"
            and self.division == office.division
            and self.department == office.department
        )


SYSTEM = Actor("system", "tongban")
"""The machine itself: time limits, automatic receipt, messages that come in."""


def supervisor_of(division: str | None) -> str:
    """The address of the supervisor (督办) of a place."""
    return f"{division or '-'}/supervisor"
