"""Which rules the cases try, and which of their conditions they see both ways."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, Literal, TypeAlias

from attrs import frozen

from tongban.kernel import Item, Kernel, Rule
from tongban.plugins.kit.testing.rule_coverage import Leaf, Tally, leaves
from tongban.plugins.kit.testing.running import Ran

OwnerKind: TypeAlias = Literal["common", "department", "item"]


@frozen
class TestSeen:
    """One test of a rule: in how many cases it held, and in how many it did not."""

    __test__ = False

    text: str
    true: int
    false: int

    @property
    def seen(self) -> int:
        """How many of its two sides were seen."""
        return bool(self.true) + bool(self.false)

    @property
    def missing(self) -> str:
        """What was never seen of it; "" where it was seen both ways."""
        if self.seen == 2:
            return ""
        if not self.seen:
            return f"{self.text}: never seen"
        return f"{self.text}: never {'false' if self.true else 'true'}"

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {"test": self.text, "true": self.true, "false": self.false}


@frozen
class RuleSeen:
    """One rule: in how many cases it fired, and its tests."""

    rule: Rule
    fired: int
    tests: tuple[TestSeen, ...]

    @property
    def missing(self) -> tuple[str, ...]:
        """What no case shows of it."""
        never = () if self.fired else ("never fired",)
        return (*never, *(test.missing for test in self.tests if test.missing))

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "rule": self.rule.id,
            "file": self.rule.file,
            "line": self.rule.line,
            "fired": self.fired,
            "tests": [test.to_dict() for test in self.tests],
        }


@frozen
class Owner:
    """What a department or an item says itself, or the common rules.

    Attributes:
        id: of the item, with its jurisdiction where that is not the default one; of
            the department; `common`.
        department: id of the department, "" for common rules.
        cases: how many cases of it were run.
    """

    kind: OwnerKind
    id: str
    name: str
    jurisdiction: str
    department: str
    cases: int
    rules: tuple[RuleSeen, ...]

    @property
    def score(self) -> tuple[int, int, int, int]:
        """Rules that fired, rules, sides of tests that were seen, sides."""
        tests = [test for rule in self.rules for test in rule.tests]
        fired = sum(bool(rule.fired) for rule in self.rules)
        return fired, len(self.rules), sum(test.seen for test in tests), 2 * len(tests)

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "kind": self.kind,
            "id": self.id,
            "name": self.name,
            "jurisdiction": self.jurisdiction,
            "department": self.department,
            "cases": self.cases,
            **score_as_dict(self.score),
            "rules": [rule.to_dict() for rule in self.rules],
        }


@frozen
class Coverage:
    """What the cases try of the rules of everything that was chosen."""

    owners: tuple[Owner, ...]

    @property
    def score(self) -> tuple[int, int, int, int]:
        """Rules that fired, rules, sides of tests that were seen, sides."""
        scores = [owner.score for owner in self.owners]
        fired, rules, seen, sides = (sum(one[n] for one in scores) for n in range(4))
        return fired, rules, seen, sides

    @property
    def percent(self) -> float:
        """Of all rules and sides of tests, how many were tried; 100 where there are none."""
        return percent(self.score)

    @property
    def missing(self) -> tuple[tuple[Rule, tuple[str, ...]], ...]:
        """Each rule of which something was not tried, with what."""
        rules = (rule for owner in self.owners for rule in owner.rules)
        return tuple((rule.rule, rule.missing) for rule in rules if rule.missing)


def percent(score: tuple[int, int, int, int]) -> float:
    """What part of rules and sides of tests was tried, from 0 to 100."""
    fired, rules, seen, sides = score
    return 100 * (fired + seen) / (rules + sides) if rules + sides else 100.0


def score_as_dict(score: tuple[int, int, int, int]) -> dict[str, Any]:
    """A score for JSON."""
    fired, rules, seen, sides = score
    return {
        "rules_fired": fired,
        "rules_total": rules,
        "sides_seen": seen,
        "sides_total": sides,
        "percent": round(percent(score), 2),
    }


def cover(
    kernel: Kernel, items: Sequence[Item], results: Sequence[Ran], tally: Tally, common: bool
) -> Coverage:
    """What cases try of the rules of items, of their departments, and of the common rules.

    Args:
        kernel: the one that ran the cases.
        items: what was chosen; items without cases too.
        results: of the cases.
        tally: what they tried.
        common: whether the common rules count: they are for all items, so only
            all items' cases can try them.
    """
    ran_for = Counter(ran.item for ran in results)
    return Coverage(tuple(_owners(kernel, items, tally, ran_for, common)))


def _owners(
    kernel: Kernel,
    items: Sequence[Item],
    tally: Tally,
    ran_for: Counter[str],
    common: bool,
) -> Iterator[Owner]:
    def seen(rules: Sequence[Rule], item: Item | None = None) -> tuple[RuleSeen, ...]:
        return tuple(_rule(kernel, rule, tally, item) for rule in rules)

    if common:
        rules = kernel.rulebook.base.rules
        yield Owner("common", "common", "通用规则", "", "", sum(ran_for.values()), seen(rules))
    for department in kernel.rulebook.departments:
        own = [item for item in items if item in department.items]
        if not own:
            continue
        home = (department.jurisdiction, department.id)
        cases = sum(ran_for[item.key] for item in own)
        yield Owner(
            "department", department.id, department.name, *home, cases, seen(department.rules)
        )
        for item in own:
            short = kernel.rulebook.short(item)
            found = seen(item.rules, item)
            yield Owner("item", short, item.name, *home, ran_for[item.key], found)


def _rule(kernel: Kernel, rule: Rule, tally: Tally, item: Item | None) -> RuleSeen:
    def seen(leaf: Leaf) -> TestSeen:
        true, false = (tally.sides[rule.id, leaf.number, side] for side in (True, False))
        return TestSeen(leaf.text, true, false)

    tests = (seen(one) for one in leaves(rule.when) if not item or not _settled(kernel, item, one))
    return RuleSeen(rule, tally.held[rule.id], tuple(tests))


def _settled(kernel: Kernel, item: Item, leaf: Leaf) -> bool:
    """Whether the item's own keys settle a test of one of its rules, so no case can turn it."""
    return leaf.test.attribute not in kernel.program(item).tested
