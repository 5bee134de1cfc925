"""One run of a command: who acts, in which store, at which moment."""

from __future__ import annotations

import glob
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from functools import partial, wraps
from pathlib import Path
from typing import Any

import click
from attrs import frozen

from tongban.kernel import (
    Carrier,
    Kernel,
    Storage,
    TongbanError,
    WatchfulCarrier,
    nearest,
    protocol,
    service,
)
from tongban.kernel.ports import store
from tongban.plugins.casework.actors import FORMS, parse_actor
from tongban.plugins.console.options import json_option

DB_VARIABLE, ACTOR_VARIABLE = "TONGBAN_DB", "TONGBAN_AS"
NODE_VARIABLE, STORE_VARIABLE = "TONGBAN_NODE", "TONGBAN_STORE"

MANY = 2_000
"""At most this many cases are looked through for the one that was probably meant."""


def storage(kernel: Kernel) -> Storage:
    """What keeps the cases: the plugin that the environment names, or the only one.

    Raises:
        PluginError: where there is none of that name, or several without a name.
    """
    return kernel.ports.storage(os.environ.get(STORE_VARIABLE, ""))


@frozen
class Settings:
    """What the options that all commands share say.

    Attributes:
        db: the file; None for the one in the data folder.
        actor: as it was written; "" for none.
        at: the moment; None for now.
    """

    db: Path | None
    actor: str
    at: datetime | None
    as_json: bool


class Moment(click.ParamType[datetime]):
    """A moment such as 2026-03-02T09:00, in China's time unless it has an offset.

    Given back in China's time.
    """

    name = "moment"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        if isinstance(value, datetime):
            return value
        try:
            found = datetime.fromisoformat(value)
        except ValueError:
            return self.fail(f"{value!r} is not a moment; write it as 2026-03-02T09:00", param, ctx)
        found = found if found.tzinfo else found.replace(tzinfo=protocol.CHINA)
        try:
            return protocol.in_china(found)
        except protocol.MomentError as error:
            return self.fail(str(error), param, ctx)


_OPTIONS = (
    click.option(
        "--db",
        envvar=DB_VARIABLE,
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="Where cases are kept. [env TONGBAN_DB; default: `tongban doctor` shows it]",
    ),
    click.option(
        "--as",
        "actor",
        envvar=ACTOR_VARIABLE,
        default="",
        metavar="ACTOR",
        help=f"Who acts: {', '.join(FORMS.values())}. [env TONGBAN_AS]",
    ),
    click.option(
        "--at",
        type=Moment(),
        metavar="MOMENT",
        help="For drills: as if it were this moment, 2026-03-02T09:00.",
    ),
    json_option,
)


def with_settings(function: Callable[..., Any]) -> Callable[..., Any]:
    """Gives a command the shared options; it is called with `(kernel, settings, …)`."""

    def called(
        kernel: Kernel,
        *,
        db: Path | None,
        actor: str,
        at: datetime | None,
        as_json: bool,
        **own: Any,
    ) -> Any:
        return function(kernel, Settings(db, actor, at, as_json), **own)

    found: Callable[..., Any] = click.pass_obj(wraps(function)(called))
    for option in reversed(_OPTIONS):
        found = option(found)
    return found


def at_moment(kernel: Kernel, settings: Settings) -> Kernel:
    """The kernel with the moment that the options name as its clock."""
    at = settings.at
    return kernel if at is None else kernel.with_effects(clock=lambda: at)


def data_folder() -> Path:
    """Where this platform keeps the data of programs.

    Raises:
        click.UsageError: where the extra that knows it is not installed.
    """
    try:
        from platformdirs import user_data_path  # noqa: PLC0415 - only where nothing is said
    except ImportError:
        raise click.UsageError(
            f"name the file with --db or {DB_VARIABLE}, or install what knows the data folder:"
            " pip install 'tongban[cases]'"
        ) from None
    return user_data_path("tongban", appauthor=False)


def database(settings: Settings) -> Path:
    """The file with the cases."""
    return settings.db if settings.db is not None else data_folder() / "cases.db"


def leftovers(path: Path) -> tuple[Path, ...]:
    """What lies beside a store that is not there, and may be of it: the store says what it is.

    Args:
        path: of the store.
    """
    return tuple(path.parent.glob(f"{glob.escape(path.name)}-*")) if path.parent.is_dir() else ()


def node_file(path: Path) -> Path:
    """The file that says what a store serves: beside it, unless another is named.

    Args:
        path: of the store.
    """
    named = os.environ.get(NODE_VARIABLE)
    return Path(named) if named else path.with_suffix(".node.json")


def _carrier(kernel: Kernel, path: Path) -> Carrier | None:
    node = node_file(path)
    named = str(node) if NODE_VARIABLE in os.environ or node.exists() else ""
    carrier = kernel.ports.carrier(named)
    if carrier is None and named:
        # Alone it would take everything for its own that others serve.
        failed = [one for one in kernel.ports.failures if "exchange" in one.hooks]
        why = "; ".join(f"{one.name}: {one.problems[-1]}" for one in failed)
        raise click.UsageError(f"{node}: no plugin carries its messages ({why or 'none is there'})")
    return carrier


