"""A backup is put in place, by command and by hand; nothing is decided before that is settled."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tongban.kernel.audit import hash_chain

OFFICER = "officer:510100/public_security"
SUPERVISOR = "supervisor:510000"


def cases(desk: Any) -> int:
    return int(desk("case", "list", "--json").stdout.count('"id"'))


@pytest.fixture
def night(desk: Any, applications: Any) -> str:
    """A backup with three cases; the store beside it has five since."""
    for _ in range(3):
        desk.receive(applications["hukou"])
    path = str(desk.folder / "night.db")
    desk("case", "backup", path)
    for _ in range(2):
        desk.receive(applications["hukou"])
    return path


def refused(desk: Any, applications: Any) -> None:
    """That nothing is decided here now."""
    file = desk.file("app", applications["hukou"])
    for args, who in (
        (("submit", file), "window:510100"),
        (("receive", file), "window:510100"),
        (("accept", one_case(desk)), OFFICER),
    ):
        answer = desk.json("case", *args, as_=who, status=4)
        assert answer["refused"]["code"] == "restored"
        assert "tongban case exchange" in answer["refused"]["message"]
    desk("case", "handled", one_case(desk), as_=OFFICER, status=2)


def one_case(desk: Any) -> str:
    return str(json.loads(desk("case", "list", "--json").stdout.splitlines()[0])["id"])


def test_a_backup_is_put_in_place_and_everything_is_kept(
    desk: Any, applications: Any, night: str
) -> None:
    done = desk.json("case", "restore", night)
    assert (done["by"], done["position"] < done["lost"]) == ("backup", True)
    (kept,) = [one for one in done["kept"] if not one.endswith(("-wal", "-shm"))]
    assert cases(desk) == 3
    with sqlite3.connect(f"file:{kept}?mode=ro", uri=True) as conn:
        assert conn.execute("SELECT count(*) FROM cases").fetchone() == (5,)
    conn.close()
    refused(desk, applications)
    for reading in (("next",), ("list",), ("show", one_case(desk))):
        assert "recovered" in desk("case", *reading).stderr
    assert "recovered" in desk("report").stderr
    assert desk("doctor", status=1).stdout.count("恢复 restored") == 1
    desk("case", "tick", status=4)
    desk("case", "show", one_case(desk))
    assert desk.json("audit", "verify")["whole"] is True


def test_a_supervisor_goes_on_where_there_are_no_other_nodes(
    desk: Any, applications: Any, night: str
) -> None:
    desk("case", "restore", night)
    desk("case", "recovered", as_=SUPERVISOR, status=2)
    says = desk("case", "recovered", "--reason", "x", as_=OFFICER, status=2).stderr
    assert "supervisor" in says
    told = desk("case", "recovered", "--reason", "630102199003071231", as_=SUPERVISOR, status=2)
    assert "ID number" in told.stderr
    desk("case", "recovered", "--reason", "已逐件核对纸质档案", as_=SUPERVISOR)
    desk.receive(applications["hukou"])
    assert cases(desk) == 4
    assert desk("doctor", status=None).stdout.count("restored") == 0
    conn = sqlite3.connect(desk.db)
    texts = [row[0] for row in conn.execute("SELECT body FROM events WHERE case_id = ''")]
    conn.close()
    assert any("supervisor 510000: 已逐件核对纸质档案" in one for one in texts)
    assert "无需处理" in desk("case", "recovered", "--reason", "x", as_=SUPERVISOR).stdout


def test_with_other_nodes_they_are_asked_first(desk: Any, applications: Any, night: str) -> None:
    folder = str(desk.folder / "exchange")
    key = str(desk.folder / "node.pem")
    desk("case", "join", folder, "--name", "chengdu", "--serves", "510000", "--key", key)
    desk("case", "restore", night)
    given = ("case", "recovered", "--reason", "无法联系")
    assert "tongban case exchange" in desk(*given, as_=SUPERVISOR, status=2).stderr
    desk(*given, "--without-peers", as_=SUPERVISOR)


@pytest.mark.parametrize("what", ["live", "text", "missing", "cut", "folder", "flipped"])
def test_what_is_no_whole_backup_is_not_put_in_place(desk: Any, night: str, what: str) -> None:
    file = desk.folder / "bad.db"
    content = Path(night).read_bytes()
    if what == "live":
        shutil.copy(desk.db, file)
    elif what == "text":
        file.write_text("dear", encoding="utf-8")
    elif what == "cut":
        file.write_bytes(content[: len(content) // 2])
    elif what == "flipped":
        at = content.find(b'"kind":"received"')
        file.write_bytes(content[:at] + content[at:].replace(b"received", b"reXeived", 1))
    elif what == "folder":
        file.mkdir()
    before = desk.db.read_bytes()
    desk("case", "restore", str(file), status=2)
    assert desk.db.read_bytes() == before
    assert cases(desk) == 5
    assert not list(desk.folder.glob("*.before-*"))
    assert not list(desk.folder.glob("*.restoring"))


def test_a_backup_is_put_where_nothing_or_only_remains_are(desk: Any, night: str) -> None:
    for end in ("", "-wal", "-shm"):
        desk.db.with_name(desk.db.name + end).unlink(missing_ok=True)
    assert "cases.db-head" in desk("case", "list", status=2).stderr
    assert "cases.db-head" in desk("doctor", status=1).stdout
    desk("case", "restore", night)
    assert cases(desk) == 3


def test_a_backup_copied_by_hand_is_known_beside_the_log_of_a_killed_program(
    desk: Any, applications: Any, night: str
) -> None:
    program = (
        "import os, signal, sys\n"
        "from pathlib import Path\n"
        "from tongban.kernel import Kernel, protocol, service\n"
        "kernel = Kernel()\n"
        "store = kernel.ports.storage().open_store(Path(sys.argv[1]), clock=kernel.clock,"
        " calendars=service.calendars(kernel))\n"
        "carried = service.Service(kernel, store)\n"
        "window = protocol.Actor('window', 'w', '510100')\n"
        "import json\n"
        "for number in range(3):\n"
        "    carried.submit(json.loads(sys.argv[2]), window, applicant=f'b{number}',"
        " received=protocol.Receive())\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    raw = json.dumps(applications["hukou"])
    done = subprocess.run([sys.executable, "-c", program, str(desk.db), raw], check=False)
    assert done.returncode == -signal.SIGKILL
    wal = desk.db.with_name("cases.db-wal")
    assert wal.stat().st_size > 0
    shutil.copyfile(night, desk.db)
    assert cases(desk) == 3
    assert desk.json("audit", "verify")["whole"] is True
    desk("case", "rebuild", "--check")
    refused(desk, applications)
    assert cases(desk) == 3
    assert len(list(desk.folder.glob("cases.db-wal.aside-*"))) == 1
    assert desk.json("audit", "verify")["whole"] is True
    assert cases_in(night) == 3


def cases_in(path: str) -> int:
    conn = sqlite3.connect(f"file:{path}?immutable=1", uri=True)
    (count,) = conn.execute("SELECT count(*) FROM cases").fetchone()
    conn.close()
    return int(count)


def test_a_backup_may_be_looked_at_where_it_is(desk: Any, night: str) -> None:
    content = Path(night).read_bytes()
    desk.env["TONGBAN_DB"] = night
    assert cases(desk) == 3
    assert desk.json("audit", "verify")["whole"] is True
    assert Path(night).read_bytes() == content
    assert sorted(one.name for one in desk.folder.glob("night*")) == ["night.db"]


def test_a_log_that_is_gone_is_told_by_every_command(desk: Any, applications: Any) -> None:
    desk.receive(applications["hukou"])
    older = desk.db.read_bytes()
    case = desk.receive(applications["hukou"])
    desk("case", "accept", case, as_=OFFICER)
    desk.db.write_bytes(older)
    for args in (("case", "list"), ("case", "tick"), ("case", "rebuild", "--check")):
        says = desk(*args, status=2).stderr
        assert "acknowledged" in says
        assert "cases.db-head" in says
    assert "acknowledged" in desk("doctor", status=1).stdout
    broken = desk.json("audit", "verify", status=1)
    assert [one["what"] for one in broken["breaks"]] == ["missing"]
    assert desk.db.read_bytes() == older
    desk("case", "salvage", str(desk.folder / "saved.db"))
    desk.env["TONGBAN_DB"] = str(desk.folder / "saved.db")
    assert cases(desk) == 1


def test_another_node_is_a_witness(desk: Any, applications: Any) -> None:
    desk.receive(applications["hukou"])
    raw = json.loads(desk.db.with_name("cases.db-head").read_text().split("} ")[0] + "}")
    line = {"node": "here", "by": "xining", "at": "2026-03-02T09:00:00+08:00"}
    line |= {name: raw[name] for name in ("history", "position", "hash")}
    file = desk.folder / "xining.jsonl"

    def told(*changes: dict[str, Any], status: int = 0) -> Any:
        lines = [json.dumps({**line, **one}) for one in changes]
        file.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return desk.json("audit", "verify", "--witness", str(file), status=status)

    assert told({})["witnesses"] == {"compared": 1, "of_another_log": 0}
    desk.receive(applications["hukou"])
    assert told({})["whole"] is True
    assert told({"hash": "ab" * 32}, status=1)["breaks"][0]["what"] == "changed"
    assert told({"position": 99}, status=1)["breaks"][0]["what"] == "missing"
    assert told({"history": "another"}, status=1)["witnesses"]["compared"] == 0
    file.write_text("{}", encoding="utf-8")
    assert "xining.jsonl:1" in desk("audit", "verify", "--witness", str(file), status=2).stderr
    assert desk("audit", "witness").stdout == ""


def test_what_was_lost_with_a_restore_is_shown_by_a_witness(
    desk: Any, applications: Any, night: str
) -> None:
    raw = json.loads(desk.db.with_name("cases.db-head").read_text()[512:].split("} ")[0] + "}")
    desk("case", "restore", night)
    line = {name: raw[name] for name in ("history", "position", "hash")}
    file = desk.folder / "xining.jsonl"
    file.write_text(json.dumps({**line, "by": "xining", "at": "2026-03-02T09:00:00+08:00"}))
    (broken,) = desk.json("audit", "verify", "--witness", str(file), status=1)["breaks"]
    assert "xining" in broken["detail"]
    assert "put back" in broken["detail"]


def test_an_audit_says_what_it_compared_and_no_more(desk: Any, applications: Any) -> None:
    desk.receive(applications["hukou"])
    says = desk("audit", "verify").stdout
    assert "self-consistent" in says
    assert "0 个检查点未核验签名 checkpoints not checked (no key)" in says
    key = str(desk.folder / "audit.pem")
    desk("audit", "key", key)
    desk("audit", "checkpoint", "--key", key)
    assert "1 个检查点未核验签名 checkpoints not checked (no key)" in desk("audit", "verify").stdout
    says = desk("audit", "verify", "--key", f"{key}.pub").stdout
    assert "kept elsewhere" in says
    assert "1 个检查点已核验签名 checkpoints checked" in says
    found = desk.json("audit", "verify")
    none = {"checked": 0, "refused": 0, "signed": []}
    assert found["checkpoints"] == {**none, "unchecked": 1}


def test_erasing_says_what_is_left(desk: Any, applications: Any, night: str) -> None:
    case = desk.receive(applications["hukou"])
    desk("case", "restore", night)
    desk("case", "recovered", "--reason", "x", as_=SUPERVISOR)
    one = one_case(desk)
    desk("case", "withdraw", one, "--reason", "不办了", as_="applicant:a-1")
    given = ("case", "erase", "--ended-before", "2030-01-01", "--yes")
    found = desk.json(*given, status=1)
    assert found["erased"] == [one]
    assert "before-" in found["left"][0]
    for file in desk.folder.glob("*.before-*"):
        os.unlink(file)
    assert desk.json(*given) == {"erased": [], "left": []}
    assert case not in desk("case", "list").stdout


def test_a_head_is_the_hash_of_the_log(desk: Any, applications: Any) -> None:
    desk.receive(applications["hukou"])
    conn = sqlite3.connect(desk.db)
    rows = conn.execute("SELECT position, case_hash FROM events ORDER BY position").fetchall()
    (store,) = conn.execute("SELECT value FROM meta WHERE name = 'store'").fetchone()
    conn.close()
    before = hash_chain.log_start(store)
    for position, hash in rows:
        before = hash_chain.entry_hash(before, position, hash)
    assert before in desk.db.with_name("cases.db-head").read_text()
