"""Small plugins to try, written into an empty folder: a good one, and one fault at a time."""

from __future__ import annotations

import logging
import os
import random
import signal
import sys
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tongban.plugins.kit.conformance.findings import Report
from tongban.plugins.kit.conformance.run import Options, run
from tongban.plugins.simulation import harness
from tongban.plugins.simulation.scenario.faults import FAULTS

RULES = """\
department: {id: harbour, jurisdiction: 510000, name: 省港务局, title: Harbour Office}

sources:
  harbour.plan: {name: 港口通办方案, title: a plan of the harbour, issued: 2020-12-01, text: true}

attributes:
  harbour.adult:
    type: bool
    name: 成年
    title: is of age
    derived: {by: harbour, from: [applicant.id_number]}
    fixed: true

items:
  - id: 9-01
    name: 码头使用许可
    title: Licence to use a quay
    kind: 许可
    applicant: [person, enterprise]
    handled_at: [registered]
    available: {from: 2021-12-31}
    cite: {source: harbour.plan, row: 1/1}
    rules:
      - id: imported
        when: {domestic_product: false, channel: [online, kiosk]}
        then: {eligible: false}
        because: 进口船舶须到窗口申请
        cite: {source: harbour.plan, row: 1/3}
      - id: adult
        when: {applicant.kind: person, harbour.adult: false}
        then: {eligible: false}
        because: 须年满十八周岁
        cite: {source: harbour.plan, row: 1/3}
    cases:
      - name: a ferry ties up
        given:
          channel: online
          applicant: {kind: person, id_number: "510104199503071241"}
          places: {registered: 510100}
          facts: {domestic_product: true}
        expect: {eligible: true, modes: [online], crossing: none}
      - name: an imported yacht applies from home
        given: {channel: online, places: {registered: 510100}, facts: {domestic_product: false}}
        expect: {eligible: false, reasons: [510000/9-01.imported]}
      - name: a boy has a boat
        given:
          channel: online
          applicant: {kind: person, id_number: "510104201503079991"}
          places: {registered: 510100}
          facts: {domestic_product: true}
        expect: {eligible: false, reasons: [510000/9-01.adult]}
"""

HOOKS = '''\
"""The harbour's plugin."""

from pathlib import Path

from tongban.kernel import Defect, department, hookimpl

departments = department(Path(__file__).with_name("harbour.yaml"))


@hookimpl
def derive_facts(application, item):
    number = application.applicant.id_number or ""
    if len(number) != 18 or not number[6:10].isdecimal():
        return {}
    return {"harbour.adult": application.as_of.year - int(number[6:10]) >= 18}


@hookimpl
def receive(application, item):
    phone = application.applicant.phone
    if phone is None or (len(phone) == 11 and phone.isdecimal()):
        return []
    return [Defect("applicant.phone", "须为11位数字 (must be 11 digits)")]
'''
"""A plugin that holds everything."""

Write = Callable[..., str]
Try = Callable[..., Report]


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Write]:
    """Writes the harbour's plugin, with changes: `write("old", "new", name="harbour")`."""
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.chdir(tmp_path)
    written: list[str] = []

    def make(*changes: str, more: str = "", name: str = "harbour", rules: str = RULES) -> str:
        text = HOOKS
        for old, new in zip(changes[::2], changes[1::2], strict=True):
            assert old in text
            text = text.replace(old, new, 1)
        (tmp_path / "harbour.yaml").write_text(rules, encoding="utf-8")
        (tmp_path / f"{name}.py").write_text(f"{text}\n{more}", encoding="utf-8")
        written.append(name)
        return name

    yield make
    for name in written:
        sys.modules.pop(name, None)


@pytest.fixture
def tried(write: Write) -> Try:
    """Tries a plugin: `tried("old", "new", only=["hooks"])`."""

    def make(*changes: str, only: tuple[str, ...] = (), more: str = "", **files: str) -> Report:
        word = write(*changes, more=more, **files)
        return run(word, Options(applications=12, proofs=False, only=only))

    return make


@pytest.fixture
def few_faults(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leaves two kinds of faults to the simulated world: for what any kind shows."""
    few = {kind: FAULTS[kind] for kind in ("killed_before_commit", "killed_after_commit")}
    monkeypatch.setattr(harness, "FAULTS", few)


@pytest.fixture
def rules() -> str:
    """The harbour's rule file."""
    return RULES


@pytest.fixture
def restored() -> Iterator[None]:
    """Puts the process back as it was, after a plugin that is meant to change it."""
    path, environment, chance = sys.path[:], dict(os.environ), random.getstate()
    handler, disabled = signal.getsignal(signal.SIGTERM), logging.root.manager.disable
    with warnings.catch_warnings():
        yield
    sys.path[:] = path
    os.environ.clear()
    os.environ.update(environment)
    random.setstate(chance)
    signal.signal(signal.SIGTERM, handler)
    logging.disable(disabled)
