"""A department one of whose facts a plugin derives from two others: what rules cannot say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tongban.kernel import Application, DepartmentRules, Scalar, hookimpl

RULES = """\
department: {{id: fund, jurisdiction: 510000, name: 某中心, title: Fund Centre}}
sources:
  fund.measure: {{name: 办法, title: measure, issued: 2024-09-13}}
attributes:
  fund.amount: {{type: int, min: 0, max: 100, name: 金额, title: amount, question: 提取多少?}}
  fund.balance: {{type: int, min: 0, max: 100, name: 余额, title: balance, question: 余额多少?}}
  fund.months: {{type: int, min: 0, max: 100, name: 月数, title: months, question: 缴存多少月?}}
  fund.over: {{type: bool, name: 超额, title: too much, derived: {derived}}}
items:
  - id: 8-01
    name: 提取
    title: Withdrawal
    kind: 提取
    applicant: [person]
    handled_at: [fund]
    available: {{from: 2025-01-01}}
    cite: {{source: fund.measure, article: 第一条}}
    rules:
      - id: over
        when: {{fund.over: true}}
        then: {{eligible: false}}
        because: 不得超过余额
        cite: {{source: fund.measure, article: 第一条}}
      - id: months
        when: {{fund.months: {{at_most: 11}}}}
        then: {{eligible: false}}
        because: 须满十二个月
        cite: {{source: fund.measure, article: 第二条}}
"""
DECLARED = "{by: Fund, from: [fund.amount, facts.fund.balance]}"
GIVEN: dict[str, Any] = {
    "item": "510000/8-01",
    "channel": "online",
    "applicant": {"kind": "person"},
    "places": {"fund": "510100"},
}


class Fund:
    """Derives what rules cannot say, from two facts, unless it abstains."""

    def __init__(self, rules: Path, abstains: bool = False) -> None:
        self.rules = rules
        self.abstains = abstains

    @hookimpl
    def departments(self) -> list[DepartmentRules]:
        return [DepartmentRules(self.rules)]

    @hookimpl
    def derive_facts(self, application: Application) -> dict[str, Scalar]:
        said = application.facts
        if self.abstains or "fund.amount" not in said or "fund.balance" not in said:
            return {}
        return {"fund.over": said["fund.amount"] > said["fund.balance"]}  # type: ignore[operator]
