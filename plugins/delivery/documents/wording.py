"""Phrases that several documents share, and what every builder works with."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, TypeVar

from attrs import field, frozen

from tongban.kernel import DELIVERIES, protocol
from tongban.kernel.model import FORMS, Text
from tongban.plugins.delivery.documents.model import Block, DocumentError, Listing, Paragraph
from tongban.plugins.delivery.documents.particulars import Particulars

_T = TypeVar("_T")

LAW = "《中华人民共和国行政许可法》"


@frozen
class Draft:
    """What one kind of document says; `document` adds what all have.

    Attributes:
        title: official name.
        number: of the document.
        issuer: who issues it.
        at: the moment of what it is about.
        facts: for machines.
        to: the office that it goes to, where that is not the applicant.
    """

    title: str
    number: str
    issuer: protocol.Office
    at: datetime
    blocks: tuple[Block, ...]
    facts: Mapping[str, Any] = field(factory=dict)
    to: protocol.Office | None = None


_CHINESE = r"[\u3000-\u303f\u3400-\u9fff\uff00-\uffef“”]"
_MARKS = {",": "，", ":": "：", ";": "；", "?": "？", "!": "！"}
_BEFORE, _AFTER = re.compile(rf"({_CHINESE})([,:;?!])"), re.compile(rf"([,:;?!])(?={_CHINESE})")
_BRACKETS = re.compile(rf"\(([^()]*{_CHINESE}[^()]*)\)")


def typeset(text: str) -> str:
    """`text` with the wide punctuation of official Chinese (GB/T 15834) where it is Chinese.

    Args:
        text: with the narrow marks that keyboards give.
    """
    while (wide := _BRACKETS.sub(r"（\1）", text)) != text:
        text = wide
    text = _BEFORE.sub(lambda found: found[1] + _MARKS[found[2]], text)
    return _AFTER.sub(lambda found: _MARKS[found[1]], text)


_FIELDS = {
    "applicant": "申请人",
    "applicant.name": "姓名(名称)",
    "applicant.id_number": "证件号码",
    "applicant.credit_code": "统一社会信用代码",
    "applicant.phone": "联系电话",
    "applicant.address": "联系地址",
    "applicant.agent": "代办人",
    "materials": "申请材料",
}
_FIELD = re.compile(r"([a-z][a-z_.0-9\[\]]*): ")


def defect_text(defect: str) -> str:
    """A formal defect as the applicant reads it: Chinese, with the name of what is wrong.

    Args:
        defect: as a case keeps it, `applicant.id_number: 校验码不符 (the last …)`.
    """
    found = _FIELD.match(defect)
    name = _FIELDS.get(found[1].replace("agent.", ""), "") if found else ""
    if found and ".agent." in found[1]:
        name = f"代办人{name}"
    said = Text.read(defect[found.end() :] if found else defect)
    return f"{name}:{said.zh or said.en}" if name else said.zh or said.en


def needed(found: _T | None, what: str, why: str = "the case has not come to this document") -> _T:
    """What a document is about.

    Args:
        found: as the case has it.
        what: the document.
        why: there is none of it yet.

    Raises:
        DocumentError: where nothing was found.
    """
    if not found:
        raise DocumentError(str(Text(f"尚不能出具{what}", why)))
    return found


def ended(case: protocol.Case, state: str, what: str, why: str) -> datetime:
    """When the case came to its end in a state; the others are as of `needed`."""
    return needed(case.ended_at if case.state == state else None, what, why)


def reasons(case: protocol.Case) -> tuple[str, ...]:
    """Why the case ended so: the protocol's own sentences in Chinese, others as they were typed."""
    return tuple(protocol.sentence(one).zh for one in case.reasons)


def day_text(day: date | datetime) -> str:
    """`2026年3月2日`, in China."""
    day = protocol.day_of(day) if isinstance(day, datetime) else day
    return f"{day.year}年{day.month}月{day.day}日"


def moment_text(moment: datetime) -> str:
    """`2026年3月2日 9时05分`, in China."""
    here = moment.astimezone(protocol.CHINA)
    return f"{day_text(moment)} {here.hour}时{here.minute:02}分"


def due_text(day: date, provisional: bool) -> str:
    """A last day; a provisional one is marked."""
    return day_text(day) + ("(工作日历尚未公布,暂定)" if provisional else "")


def you(case: protocol.Case) -> str:
    """How the applicant is addressed."""
    kind = case.application.get("applicant", {}).get("kind")
    return "你单位" if kind in ("enterprise", "institution") else "你"


def matter(case: protocol.Case) -> str:
    """`“工作调动户口迁移”事项`, for a licence `“…”行政许可事项`."""
    kind = "行政许可事项" if case.plan.licence else "事项"
    return f"“{case.item['name']}”{kind}"


