"""The way to a state as a list: who did what, which message was lost or doubled."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from attrs import frozen

from tongban.kernel import protocol as p
from tongban.plugins.simulation.explorer.model import Model
from tongban.plugins.simulation.explorer.site import Result
from tongban.plugins.simulation.explorer.state import Action, State

_FAULT = {
    "crash before commit": "死机,未存盘 the node crashes before it is stored",
    "crash after commit": "死机,已存盘、未答复 stored; the node crashes before it answers",
    "doubled": "重复提交 the same command comes a second time",
    "ack lost": "回执丢失 stored; the acknowledgement is lost",
}


@frozen
class Told:
    """One step.

    Attributes:
        day: of the virtual clock.
        where: the node.
        what: what happened.
        fault: what went wrong with it, "" for nothing.
        said: what was answered where it was refused.
        events: what the node wrote into the log of the case.
        sent: the messages that it put into its outbox.
    """

    day: str
    where: str
    what: str
    fault: str = ""
    said: str = ""
    events: tuple[str, ...] = ()
    sent: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The stable JSON form."""
        return {
            "day": self.day,
            "node": self.where,
            "what": self.what,
            "fault": self.fault,
            "said": self.said,
            "events": list(self.events),
            "messages": list(self.sent),
        }


def tell(world: Model, way: Iterable[Action]) -> tuple[Told, ...]:
    """What happened on the way from the first state.

    Args:
        world: in which it was found.
        way: the actions, in order.
    """
    state, left = world.start()
    told = []
    for action in way:
        found = world.after(state, left, action)
        if found is None:
            break
        after, left, result = found
        told.append(_step(world, state, after, action, result))
        state = after
    return tuple(told)


def _step(world: Model, before: State, after: State, action: Action, result: Result | None) -> Told:
    kind, n, fault = action
    where, what = _what(world, kind, n)
    at = next((i for i, place in enumerate(world.scenario.nodes) if place.name == where), None)
    events: tuple[str, ...] = ()
    sent: tuple[str, ...] = ()
    if at is not None:
        old, new = world.kept[before.nodes[at]], world.kept[after.nodes[at]]
        events = tuple(_event(one) for one in new.log[len(old.log) :])
        sent = tuple(_message(one.message) for one in new.outbox[len(old.outbox) :])
    said = ""
    if result is not None and result.code not in ("done", "relayed", "crashed"):
        said = f"{result.code}: {result.says}"
    elif result is not None and result.code == "relayed":
        said = "转交 passed on to where the case is"
    day = world.scenario.days[after.day].isoformat()
    return Told(day, where, what, _FAULT.get(fault, fault), said, events, sent)


_BACKUPS = {
    "backup": "备份 a backup is taken",
    "restore": "恢复备份 the backup is put in the place of the store",
    "recover": "核对 all others hand back what the node once sent, and the node goes on",
}


_KEYS = {
    "rotate": "更换密钥 the node gets another key; what is under way was signed before",
    "expire": "旧密钥到期 letters that the key before signed are not taken any more",
    "learn": "读取名片 the node reads the cards of the others again",
}


def _what(world: Model, kind: str, n: int) -> tuple[str, str]:
    """Where something happens, and what."""
    places = world.scenario.nodes
    if kind in ("give", "repeat"):
        move = world.scenario.moves[n]
        verb = "submit" if move.body is None else move.body.kind
        who = _who(move.actor)
        again = ", 重复 the same command again" if kind == "repeat" else ""
        return places[move.at].name, f"{who} {p.COMMANDS[verb].official} {move.id}{again}"
    if kind == "tick":
        return places[n].name, "时限检查 what time has brought"
    if kind == "crash":
        return places[n].name, "死机重启 the node crashes, and comes back from its store"
    if kind in _BACKUPS or kind in _KEYS:
        return places[n].name, (_BACKUPS | _KEYS)[kind]
    if kind == "day":
        return "", "日期推进 the clock goes on"
    message, _, receiver = world.messages[n]
    words = {
        "deliver": "收到 receives",
        "lose": "丢失 lost on the way:",
        "double": "途中重复 doubled on the way:",
        "again": "重发 sent again:",
    }
    where = places[receiver].name if kind == "deliver" else ""
    return where, f"{words[kind]} {_message(message)}"


def _who(actor: p.Actor) -> str:
    place = "/".join(one for one in (actor.division, actor.department) if one)
    return f"{p.ACTORS[actor.kind]} {place}".strip()


def _event(event: p.Event) -> str:
    return f"#{event.seq} {p.EVENTS[event.kind].official} {event.kind}"


def _message(message: p.Message) -> str:
    word = p.MESSAGES[message.kind].official
    body: Any = message.body
    of = ""
    if message.kind == "progress":
        of = " " + ",".join(f"#{one['seq']}" for one in body["events"])
    elif message.kind == "command":
        of = f" {body['kind']}"
    return f"{word} {message.kind}{of} → {message.receiver}"
