"""The contract of a plugin: every hook, in one place.

A plugin is a module or object that the entry-point group `tongban` names, with
functions marked by `hookimpl`. A hook function takes any of the arguments that
are listed here, by these names and without defaults; the kernel checks that,
and refuses names that are not here. A plugin that raises is named, left out of
that call and reported; it does not take the others down (`--strict` makes it fatal).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import date, datetime
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import pluggy
from attrs import field, frozen

if TYPE_CHECKING:
    import click

    from tongban.kernel.audit.signing import PublicKey, SigningKey
    from tongban.kernel.engine.codegen import Facts
    from tongban.kernel.engine.program import Program
    from tongban.kernel.errors import Defect
    from tongban.kernel.model.application import Application
    from tongban.kernel.model.conditions import Scalar
    from tongban.kernel.model.decision import Decision
    from tongban.kernel.ports.exchange import Carrier
    from tongban.kernel.ports.store import Restored, Store
    from tongban.kernel.protocol import Calendars

__all__ = [
    "PROJECT",
    "DepartmentRules",
    "Finding",
    "Storage",
    "WorkingDays",
    "department",
    "hookimpl",
    "hookspec",
]

PROJECT = "tongban"
"""Name of the entry-point group and of the hooks' project."""

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@frozen
class DepartmentRules:
    """One department's rule file.

    Attributes:
        rules: where it is, a package resource or a path.
        file: what messages call it; its own name where this is "".
    """

    rules: Traversable
    file: str = ""


def _days(days: Iterable[date]) -> frozenset[date]:
    return frozenset(days)


@frozen
class WorkingDays:
    """The working days of a place, as far as they differ from plain weeks.

    Attributes:
        holidays: weekdays on which nobody works.
        workdays: weekend days on which people work (调休).
        published: the first and the last day for which that is known; None for never.
        statutory: the weekdays of a year on which the law lets nobody work; asked for years
            that are not published yet. What is counted with them stays provisional.
    """

    holidays: frozenset[date] = field(converter=_days, factory=frozenset)
    workdays: frozenset[date] = field(converter=_days, factory=frozenset)
    published: tuple[date, date] | None = None
    statutory: Callable[[int], Collection[date]] | None = None


@frozen
class Finding:
    """Something that `tongban doctor` says of a plugin's own needs.

    Attributes:
        name: what was looked at, in Chinese and English.
        sound: whether nothing has to be done.
        says: how it is.
        help: what to do about it, "" where nothing is to be done.
    """

    name: str
    sound: bool
    says: str
    help: str = ""


def department(rules: Traversable) -> Any:
    """The `departments` hook of a plugin that brings one department, in one line.

    Args:
        rules: its rule file, `files("my_package") / "rules.yaml"`.
    """

    @hookimpl
    def departments() -> list[DepartmentRules]:
        return [DepartmentRules(rules)]

    return departments


@runtime_checkable
class Storage(Protocol):
    """One way of keeping cases: makes and opens its stores, finds their keys.

    A module is one where it has all of these names.

    Attributes:
        KEY_VARIABLE: the environment variable with the key that seals personal data.
        SIGNING_VARIABLE: the one with the private key that signs, or the path of its file.
    """

    @property
    def KEY_VARIABLE(self) -> str: ...

    @property
    def SIGNING_VARIABLE(self) -> str: ...

    def open_store(
        self,
        path: Path,
        *,
        clock: Callable[[], datetime],
        calendars: Calendars = ...,
        key: bytes | None = None,
        entropy: Callable[[int], bytes] = ...,
        create: bool = True,
        readonly: bool = False,
        suspect: bool = False,
    ) -> Store:
        """Opens a store.

        Args:
            path: where it is.
            clock: the moment, with its offset from UTC.
            calendars: of each place, for the limits.
            key: that seals personal data, from `key_from_environment`.
            entropy: gives so many bytes by chance.
            create: whether to make it where there is none.
            readonly: whether nothing is to be written.
            suspect: whether to open, for reading alone, what the store refuses because
                something is missing: for an audit, which names it.

        Raises:
            StoreError: where it cannot be used; the message says why and what to do.
        """

    def key_from_environment(self) -> bytes | None:
        """The key that seals personal data; None where none is set.

        Raises:
            StoreError: where what is set is no key.
        """

    def generate_signing_key(self) -> SigningKey:
        """A new private key."""

    def save_signing_key(self, key: SigningKey, path: Path) -> Path:
        """Writes a private key where only its owner may read it; where its public half is then.

        Raises:
            StoreError: where it cannot be written, or something is there already.
        """

    def load_signing_key(self, path: Path | None = None) -> SigningKey | None:
        """The private key in a file, or the one that the environment names; None for neither.

        Raises:
            TongbanError: where it cannot be read, or is none.
        """

    def load_public_key(self, path: Path) -> PublicKey:
        """The public key in a file.

        Raises:
            TongbanError: where it cannot be read, or is none.
        """

    def salvage(
        self, source: Path, target: Path, *, clock: Callable[[], datetime], calendars: Calendars
    ) -> tuple[str, ...]:
        """Makes a new store of what can still be read of a damaged one.

        Returns:
            What could not be saved, a sentence each.

        Raises:
            StoreError: where something is at `target` already, or nothing can be saved.
        """

    def restore(
        self, source: Path, target: Path, *, clock: Callable[[], datetime], calendars: Calendars
    ) -> tuple[Restored, tuple[Path, ...]]:
        """Puts a backup in the place of a store, which is `restored` then.

        Returns:
            What was put in place, and what lay there before, under other names.

        Raises:
            StoreError: where `source` is no whole backup, or it cannot be put there.
        """


class Hooks:
    """Every hook that the kernel calls."""

    @hookspec
    def departments(self) -> Iterable[DepartmentRules]:  # type: ignore[empty-body]
        """The departments that the plugin brings.

        Called once, when a kernel starts. Two plugins that bring the same
        department or item are an error that names both. When it raises, or
        when a rule file is wrong, the plugin's departments are left out.
        """

    @hookspec
    def derive_facts(  # type: ignore[empty-body]
        self, application: Application, item: str
    ) -> Mapping[str, Scalar]:
        """More facts about an application, declared ones or within the plugin's own prefix.

        Called before rules run. `item` is the item's key, `630000/2-03`. What
        the application itself says is never replaced. When it raises, its
        facts are left out: one that an application can say is asked for, of one that
        only the plugin derives no test holds.
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
        what the command line was told of this store's place in the exchange, "" for
        nothing. Two plugins that return one are an error that names both. When it
        raises a TongbanError, that is told to whoever typed the command, which then does
        nothing; for anything else messages stay in the outbox, and the report says so.
        """

    @hookspec
    def storage(self) -> Storage | None:
        """What keeps cases, or None where it cannot here.

        Called when a store is opened. One plugin keeps the cases of a kernel: where
        several could, whoever starts it names one. When it raises a TongbanError, that is
        told to whoever typed the command; for anything else there is no storage of its,
        and the report says so.
        """

    @hookspec
    def observe(self, event: Mapping[str, Any]) -> None:
        """Told of an event after it was stored. What it returns or raises changes nothing."""

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
