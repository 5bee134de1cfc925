"""Scenarios: a small world, who may do what in it, and how far it is explored."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any, TypeVar

from attrs import define, evolve, field, fields, frozen

from tongban.kernel import nearest
from tongban.kernel import protocol as p
from tongban.plugins.simulation.scenario.document import document
from tongban.plugins.simulation.scenario.fields import ScenarioError

__all__ = [
    "APPLICANT",
    "CASE",
    "Bounds",
    "Move",
    "Place",
    "Scenario",
    "ScenarioError",
    "built_in",
    "find",
    "read",
    "within",
]

CASE = "CASE-1"
APPLICANT = "applicant-1"
_KEYS = {
    "title",
    "about",
    "application",
    "limits",
    "on_refusal",
    "nodes",
    "hostile",
    "days",
    "bounds",
    "moves",
    "wide",
}
_NEEDED = ("title", "application", "nodes", "days", "moves")
_OPTIONAL_IN_MOVE = {"at", "with"}
_MOVE = {"id", "by", "do", *_OPTIONAL_IN_MOVE}
_MOST_DAYS = 250

T = TypeVar("T")


@define
class _Mistakes:
    """Everything that is wrong with a scenario."""

    found: list[str] = field(factory=list)

    def read(self, part: Callable[[], T], otherwise: T) -> T:
        """What a part says; where it is wrong that is noted, and reading goes on."""
        try:
            return part()
        except ScenarioError as error:
            self.found += str(error).splitlines()
            return otherwise


@frozen
class Bounds:
    """How far a scenario is explored.

    Attributes:
        in_flight: at most this many messages on their way at once; others wait in the outbox.
        lost: this many messages or acknowledgements may be lost; what is lost is sent again.
        doubled: this many messages or commands may come twice.
        crashes: this many times a node may crash and come back from its store.
        restores: this many times a backup, taken at any moment, is put in the place of a store.
        rotations: this many nodes get another key, each once.
        states: the search stops after this many, and says so.
    """

    in_flight: int = 4
    lost: int = 1
    doubled: int = 1
    crashes: int = 1
    restores: int = 0
    rotations: int = 0
    states: int = 1_000_000


@frozen
class Place:
    """A node: a store, and the divisions that it serves, by the beginning of their codes."""

    name: str
    divisions: tuple[str, ...]

    def serves(self, address: str) -> bool:
        """Whether the store is that of an address, `630100/public_security`."""
        division, slash, _ = address.partition("/")
        return bool(slash) and division.startswith(self.divisions)


@frozen
class Move:
    """What somebody may do, once, at any moment.

    Attributes:
        at: number of the node where it is done.
        body: None for the application itself.
    """

    id: str
    at: int
    actor: p.Actor
    body: p.CommandBody | None = None


@frozen
class Scenario:
    """A small world.

    Attributes:
        application: as JSON gives it, without personal data.
        limits: time limits beside those that rules give.
        days: the days on which the virtual clock stops, in order.
        moves: what may be done; the first hands the application in.
        bounds: how far it is explored; `wide` how far where there is time.
        hostile: a node without a part that the others trust, and that signs what it likes.
    """

    name: str
    title: str
    application: Mapping[str, Any]
    nodes: tuple[Place, ...]
    days: tuple[date, ...]
    moves: tuple[Move, ...]
    bounds: Bounds = field(factory=Bounds)
    wide: Bounds = field(factory=Bounds)
    about: str = ""
    limits: tuple[Mapping[str, Any], ...] = ()
    on_refusal: p.OnRefusal = "end"
    hostile: Place | None = None


def built_in() -> dict[str, str]:
    """The texts of the scenarios that are built in, by name."""
    folder = files("tongban.plugins.simulation.explorer") / "scenarios"
    found = (one for one in folder.iterdir() if one.name.endswith(".yaml"))
    texts = {one.name.removesuffix(".yaml"): one.read_text("utf-8") for one in found}
    return dict(sorted(texts.items()))


def find(name: str) -> Scenario:
    """A built-in scenario, or one from a file.

    Args:
        name: of a built-in one, or a path.

    Raises:
        ScenarioError: where there is none, or it is wrong.
    """
    texts = built_in()
    if name in texts:
        return read(texts[name], name)
    path = Path(name)
    if path.suffix in (".yaml", ".yml") or path.exists():
        try:
            return read(path.read_text("utf-8"), path.stem, name)
        except UnicodeDecodeError:
            raise ScenarioError(f"{name}: cannot be read: not UTF-8") from None
        except OSError as error:
            raise ScenarioError(f"{name}: cannot be read: {error.strerror}") from None
    near = nearest(name, list(texts))
    hint = f"did you mean {near!r}?" if near else f"there are: {', '.join(texts)}"
    raise ScenarioError(f"no scenario {name!r}; {hint}")


def within(scenario: Scenario, *, wide: bool = False, states: int | None = None) -> Scenario:
    """A scenario within other bounds.

    Args:
        scenario: as it was read.
        wide: whether its wide bounds are to be used.
        states: at most this many states; None for the bound that stands there.
    """
    bounds = scenario.wide if wide else scenario.bounds
    return evolve(scenario, bounds=evolve(bounds, states=states or bounds.states))


def read(text: str, name: str, where: str = "") -> Scenario:
    """A scenario from YAML.

    Args:
        text: of the file.
        name: of the scenario.
        where: how errors name the file.

    Raises:
        ScenarioError: where anything in it is wrong; each mistake on a line of its own.
    """
    where = where or name
    raw = document(text, where)
    mistakes = _Mistakes()
    found = mistakes.read(lambda: _scenario(raw, name, mistakes), None)
    if mistakes.found or found is None:
        raise ScenarioError("\n".join(f"{where}: {one}" for one in mistakes.found))
    return found


def _scenario(raw: Any, name: str, mistakes: _Mistakes) -> Scenario | None:
    _mapping(raw, "the scenario")
    mistakes.read(lambda: _keys(raw, _KEYS, "the scenario", _NEEDED), None)
    raw = dict.fromkeys(_NEEDED) | raw
    nodes: tuple[Place, ...] = mistakes.read(lambda: _nodes(raw["nodes"]), ())
    days: tuple[date, ...] = mistakes.read(lambda: _days(raw["days"]), ())
    moves: tuple[Move, ...] = mistakes.read(lambda: _moves(raw["moves"], nodes, mistakes), ())
    bounds = mistakes.read(lambda: _bounds(raw.get("bounds", {}), "bounds", Bounds()), Bounds())
    wide = mistakes.read(lambda: _bounds(raw.get("wide", {}), "wide", bounds), bounds)
    limits: tuple[Mapping[str, Any], ...] = mistakes.read(
        lambda: _limits(raw.get("limits", [])), ()
    )
    application: dict[str, Any] = mistakes.read(
        lambda: _mapping(raw["application"], "application"), {}
    )
    on_refusal = raw.get("on_refusal", "end")
    if on_refusal not in ("end", "return"):
        raise ScenarioError("on_refusal: must be end or return")
    return Scenario(
        name=name,
        title=str(raw["title"]),
        about=str(raw.get("about") or "").strip(),
        application=application,
        nodes=nodes,
        days=days,
        moves=moves,
        bounds=bounds,
        wide=wide,
        limits=limits,
        on_refusal=on_refusal,
        hostile=mistakes.read(lambda: _hostile(raw.get("hostile", {}), nodes), None),
    )


def _hostile(raw: Any, nodes: tuple[Place, ...]) -> Place | None:
    found = [_place(key, value) for key, value in _mapping(raw, "hostile").items()]
    if len(found) > 1:
        raise ScenarioError("hostile: one node, and no more")
    for one in found:
        if len(one.divisions[0]) != 6:
            raise ScenarioError("hostile: write the whole code of a division, such as 530100")
        if any(node.serves(f"{one.divisions[0]}/-") for node in nodes):
            raise ScenarioError("hostile: must serve no place of the other nodes")
    return found[0] if found else None


def _nodes(raw: Any) -> tuple[Place, ...]:
    nodes = tuple(_place(key, value) for key, value in _mapping(raw, "nodes").items())
    if not nodes:
        raise ScenarioError("nodes: at least one is needed")
    return nodes


def _days(days: Any) -> tuple[date, ...]:
    if not isinstance(days, list) or not days or any(type(day) is not date for day in days):
        raise ScenarioError("days: must be a list of dates such as 2026-03-02")
    if sorted(set(days)) != days:
        raise ScenarioError("days: must be in order, each once")
    return tuple(days)


def _limits(limits: Any) -> tuple[Mapping[str, Any], ...]:
    if not isinstance(limits, list):
        raise ScenarioError("limits: must be a list of {step, working_days, extension}")
    for n, one in enumerate(limits):
        where = f"limits[{n}]"
        _keys(one, {"step", "working_days", "extension"}, where, ("step", "working_days"))
        if one["step"] not in list(p.LIMIT_STEPS):
            raise ScenarioError(f"{where}.step: must be one of {', '.join(p.LIMIT_STEPS)}")
        for name, least in (("working_days", 1), ("extension", 0)):
            value = one.get(name, least)
            if type(value) is not int or not least <= value <= _MOST_DAYS:
                says = f"must be a number from {least} to {_MOST_DAYS}"
                raise ScenarioError(f"{where}.{name}: {says}")
    return tuple(limits)


def _mapping(raw: Any, what: str) -> dict[str, Any]:
    if not isinstance(raw, dict):
        raise ScenarioError(f"{what}: must be a mapping")
    return raw


def _keys(raw: Any, known: set[str], what: str, needed: tuple[str, ...]) -> None:
    wrong = [*_unknown(_mapping(raw, what), known, what)]
    wrong += [f"{what}: the key {key!r} is missing" for key in needed if key not in raw]
    if wrong:
        raise ScenarioError("\n".join(wrong))


def _unknown(keys: Iterable[str], known: set[str], what: str) -> Iterator[str]:
    for key in keys:
        if key not in known:
            near = nearest(key, sorted(known))
            hint = f"did you mean {near!r}?" if near else f"known: {', '.join(sorted(known))}"
            yield f"{what}: unknown key {key!r}; {hint}"


def _bounds(raw: Any, what: str, base: Bounds) -> Bounds:
    names = {one.name for one in fields(Bounds)}
    _keys(raw, names, what, ())
    for name, value in raw.items():
        least = 1 if name in ("in_flight", "states") else 0
        most = 15 if name in ("lost", "doubled", "crashes", "restores", "rotations") else 4_000_000
        if type(value) is not int or not least <= value <= most:
            raise ScenarioError(f"{what}.{name}: must be a number from {least} to {most}")
    return evolve(base, **raw)


def _place(name: str, raw: Any) -> Place:
    codes = raw if isinstance(raw, list) else [raw]
    if not codes or not all(isinstance(code, str) and code.isdigit() for code in codes):
        raise ScenarioError(f"nodes.{name}: must be the beginnings of division codes, as text")
    return Place(name, tuple(codes))


def _moves(raw: Any, nodes: tuple[Place, ...], mistakes: _Mistakes) -> tuple[Move, ...]:
    if not isinstance(raw, list) or not raw:
        raise ScenarioError("moves: must be a list")
    found: list[Move] = []
    for n, one in enumerate(raw):
        move = mistakes.read(lambda n=n, one=one: _move(one, f"moves[{n}]", nodes), None)  # type: ignore[misc]
        if move is None:
            continue
        if any(move.id == other.id for other in found):
            mistakes.found.append(f"moves[{n}]: the id {move.id!r} is used twice")
        found.append(move)
    if len(found) == len(raw) and [move.body is None for move in found] != [
        n == 0 for n in range(len(found))
    ]:
        raise ScenarioError("moves: the first, and no other, must be `do: submit`")
    return tuple(found)


def _move(raw: Any, where: str, nodes: tuple[Place, ...]) -> Move:
    _keys(raw, _MOVE, where, ("id", "by", "do"))
    actor = _actor(str(raw["by"]), where)
    names = [place.name for place in nodes]
    if "at" in raw:
        if raw["at"] not in names:
            raise ScenarioError(f"{where}.at: no node {raw['at']!r}; nodes: {', '.join(names)}")
        at = names.index(raw["at"])
    else:
        address = f"{actor.division}/{actor.department or actor.kind}"
        serving = [n for n, place in enumerate(nodes) if place.serves(address)]
        if not serving:
            raise ScenarioError(f"{where}: no node serves {raw['by']!r}; say where with `at`")
        at = serving[0]
    return Move(str(raw["id"]), at, actor, _body(raw, where))


def _body(raw: Mapping[str, Any], where: str) -> p.CommandBody | None:
    kind = raw["do"]
    if kind == "submit":
        return None
    if kind not in list(p.COMMAND_BODIES) or kind in ("take_over", "mirror"):
        near = nearest(kind, list(p.COMMAND_BODIES))
        hint = f"did you mean {near!r}?" if near else f"known: {', '.join(p.COMMAND_BODIES)}"
        raise ScenarioError(f"{where}.do: no command {kind!r}; {hint}")
    data = _mapping(raw.get("with", {}), f"{where}.with")
    shape = {"id": "-", "case": "-", "actor": {"kind": "system"}, "kind": kind, "data": data}
    try:
        return p.Command.from_dict(shape).do
    except p.FormatError as error:
        raise ScenarioError(f"{where}: {error}") from None


def _actor(text: str, where: str) -> p.Actor:
    """An actor such as `officer@630100/postal`, `window@510100@li.na`, `applicant`."""
    kind, _, where_at = text.partition("@")
    address, _, account = where_at.partition("@")
    division, _, department = address.partition("/")
    if kind not in p.ACTORS:
        raise ScenarioError(f"{where}.by: no actor {kind!r}; actors: {', '.join(p.ACTORS)}")
    if kind == "applicant":
        return p.Actor("applicant", APPLICANT)
    if kind == "system":
        return p.SYSTEM
    if kind == "officer" and not department:
        raise ScenarioError(f"{where}.by: write officer@630100/public_security")
    known: Any = kind
    return p.Actor(known, account or f"{kind}-1", division or None, department)
