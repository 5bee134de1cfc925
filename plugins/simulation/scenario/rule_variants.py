"""A department's rule file under another jurisdiction, with the changes of a scenario."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date
from functools import lru_cache
from typing import Any

import yaml

from tongban.plugins.simulation.scenario.installation import RuleFile, parsed
from tongban.plugins.simulation.scenario.scenario import Change


@lru_cache(maxsize=128)
def adapted(
    file: RuleFile,
    province: str,
    changes: tuple[Change, ...],
    offered: frozenset[str] | None = None,
) -> bytes:
    """A department's file for a province; written once for all runs of a process.

    Args:
        file: as it is installed.
        province: the jurisdiction that it gets.
        changes: to its items.
        offered: the ids of all items there: advice to others is left out, and so are items of
            which another department has taken the id; None where the catalogue is the whole one.
    """
    raw = dict(parsed(file.text))
    here = f"jurisdiction: {raw['department'].get('jurisdiction')},".encode()
    touched = any(_touches(one, item) for one in changes for item in raw["items"])
    if not touched and offered is None and (file.jurisdiction == province or here in file.text):
        return file.text.replace(here, f"jurisdiction: {province},".encode(), 1)
    raw["department"] = {**raw["department"], "jurisdiction": int(province)}
    raw["items"] = [_item(one, changes) for one in raw["items"]]
    if offered is not None:
        raw["items"] = [
            _advised(one, file.jurisdiction, province, offered)
            for one in raw["items"]
            if str(one["id"]) in offered
        ]
        if "rules" in raw:
            raw = _advised(raw, file.jurisdiction, province, offered)
    dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    dumped: bytes = yaml.dump(
        raw, Dumper=dumper, allow_unicode=True, sort_keys=False, encoding="utf-8", width=10_000
    )
    return dumped


def _advised(
    raw: Mapping[str, Any], home: str, province: str, offered: Collection[str]
) -> dict[str, Any]:
    """Rules that advise only what there is in the province."""
    rules = []
    for rule in raw.get("rules", ()):
        if "advise" not in rule:
            rules.append(rule)
            continue
        told = rule["advise"]
        some = told if isinstance(told, list) else [told]
        left = list(_known(some, {home, province}, offered))
        rest = {key: value for key, value in rule.items() if key != "advise"}
        rules.append({**rest, "advise": left} if left else rest)
    return {**raw, "rules": rules} if rules else dict(raw)


def _known(some: Iterable[Any], places: set[str], offered: Collection[str]) -> Iterator[Any]:
    for one in some:
        target = one.get("item") if isinstance(one, dict) else one
        if target is None:
            yield one
            continue
        place, _, id = str(target).rpartition("/")
        if id in offered and (not place or place in places):
            yield {**one, "item": id} if isinstance(one, dict) else id


def _touches(change: Change, item: Mapping[str, Any]) -> bool:
    return item["id"] in change.items or item.get("kind") in change.kinds


def _item(raw: Mapping[str, Any], changes: tuple[Change, ...]) -> dict[str, Any]:
    item = dict(raw)
    mine = [one for one in changes if _touches(one, raw)]
    for change in mine:
        if change.from_date:
            day = len(change.from_date) == len("2026-01-31")
            first = date.fromisoformat(change.from_date) if day else change.from_date
            item["available"] = {"from": first}
    limits: dict[str, int] = {}
    because = ""
    for change in mine:
        limits |= change.limits
        because = change.because or because
    if limits:
        item["rules"] = _limited(item, limits, because or "情景设定的时限")
    return item


def _limited(item: Mapping[str, Any], limits: Mapping[str, int], because: str) -> list[Any]:
    """The rules of an item with other limits: its own rules keep their conditions."""
    rules = [dict(rule) for rule in item.get("rules", ())]
    own = [rule for rule in rules if "time_limit" in rule["then"]]
    for rule in own:
        told = rule["then"]["time_limit"]
        given = {one["step"]: dict(one) for one in (told if isinstance(told, list) else [told])}
        for step, days in limits.items():
            given[step] = {**given.get(step, {"step": step}), "working_days": days}
        rule["then"] = {**rule["then"], "time_limit": list(given.values())}
    if own:
        return rules
    rule = {
        "id": "simulated_limits",
        "then": {
            "time_limit": [
                {"step": step, "working_days": days, "extension": max(1, days // 2)}
                for step, days in limits.items()
            ]
        },
        "because": because,
        "cite": dict(item["cite"]),
        "basis": "inferred",
    }
    return [*rules, rule]
