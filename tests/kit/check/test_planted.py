"""Mistakes planted in copies of real rule files: each is found, with line and a useful sentence."""

from __future__ import annotations

import re
from collections import defaultdict
from importlib.resources import files
from pathlib import Path

import pytest
from attrs import frozen

from tongban.plugins.kit.check.findings import Finding
from tongban.plugins.kit.check.run import Options, run
from tongban.plugins.kit.sources import Text

DEPARTMENTS = Path(str(files("tongban.rules"))) / "departments"


@frozen
class Planted:
    """One mistake.

    Attributes:
        department: whose file is copied.
        old, new: what is replaced by what, once.
        code: of the finding.
        line: what stands in the line that must be named.
        says: part of the message or of what to do.
    """

    department: str
    old: str
    new: str
    code: str
    line: str
    says: str


POSTAL_RULE = """\
        because: 本事项限邮政企业申请
        cite: {row: 1/51, words: 邮政企业申请}
"""
QUOTE = "words: 邮政企业申请}"
OTHER_RULE = """\
      - id: other
        when: {%s}
        then: {eligible: %s}
        because: 另一规则
        cite: {row: 1/51, words: 邮政企业申请}
"""
ONLINE_TOO = """\
    attendance: required
    rules:
      - id: online_too
        when: {channel: online}
        then: {eligible: true}
        because: 网上也可以申请
        cite: {row: 1/52, words: 不影响法定经营地域}
"""
LICENCE = "    title: Licence for courier services\n"
LONG = "邮政企业申请停止办理或者限制办理邮政普遍服务和邮政特殊服务业务审批,不影响法定经营地域"
MISTAKES = {
    "a misspelled attribute": Planted(
        "postal", "{postal_enterprise: false}\n", "{postal_enterprize: false}\n",
        "TB104", "postal_enterprize", "did you mean 'postal_enterprise'?",
    ),
    "an impossible date": Planted(
        "civil_affairs", "until: 2022-09-30", "until: 2022-09-31",
        "TB105", "2022-09-31", "that day is not in the calendar",
    ),
    "a conflicting rule": Planted(
        "postal", POSTAL_RULE, POSTAL_RULE + OTHER_RULE % ("channel: kiosk", "true"),
        "TB301", "- id: other", "concludes eligible: true, but 1-51.postal_enterprise",
    ),
    "a gap": Planted(
        "postal", LICENCE, LICENCE + ONLINE_TOO,
        "TB302", "- id: 1-52", "no rule concludes modes",
    ),
    "a dead rule": Planted(
        "postal", POSTAL_RULE, POSTAL_RULE + OTHER_RULE % ("item.kind: 登记", "false"),
        "TB303", "- id: other", "",
    ),
    "a rule that changes nothing": Planted(
        "postal", POSTAL_RULE, POSTAL_RULE + OTHER_RULE % ("applicant.kind: person", "false"),
        "TB304", "- id: other", "1-51.applicant",
    ),
    "a false quotation": Planted(
        "postal", QUOTE, "words: 邮政公司申请}",
        "TB202", "邮政公司申请", "'邮政企业申请'",
    ),
    "a duplicate id": Planted(
        "postal", "- id: 1-52", "- id: 1-51",
        "TB106", "id: 1-51\n    name: 快递业务经营许可", "is taken, first in line",
    ),
    "a wrong type": Planted(
        "postal", "{postal_enterprise: false}\n", "{postal_enterprise: 'false'}\n",
        "TB105", "postal_enterprise: 'false'", "write false without quotes",
    ),
    "advice to an item that refuses the same facts": Planted(
        "postal", QUOTE, QUOTE + "\n        advise: [2-08]",
        "TB307", "- id: postal_enterprise", "2-08",
    ),
    "no citation": Planted(
        "postal", "        cite: {row: 1/51, words: 邮政企业申请}\n", "",
        "TB201", "- id: postal_enterprise", "needs the key cite",
    ),
    "a key that is missing": Planted(
        "postal", "        because: 本事项限邮政企业申请\n", "",
        "TB103", "- id: postal_enterprise", "needs the key because",
    ),
    "a tab": Planted(
        "postal", LICENCE, "\t" + LICENCE.lstrip(),
        "TB102", "\ttitle: Licence for courier", "indent with spaces",
    ),
    "a long quotation": Planted(
        "postal", QUOTE, f'words: "{LONG}"}}',
        "TB204", LONG, "at most 40",
    ),
    "advice to no item": Planted(
        "postal", QUOTE, QUOTE + "\n        advise: [2-99]",
        "TB107", "advise: [2-99]", "unknown item '2-99'",
    ),
    "the row of another item": Planted(
        "postal", "{row: 1/51, words: 邮政企业申请}", "{row: 1/52, words: 邮政企业申请}",
        "TB208", "{row: 1/52, words: 邮政企业申请}", "1/51",
    ),
    "a case that does not come out": Planted(
        "postal", "expect: {eligible: true, modes: [local], crossing: none}",
        "expect: {eligible: true, modes: [collect], crossing: none}",
        "TB215", "- name: handed in on the spot", "modes: expected [collect], got [local]",
    ),
    "the item of another department": Planted(
        "postal", "- id: 1-50", "- id: 1-01",
        "TB401", "- id: 1-01", "justice.yaml",
    ),
    "an end before the beginning": Planted(
        "civil_affairs", "from: 2022-10-01\n        until: 2024-12-31",
        "from: 2022-10-01\n        until: 2021-12-31",
        "TB105", "until: 2021-12-31", "before it begins on 2022-10-01",
    ),
    "an unknown place": Planted(
        "postal", "value: [operating_area]", "value: [operating_aera]",
        "TB104", "operating_aera", "did you mean 'operating_area'?",
    ),
    "an item that nobody can be granted": Planted(
        "postal", LICENCE, LICENCE + "    attendance: required\n    channels: [online]\n",
        "TB305", "- id: 1-52", "",
    ),
    "an unused attribute": Planted(
        "postal", "items:\n",
        "attributes:\n  postal.weight:\n"
        '    {type: int, name: 重量, title: weight, question: "邮件多重?"}\n\nitems:\n',
        "TB210", "postal.weight:", "tested by no rule",
    ),
    "an attribute under another's prefix": Planted(
        "postal", "items:\n",
        "attributes:\n  transport.weight:\n"
        '    {type: int, name: 重量, title: weight, question: "邮件多重?"}\n\nitems:\n',
        "TB402", "transport.weight:", "postal.weight",
    ),
    "a test that tells nothing apart": Planted(
        "postal", "{postal_enterprise: false}\n",
        "{postal_enterprise: false, channel: [online, window, kiosk]}\n",
        "TB220", "channel: [online, window, kiosk]", "every value of 'channel'",
    ),
    "a rule without a case": Planted(
        "postal", POSTAL_RULE, POSTAL_RULE + OTHER_RULE % ("channel: kiosk", "false"),
        "TB213", "- id: other", "holds in no case",
    ),
    "a division that is not in the table": Planted(
        "postal", "places: {operating_area: 632801}}", "places: {operating_area: 632899}}",
        "TB105", "632899", "did you mean",
    ),
}  # fmt: skip