def condition(kernel: Kernel, path: Path, opened: store.Store) -> Mapping[str, Any]:
    """What stands in the way of messages, for a store that is open for reading.

    Args:
        kernel: of the command line.
        path: of the store.
        opened: it.

    Returns:
        As `WatchfulCarrier.condition`; without `aside` where the store exchanges with no other.
    """
    if not node_file(path).exists():
        return {"problems": []}
    try:
        carrier = _carrier(kernel, path)
    except (TongbanError, click.UsageError) as error:
        return {"problems": [error.message if isinstance(error, click.UsageError) else str(error)]}
    return carrier.condition(opened) if isinstance(carrier, WatchfulCarrier) else {"problems": []}


@frozen(eq=False)
class Session:
    """An open store with the service that carries its cases.

    Attributes:
        kernel: with the moment of this run as its clock.
        actor: who acts; None where none was named.
        carrier: of messages; None where the store is opened for reading alone.
    """

    kernel: Kernel
    store: store.Store
    service: service.Service
    path: Path
    actor: protocol.Actor | None
    as_json: bool
    carrier: Carrier | None = None

    @property
    def now(self) -> datetime:
        """The moment, in China's time."""
        return self.kernel.clock().astimezone(protocol.CHINA)

    @property
    def acting(self) -> protocol.Actor:
        """Who acts.

        Raises:
            click.UsageError: where none was named.
        """
        if self.actor is None:
            raise click.UsageError(
                f"say who acts with --as, or {ACTOR_VARIABLE}: {', '.join(FORMS.values())}"
            )
        return self.actor

    def tasks_of(self, case: str) -> tuple[protocol.Task, ...]:
        """What must be done next in a case."""
        return self.store.tasks(store.TaskFilter(case=case)).tasks

    def case_id(self, word: str) -> str:
        """The id of a case that is here, or of which a message came.

        Raises:
            click.UsageError: where there is none; with the nearest one.
        """
        wanted = word.strip().upper()
        for one in (word, wanted):
            # A store of an older version may have ids of another form; none is unprintable.
            if one.isprintable() and (self.store.case(one) or self.store.incoming(case=one)):
                return one
        if not protocol.is_case_id(wanted):
            raise click.UsageError(
                f"{word[:64]!r} is not an id of a case: it has letters, digits, `.`, `_` and `-`,"
                " at most 64 characters; `tongban case list` shows them"
            )
        known = [row.id for row in self.store.cases(store.CaseFilter(limit=MANY))]
        near = nearest(wanted, known)
        parts = [one for one in known if len(wanted) > 3 and wanted in one]
        near = near or (parts[0] if len(parts) == 1 else None)
        hint = f"did you mean {near}?" if near else "`tongban case list` shows them"
        raise click.UsageError(f"no case {word!r} in {self.path}; {hint}")


@contextmanager
def open_session(
    kernel: Kernel,
    settings: Settings,
    *,
    writes: bool = False,
    create: bool = False,
    suspect: bool = False,
) -> Iterator[Session]:
    """Opens the store for one command, and closes it.

    Args:
        kernel: of the command line.
        settings: what the options say.
        writes: whether the command writes; without it the file is opened for reading alone.
        create: whether to make the file where there is none.
        suspect: whether to open for reading what the store refuses because something is
            missing, so that it can be named.

    Raises:
        click.UsageError: where there is no such file, or the actor is none.
        StoreError: where the file cannot be used.
    """
    kernel = at_moment(kernel, settings)
    actor = parse_actor(kernel, settings.actor) if settings.actor else None
    path = database(settings)
    if not create and not path.exists() and not leftovers(path):
        raise click.UsageError(
            f"{path}: no cases yet; `tongban case receive` makes the file,"
            f" --db or {DB_VARIABLE} names another"
        )
    kept = storage(kernel)
    calendars = service.calendars(kernel)
    open_as = partial(
        kept.open_store,
        path,
        clock=kernel.clock,
        calendars=calendars,
        key=kept.key_from_environment(),
        create=create,
    )
    readonly = not (writes or create)
    try:
        opened = open_as(readonly=readonly, suspect=suspect)
    except store.OutdatedError:
        if suspect:
            raise  # an audit changes nothing
        open_as().close()
        opened = open_as(readonly=readonly)
    try:
        carrier = _carrier(kernel, path) if writes or create else None
        serves = {"serves": carrier.serves} if carrier else {}
        if isinstance(carrier, WatchfulCarrier):
            carrier.compare(opened)
        carried = service.Service(kernel, opened, **serves)
        yield Session(kernel, opened, carried, path, actor, settings.as_json, carrier)
    finally:
        opened.close()
