"""What applicants and authorities did beside the usual way: counted by name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from tongban.kernel import protocol
from tongban.kernel.model import TERMS, Text

_OUTCOMES = {f"remedy_{name}": word for name, word in TERMS["remedy_outcome"].items()}

CONDUCT: Mapping[str, Text] = {
    "refused_by_rule": Text("依规则不予办理", "refused by the rules"),
    "insisted": Text("坚持申请", "insisted upon"),
    "amended": Text("更正申请信息", "amended by the applicant"),
    "departed_granted": Text("偏离规则·准予", "granted against the rules"),
    "departed_denied": Text("偏离规则·不予", "denied against the rules"),
    "departed_declined": Text("偏离规则·不予受理", "declined against the rules"),
    "reconsideration": Text("行政复议", "reconsiderations lodged"),
    "litigation": Text("行政诉讼", "lawsuits lodged"),
    "remedy_late": Text("复议诉讼·逾期提起", "of these, lodged late"),
    **{name: Text(f"复议诉讼·{one.zh}", f"of these, {one.en}") for name, one in _OUTCOMES.items()},
    "remedy_pending": Text("复议诉讼·未结", "of these, without an outcome"),
    "corrected": Text("更正决定", "decisions corrected"),
    "reopened": Text("重新办理", "cases reopened"),
    "contact_changed": Text("变更联系方式", "contact changed"),
    "reissued": Text("补发", "lost results issued anew"),
    "void_found": Text("作废件寻获", "of these, void letters found"),
    "recused": Text("回避", "officers recused"),
    "readmitted": Text("解除回避", "of these, readmitted"),
    "claimed": Text("领办", "tasks taken"),
    "released": Text("退回领办", "of these, given back"),
    "expiring": Text("有效期届满提醒", "reminded that a result lapses"),
    "expired": Text("有效期届满", "results lapsed"),
    "authorised": Text("变更委托", "agents or letters named"),
    "agent_refused": Text("代办被拒", "agents refused what they wanted"),
}
"""Everything that is counted, in the order in which it is shown."""

_EVENTS = {"ruled_ineligible": "refused_by_rule"}
_EVENTS |= {name: name for name in ("insisted", "amended", "corrected", "reopened")}
_EVENTS |= {name: name for name in ("contact_changed", "reissued", "void_found", "authorised")}
_EVENTS |= {name: name for name in ("recused", "readmitted", "claimed", "released")}
_EVENTS |= {name: name for name in ("expiring", "expired")}


def conduct_of(case: protocol.Case, event: protocol.Event) -> Iterator[str]:
    """What an event counts for, names of `CONDUCT`.

    Args:
        case: as it stands after the step.
        event: of the step.
    """
    body: Any = event.body
    if event.kind in _EVENTS:
        yield _EVENTS[event.kind]
    elif event.kind == "attempt_refused" and event.actor.kind == "agent":
        yield "agent_refused"
    elif event.kind in ("decided", "declined"):
        departure = protocol.departs(case)
        if departure is not None:
            yield f"departed_{departure.chosen}"
    elif event.kind == "remedy_lodged":
        yield body.remedy
        if body.late:
            yield "remedy_late"
    elif event.kind == "remedy_resolved":
        yield f"remedy_{body.outcome}"
    elif event.kind == "remedy_admitted" and not body.admitted:
        yield "remedy_not_admitted"


def counted(counts: Counter[str]) -> dict[str, int]:
    """The counts in their order; those of which there is nothing are left out.

    Args:
        counts: by names that `conduct_of` gives.
    """
    lodged = counts["reconsideration"] + counts["litigation"]
    pending = lodged - sum(counts[name] for name in _OUTCOMES)
    found = {**counts, "remedy_pending": max(0, pending)}
    return {name: found[name] for name in CONDUCT if found.get(name)}
