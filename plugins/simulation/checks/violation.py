"""Every invariant by its name, and the error of one that does not hold."""

from __future__ import annotations

from collections.abc import Mapping

from tongban.kernel.model import Text
from tongban.plugins.simulation.checks.record import Record

INVARIANTS: Mapping[str, Text] = {
    "lost": Text("办件不丢失", "no case is lost"),
    "decided_twice": Text("不重复决定、不重复结束", "none is decided twice, none ends twice"),
    "unended": Text("办件均有结果，未结束的列为逾期", "each ends, or is shown as overdue"),
    "untold": Text("每一步均告知申请人", "every applicant is told"),
    "chain": Text("每一步均入审计链，链可核验", "every step is in the audit chain, which verifies"),
    "diverged": Text("各节点所存日志一致", "the stores that know a case hold the same events"),
    "outsider": Text("无关机关看不到办件", "no authority sees a case that it has no part in"),
    "paused_clock": Text("停表期间不计时", "a paused clock does not run"),
    "silent_limit": Text("超过时限必有报告", "no limit is missed in silence"),
    "rules": Text("办件适用收件时的规则", "a case keeps the rules under which it was received"),
    "refused_in_writing": Text(
        "依规则不予办理的，书面写明依据和救济",
        "what the rules refuse is refused in writing, with rules and remedies",
    ),
    "stays_refused": Text(
        "不予办理后，非经坚持、更正、重新办理不再办理",
        "what the rules refuse goes on only where it is insisted upon, amended or reopened",
    ),
    "departs": Text(
        "偏离规则、更正、重新办理均写明依据和理由",
        "who departs from the rules or puts something right names an article and reasons",
    ),
    "remedies": Text(
        "复议诉讼不丢失，逾期与复算一致，结果得到执行",
        "no remedy is lost, its lateness agrees with a second count, and it is carried out",
    ),
    "corrected": Text(
        "更正后原文号作废，送达的为有效文号",
        "a correction voids the former number, and the valid one is delivered",
    ),
    "raised": Text("没有步骤以异常告终", "no step ends in an error"),
    "believed": Text(
        "无关节点的信件不改变办件", "no letter of a node without a part changes a case"
    ),
    "noticed": Text(
        "丢失已确认的办理，节点必知", "a node that lost what it had acknowledged knows it"
    ),
    "private": Text("目录中无个人信息和密钥", "nothing private lies in the folders"),
    "usable": Text(
        "无论收到什么，均可查询，审计完整", "whatever came, everything can still be asked, and fits"
    ),
    "contact": Text("变更联系方式后的送达用新联系方式", "letters go where the applicant said last"),
    "void_result": Text("作废的结果不送达", "no result that is void is delivered"),
    "recused": Text("回避人员不再办理、不能查阅", "who stands back neither acts nor reads"),
    "task_taken": Text("领办、退回有记录，不改变时限", "a task that is taken keeps its last day"),
    "lapse": Text("有效期届满只告知一次，不提前", "a result lapses once, after its last day"),
    "agent": Text("代办不超出授权范围和期限", "an agent acts within the letter's scope and days"),
    "keys": Text(
        "换钥前后的信件均予收取", "a letter is taken, whichever of its node's keys signed it"
    ),
}
"""Every invariant, with what holds."""


class ViolationError(Exception):
    """An invariant does not hold.

    Attributes:
        name: of the invariant.
        case: id of the case; "" where it is about a whole store.
        number: of the applicant; -1 where it is about a whole store.
        says: what is wrong.
    """

    def __init__(self, name: str, record: Record | None, says: str) -> None:
        self.name, self.says = name, says
        self.case = record.id if record else ""
        self.number = record.number if record else -1
        # The same arguments: SimPy makes a copy of what ends a process.
        super().__init__(name, record, says)

    @property
    def means(self) -> str:
        """What the invariant demands, in words."""
        return f"{INVARIANTS[self.name].zh}: {INVARIANTS[self.name].en}"

    def __str__(self) -> str:
        return f"{self.means}; {self.case or 'store'}: {self.says}"
