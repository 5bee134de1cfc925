"""From the rules that hold to what is concluded: layers, hit policies, reasons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from attrs import evolve, frozen

from tongban.kernel.engine.program import Program, remembered
from tongban.kernel.model.decision import AdviceGiven, Overridden, Reason
from tongban.kernel.model.rules import LAYERS, Advice, Item, Rule, Stated

_RANK = {layer: rank for rank, layer in enumerate(LAYERS)}


@frozen
class Verdict:
    """What the rules that hold conclude.

    Attributes:
        advised: advice of the rules that refuse, with why.
    """

    eligible: bool
    modes: tuple[str, ...]
    delivery: tuple[str, ...]
    time_limit: tuple[Mapping[str, Any], ...]
    reasons: tuple[Reason, ...]
    overridden: tuple[Overridden, ...]
    advised: tuple[AdviceGiven, ...]


@remembered
def verdict(program: Program, held: int, handling: tuple[str, ...]) -> Verdict:
    """What follows from the rules that hold: the same rules conclude the same.

    Args:
        program: the item's.
        held: bit mask over `program.rules`.
        handling: the handling places.
    """
    rules = [rule for n, rule in enumerate(program.rules) if held >> n & 1]
    overridden: list[Overridden] = []
    eligible = _single(rules, "eligible", overridden)
    refused = bool(eligible) and eligible[0].then["eligible"] is False
    if refused:
        advised = [_advice(program, rule, one) for rule in eligible for one in rule.advise]
        reasons = [_reason("eligible", False, rule) for rule in eligible]
        return Verdict(
            False, (), (), (), tuple(reasons), tuple(overridden), tuple(dict.fromkeys(advised))
        )
    modes = [(mode, rule) for rule in rules for mode in rule.then.get("modes", ())]
    delivery = _single(rules, "delivery", overridden)
    limits = _single(rules, "time_limit", overridden)
    needs = [(what, rule) for rule in rules for what in rule.then.get("requires", ())]
    reasons = [
        *(_reason("modes", mode, rule) for mode, rule in modes),
        *_item_reasons(program.item, program.short, handling),
        *(_reason("delivery", rule.then["delivery"], rule) for rule in delivery),
        *(_reason("time_limit", list(rule.then["time_limit"]), rule) for rule in limits),
        *(_reason("requires", what, rule) for what, rule in needs),
        *_eligible_reasons(program, eligible),
    ]
    return Verdict(
        True,
        tuple(dict.fromkeys(mode for mode, _ in modes)),
        tuple(dict.fromkeys(rule.then["delivery"] for rule in delivery)),
        limits[0].then["time_limit"] if limits else (),
        tuple(reasons),
        tuple(overridden),
        tuple(AdviceGiven("bring", what, rule.because) for what, rule in needs),
    )


def agreed(verdicts: Sequence[Verdict]) -> Verdict:
    """What verdicts on the same outcome, modes and delivery have in common.

    A reason is kept where it stands in each of them; where none for a
    conclusion does, all are. What only some conclude (a time limit, something
    to bring) is not certain, and left out.
    """
    first = verdicts[0]
    if all(verdict is first for verdict in verdicts):
        return first
    distinct = [*{id(verdict): verdict for verdict in verdicts}.values()]
    said = [{(r.conclusion, str(r.value), r.rule): r for r in v.reasons} for v in distinct]
    every = {key: reason for reasons in said for key, reason in reasons.items()}
    certain = {key for key in every if all(key in reasons for reasons in said)}
    concluded = [{key[:2] for key in reasons} for reasons in said]
    settled_by = {key[:2] for key in certain}
    kept = [
        reason
        for key, reason in every.items()
        if key in certain or (key[:2] not in settled_by and all(key[:2] in c for c in concluded))
    ]
    because = {reason.because for reason in kept}
    advised = dict.fromkeys(one for verdict in distinct for one in verdict.advised)
    limits = all(verdict.time_limit == first.time_limit for verdict in distinct)
    return evolve(
        first,
        time_limit=first.time_limit if limits else (),
        reasons=tuple(kept),
        overridden=tuple(o for o in first.overridden if all(o in v.overridden for v in distinct)),
        advised=tuple(one for one in advised if one.because in because),
    )


def _single(rules: Sequence[Rule], name: str, overridden: list[Overridden]) -> list[Rule]:
    """The rules that prevail for a single conclusion; the others join `overridden`."""
    speaking = [rule for rule in rules if name in rule.then]
    if not speaking:
        return []
    top = max(_RANK[rule.layer] for rule in speaking)
    prevailing = [rule for rule in speaking if _RANK[rule.layer] == top]
    value = prevailing[0].then[name]
    overridden += [
        Overridden(rule.id, name, rule.then[name], prevailing[0].id)
        for rule in speaking
        if rule.then[name] != value
    ]
    return prevailing


def _reason(conclusion: str, value: Any, rule: Rule) -> Reason:
    return Reason(conclusion, value, rule.id, rule.because, rule.cite, rule.basis)


def _advice(program: Program, rule: Rule, advice: Advice) -> AdviceGiven:
    target, home = advice.target, program.short.rpartition("/")[0]
    if advice.do == "use_item" and home and "/" not in target:
        target = f"{home}/{target}"
    return AdviceGiven(advice.do, target, rule.because)


def _item_reasons(item: Item, short: str, handling: tuple[str, ...]) -> list[Reason]:
    def of(conclusion: str, value: Any, stated: Stated[object], says: str) -> Reason:
        because = stated.because or says
        return Reason(conclusion, value, short, because, stated.cite, stated.basis)

    reasons = [of("handling", place, item.handled_at, "由该地办理") for place in handling]
    if item.receives:
        reasons.append(of("receiving", item.receives.value, item.receives, "由该地受理"))
    reasons += [
        of("involves", place, item.involves, "该地参与,不办理") for place in item.involves.value
    ]
    if item.level:
        reasons.append(of("level", item.level.value, item.level, "办理机关的层级"))
    if item.attendance.value == "required":
        reasons.append(of("attendance", "required", item.attendance, "须到场办理"))
    if item.valid_for:
        period = item.valid_for.value.to_dict()
        reasons.append(of("valid_for", period, item.valid_for, "结果的有效期"))
    return reasons


def _eligible_reasons(program: Program, rules: Sequence[Rule]) -> list[Reason]:
    if rules:
        return [_reason("eligible", True, rule) for rule in rules]
    item = program.item
    because = "本事项已纳入“跨省通办”事项清单,且无不予办理的情形"
    return [Reason("eligible", True, program.short, because, item.cite, item.basis)]


def settled(program: Program, held: int, known: int) -> bool | None:
    """Whether eligibility is settled though some rules are open.

    Args:
        program: the item's.
        held: bit mask over `program.rules` of those that hold.
        known: the same of those that are not open.

    Returns:
        True or False where every completion agrees on it, None where one may differ.
    """
    speaking = _speaking(program, held, known)
    certain = [(_RANK[rule.layer], rule.then["eligible"]) for rule, open_ in speaking if not open_]
    rank, value = max(certain, default=(-1, True))
    disagreeing = any(
        open_ and _RANK[rule.layer] >= rank and rule.then["eligible"] is not value
        for rule, open_ in speaking
    )
    return None if disagreeing else value


def contesting(program: Program, held: int, known: int) -> list[Rule]:
    """The open rules that can change eligibility: no stronger one holds, and they differ.

    Args:
        program: the item's.
        held: bit mask over `program.rules` of those that hold.
        known: the same of those that are not open.
    """
    speaking = _speaking(program, held, known)
    strongest = max((_RANK[rule.layer] for rule, open_ in speaking if not open_), default=-1)
    refusing = [_RANK[rule.layer] for rule, _ in speaking if not rule.then["eligible"]]
    weakest_no = min(refusing, default=9)
    return [
        rule
        for rule, open_ in speaking
        if open_
        and _RANK[rule.layer] > strongest
        and (rule.then["eligible"] is False or _RANK[rule.layer] > weakest_no)
    ]


def _speaking(program: Program, held: int, known: int) -> list[tuple[Rule, bool]]:
    """The rules on eligibility that hold or may hold, and whether that is open."""
    return [
        (rule, not known >> n & 1)
        for n, rule in enumerate(program.rules)
        if "eligible" in rule.then and (held >> n & 1 or not known >> n & 1)
    ]
