"""Every kind of fault: its rate in a scenario, what it is called, where it happens."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, TypeAlias

from attrs import frozen

from tongban.kernel.model import Text
from tongban.plugins.simulation.scenario.fields import within
from tongban.plugins.simulation.scenario.random_streams import Spread

Rate: TypeAlias = Annotated[float, within(0, 1)]


@frozen
class Faults:
    """Rates of faults, from 0 to 1, and how long they last."""

    message_lost: Rate
    message_doubled: Rate
    message_delayed: Rate
    delay_minutes: Spread
    cut_off: Rate
    cut_off_days: Spread
    killed_before_commit: Rate
    killed_after_commit: Rate
    killed_before_acknowledgement: Rate
    down_minutes: Spread
    post_lost: Rate
    post_returned: Rate
    officer_ill: Rate
    plugin_raises: Rate
    engines_disagree: Rate
    clock_minutes: Annotated[int, within(0, 1_440)]
    store_restored: Rate = 0.0
    store_copied: Rate = 0.0
    wal_lost: Rate = 0.0
    wal_damaged: Rate = 0.0
    backup_hours: Spread = Spread(6, 30, 96)
    hostile_letter: Rate = 0.0
    folder_junk: Rate = 0.0
    clock_jump: Rate = 0.0
    clock_jump_hours: Spread = Spread(1, 8, 72)
    key_rotated: Rate = 0.0

    @property
    def folders(self) -> bool:
        """Whether messages go through real folders: what can happen to those needs them."""
        return any(getattr(self, kind) for kind in IN_FOLDERS)


FAULTS: Mapping[str, Text] = {
    "message_lost": Text("消息丢失", "message lost"),
    "message_doubled": Text("消息重复", "message doubled"),
    "message_delayed": Text("消息延迟或乱序", "message delayed or out of order"),
    "cut_off": Text("省级节点断网", "province cut off"),
    "killed_before_commit": Text("提交前宕机", "node killed before commit"),
    "killed_after_commit": Text("提交后宕机", "node killed after commit"),
    "killed_before_acknowledgement": Text("回执前宕机", "node killed before acknowledgement"),
    "post_lost": Text("邮件丢失", "letter lost"),
    "post_returned": Text("邮件退回", "letter returned"),
    "officer_ill": Text("经办人缺勤", "officer away"),
    "plugin_raises": Text("插件故障", "plugin failed"),
    "engines_disagree": Text("引擎结论不一致", "engines disagree"),
    "clock_minutes": Text("时钟偏差", "clock wrong"),
    "store_restored": Text("由备份恢复", "store restored from a backup"),
    "store_copied": Text("复制旧文件", "older file copied into place"),
    "wal_lost": Text("预写日志丢失", "write-ahead log lost"),
    "wal_damaged": Text("预写日志损坏", "write-ahead log damaged"),
    "hostile_letter": Text("敌意信件", "letters of a hostile node"),
    "folder_junk": Text("目录杂物", "junk in folders"),
    "clock_jump": Text("时钟跳变", "clock jumped"),
    "key_rotated": Text("更换密钥", "key changed"),
}
"""Every kind of fault, with its official term."""

IN_FOLDERS = (
    *("store_restored", "store_copied", "wal_lost", "wal_damaged"),
    *("folder_junk", "key_rotated"),
)
"""Kinds that happen only where messages go through folders."""

NOTICED = (*IN_FOLDERS[:-1], "hostile_letter", "clock_jump")
"""Kinds of which the product has to take notice, where they change anything."""

ON_DISK = ("wal_lost", "wal_damaged")
"""Kinds that happen only where a store is a file."""
