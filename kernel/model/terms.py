"""What people read for codes of rules, decisions and cases: modes, states, steps, grades and more.

Words of the plan come first (市州, 网上, 数据共享), then those of the law that speaks of the thing.

Commands, events and roles have their terms in `protocol/transitions.py`, messages in
`protocol/messages.py`, documents in the plugin that writes them.
"""

from __future__ import annotations

from collections.abc import Mapping

from tongban.kernel.errors import Text

TERMS: Mapping[str, Mapping[str, Text]] = {
    "mode": {
        "online": Text("全程网办", "online"),
        "collect": Text("异地代收代办", "collected elsewhere"),
        "joint": Text("多地联办", "joint"),
        "local": Text("就地办理", "decided where received"),
    },
    "channel": {
        "online": Text("网上", "online"),
        "window": Text("窗口", "window"),
        "kiosk": Text("自助", "kiosk"),
    },
    "way": {
        "online": Text("网上", "online"),
        "window": Text("窗口", "window"),
        "post": Text("邮寄", "post"),
        "message": Text("电子传输", "message"),
    },
    "delivery": {
        "electronic": Text("网络送达", "electronic"),
        "post": Text("邮寄送达", "by post"),
        "pickup": Text("窗口领取", "collected at a window"),
    },
    "applicant": {
        "person": Text("个人", "person"),
        "enterprise": Text("企业", "enterprise"),
        "institution": Text("机构", "institution"),
    },
    "level": {
        "province": Text("省级", "province"),
        "prefecture": Text("市州级", "prefecture"),
        "county": Text("县级", "county"),
    },
    "apart": {
        "none": Text("同地", "one place"),
        "prefecture": Text("省内异地", "within a province"),
        "province": Text("跨省", "across provinces"),
    },
    "attendance": {
        "none": Text("无需到场", "not in person"),
        "required": Text("须到场", "in person"),
    },
    "no_agent": {"none": Text("须亲自办理,不得代办", "in person, by no agent")},
    "layer": {
        "common": Text("通用", "common"),
        "department": Text("部门", "department"),
        "item": Text("事项", "item"),
        "bar": Text("前提", "bar"),
    },
    "basis": {"stated": Text("载明", "stated"), "inferred": Text("推断", "inferred")},
    "outcome": {
        "eligible": Text("可以办理", "eligible"),
        "ineligible": Text("不予办理", "ineligible"),
        "incomplete": Text("信息不全", "incomplete"),
    },
    "period": {
        "days": Text("日", "days"),
        "working_days": Text("个工作日", "working days"),
        "months": Text("个月", "months"),
        "years": Text("年", "years"),
    },
    "conclusion": {
        "eligible": Text("可否办理", "eligible"),
        "modes": Text("方式", "modes"),
        "handling": Text("办理地", "handling"),
        "receiving": Text("受理地", "receiving"),
        "involves": Text("参与地", "involves"),
        "level": Text("层级", "level"),
        "attendance": Text("到场", "attendance"),
        "delivery": Text("送达", "delivery"),
        "time_limit": Text("时限", "time limit"),
        "requires": Text("须携带", "requires"),
        "valid_for": Text("有效期", "validity"),
        "agent": Text("代办", "agent"),
    },
    "form": {
        "original": Text("原件", "original"),
        "copy": Text("复印件", "copy"),
        "form": Text("表格", "form"),
        "electronic": Text("电子件", "electronic"),
    },
    "supplier": {
        "data_sharing": Text("数据共享", "data sharing"),
        "e_certificate": Text("电子证照", "e-certificate"),
    },
    # What a limit is for; those for which a rule may give one (`RULE_STEPS`) come first.
    "step": {
        "supplement": Text("补正告知", "asking for a supplement"),
        "accept": Text("受理", "acceptance"),
        "examine": Text("审查", "examination"),
        "confirm": Text("协同确认", "confirmation"),
        "decide": Text("作出决定", "decision"),
        "deliver": Text("送达", "delivery"),
        "supply": Text("申请人补正", "supplement"),
        "follow_up": Text("差评整改回访", "follow-up of a bad rating"),
    },
    "state": {
        "submitted": Text("已申请", "handed in"),
        "received": Text("已收件", "received elsewhere"),
        "dispatched": Text("已转办", "forwarded"),
        "arrived": Text("待受理", "to be accepted"),
        "supplementing": Text("待补正", "to be supplemented"),
        "accepted": Text("已受理", "accepted"),
        "cohandling": Text("协同办理中", "with co-handling authorities"),
        "examined": Text("已审查", "examined"),
        "paused": Text("特别程序中", "in a special procedure"),
        "stopped": Text("待人工裁定", "to be settled by a person"),
        "decided": Text("已决定", "decided"),
        "delivering": Text("送达中", "being delivered"),
        "undelivered": Text("未送达", "not delivered"),
        "delivered": Text("已送达", "delivered"),
        "ineligible": Text("不予办理", "refused by the rules"),
        "returned": Text("已退件", "returned"),
        "declined": Text("不予受理", "declined"),
        "lapsed": Text("逾期未补正", "lapsed"),
        "withdrawn": Text("已撤回", "withdrawn"),
        "terminated": Text("已终止", "terminated"),
        "closed": Text("已办结", "closed"),
    },
    "actor": {
        "applicant": Text("申请人", "applicant"),
        "agent": Text("代办人", "agent"),
        "window": Text("收件窗口", "window"),
        "officer": Text("经办人", "officer"),
        "supervisor": Text("督办人", "supervisor"),
        "system": Text("系统", "system"),
    },
    # What an agent is authorised to do (授权范围), and what the agent is to the applicant.
    "scope": {
        "apply": Text("申请", "to apply"),
        "supplement": Text("补正", "to supplement"),
        "receive": Text("领取", "to collect the result"),
        "withdraw": Text("撤回", "to withdraw"),
        "correct": Text("更正", "to have data corrected"),
        "remedy": Text("复议诉讼", "to seek a remedy"),
        "rate": Text("评价", "to rate"),
    },
    "kinship": {
        "parent": Text("父母", "a parent"),
        "guardian": Text("其他监护人", "another guardian"),
        "spouse": Text("配偶", "the spouse"),
        "child": Text("子女", "a child"),
        "relative": Text("其他近亲属", "another close relative"),
    },
    "grade": {
        "very_satisfied": Text("非常满意", "very satisfied"),
        "satisfied": Text("满意", "satisfied"),
        "fairly_satisfied": Text("基本满意", "fairly satisfied"),
        "dissatisfied": Text("不满意", "dissatisfied"),
        "very_dissatisfied": Text("非常不满意", "very dissatisfied"),
    },
    # What stops the clock: the list of the Administrative Licensing Law, article 45.
    "procedure": {
        "hearing": Text("听证", "hearing"),
        "tender": Text("招标", "tender"),
        "auction": Text("拍卖", "auction"),
        "inspection": Text("检验", "inspection"),
        "test": Text("检测", "test"),
        "quarantine": Text("检疫", "quarantine"),
        "appraisal": Text("鉴定", "appraisal"),
        "expert_review": Text("专家评审", "expert review"),
    },
    "remedy": {
        "reconsideration": Text("行政复议", "administrative reconsideration"),
        "litigation": Text("行政诉讼", "administrative litigation"),
    },
    "remedy_outcome": {
        "upheld": Text("维持", "upheld"),
        "changed": Text("变更", "changed"),
        "revoked": Text("撤销", "revoked"),
        "ordered": Text("责令履行", "ordered to act"),
        "dismissed": Text("驳回", "dismissed"),
        "withdrawn": Text("撤回", "withdrawn"),
        "not_admitted": Text("不予受理", "not admitted"),
    },
    "delivery_status": {
        "on_its_way": Text("寄送途中", "on its way"),
        "arrived": Text("已签收", "arrived"),
        "returned": Text("已退回", "returned"),
        "lost": Text("已丢失", "lost"),
    },
    "contact": {
        "phone": Text("电话", "phone"),
        "address": Text("地址", "address"),
        "delivery": Text("送达方式", "way of delivery"),
    },
}
"""By kind of word and code: the official term, and plain English short enough for a label."""


def official(kind: str) -> dict[str, str]:
    """Code to official Chinese term, of one kind of `TERMS`."""
    return {code: one.zh for code, one in TERMS[kind].items()}


def term(kind: str, code: str) -> str:
    """The official term with its code, `多地联办 joint`; the code alone where none is known."""
    known = TERMS[kind].get(code)
    return f"{known.zh} {code}" if known else code
