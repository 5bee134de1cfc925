"""`diff` where plugins derive facts: a witness of which they derive what it needs."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.derived_fund import DECLARED, RULES, Fund

from tongban.kernel import Kernel
from tongban.plugins.kit.diff.compare import Compared, compare, pairs
from tongban.plugins.kit.diff.rulesets import Side

SCOPE = frozenset({("510000", "fund")})


def compared(folder: Path, derived: str, *, abstains: bool = False) -> Compared:
    """The item before and after eleven months became five."""
    before = RULES.format(derived=derived)
    sides = []
    for name, text in (("old", before), ("new", before.replace("at_most: 11", "at_most: 5"))):
        path = folder / f"{name}.yaml"
        path.write_text(text, encoding="utf-8")
        sides.append(Side(name, Kernel([Fund(path, abstains)], strict=True), SCOPE))
    old, new = sides
    ((one, other),) = pairs(old, new).values()
    return compare(old, new, one, other)


@pytest.mark.parametrize("derived", [DECLARED, "true"])
def test_a_witness_holds_as_it_is(tmp_path: Path, derived: str) -> None:
    found = compared(tmp_path, derived)
    assert (found.status, found.confirmed) == ("differs", True)
    (witness,) = found.witnesses
    assert witness.found is not None
    assert witness.found.derived == {}
    said = witness.found.application["facts"]
    assert 5 < said["fund.months"] <= 11
    assert said["fund.amount"] <= said["fund.balance"]
    assert (witness.found.old.outcome, witness.found.new.outcome) == ("ineligible", "eligible")


def test_where_the_plugin_abstains_it_says_what_would_have_to_be_derived(tmp_path: Path) -> None:
    found = compared(tmp_path, DECLARED, abstains=True)
    assert (found.status, found.confirmed) == ("differs", True)
    (witness,) = found.witnesses
    assert witness.found is not None
    assert witness.found.derived == {"fund.over": False}
