"""Rule files that are being written, and sources that a department declares."""

from __future__ import annotations

from pathlib import Path

import pytest

from tongban.kernel import ApplicationError, Kernel

SOURCE = """\
sources:
  postal.sc_plan:
    name: 四川省工作方案
    title: Sichuan's plan
    issued: 2021-01-01
"""

DRAFT = """\
department: {id: postal, jurisdiction: 510000, name: 省邮政管理局, title: Postal}
%sitems:
  - id: 1-51
    name: 经营邮政通信业务审批
    title: Approval
    kind: 许可
    applicant: [enterprise]
    handled_at: [operating_area]
    available: {from: 2021-01-01}
    cite: {source: postal.sc_plan, article: 第三条}
"""


@pytest.fixture
def draft(tmp_path: Path) -> Path:
    path = tmp_path / "draft.yaml"
    path.write_text(DRAFT % SOURCE, encoding="utf-8")
    return path


def test_a_draft_joins_what_is_installed(draft: Path) -> None:
    kernel = Kernel(drafts=[draft])
    assert kernel.problems == ()
    assert len(kernel.items) == 139
    item = kernel.rulebook.find("510000/1-51")
    assert item is not None
    assert item.file == str(draft)
    assert kernel.rulebook.sources["postal.sc_plan"]["name"] == "四川省工作方案"


def test_a_draft_takes_the_place_of_the_installed_department(tmp_path: Path) -> None:
    import tongban.rules

    folder = Path(str(tongban.rules.__path__[0])) / "departments"
    text = (folder / "postal.yaml").read_text("utf-8")
    path = tmp_path / "postal.yaml"
    path.write_text(
        text.replace("申请撤销提供邮政普遍服务的邮政营业场所", "改名的事项"), encoding="utf-8"
    )
    kernel = Kernel(drafts=[path])
    assert kernel.problems == ()
    assert len(kernel.items) == 138
    assert kernel.rulebook.find("改名的事项") is not None
    assert not kernel.ports.failures


def test_a_wrong_draft_is_told_as_it_was_named_and_blames_no_plugin(tmp_path: Path) -> None:
    path = tmp_path / "draft.yaml"
    path.write_text(DRAFT % "", encoding="utf-8")
    kernel = Kernel(drafts=[path])
    (problem,) = kernel.problems
    assert (problem.file, problem.line) == (str(path), 10)
    assert "sc_plan" in problem.message
    assert not kernel.ports.failures
    with pytest.raises(ApplicationError, match=f"{path}, which defines it, has mistakes"):
        kernel.decide({"item": "510000/1-51"})


def test_a_source_is_declared_under_the_prefix_of_its_department(tmp_path: Path) -> None:
    path = tmp_path / "draft.yaml"
    path.write_text((DRAFT % SOURCE).replace("postal.sc_plan", "sc_plan"), encoding="utf-8")
    problem, unknown = Kernel(drafts=[path]).problems
    assert problem.line == 3
    assert "a source of postal is named under its prefix, postal.sc_plan" in problem.message
    assert unknown.line == 15


def test_two_departments_declare_one_source_alike_or_not_at_all(
    draft: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other.yaml"
    text = (DRAFT % SOURCE).replace("510000", "440000")
    other.write_text(text, encoding="utf-8")
    assert Kernel(drafts=[draft, other]).problems == ()
    other.write_text(text.replace("issued: 2021", "issued: 2022"), encoding="utf-8")
    (problem,) = Kernel(drafts=[draft, other]).problems
    assert problem.file == str(other)
    assert f"the source 'postal.sc_plan' is declared otherwise by {draft}" in problem.message
