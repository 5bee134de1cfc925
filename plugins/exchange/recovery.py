"""A node that was put back to an older state: it finds out, asks, and takes back what it sent.

It finds out by its own words that others kept: the head of its log that it signed, letters
that it signed and does not know. The word of others is not enough. Until it was answered by
everybody, or a supervisor goes on without, nothing is sent and nothing decided.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from attrs import define, evolve, field, frozen

from tongban.kernel import TongbanError, protocol, service
from tongban.kernel.audit import untrusted
from tongban.kernel.ports import store as contract
from tongban.kernel.service import recovery
from tongban.plugins.exchange.addresses import NodeError
from tongban.plugins.exchange.answering import Answering
from tongban.plugins.exchange.envelope import Letter, letter
from tongban.plugins.exchange.folders import LETTERS, Folders
from tongban.plugins.exchange.handed_back import Answer, Ask, read_handed_back
from tongban.plugins.exchange.heads import HEAD, SignedHead, read_head
from tongban.plugins.exchange.incoming import Incoming, WaitsError
from tongban.plugins.exchange.membership import Node, Peer
from tongban.plugins.exchange.report import Report
from tongban.plugins.exchange.spool import Spool, group_of

_MARGIN = timedelta(days=7)
"""So far may the clocks of two nodes be apart."""

_DOUBT = timedelta(days=60)
"""How old a backup is looked for where nothing tells of one."""

_AGAIN = timedelta(days=1)
"""After so long a node that gave reason to doubt is asked again."""

_TRIES = 3
"""So often is a node asked again whose letters did not come."""

_ROUNDS = 50


def put_back(node: Node, store: contract.Store, spool: Spool) -> bool:
    """Compares a store's log with what its node last said of it; whether it goes less far.

    Args:
        node: with its memory and its folder.
        store: whose it is. It is `restored` afterwards where it goes less far.
        spool: reads what the node published.
    """
    heads = [node.seen.head(node.name)]
    if node.folder is not None:
        with suppress(OSError, TongbanError):  # it says nothing, or is not this node's
            heads.append(_published(node, spool))
    ahead = [one for one in heads if one is not None and _is_ahead(one, node, store)]
    if not ahead:
        return False
    begin(node, store, max(ahead, key=lambda one: one.head.position))
    return True


def _published(node: Node, spool: Spool) -> SignedHead | None:
    assert node.folder is not None
    content = spool.read(node.folder / HEAD, own=1)
    if content is None:
        return None
    head = read_head(untrusted.read_json(content, len(content)))
    return head if head.node == node.name and head.verifies(node.keys) else None


def _is_ahead(head: SignedHead, node: Node, store: contract.Store) -> bool:
    """Whether this node told of events that its store does not have."""
    left = node.seen.is_older_line(head.history, store.history)
    return head.node == node.name and not left and head.ahead_of(store)


def begin(node: Node, store: contract.Store, told: SignedHead | None) -> None:
    """Notes that a store was put back."""
    same = told is not None and told.history == store.history
    with store.transaction() as writes:
        before = store.history
        writes.put_back(told.head if told is not None and same else None)
    for line in (before, *([told.history] if told is not None else []), store.history):
        node.seen.note_line(line)
    node.seen.forget("asked")


@define
class _Staged:
    """An answer that lies here, and what of it is still to be taken back."""

    path: Path
    answer: Answer
    peer: Peer
    left: list[Letter]


@frozen
class Recovery:
    """One run over the questions and answers in a node's folder.

    Attributes:
        come: takes in letters, and knows who signed a file.
        answering: answers others.
    """

    node: Node
    store: contract.Store
    spool: Spool
    folders: Folders
    come: Incoming
    answering: Answering
    report: Report
    now: datetime
    staged: list[_Staged] = field(factory=list)
    lying: list[tuple[Peer, list[Letter]]] = field(factory=list)
    asks: dict[str, tuple[Path, Ask, Peer]] = field(factory=dict)

    def read(self) -> None:
        """Lays ready what others ask and what they answered."""
        self.folders.each("recovery", self._file)

    def answer_others(self) -> None:
        """Answers who asks, one question of each in a run: after what they sent was taken in."""
        for name, (path, ask, peer) in self.asks.items():
            try:
                waiting = self.come.waiting_from(name)
                number = self.answering.answer(ask, peer, waiting)
                self.spool.remove(path)
            except OSError as error:
                self.report.waiting[path.stem] = f"{error.strerror} (a folder cannot be written)"
            except TongbanError as error:
                self.report.waiting[path.stem] = str(error)
            else:
                self.report.problems.append(
                    f"{name} 询问其遗失的信件(或由旧备份恢复),已发回 {number} 封 (that node may"
                    " have been put back to an older state, and was handed back its letters)"
                )

    def _file(self, path: Path, content: bytes) -> None:
        try:
            found = read_handed_back(content)
            peer = self.come.signer(found.node, found.to, path, found.verifies)
        except NodeError as error:
            self.folders.put_aside(path, content, str(error))
            return
        except WaitsError as error:
            self.report.waiting[path.stem] = str(error)
            return
        if isinstance(found, Ask):
            self.asks.setdefault(peer.name, (path, found, peer))
        else:
            self._answer(path, content, found, peer)

    def _answer(self, path: Path, content: bytes, answer: Answer, peer: Peer) -> None:
        if self.node.seen.about("asked", peer.name).get("id") != answer.ask:
            says = "不是本节点所问 (an answer to nothing that this node asked)"
            self.folders.put_aside(path, content, says)
            return
        if not all(one.verifies(self.node.keys) for one in answer.letters):
            says = "所附信件并非本节点所签 (a letter in it is not signed by this node)"
            self.folders.put_aside(path, content, says)
            return
        self.come.told(peer, None, answer.yours)
        self.staged.append(_Staged(path, answer, peer, list(answer.letters)))

    # Whether this node was put back.

    def proved(self) -> bool:
        """Whether an answer holds a letter that this node signed and does not know."""
        for one in self.staged:
            if self.node.seen.about("asked", one.peer.name).get("doubt") and any(
                self._is_strange(letter) for letter in one.left
            ):
                return True
        return False

    def _is_strange(self, letter: Letter) -> bool:
        try:
            return not recovery.is_known(self.store, letter.message)
        except contract.MismatchError:
            return True

    def doubt(self) -> None:
        """Asks nodes that spoke of what this one should have sent, and has not: once a day."""
        for name in sorted(self.come.doubts):
            before = self.node.seen.about("asked", name).get("at")
            peer = self.node.peer(name)
            recent = isinstance(before, str) and self.now < _moment(before, self.now) + _AGAIN
            if peer is not None and not recent:
                self._write_ask(peer, self.now - _DOUBT, doubt=True)

    # Taking back.

    def go_on(self) -> bool:
        """Asks who was not asked, and takes back what came; whether the store goes on now."""
        since = None
        for peer in self.node.peers:
            says = self.node.seen.about("asked", peer.name)
            asked = says.get("history") == self.store.history
            late = self.now >= _moment(str(says.get("at")), self.now) + _AGAIN
            if not asked or (late and not self._is_done(peer)):
                since = since or self._since()
                self._write_ask(peer, since, doubt=False)
        self._fetch()
        self.take_back()
        waits = [*(p.name for p in self.node.peers if not self._is_done(p))]
        waits += [name for name, _ in self.node.elsewhere]
        if waits or not self.node.peers:
            self.report.recovery["state"] = "asking"
            self.report.recovery["waits"] = waits
            return False
        return self._finish()

    def _fetch(self) -> None:
        """Takes back letters of this node that others have not fetched: they lie there still."""
        me = self.node.name
        for peer in self.node.peers:
            folder = peer.folder / "in"
            left = []
            with suppress(OSError, TongbanError):  # where it may not be read, the other answers
                for name in self.spool.names(folder, LETTERS, {me}):
                    if group_of(name, {me}) == me and (content := self.spool.read(folder / name)):
                        left.append(letter(content))
            mine = [one for one in left if (one.node, one.to) == (me, peer.name)]
            fetched = [one for one in mine if one.verifies(self.node.keys)]
            self.lying.append((peer, [evolve(one, sealed="") for one in fetched]))

    def _since(self) -> datetime:
        """Some time before the last event that the backup has."""
        put = self.store.restored
        assert put is not None, "only a store that was put back asks"
        at = next((e.at for e in self.store.entries() if e.position == put.head.position), "")
        return _moment(at, self.now - _DOUBT) - _MARGIN

    def _write_ask(self, peer: Peer, since: datetime, *, doubt: bool, tries: int = 0) -> None:
        key = self.node.key
        assert key is not None, "a node with peers has a key"
        id = protocol.derived_id("ask", self.store.history, peer.name, self.now.isoformat(), tries)
        ask = Ask(self.node.name, peer.name, id, since.astimezone(protocol.CHINA)).signed(key)
        try:
            self.spool.write(peer.folder / "recovery" / ask.file, ask.to_bytes())
        except OSError as error:
            self.report.problems.append(f"无法询问 {peer.name} (its folder: {error.strerror})")
            return
        says = {"id": id, "history": self.store.history, "at": self.now.isoformat(), "doubt": doubt}
        self.node.seen.note("asked", peer.name, {**says, "done": [], "sent": [], "tries": tries})

    def _is_done(self, peer: Peer) -> bool:
        """Whether every part of a node's answer was here."""
        here = [one.answer for one in self.staged if one.peer.name == peer.name]
        done, parts = _answered(self.node, peer.name)
        parts = here[0].parts if here else parts
        return parts > 0 and len(done | {one.part for one in here}) == parts

    def take_back(self) -> None:
        """Takes back what can be, again and again until nothing more can."""
        for _ in range(_ROUNDS):
            moved = [self._taken(one.left, one.peer) for one in self.staged]
            moved += [self._taken(left, peer) for peer, left in self.lying]
            if not any(moved):
                break
        for one in list(self.staged):
            if not one.left:
                self._settled(one)

    def _taken(self, letters: list[Letter], peer: Peer) -> bool:
        """Whether any letter was taken back; those that are too early are left in the list."""
        moved, left = False, []
        for one in letters:
            try:
                if recovery.is_known(self.store, one.message):
                    continue
                data = self.come.personal(one) if one.sealed else None
                events = recovery.take_back(self.store, one.message, data)
            except service.OutOfOrderError:
                left.append(one)
                continue
            except TongbanError as error:
                self._unfit(one, peer, error)
                continue
            moved = True
            self.report.recovery["letters"] += 1
            self.report.recovery["events"] += events
        letters[:] = left
        return moved

    def _unfit(self, letter: Letter, peer: Peer, error: TongbanError) -> None:
        """A letter that does not fit any more: where the log forked, somebody has to look."""
        message = letter.message
        self.report.recovery["unfit"].append(f"{message.id}: {error}")
        if not isinstance(error, contract.MismatchError):
            return
        self.report.alarms[message.id] = str(error)
        why = protocol.RejectedError("contradiction", str(error))
        alarm = protocol.alarm(message, message.case, peer.name, why, self.now, 0)
        with suppress(contract.MismatchError), self.store.transaction() as writes:
            writes.receive(alarm)

    def _settled(self, staged: _Staged) -> None:
        """Nothing of a file is needed any more."""
        name, answer = staged.peer.name, staged.answer
        done = sorted(_answered(self.node, name)[0] | {answer.part})
        before = self.node.seen.about("asked", name)
        sent = [*_list(before, "sent"), *answer.sent]
        says = {**before, "done": done, "parts": answer.parts, "sent": sent}
        self.node.seen.note("asked", name, says)
        self.spool.remove(staged.path)
        self.staged.remove(staged)

    def _finish(self) -> bool:
        """Takes in what others sent once more; then the store goes on, and it stays on record.

        Returns:
            Whether it does: not where letters of others got lost on their way here again.
        """
        for _ in range(_ROUNDS):
            before = len(self.report.taken), self.report.recovery["letters"]
            self.come.letters()
            self.take_back()
            if before == (len(self.report.taken), self.report.recovery["letters"]):
                break
        if again := [one.name for one in self.node.peers if self._misses(one)]:
            self.report.recovery["state"] = "asking"
            self.report.recovery["waits"] = again
            return False
        unfit = self.report.recovery["unfit"]
        for one in list(self.staged):
            says = "此前事件缺失 (what came before it is lost)"
            unfit += [f"{letter.message.id}: {says}" for letter in one.left]
            self._settled(one)
        recovery.answered(self.store)
        names = "、".join(one.name for one in self.node.peers)
        note = f"经 {names} 核对 compared with them"
        if unfit:
            note += f"; {len(unfit)} 封无法补录 letters could not be taken back: {unfit[0]}"
        with self.store.transaction() as writes:
            writes.recovered(note[:1_000])
        self.report.recovery["state"] = "recovered"
        return True

    def _misses(self, peer: Peer) -> bool:
        """Whether letters that a node repeated did not come: it is asked again, a few times."""
        says = self.node.seen.about("asked", peer.name)
        mine = [one for one in self.staged if one.peer.name == peer.name]
        sent = {*_list(says, "sent"), *(id for one in mine for id in one.answer.sent)}
        missed = {id for id in sent - self.come.looked_at if self.store.message(id) is None}
        tries = says.get("tries")
        number = tries if type(tries) is int else 0
        if not missed or number >= _TRIES:
            return False
        for one in mine:
            self.spool.remove(one.path)
            self.staged.remove(one)
        self._write_ask(peer, self._since(), doubt=False, tries=number + 1)
        return True


def _list(says: Mapping[str, Any], name: str) -> list[Any]:
    found = says.get(name)
    return found if isinstance(found, list) else []


def _answered(node: Node, name: str) -> tuple[set[int], int]:
    """Which parts of a node's answer were taken in, and how many it has; 0 where none came."""
    says = node.seen.about("asked", name)
    parts = says.get("parts")
    done = {one for one in _list(says, "done") if type(one) is int}
    return done, parts if type(parts) is int else 0


def waiting_for(node: Node, store: contract.Store) -> list[str]:
    """The nodes that a store which was put back was not answered by."""
    found = [name for name, _ in node.elsewhere]
    for peer in node.peers:
        done, parts = _answered(node, peer.name)
        same = node.seen.about("asked", peer.name).get("history") == store.history
        if not same or not parts or len(done) < parts:
            found.append(peer.name)
    return found


def _moment(text: str, otherwise: datetime) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return otherwise
    return found if found.tzinfo else otherwise
