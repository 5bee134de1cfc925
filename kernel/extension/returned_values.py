"""What a hook returned, taken over once into plain values of bounded size.

A value of a class of the plugin's own may say something else, or fail, whenever it is looked
at. So everything is read while the plugin is guarded, and only plain values go on from here.
"""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import islice
from pathlib import PurePosixPath
from typing import Any, TypeVar, get_args

from attrs import define, fields_dict

from tongban.kernel.errors import Defect, HookError
from tongban.kernel.model.conditions import Scalar
from tongban.kernel.model.decision import (
    AdviceGiven,
    Decision,
    Handling,
    Leg,
    Missing,
    Outcome,
    Overridden,
    Reason,
    Receiving,
)
from tongban.kernel.model.rules import Citation
from tongban.kernel.ports.departments import DepartmentRules
from tongban.kernel.ports.exchange import Carrier
from tongban.kernel.ports.findings import Finding
from tongban.kernel.ports.storage import SealingStorage, Storage
from tongban.kernel.ports.working_days import WorkingDays

_T = TypeVar("_T")

MAX_FACTS = 1_000
MAX_MANY = 10_000
"""How many departments, defects, ids or days one call may return."""
MAX_PARTS = 200_000
"""How many values there may be in a decision or a delivery."""
MAX_TEXT = 65_536
"""Longest text, in characters; the same as of an application."""
MAX_BYTES = 64_000_000
"""How large the files of a delivery may be together."""
MAX_NAME = 200
"""Longest name of a file, in bytes."""
MAX_BITS = 64
"""Largest number."""

NO_SCALAR = object()
"""Stands for what cannot be the value of a fact."""


class WrongReturnError(HookError):
    """A hook returned what it must not."""


def returned(hook: str, value: Any) -> Any:
    """What a function returned, if it is what its hook says; many as a tuple.

    Raises:
        WrongReturnError: where it is something else, or too much.
        Exception: whatever the value raises when it is read.
    """
    take = _TAKE.get(hook)
    return value if value is None or take is None else take(value)


def _wrong(value: object, says: str) -> WrongReturnError:
    return WrongReturnError(f"returned {type(value).__name__}, not {says}")


def _facts(value: Any) -> dict[str, Scalar]:
    """Facts; whether they may be derived is looked at later."""
    if not isinstance(value, Mapping):
        raise _wrong(value, "a mapping of fact to value")
    found = {one: value[one] for one in islice(value, MAX_FACTS + 1)}
    if len(found) > MAX_FACTS:
        raise WrongReturnError(f"returned more than {MAX_FACTS:,} facts")
    return {_word(name): _scalar(one) for name, one in found.items()}


def _word(value: object) -> str:
    """A name as text; one that is not text is refused by its `repr`."""
    return _text(value if isinstance(value, str) else repr(value))


def _text(value: str) -> str:
    text = str.__str__(value)
    if len(text) > MAX_TEXT:
        raise WrongReturnError(f"returned a text of {len(text):,} characters; {MAX_TEXT:,} at most")
    return text


def _number(value: int) -> int:
    number = int.__int__(value)
    if number.bit_length() > MAX_BITS:
        raise WrongReturnError(
            f"returned a number of {number.bit_length():,} bits; {MAX_BITS} at most"
        )
    return number


def _scalar(value: Any) -> Any:
    """A value of a fact as plain as it can be; one of another type is refused later."""
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, bool) or type(value) is date:
        return value
    if isinstance(value, int):
        return _number(value)
    return NO_SCALAR


def _many(value: Any, says: str) -> list[Any]:
    """The things in `value`, which are few enough."""
    if isinstance(value, str | bytes | Mapping) or not hasattr(value, "__iter__"):
        raise _wrong(value, says)
    found = [*islice(iter(value), MAX_MANY + 1)]
    if len(found) > MAX_MANY:
        raise WrongReturnError(f"returned more than {MAX_MANY:,} of {says}")
    return found


def _all(value: Any, kind: type[_T], says: str) -> list[_T]:
    found = _many(value, says)
    wrong = next((one for one in found if not isinstance(one, kind)), None)
    if wrong is not None:
        inside = f"{type(value).__name__} with {type(wrong).__name__} in it"
        raise WrongReturnError(f"returned {inside}, not {says}")
    return found


