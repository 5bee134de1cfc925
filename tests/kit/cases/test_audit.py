"""The log is proved: verified, signed, exported, checked offline; tables are made anew."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

CHENGDU = "officer:510100/public_security"


def _key(desk: Any) -> str:
    path = str(desk.folder / "audit.pem")
    desk("audit", "key", path)
    return path


def test_a_whole_log_is_whole_and_a_changed_one_is_named(desk: Any, applications: Any) -> None:
    case = desk.receive(applications["hukou"])
    desk("case", "accept", case, as_=CHENGDU)
    found = desk.json("audit", "verify")
    assert (found["whole"], found["events"], found["breaks"]) == (True, 5, [])
    conn = sqlite3.connect(desk.db)
    conn.execute("DROP TRIGGER events_no_update")
    conn.execute("UPDATE events SET body = replace(body, '收件', '退件'), at = at WHERE seq = 2")
    conn.execute("UPDATE events SET body = replace(body, 'SJ2026', 'SJ2025') WHERE seq = 2")
    conn.commit()
    conn.close()
    broken = desk("audit", "verify", status=1).stdout
    assert f"办件 {case} 第 2 个事件 received 被改动" in broken
    assert desk.json("audit", "verify", status=1)["breaks"][0]["seq"] == 2


def test_a_log_that_was_cut_is_shown_by_a_checkpoint_kept_elsewhere(
    desk: Any, applications: Any
) -> None:
    key = _key(desk)
    desk.receive(applications["hukou"])
    marks = desk.folder / "marks.jsonl"
    marks.write_text(desk("audit", "checkpoint", "--key", key).stdout, encoding="utf-8")
    desk("audit", "verify", "--key", f"{key}.pub", "--checkpoint", str(marks))
    conn = sqlite3.connect(desk.db)
    for name in ("events_no_delete", "checkpoints_no_delete"):
        conn.execute(f"DROP TRIGGER {name}")
    conn.execute("DELETE FROM events WHERE position >= (SELECT max(position) - 1 FROM events)")
    conn.execute("DELETE FROM checkpoints")
    conn.execute(
        "UPDATE head SET (position, hash) = (SELECT position, log_hash FROM events"
        " ORDER BY position DESC LIMIT 1)"
    )
    conn.commit()
    conn.close()
    args = ("--key", f"{key}.pub", "--checkpoint", str(marks))
    says = desk("audit", "verify", *args, status=1).stdout
    assert "a checkpoint knows the log" in says
    assert "cases.db-head knows it" in says


def test_a_third_party_checks_a_bundle_without_the_store(desk: Any, applications: Any) -> None:
    key = _key(desk)
    case = desk.receive(applications["hukou"])
    out = desk.folder / "case.json"
    desk("audit", "export", case, "--key", key, "-o", str(out))
    desk.db.unlink()
    assert "630102199003071231" not in out.read_text(encoding="utf-8")
    proved = desk("audit", "check-bundle", str(out), "--key", f"{key}.pub").stdout
    assert f"{case} 存证包有效 genuine" in proved
    assert "收件 received" in proved
    out.write_text(out.read_text("utf-8").replace("SJ2026", "SJ2025"), encoding="utf-8")
    wrong = desk("audit", "check-bundle", str(out), "--key", f"{key}.pub", status=1)
    assert "第 2 个事件 received" in wrong.stderr
    out.write_text("[]", encoding="utf-8")
    answer = desk.json("audit", "check-bundle", str(out), "--key", f"{key}.pub", status=1)
    assert answer["genuine"] is False


def test_without_a_key_the_way_to_one_is_told(desk: Any, applications: Any) -> None:
    case = desk.receive(applications["hukou"])
    answer = desk("audit", "export", case, status=2)
    assert "`tongban audit key FILE` makes one" in " ".join(answer.stderr.split())
    again = _key(desk)
    assert "无法写入密钥" in desk("audit", "key", again, status=2).stderr


def test_tables_are_made_anew(desk: Any, applications: Any) -> None:
    case = desk.receive(applications["hukou"])
    before = desk.json("case", "show", case)
    conn = sqlite3.connect(desk.db)
    conn.execute("UPDATE cases SET state = 'closed'")
    conn.execute("DELETE FROM tasks")
    conn.commit()
    conn.close()
    assert case in desk("case", "rebuild", "--check", status=1).stdout
    assert "1 件已重建" in desk("case", "rebuild").stdout
    desk("case", "rebuild", "--check")
    assert desk.json("case", "show", case) == before


def test_the_doctor_knows_where_things_are(desk: Any, applications: Any) -> None:
    fresh = desk.json("doctor")
    (found,) = (one for one in fresh if one["name"] == "数据库 database")
    assert str(desk.db) in found["says"]
    assert found["help"]
    desk.receive(applications["hukou"])
    names = {one["name"]: one for one in desk.json("doctor")}
    assert names["完整性 integrity"]["state"] == "ok"
    assert names["办件 cases"]["says"].startswith("1,")
    assert names["TONGBAN_KEY"]["state"] == "note"
    for topic in ("程序 program", "办件库 store", "密钥 keys", "插件 plugins", "附加组件 extras"):
        assert topic in desk("doctor").stdout


def test_the_doctor_says_what_is_broken(desk: Any) -> None:
    Path(desk.db).write_text("no database at all" * 100, encoding="utf-8")
    answer = desk("doctor", status=1)
    assert "✗" in answer.stdout
    desk.env["TONGBAN_KEY"] = "too short"
    named = {one["name"]: one for one in json.loads(desk("doctor", "--json", status=1).stdout)}
    assert named["TONGBAN_KEY"]["state"] == "broken"


def test_a_backup_is_a_store_like_the_one_it_was_made_of(desk: Any, applications: Any) -> None:
    case = desk.receive(applications["hukou"])
    copy = desk.folder / "copy.db"
    desk("case", "backup", str(copy))
    assert case in desk("case", "list", "--db", str(copy)).stdout
    assert "is there already" in desk("case", "backup", str(copy), status=2).stderr


def test_what_can_be_read_of_a_damaged_store_is_saved(desk: Any, applications: Any) -> None:
    case = desk.receive(applications["hukou"])
    saved = desk.folder / "saved.db"
    assert desk.json("case", "salvage", str(saved))["lost"] == []
    assert case in desk("case", "list", "--db", str(saved)).stdout
    desk("audit", "verify", "--db", str(saved))


def test_personal_data_is_erased_when_its_time_is_up(desk: Any, applications: Any) -> None:
    case = desk.receive(applications["hukou"])
    desk("case", "withdraw", case, "--reason", "不办了", as_="applicant:a-1")
    assert desk.json("case", "erase", "--ended-before", "2020-01-01", "--yes")["erased"] == []
    assert desk.json("case", "erase", "--ended-before", "2030-01-01", "--yes")["erased"] == [case]
    assert "6301****" not in desk("case", "show", case).stdout
    desk("audit", "verify")
