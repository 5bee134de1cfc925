"""`tongban doctor`: where things are, whether they are sound, and how to get what is missing."""

from __future__ import annotations

import json
import os
import platform
import re
import sys
from collections.abc import Iterator, Mapping
from importlib import metadata
from pathlib import Path
from typing import Any, Literal, TypeAlias

import click
from attrs import frozen

from tongban.kernel import Kernel, TongbanError
from tongban.plugins.casework.alarms import alarm_lines, alarms
from tongban.plugins.casework.audit_keys import usable_key
from tongban.plugins.casework.clock import clock_findings
from tongban.plugins.casework.in_transit import came_back, silent
from tongban.plugins.casework.restoring import told_of_restore
from tongban.plugins.casework.session import (
    ACTOR_VARIABLE,
    DB_VARIABLE,
    STORE_VARIABLE,
    Session,
    Settings,
    condition,
    data_folder,
    database,
    leftovers,
    node_file,
    open_session,
    storage,
    with_settings,
)
from tongban.plugins.console.options import write_json
from tongban.plugins.console.tables import View, show

BROKEN = 1
State: TypeAlias = Literal["ok", "note", "broken"]
_MARKS = {"ok": "✓", "note": "·", "broken": "✗"}
_STYLES = {"ok": "green", "note": "", "broken": "bold red"}


@frozen
class _Finding:
    """One thing that was looked at.

    Attributes:
        topic: what it belongs to.
        name: what it is.
        says: how it is.
        help: what to do about it, "" where nothing is to be done.
    """

    topic: str
    name: str
    state: State
    says: str
    help: str = ""


@click.command("doctor", short_help="Where things are, and what is missing.")
@with_settings
def doctor(kernel: Kernel, settings: Settings) -> None:
    """Say where things are, whether they are sound, and how to get what is missing.

    Exit status: 0 everything that is there is sound, 1 something is broken.

    \b
    Examples:
      tongban doctor
      tongban doctor --db /srv/cases.db --json
    """
    found = list(_findings(kernel, settings))
    if settings.as_json:
        write_json([
            {"topic": f.topic, "name": f.name, "state": f.state, "says": f.says, "help": f.help}
            for f in found
        ])  # fmt: skip
    else:
        for topic in dict.fromkeys(one.topic for one in found):
            view = View(topic)
            for one in found:
                if one.topic == topic:
                    lines = [f"{_MARKS[one.state]} {one.says}"]
                    lines += [f"    → {one.help}"] if one.help else []
                    view.add(one.name, lines, _STYLES[one.state])
            show(view)
    if any(one.state == "broken" for one in found):
        sys.exit(BROKEN)


def _findings(kernel: Kernel, settings: Settings) -> Iterator[_Finding]:
    yield from _program()
    yield from _store(kernel, settings)
    yield from _keys(kernel, settings)
    yield from _plugins(kernel)
    yield from _extras()


def _program() -> Iterator[_Finding]:
    topic = "程序 program"
    yield _Finding(topic, "tongban", "ok", _version("tongban") or "未安装 not installed")
    yield _Finding(topic, "Python", "ok", f"{platform.python_version()} ({sys.executable})")
    yield _Finding(topic, "系统 system", "ok", f"{platform.system()} {platform.release()}")


def _store(kernel: Kernel, settings: Settings) -> Iterator[_Finding]:
    topic = "办件库 store"
    try:
        yield _Finding(topic, "数据目录 data folder", "ok", str(data_folder()))
        path = database(settings)
    except click.UsageError as error:
        yield _Finding(topic, "数据目录 data folder", "note", error.message)
        if settings.db is None:
            return
        path = settings.db
    source = "--db" if settings.db is not None else "default"
    if os.environ.get(DB_VARIABLE) == str(path):
        source = DB_VARIABLE
    if not path.exists() and not leftovers(path):
        says = f"{path} ({source}): 尚无办件 no cases yet"
        yield _Finding(topic, "数据库 database", "note", says, "`tongban case receive` makes it")
        return
    yield _Finding(topic, "数据库 database", "ok", f"{path} ({source}), {_size(path)}")
    try:
        with open_session(kernel, settings) as session:
            yield from _standing(topic, session.store)
            yield from _sound(topic, session.store)
            yield from _under_way(topic, session)
            yield from _exchanged(topic, condition(kernel, path, session.store))
            yield from (_Finding(topic, *one) for one in clock_findings(session))
    except TongbanError as error:
        yield _Finding(topic, "可用 usable", "broken", str(error))
    yield _node(topic, path)
    actor = os.environ.get(ACTOR_VARIABLE, "")
    yield _Finding(topic, ACTOR_VARIABLE, "ok", actor or "未设置 not set")