def _departments(value: Any) -> tuple[DepartmentRules, ...]:
    found = _all(value, DepartmentRules, "a list of DepartmentRules")
    return tuple(DepartmentRules(one.rules, _text(one.file)) for one in found)


def _defects(value: Any) -> tuple[Defect, ...]:
    found = _all(value, Defect, "a list of Defect")
    return tuple(Defect(_text(d.field), _text(d.message), bool(d.warning)) for d in found)


def _findings(value: Any) -> tuple[Finding, ...]:
    found = _all(value, Finding, "a list of Finding")
    return tuple(Finding(_text(f.name), bool(f.sound), _text(f.says), _text(f.help)) for f in found)


def _ids(value: Any) -> tuple[str, ...]:
    return tuple(_text(one) for one in _all(value, str, "the ids of rules"))


def _days(value: Any) -> WorkingDays:
    if not isinstance(value, WorkingDays):
        raise _wrong(value, "WorkingDays")
    published = None if value.published is None else tuple(value.published)
    if published is not None and len(published) != 2:
        raise WrongReturnError(
            "returned WorkingDays whose `published` is not a first and a last day"
        )
    days = WorkingDays(
        _many(value.holidays, "days"),
        _many(value.workdays, "days"),
        published,
        value.statutory,
    )
    if days.statutory is not None and not callable(days.statutory):
        raise WrongReturnError("returned WorkingDays whose `statutory` is not called with a year")
    every = (*days.holidays, *days.workdays, *(published or ()))
    _no_other(every)
    return days


def days_of_year(value: Any) -> frozenset[date]:
    """What `WorkingDays.statutory` returned.

    Raises:
        WrongReturnError: where it is something else than days, or too many.
    """
    return frozenset(_no_other(_many(value, "days")))


def _no_other(days: Sequence[Any]) -> Sequence[date]:
    wrong = next((one for one in days if type(one) is not date), None)
    if wrong is not None:
        raise WrongReturnError(f"returned WorkingDays with {type(wrong).__name__} in it, not days")
    return days


def _of_type(kind: type, says: str) -> Callable[[Any], Any]:
    def take(value: Any) -> Any:
        if not isinstance(value, kind):
            raise _wrong(value, says)
        return value

    return take


def _carrier(value: Any) -> Any:
    """A carrier; one of the version before, which has `pump`, goes on carrying."""
    if hasattr(value, "pump") and hasattr(value, "serves") and not hasattr(value, "run"):
        says = f"{type(value).__name__}.pump is called run now (tongban.kernel.Carrier)"
        warnings.warn(says, DeprecationWarning, stacklevel=2)
        return value
    return _of_type(Carrier, "a Carrier")(value)


def _storage(value: Any) -> Any:
    """A storage; each of its functions takes what the port says."""
    kept = _of_type(Storage, "a Storage")(value)
    for port in (Storage, SealingStorage) if isinstance(kept, SealingStorage) else (Storage,):
        for name, promised in vars(port).items():
            if not name.startswith("_") and inspect.isfunction(promised):
                _takes(getattr(kept, name), name, promised)
    return kept


def _takes(function: Any, name: str, promised: Callable[..., Any]) -> None:
    _, *wanted = inspect.signature(promised).parameters.values()
    named = {one.name: None for one in wanted if one.kind is one.KEYWORD_ONLY}
    try:
        takes = inspect.signature(function)
    except ValueError:  # of a function that is not written in Python nothing tells it
        return
    try:
        takes.bind(*wanted[: len(wanted) - len(named)], **named)
    except TypeError as error:
        raise WrongReturnError(f"returned a Storage whose {name} does not fit: {error}") from None


_PARTS = (
    Decision, Reason, Overridden, Receiving, Handling, Leg, Missing, AdviceGiven, Citation,
)  # fmt: skip
_LISTS: Mapping[str, type] = {
    "modes": str,
    "handling": Handling,
    "legs": Leg,
    "delivery": str,
    "time_limit": dict,
    "reasons": Reason,
    "overridden": Overridden,
    "missing": Missing,
    "advice": AdviceGiven,
}
"""What the lists of a decision hold."""