@pytest.mark.parametrize("planted", MISTAKES.values(), ids=MISTAKES.keys())
def test_a_planted_mistake_is_found(planted: Planted, tmp_path: Path) -> None:
    original = (DEPARTMENTS / f"{planted.department}.yaml").read_text(encoding="utf-8")
    assert planted.old in original
    text = original.replace(planted.old, planted.new, 1)
    path = tmp_path / f"{planted.department}.yaml"
    path.write_text(text, encoding="utf-8")
    line = text[: text.index(planted.line)].count("\n") + 1
    found = check(path, original, planted.code.startswith("TB3"))
    assert [
        one
        for one in found
        if (one.code, one.file, one.line) == (planted.code, str(path), line)
        and planted.says in f"{one.message}; {one.fix}"
        and one.fix
    ], found


@pytest.mark.parametrize("path", sorted(DEPARTMENTS.glob("*.yaml")), ids=lambda path: path.stem)
def test_a_copy_without_a_mistake_is_silent(path: Path, tmp_path: Path) -> None:
    copy = tmp_path / path.name
    copy.write_bytes(path.read_bytes())
    assert check(copy, copy.read_text(encoding="utf-8"), proofs=False) == ()


def check(path: Path, original: str, proofs: bool) -> tuple[Finding, ...]:
    """The findings, quotations compared with a text that has all that the original quotes."""
    source = annex(original)
    return run([path], Options(sources={"plan": source}, proofs=proofs)).findings


def annex(rules: str) -> Text:
    """An annex in which every quotation of a rule file stands in its row."""
    rows: dict[tuple[int, int], list[str]] = defaultdict(list)
    for number, row, words in re.findall(r"\{row: (\d+)/(\d+), words: ([^}]+)\}", rules):
        rows[int(number), int(row)].append(words)
    text = ""
    for number, numeral in enumerate("一二三", 1):
        text += f"{numeral}、2021年底前实现“跨省通办”的事项({len(rows)}项)\n"
        for (part, row), words in sorted(rows.items()):
            if part == number:
                text += f"{row} |\n{'|'.join(words)} |\n"
    return Text(text)
