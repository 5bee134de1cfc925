"""Plain English beside the official terms that reports and tables show."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["ENGLISH", "HOLDS", "both", "english"]

ENGLISH: Mapping[str, str] = {
    # Modes
    "全程网办": "online",
    "异地代收代办": "collected elsewhere",
    "多地联办": "joint",
    "就地办理": "decided where received",
    # States of a case
    "已申请": "handed in",
    "已收件": "received elsewhere",
    "已转办": "forwarded",
    "待受理": "to be accepted",
    "待补正": "to be supplemented",
    "已受理": "accepted",
    "协同办理中": "with co-handling authorities",
    "已审查": "examined",
    "特别程序中": "in a special procedure",
    "待人工裁定": "to be settled by a person",
    "已决定": "decided",
    "送达中": "being delivered",
    "未送达": "not delivered",
    "已送达": "delivered",
    "已退件": "returned",
    "不予受理": "declined",
    "逾期未补正": "lapsed",
    "已撤回": "withdrawn",
    "已终止": "terminated",
    "已办结": "closed",
    "准予": "granted",
    "不予": "denied",
    # Time limits
    "补正告知": "asking for a supplement",
    "受理": "acceptance",
    "审查": "examination",
    "协同确认": "confirmation",
    "作出决定": "decision",
    "送达": "delivery",
    "申请人补正": "supplement",
    "差评整改回访": "follow-up of a bad rating",
    # Why a limit was missed
    "节点宕机": "node down",
    "断网": "province cut off",
    "消息延迟": "message delayed",
    "协同机关答复迟": "late answer of an authority",
    "差评回访迟": "late follow-up",
    "窗口和经办积压": "backlog",
    "申请人未补正": "applicant sent nothing",
    # Faults
    "消息丢失": "message lost",
    "消息重复": "message doubled",
    "消息延迟或乱序": "message delayed or out of order",
    "省级节点断网": "province cut off",
    "提交前宕机": "node killed before commit",
    "提交后宕机": "node killed after commit",
    "回执前宕机": "node killed before acknowledgement",
    "邮件丢失": "letter lost",
    "邮件退回": "letter returned",
    "经办人缺勤": "officer away",
    "插件故障": "plugin failed",
    "引擎结论不一致": "engines disagree",
    "时钟偏差": "clock wrong",
    "由备份恢复": "store restored from a backup",
    "复制旧文件": "older file copied into place",
    "预写日志丢失": "write-ahead log lost",
    "预写日志损坏": "write-ahead log damaged",
    "敌意信件": "letters of a hostile node",
    "目录杂物": "junk in folders",
    "时钟跳变": "clock jumped",
    "更换密钥": "key changed",
    # Places
    "北京": "Beijing",
    "天津": "Tianjin",
    "河北": "Hebei",
    "山西": "Shanxi",
    "内蒙古": "Inner Mongolia",
    "辽宁": "Liaoning",
    "吉林": "Jilin",
    "黑龙江": "Heilongjiang",
    "上海": "Shanghai",
    "江苏": "Jiangsu",
    "浙江": "Zhejiang",
    "安徽": "Anhui",
    "福建": "Fujian",
    "江西": "Jiangxi",
    "山东": "Shandong",
    "河南": "Henan",
    "湖北": "Hubei",
    "湖南": "Hunan",
    "广东": "Guangdong",
    "广西": "Guangxi",
    "海南": "Hainan",
    "重庆": "Chongqing",
    "四川": "Sichuan",
    "贵州": "Guizhou",
    "云南": "Yunnan",
    "西藏": "Xizang",
    "陕西": "Shaanxi",
    "甘肃": "Gansu",
    "青海": "Qinghai",
    "宁夏": "Ningxia",
    "新疆": "Xinjiang",
    "中央": "central",
}
"""Official term to plain English; short, for labels."""

HOLDS: Mapping[str, str] = {
    "lost": "办件不丢失",
    "decided_twice": "不重复决定、不重复结束",
    "unended": "办件均有结果，未结束的列为逾期",
    "untold": "每一步均告知申请人",
    "chain": "每一步均入审计链，链可核验",
    "diverged": "各节点所存日志一致",
    "outsider": "无关机关看不到办件",
    "paused_clock": "停表期间不计时",
    "silent_limit": "超过时限必有报告",
    "rules": "办件适用收件时的规则",
    "believed": "无关节点的信件不改变办件",
    "noticed": "丢失已确认的办理，节点必知",
    "private": "目录中无个人信息和密钥",
    "usable": "无论收到什么，均可查询，审计完整",
    "keys": "换钥前后的信件均予收取",
    "raised": "没有步骤以异常告终",
}
"""What each invariant says where it holds."""


def english(term: str) -> str:
    """The English of an official term; "" where there is none."""
    return ENGLISH.get(term, "")


def both(name: str, english: str) -> str:
    """A term with its English, on one line."""
    return f"{name} {english}".rstrip()
