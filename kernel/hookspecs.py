"""The contract of a plugin: every hook, in one place.

A plugin is a module or object that the entry-point group `tongban` names, with
functions marked by `hookimpl`. A hook function takes any of the arguments that
are listed here, by these names and without defaults; the kernel checks that,
and refuses names that are not here. A plugin that raises is named, left out of
that call and reported; it does not take the others down (`--strict` makes it fatal).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from tongban.kernel.ports.markers import hookspec

if TYPE_CHECKING:
    import click

    from tongban.kernel.engine.codegen import Facts
    from tongban.kernel.engine.program import Program
    from tongban.kernel.errors import Defect
    from tongban.kernel.model.application import Application
    from tongban.kernel.model.conditions import Scalar
    from tongban.kernel.model.decision import Decision
    from tongban.kernel.ports.departments import DepartmentRules
    from tongban.kernel.ports.exchange import Carrier
    from tongban.kernel.ports.findings import Finding
    from tongban.kernel.ports.storage import Storage
    from tongban.kernel.ports.working_days import WorkingDays

__all__ = ["Hooks"]


class Hooks:
    """Every hook that the kernel calls."""

    @hookspec
    def departments(self) -> Iterable[DepartmentRules]:  # type: ignore[empty-body]
        """The departments that the plugin brings.

        Called once, when a kernel first needs its rules. Two plugins that bring the same
        department or item are an error that names both. When it raises, or
        when a rule file is wrong, the plugin's departments are left out.
        """

    @hookspec
    def derive_facts(  # type: ignore[empty-body]
        self, application: Application, item: str
    ) -> Mapping[str, Scalar]:
        """More facts about an application, declared ones or within the plugin's own prefix.

        Called before rules run. `item` is the item's key, `630000/2-03`. What
        the application itself says is never replaced. What is left out is unknown, as
        is all of it when it raises: what it follows from is asked for, or the decision
        is incomplete and names the plugin.
        """

    @hookspec
    def receive(self, application: Application, item: str) -> Iterable[Defect]:  # type: ignore[empty-body]
        """Formal examination at the window: every defect, for one notice that lists all.

        Called when an application is received; `field` names what is missing
        or malformed. Form and identity only, never substance. When it raises,
        the plugin's examination counts as not made, and the report says so.
        """

    @hookspec
    def route(self, application: Application, decision: Decision) -> Decision | None:
        """A change to the route of a decided application, or None.

        Called after rules ran, for eligible applications. Two plugins that
        claim the same case are an error that names both. When it raises, the
        decision stays as the rules made it.
        """

    @hookspec
    def second_opinion(self, item: Program, facts: Facts) -> Iterable[str] | None:
        """The ids of the rules that hold, by another engine; None to abstain.

        Called beside the kernel's own engine where a case is carried. When it
        raises, that counts as abstaining, and the report says so.
        """

    @hookspec
    def deliver(
        self, case: Mapping[str, Any], result: Mapping[str, Any]
    ) -> Mapping[str, Any] | None:
        """A delivery of a case's result, from the channel that can carry it, else None.

        Called when the authority has decided. When it raises, the next
        channel is asked.
        """

    @hookspec
    def exchange(self, node: str) -> Carrier | None:
        """What carries messages between this store and others, or None.

        Called when a store is opened for a command that may send messages; `node` is
        this store's place in the exchange as the command line has it, "" for nothing. Two
        plugins that return one are an error that names both. When it raises a TongbanError,
        the command reports that and does nothing; for anything else messages stay in the
        outbox, and the report says so.
        """

    @hookspec
    def storage(self) -> Storage | None:
        """What keeps cases, or None where it cannot here.

        Called when a store is opened. One plugin keeps the cases of a kernel: where
        several could, the caller names one. When it raises a TongbanError, the command
        reports that; for anything else the plugin has no storage, and the report says so.
        """

    @hookspec
    def observe(self, event: Mapping[str, Any]) -> None:
        """Called with an event after it was stored. What it returns or raises changes nothing."""

    @hookspec
    def working_days(self, division: str | None) -> WorkingDays | None:
        """The working days of a place, or None where the plugin knows none.

        Called when a limit is counted in a case; `division` is the code of the
        authority's place, None where no code names it. What several plugins know
        is put together: a holiday of one is a holiday, and a day counts as
        published where each of them knows it. When it raises, its days are left
        out, and the report says so.
        """

    @hookspec
    def findings(self) -> Iterable[Finding] | None:
        """What `tongban doctor` shows of what the plugin needs beside Python.

        Called by that command alone: a program, a file, fonts, a service that may be
        absent. Returns what is there and what is missing, with how to get it. When it
        raises, its findings are left out, and the report says so.
        """

    @hookspec
    def register_commands(self, cli: click.Group) -> None:
        """Adds commands to the command line.

        Called when the command line starts. A name that is taken is refused,
        and both owners are named. When it raises, its commands are missing.
        """
