"""What a kernel makes of the departments that its plugins bring, where some are wrong."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tongban.kernel import Kernel, RulebookError, Status

Text = Callable[..., str]
Make = Callable[..., Kernel]

ADVICE = """\
rules:
  - id: one
    then: {eligible: false}
    because: 不能办理
    cite: {row: 9/1}
"""


def test_strict_tells_the_mistakes_of_every_department(make: Make, harbour: Text) -> None:
    with pytest.raises(RulebookError) as raised:
        _ = make(
            a=harbour("levle: county"),
            b=harbour("basis: infered", name="pilots", item="9-02"),
            strict=True,
        ).rulebook
    assert [problem.file for problem in raised.value.problems] == ["a.yaml", "b.yaml"]


def test_advice_to_an_item_that_is_left_out_takes_nobody_down(make: Make, harbour: Text) -> None:
    advice = f"{ADVICE}    advise: [9-02]"
    kernel = make(right=harbour(advice), wrong=harbour("levle: x", name="pilots", item="9-02"))
    assert [item.id for item in kernel.items] == ["9-01"]


def test_own_mistakes_and_those_beside_others_are_in_one_report(make: Make, harbour: Text) -> None:
    text = harbour(f"levle: county\n{ADVICE}    advise: [9-09]")
    assert len(_states(make(harbour=text))["harbour"].problems) == 2


def test_a_long_report_of_rules_is_whole(make: Make, harbour: Text) -> None:
    text = harbour("".join(f"key{n}: 1\n" for n in range(50)))
    assert len(_states(make(harbour=text))["harbour"].problems) == 50


def test_plugins_whose_files_have_one_name_are_told_apart(
    kernel_of: Make, harbour: Text, tmp_path: Path
) -> None:
    files = {}
    for name, advice in (("right", ""), ("wrong", f"{ADVICE}    advise: [9-09]")):
        files[name] = tmp_path / name / "rules.yaml"
        files[name].parent.mkdir()
        text = harbour(advice, name=name, item=f"9-{name[0]}")
        files[name].write_text(text, encoding="utf-8")
    kernel = kernel_of(files)
    assert [item.id for item in kernel.items] == ["9-r"]


def _states(kernel: Kernel) -> dict[str, Status]:
    return {status.name: status for status in kernel.plugins}