@define
class _Plain:
    """Takes a nested value over, and counts what is in it."""

    parts: int = 0
    content: int = 0

    def of(self, value: Any) -> Any:
        self.parts += 1
        if self.parts > MAX_PARTS:
            raise WrongReturnError(f"returned more than {MAX_PARTS:,} values")
        if value is None or isinstance(value, bool | float) or type(value) is date:
            return value
        if isinstance(value, str):
            return _text(value)
        if isinstance(value, int):
            return _number(value)
        if isinstance(value, bytes | bytearray | memoryview):
            return self._content(value)
        if isinstance(value, Mapping):
            return {self.of(name): self.of(value[name]) for name in self._some(value)}
        if isinstance(value, list | tuple):
            found = [self.of(one) for one in self._some(value)]
            return found if isinstance(value, list) else tuple(found)
        kind = next((one for one in _PARTS if isinstance(value, one)), None)
        if kind is None:
            raise WrongReturnError(
                f"returned {type(value).__name__} in it, which is not a plain value"
            )
        return kind(**{name: self.of(getattr(value, name)) for name in fields_dict(kind)})

    def _some(self, value: Iterable[_T]) -> Iterator[_T]:
        return islice(value, MAX_PARTS + 1)

    def _content(self, value: bytes | bytearray | memoryview) -> bytes:
        self.content += memoryview(value).nbytes
        if self.content > MAX_BYTES:
            raise WrongReturnError(f"returned more than {MAX_BYTES:,} bytes")
        return bytes(value)


def _decision(value: Any) -> Decision:
    if not isinstance(value, Decision):
        raise _wrong(value, "a Decision")
    found: Decision = _Plain().of(value)
    for name, kind in _LISTS.items():
        wrong = next((one for one in getattr(found, name) if type(one) is not kind), None)
        if wrong is not None:
            of = type(wrong).__name__
            raise WrongReturnError(
                f"returned a Decision with {of} in its {name}, not {kind.__name__}"
            )
    if found.outcome not in get_args(Outcome) or type(found.as_of) is not date:
        raise WrongReturnError("returned a Decision with an outcome or a day that there is not")
    if not isinstance(found.receiving, Receiving | None) or type(found.item) is not dict:
        raise WrongReturnError(
            "returned a Decision whose receiving place or item is something else"
        )
    return found


def _delivery(value: Any) -> dict[str, Any]:
    """What a channel gives; the names of its files are names, and lead nowhere."""
    if not isinstance(value, Mapping):
        raise _wrong(value, "a mapping that describes the delivery")
    found: dict[str, Any] = _Plain().of(value)
    number = found.get("number")
    if isinstance(number, str) and {"/", "\\", "\0"} & {*number}:
        raise WrongReturnError(f"returned the number {number[:60]!r}; a number has no / or \\")
    files = found.get("files") or ()
    if not isinstance(files, list | tuple):
        raise WrongReturnError("returned `files` that are not a list")
    names = [_file(one) for one in files]
    twice = next((one for one in names if names.count(one) > 1), None)
    if twice is not None:
        raise WrongReturnError(f"returned two files with the name {twice!r}")
    return found


def _file(one: Any) -> str:
    """The name of a file of a delivery."""
    name = one.get("name") if isinstance(one, dict) else None
    if not isinstance(name, str) or not isinstance(one.get("content"), bytes):
        raise WrongReturnError("returned a file without a name or without its content in bytes")
    plain = name.isprintable() and name == PurePosixPath(name).name and "\\" not in name
    if not name or not plain or name.startswith((".", "-")) or len(name.encode()) > MAX_NAME:
        says = "a file's name is a plain one such as receipt.pdf, and no path"
        raise WrongReturnError(f"returned a file with the name {name[:60]!r}; {says}")
    return name


_TAKE: Mapping[str, Callable[[Any], Any]] = {
    "departments": _departments,
    "derive_facts": _facts,
    "receive": _defects,
    "route": _decision,
    "second_opinion": _ids,
    "deliver": _delivery,
    "findings": _findings,
    "working_days": _days,
    "exchange": _carrier,
    "storage": _storage,
}
"""By hook: what takes its answer over."""
