"""Cases carried by typed commands, from application to rating: one per mode, and others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

CHENGDU, XINING = "officer:510100/public_security", "officer:630100/public_security"
WINDOW, POSTAL = "window:510100", "officer:630100/postal"
APPLICANT = "applicant:a-1"

Golden = Callable[[str, str], None]


def test_joint_with_a_lost_letter(desk: Any, applications: Any, golden: Golden) -> None:
    """多地联办: one accepts, the other confirms; the letter is lost, and issued anew."""
    case = desk.receive(applications["hukou"])
    assert desk.state(case) == "arrived"
    desk("case", "accept", case, as_=CHENGDU)
    desk.later(days=1)
    assert desk.state(case) == "cohandling"
    assert case in desk("case", "next", as_=XINING).stdout
    desk("case", "confirm", case, "--note", "同意迁出", as_=XINING)
    desk("case", "grant", case, "--finding", "符合条件", "--document", "准予迁入证明", as_=CHENGDU)
    sent = desk("case", "deliver", case, "--tracking", "EMS1", as_=CHENGDU).stdout
    assert f"{case}-1" in sent
    desk.later(days=9)
    lost = desk("case", "report", case, "--status", "lost", "--note", "邮政查单回复", as_=CHENGDU)
    assert "未送达 undelivered" in lost.stdout
    assert "送达 deliver" in desk("case", "next", as_=CHENGDU).stdout
    again = desk("case", "deliver", case, "--tracking", "EMS2", as_=CHENGDU).stdout
    assert f"{case}-1 作废 void → {case}-2" in again
    desk.later(days=3)
    desk("case", "report", case, "--status", "已签收", as_=APPLICANT)
    desk("case", "tick")
    assert desk.state(case) == "closed"
    for side, grade in (("510100", "very_satisfied"), ("630100", "基本满意")):
        desk("case", "rate", case, "--side", f"{side}/public_security", "--grade", grade,
             as_=APPLICANT)  # fmt: skip
    golden("show-joint.txt", desk("case", "show", case).stdout)


def test_collected_at_a_window_elsewhere(desk: Any, applications: Any, golden: Golden) -> None:
    """异地代收代办: received in Chengdu, forwarded with a list, decided in Xining."""
    case = desk.receive(applications["licence"])
    assert desk.state(case) == "received"
    desk("case", "forward", case, "--all", "--tracking", "EMS9", as_=WINDOW)
    desk.later(days=2)
    desk("case", "arrive", case, as_=POSTAL)
    golden("show-licence.txt", desk("case", "show", case).stdout)
    golden("next-postal.txt", desk("case", "next", as_=POSTAL).stdout)
    desk("case", "supplement", case, "--wanted", "授权书", "--working-days", "10", as_=POSTAL)
    desk("case", "supply", case, "--all", as_=WINDOW)
    desk("case", "accept", case, as_=POSTAL)
    desk("case", "examine", case, "--finding", "材料齐全", as_=POSTAL)
    desk("case", "grant", case, as_=POSTAL)
    desk("case", "deliver", case, "--by", "pickup", as_=POSTAL)
    desk("case", "report", case, "--status", "arrived", as_=WINDOW)
    desk("case", "close", case, as_=POSTAL)
    desk("case", "rate", case, "--side", "510100/window", "--grade", "satisfied", as_=APPLICANT)
    assert desk.state(case) == "closed"


def test_online_is_received_by_the_system_at_once(desk: Any, applications: Any) -> None:
    """全程网办: nobody has to receive it."""
    done = desk.json("case", "submit", desk.file("online", applications["online"]), as_=APPLICANT)
    case = done["case"]
    assert done["state"] == "arrived"
    assert [task["command"] for task in done["next"]] == ["accept"]
    desk("case", "accept", case, as_=POSTAL)
    desk("case", "grant", case, as_=POSTAL)
    desk("case", "deliver", case, as_=POSTAL)
    assert desk.state(case) == "delivered"
    desk("case", "close", case, as_=POSTAL)
    desk("case", "rate", case, "--side", "630100/postal", "--grade", "非常满意", as_=APPLICANT)
    assert desk.state(case) == "closed"


def test_local(desk: Any, applications: Any) -> None:
    """就地办理: received and decided at one place."""
    case = desk.receive(applications["local"], as_="window:630100")
    officer = desk.json("case", "next")["office"]
    for step in (["accept"], ["grant"], ["deliver"], ["report", "--status", "arrived"], ["close"]):
        answer = desk("case", *step, case, as_=f"officer:{officer}", status=None)
        assert answer.exit_code in (0, 4), answer.output
    assert desk.state(case) in ("closed", "delivered")
    desk("case", "rate", case, "--side", officer, "--grade", "satisfied", as_=APPLICANT)


def test_refused_by_the_other_place(desk: Any, applications: Any) -> None:
    """不予迁出: the case ends, with the reason, and the applicant may rate."""
    case = desk.receive(applications["hukou"])
    desk("case", "accept", case, as_=CHENGDU)
    answer = desk("case", "refuse", case, "--reason", "户口已冻结", as_=XINING)
    assert "户口已冻结" in answer.stdout
    assert desk.state(case) == "terminated"
    after = desk("case", "grant", case, as_=CHENGDU, status=4)
    assert "已终止,已经结束,不能准予" in after.stderr
    assert (
        "仍可协同确认、不予确认、重新办理、复议诉讼登记、好差评、差评整改回访、变更委托、核对时钟"
        in after.stderr
    )
    late = desk("case", "confirm", case, as_=XINING)
    assert "无变化" in late.stdout
    low = ("--grade", "very_dissatisfied", "--comment", "白跑一趟")
    desk("case", "rate", case, "--side", "630100/public_security", *low, as_=APPLICANT)
    assert "差评整改回访 follow-up" in desk("case", "next", as_=XINING).stdout
    desk("case", "follow-up", case, "--side", "630100/public_security", "--result", "已电话致歉",
         as_=XINING)  # fmt: skip
    assert desk("case", "next", as_=XINING).stdout.count("\n") == 1


def test_paused_the_clock_stands(desk: Any, applications: Any) -> None:
    """特别程序: days of a hearing do not count."""
    done = desk.json("case", "submit", desk.file("online", applications["online"]), as_=APPLICANT)
    case = done["case"]
    desk("case", "accept", case, as_=POSTAL)
    before = _limit(desk, case, "decide")
    desk.later(days=1)
    desk("case", "pause", case, "--procedure", "听证", "--reason", "利害关系人申请", "--expected",
         "10", as_=POSTAL)  # fmt: skip
    assert _limit(desk, case, "decide")["state"] == "stopped"
    assert "停止计时" in desk("case", "show", case).stdout
    desk.later(days=30)
    desk("case", "tick")
    assert _limit(desk, case, "decide")["state"] == "stopped"
    desk("case", "resume", case, as_=POSTAL)
    after = _limit(desk, case, "decide")
    assert after["state"] == "running"
    assert after["due"] > before["due"]
    desk("case", "extend", case, "--reason", "案情复杂", as_=POSTAL)
    assert _limit(desk, case, "decide")["extended"] == 10


def _limit(desk: Any, case: str, step: str) -> Any:
    found = desk.json("case", "show", case)["limits"]
    return next(one for one in found if one["step"] == step)


def test_overdue_is_told_once(desk: Any, applications: Any, golden: Golden) -> None:
    """督办: what is late is reported once, shown everywhere, and the case goes on."""
    done = desk.json("case", "submit", desk.file("online", applications["online"]), as_=APPLICANT)
    case = done["case"]
    desk("case", "accept", case, as_=POSTAL)
    desk.later(days=60)
    first = desk("case", "tick")
    assert "督办 overdue" in first.stdout
    second = desk("case", "tick")
    assert second.stdout == ""
    late = desk.json("case", "list", "--overdue")
    assert late["id"] == case
    assert late["overdue"] is True
    golden("list-overdue.txt", desk("case", "list").stdout)
    assert "逾期 overdue" in desk("case", "next", as_="supervisor:630000").stdout
    desk(
        "case",
        "deny",
        case,
        "--reason",
        "不符合条件",
        "--article",
        "《行政许可法》第三十八条",
        as_=POSTAL,
    )
    assert _limit(desk, case, "decide")["state"] == "late"
    figures = desk.json("report")
    assert figures["total"]["late"] == 1
    (postal,) = (one for one in figures["by"]["place"] if one["key"] == "630100")
    assert postal["late"] == 1


def test_silence_means_accepted(desk: Any, applications: Any) -> None:
    """逾期不告知: a licence of which nobody says anything is accepted from the day of receipt."""
    done = desk.json("case", "submit", desk.file("online", applications["online"]), as_=APPLICANT)
    desk.later(days=9)
    told = desk("case", "tick").stdout
    assert "视为受理" in told
    assert "自 2026-03-02 起" in told
    assert desk.state(done["case"]) == "accepted"


def test_formal_defects_return_it_all_at_once(desk: Any, applications: Any) -> None:
    """退件: every defect is named in one notice."""
    given = ("--defect", "phone=电话缺位", "--defect", "address=未签字", "--not-identified")
    path = desk.file("hukou", applications["hukou"])
    answer = desk("case", "receive", path, *given, as_=WINDOW)
    for defect in ("phone: 电话缺位", "address: 未签字", "身份核验未通过"):
        assert defect in answer.stdout
    assert desk.json("case", "list")["state"] == "returned"
