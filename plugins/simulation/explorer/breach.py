"""What must hold in every state, each with its sentence; and that one does not."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import frozen

INVARIANTS: Mapping[str, str] = {
    "code": "办理不出错 no step raises an error",
    "steps": "步骤合法 states change by legal steps only, and what is over stays over",
    "replay": "日志即办件 the log, replayed, is the case",
    "once": "一事一效 each command has its effect once; nothing is decided twice",
    "ruled": "坚持方续办 what the rules refuse goes on if insisted upon, amended or reopened",
    "valid": "一件一决定 one decision holds at a time, the last; what is void is not delivered",
    "contact": "送达依约 a letter goes the way that held when it began; a void one never counts",
    "lapse": "届满必告 a result lapses once, after its last day, with a reminder at most before it",
    "departs": "偏离有依据 a decision otherwise than by the rules has its article and its reasons",
    "remedies": "救济必录 a remedy is on record once for each act, late only after its last day",
    "recused": "回避者不办 who stands back does nothing more in the case",
    "refusal": "不予确认即终结 a refusal ends the case; nothing is granted without every answer",
    "pause": "停钟不计时 a paused clock does not run",
    "same_log": "日志一致 the log is the same at every node, as far as it goes",
    "believed": "各信其分 no letter of a node changes a case that is not its own",
    "signed": "各签其名 no letter is believed under a key that does not sign for its sender",
    "kept": "办件不丢 the case is with a store, or on its way to one",
    "parts": "无关者不见 no authority sees a case that it has no part in",
    "told": "申请人必知 the applicant is told of every step that concerns them",
    "commands": "转交必达 a relayed command reaches the store with the case; a refusal comes back",
    "in_time": "收讫为准 what a window took in time is not late because its message was",
    "answers": "一问一答 an authority gives one answer, and that is the one that counts",
    "limits": "超期必报 no limit is missed in silence",
    "stuck": "消息可达 every message can be taken at last",
    "ends": "必有结果 the case ends, can still end without another fault, or is shown as overdue",
}
"""Every invariant, with the sentence that says it."""


@frozen
class Breach:
    """An invariant that does not hold, and what is wrong."""

    invariant: str
    says: str