def _node(topic: str, path: Path) -> _Finding:
    node = node_file(path)
    if node.exists():
        return _Finding(topic, "节点 node", "ok", f"{node}: {_serves(node)}")
    says = f"{node}: 未设置 not set, this store is everybody's"
    help = "`tongban case join FOLDER` exchanges with other stores"
    return _Finding(topic, "节点 node", "note", says, help)


def _serves(node: Path) -> str:
    try:
        raw = json.loads(node.read_text(encoding="utf-8"))
        return f"{raw['name']} → {', '.join(raw['serves'])}"
    except (OSError, ValueError, KeyError, TypeError) as error:
        return f"{type(error).__name__}"


def _size(path: Path) -> str:
    total = sum(
        one.stat().st_size for one in (path, path.with_name(path.name + "-wal")) if one.exists()
    )
    return f"{total / 1024 / 1024:,.1f} MiB"


def _standing(topic: str, opened: Any) -> Iterator[_Finding]:
    """Whether the store goes on where it stopped, and what its keeper should know of it."""
    restored = opened.restored
    if restored is not None:
        says, help = told_of_restore(restored), "`tongban case exchange`"
        yield _Finding(topic, "恢复 restored", "broken", says, help)
    for one in opened.notes() if hasattr(opened, "notes") else ():
        yield _Finding(topic, "提示 note", "note", one)


def _sound(topic: str, opened: Any) -> Iterator[_Finding]:
    cases = opened.cases()
    yield _Finding(topic, "办件 cases", "ok", f"{len(cases)}, 库 store {opened.id}")
    wrong = tuple(opened.integrity()) if hasattr(opened, "integrity") else ()
    if wrong:
        help = "restore a backup"
        yield _Finding(topic, "完整性 integrity", "broken", "; ".join(wrong[:3]), help)
    else:
        yield _Finding(topic, "完整性 integrity", "ok", "文件完好 the file is sound")
    failed = list(opened.outgoing("failed"))
    waiting = len(opened.outgoing("pending"))
    if failed:
        says = f"{len(failed)} 条消息无法送达 messages could not be delivered: {failed[0].reason}"
        yield _Finding(
            topic, "发件箱 outbox", "broken", says, "`tongban case exchange` tries again"
        )
    else:
        yield _Finding(topic, "发件箱 outbox", "ok", f"{waiting} 条待发 to be delivered")
    yield _Finding(
        topic, "日志 log", "note", "未核验 not verified here", "`tongban audit verify` does"
    )


def _under_way(topic: str, session: Session) -> Iterator[_Finding]:
    """What was not acknowledged for days, and what came back; with who has to act."""
    lost = silent(session)
    if lost:
        says = f"{len(lost)} 条未获回执 not acknowledged: {lost[0].line(session)}"
        help = "ask the other office whether its store runs; `tongban case next` lists them"
        yield _Finding(topic, "未获回执 silent", "broken", says, help)
    yield from _contradictions(topic, session)
    back = came_back(session)
    if back:
        first = back[0].message
        says = f"{len(back)} 项被退回 came back refused: {first.case} {first.body.get('reason')}"
        help = "`tongban case next` lists them, `tongban case handled CASE` notes them as done"
        yield _Finding(topic, "退回 came back", "note", says, help)


def _contradictions(topic: str, session: Session) -> Iterator[_Finding]:
    """What other stores say that contradicts what is here."""
    found = alarms(session)
    if found:
        says = f"{len(found)} 项与他库不符 contradictions: {alarm_lines(session, found[-1])[0]}"
        help = "compare both logs; `tongban case handled CASE` notes it as done"
        yield _Finding(topic, "抵触 contradiction", "broken", says, help)