def subject(case: protocol.Case) -> str:
    """`你于2026年3月2日提出的“工作调动户口迁移”事项申请`."""
    return f"{you(case)}于{day_text(case.submitted_at)}提出的{matter(case)}申请"


def by_law(case: protocol.Case, article: str) -> str:
    """`依据《…》第三十二条的规定,`; nothing where that law does not bind."""
    return f"依据{LAW}{article}的规定," if case.plan.licence else ""


def ground_text(ground: protocol.Ground, more: Particulars) -> str:
    """Where a rule stands: `《青海省…工作方案》附件2/3“因工作调动需要迁移户口的”`."""
    cite = ground.cite
    source = more.sources.get(str(cite.get("source") or "plan"), "")
    row = f"附件{cite['row']}" if cite.get("row") else ""
    rest = "".join(str(cite[name]) for name in ("section", "article") if cite.get(name))
    words = f"“{cite['words']}”" if cite.get("words") else ""
    inferred = "(推断)" if ground.basis == "inferred" else ""
    return f"{f'《{source}》' if source else ''}{row}{rest}{words}{inferred}"


def rests_on(case: protocol.Case, more: Particulars, article: str) -> str:
    """The ground of a decision: the article that it names, or the rules that come to the same.

    Args:
        case: as it was decided.
        more: with the names of sources.
        article: of the Administrative Licensing Law, for a licence.
    """
    said = "行政许可法" in case.article
    law = [f"{LAW}{article}"] if case.plan.licence and not said else []
    if case.article:
        named = [case.article]
    elif protocol.departs(case) is None:
        named = [ground_text(one, more) for one in protocol.grounds_of(case.decision)]
    else:
        named = []  # by a former version, which asked for none
    grounds = "、".join(one for one in (*named, *law) if one)
    return f"依据{grounds}," if grounds else "(作出决定时未写明依据的条款)"


def departure(case: protocol.Case) -> tuple[Block, ...]:
    """That the rules allow what is refused; nothing where they do not."""
    if protocol.departs(case) is None:
        return ()
    return (Paragraph("按本事项规则原为可以办理,本机关因上述理由作出下列决定。"),)


def stated(more: Particulars) -> tuple[Block, ...]:
    """The facts on which a refusal rests, as they were stated; nothing where they are not known."""
    if not more.stated:
        return ()
    return (Paragraph("所依据的申请信息:"), Listing(more.stated))


def remedy(office: protocol.Office, more: Particulars, act: str = "本决定") -> Paragraph:
    """What can be done against an act, until when, and where (行政复议法, 行政诉讼法).

    Args:
        office: whose act it is; of its place follow the organs, as far as the law is known.
        more: with the names of places.
        act: what it is called in the document: 本决定, 本通知.
    """
    ways = protocol.recourses(more.divisions.get(office.division or "", ""))
    said = ",或者".join(one.says.zh for one in ways)
    return Paragraph(
        f"如不服{act},{protocol.REMEDY}:可以{said};实行垂直领导的机关等法律另有规定的,从其规定。"
    )


def channel(by: str) -> str:
    """A way of delivery as the applicant reads it; who has it posted, pays."""
    name = DELIVERIES.get(by, by)
    return f"{name}(邮递费由申请人承担)" if by == "post" else name


def paper_form(form: str) -> str:
    """`原件`, `复印件`."""
    return FORMS.get(form, form)


def own_limit(case: protocol.Case, step: str) -> protocol.LimitRule | None:
    """The limit that a rule gives for a step."""
    return next((one for one in case.plan.limits if one.step == step), None)


def limit_of(
    case: protocol.Case, particulars: Particulars, step: str, at: datetime
) -> tuple[str, dict[str, Any]]:
    """Until when a step must be done, as text and for machines.

    Args:
        case: as it stands.
        particulars: with the calendars, if there are any.
        step: `decide`, `supplement`, …
        at: the moment of the document.

    Returns:
        `20个工作日(至2026年3月30日)`; both empty where no rule gives a limit.
    """
    rule = own_limit(case, step)
    if rule is None:
        return "", {}
    facts: dict[str, Any] = {"step": step, "working_days": rule.working_days}
    text = f"{rule.working_days + case.extensions.get(step, 0)}个工作日"
    found = None
    if particulars.calendars is not None:
        spans = protocol.limits(case, particulars.calendars, at)
        found = next((one for one in spans if one.step == step and one.due), None)
    if found is None or found.due is None:
        return text, facts
    facts |= {"due": found.due.isoformat(), "provisional": found.provisional}
    return f"{text}(至{due_text(found.due, found.provisional)})", facts