def _exchanged(topic: str, found: Mapping[str, Any]) -> Iterator[_Finding]:
    """What the exchange cannot use, what it put aside, for whom it waits."""
    if found.get("key"):
        yield _Finding(topic, "节点密钥 key", "ok", f"编号 id {found['key']}")
    if found.get("waits"):
        names = "、".join(found["waits"])
        help = "`tongban case exchange` asks them; without them: `tongban case recovered`"
        yield _Finding(
            topic, "恢复核对 recovery", "broken", f"待 {names} 答复 waits for them", help
        )
    for alarm in found.get("alarms", ()):
        help = "ask its keeper: was that store put back to an older state?"
        yield _Finding(topic, "日志分叉 fork", "broken", alarm, help)
    for problem in found["problems"]:
        yield _Finding(topic, "交换 exchange", "note", problem, "ask the keeper of that node")
    aside = found.get("aside", {})
    if aside.get("number"):
        says = f"{aside['number']} 件搁置 put aside: {'; '.join(aside['reasons'])}"
        help = f"look at {aside['folder']}; take away what was looked at"
        yield _Finding(topic, "搁置 put aside", "note", says, help)


def _keys(kernel: Kernel, settings: Settings) -> Iterator[_Finding]:
    topic = "密钥 keys"
    try:
        kept = storage(kernel)
    except TongbanError as error:
        yield _Finding(topic, STORE_VARIABLE, "broken", str(error))
        return
    try:
        sealed = kept.key_from_environment() is not None
        says = "已设置 set" if sealed else "未设置 not set: personal data is kept in the clear"
        help = "" if sealed else "`tongban key new FILE` makes one"
        yield _Finding(topic, kept.KEY_VARIABLE, "ok" if sealed else "note", says, help)
    except TongbanError as error:
        yield _Finding(topic, kept.KEY_VARIABLE, "broken", str(error))
    try:
        key = usable_key(kernel, settings, None)
    except click.UsageError as error:
        yield _Finding(topic, kept.SIGNING_VARIABLE, "broken", error.message)
        return
    except TongbanError as error:
        yield _Finding(topic, kept.SIGNING_VARIABLE, "broken", str(error))
        return
    if key is None:
        help = f"`tongban audit key FILE` makes one; put FILE into {kept.SIGNING_VARIABLE}"
        says = "未设置 not set: --key names one where it is needed"
        yield _Finding(topic, kept.SIGNING_VARIABLE, "note", says, help)
    else:
        yield _Finding(topic, kept.SIGNING_VARIABLE, "ok", f"编号 id {key.public.id}")


def _plugins(kernel: Kernel) -> Iterator[_Finding]:
    topic = "插件 plugins"
    report = kernel.plugins
    loaded = [one.name for one in report if one.state == "loaded"]
    yield _Finding(topic, "已加载 loaded", "ok", f"{len(loaded)}; 事项 items {len(kernel.items)}")
    for said in kernel.ports.findings():
        state: State = "ok" if said.sound else "note"
        yield _Finding(topic, said.name, state, said.says, said.help)
    for one in report:
        if one.state == "failed":
            yield _Finding(
                topic, one.name, "broken", "; ".join(one.problems[:3]), "`tongban plugins`"
            )
        elif one.state == "absent":
            yield _Finding(topic, one.name, "note", "; ".join(one.problems[:3]))


def _extras() -> Iterator[_Finding]:
    """Which extras are there whole, and how to get the others."""
    topic = "附加组件 extras"
    try:
        about = metadata.metadata("tongban")
        wants = metadata.requires("tongban") or []
    except metadata.PackageNotFoundError:
        yield _Finding(topic, "tongban", "note", "not installed as a package: nothing is known")
        return
    for extra in about.get_all("Provides-Extra") or ():
        names = [name for name in _named(wants, extra) if not name.startswith("tongban")]
        missing = [name for name in names if not _version(name)]
        if missing:
            help = f"pip install 'tongban[{extra}]'"
            yield _Finding(topic, extra, "note", f"缺 missing: {', '.join(missing)}", help)
        else:
            yield _Finding(topic, extra, "ok", ", ".join(names) or "whole")


def _named(wants: list[str], extra: str) -> Iterator[str]:
    for one in wants:
        if re.search(rf"""extra\s*==\s*["']{re.escape(extra)}["']""", one):
            yield re.split(r"[\s\[;<>=!~]", one, maxsplit=1)[0]


def _version(name: str) -> str:
    """Of a distribution; "" where it is not installed."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""
