"""`tongban ask`: asks only what still matters, until there is a decision."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import click

from tongban.kernel import CHANNELS, ApplicationError, Decision, Item, Kernel
from tongban.plugins.commands.decisions import decision_view
from tongban.plugins.commands.options import Day, as_json, find_item, write_json
from tongban.plugins.commands.views import show

__all__ = ["ask"]


@click.command()
@click.argument("item", metavar="ITEM")
@click.option("--as-of", type=Day(), help="Decide as of this date.")
@click.option("--out", type=click.Path(dir_okay=False), help="Write the application here too.")
@click.option("--json", "json_", is_flag=True, help="End with the decision as JSON.")
@click.pass_obj
def ask(kernel: Kernel, item: str, as_of: date | None, out: str | None, json_: bool) -> None:
    """Ask the questions that still matter for ITEM; end with the decision and the application.

    An answer is a value, or its number in the list; a place is a division code
    or a name such as 西宁市.

    \b
    Examples:
      tongban ask 1-07
      tongban ask 结婚登记 --out application.json
    """
    found = find_item(kernel, item)
    raw: dict[str, Any] = {"item": kernel.rulebook.short(found)}
    if as_of:
        raw["as_of"] = as_of.isoformat()
    click.echo(f"{kernel.rulebook.short(found)} {found.name} · {found.title}", err=True)
    try:
        decision = _interview(kernel, found, raw)
    except click.Abort:
        click.echo(f"\nstopped; so far: {as_json(raw)}", err=True)
        raise
    if json_:
        write_json(decision.to_dict())
    else:
        show(decision_view(kernel, decision))
        click.echo(as_json(raw))
    if out:
        Path(out).write_text(as_json(raw) + "\n", encoding="utf-8")


def _interview(kernel: Kernel, item: Item, raw: dict[str, Any]) -> Decision:
    while True:
        decision = kernel.decide(raw)
        if decision.outcome != "incomplete":
            return decision
        _ask_one(kernel, raw, decision.missing[0])


def _ask_one(kernel: Kernel, raw: dict[str, Any], missing: Any) -> None:
    name = missing.name
    if name.startswith("places."):
        _put(raw, name, _answer(kernel, raw, name, missing.question, _division(kernel)))
        return
    labels = _labels(kernel, name, missing.values)
    _put(raw, name, _answer(kernel, raw, name, missing.question, _chosen(labels), labels))
    if name == "channel" and raw["channel"] != "online":
        question = "在哪里提交申请?"
        place = _answer(kernel, raw, "received_at", question, _division(kernel))
        _put(raw, "received_at", place)


def _labels(kernel: Kernel, name: str, values: tuple[Any, ...]) -> dict[str, tuple[Any, str]]:
    """What may be typed, with the value that it stands for and its Chinese term."""
    vocabulary = kernel.rulebook.vocabulary
    attribute = vocabulary.attributes.get(name.removeprefix("facts."))
    terms: dict[Any, str] = dict(attribute.values or {}) if attribute else {}
    if name == "channel":
        terms = dict(CHANNELS)
    if name == "facts.handle_at":
        terms = {value: vocabulary.places[value].label for value in values}
    terms |= {True: "是", False: "否"} if values == (True, False) else {}
    return {
        (str(v).lower() if isinstance(v, bool) else str(v)): (v, terms.get(v, "")) for v in values
    }


def _chosen(labels: dict[str, tuple[Any, str]]) -> Callable[[str], Any]:
    def convert(answer: str) -> Any:
        yes_no = {
            "y": "true",
            "yes": "true",
            "是": "true",
            "n": "false",
            "no": "false",
            "否": "false",
        }
        if "true" in labels:
            answer = yes_no.get(answer, answer)
        if answer in labels:
            return labels[answer][0]
        by_term = {term: value for value, term in labels.values() if term}
        if answer in by_term:
            return by_term[answer]
        numbered = answer.isascii() and answer.isdigit() and 1 <= int(answer) <= len(labels)
        whole_numbers = all(type(value) is int for value, _ in labels.values())
        if numbered and not whole_numbers:
            return list(labels.values())[int(answer) - 1][0]
        return int(answer) if answer.isascii() and answer.isdigit() else answer

    return convert


def _division(kernel: Kernel) -> Callable[[str], Any]:
    def convert(answer: str) -> Any:
        if answer.isascii() and answer.isdigit():
            return answer
        matches = kernel.divisions.named(answer)
        if len(matches) > 1:
            shown = ", ".join(f"{c} {kernel.divisions.full_name(c)}" for c in matches[:6])
            raise ValueError(f"{answer} is the name of several divisions: {shown}")
        return matches[0] if matches else answer

    return convert


def _answer(
    kernel: Kernel,
    raw: dict[str, Any],
    name: str,
    question: str,
    convert: Callable[[str], Any],
    labels: dict[str, tuple[Any, str]] | None = None,
) -> Any:
    """One answer that passes the check of applications; asked again until it does."""
    click.echo(f"\n{question}  [{name}]", err=True)
    for n, (word, (_, term)) in enumerate((labels or {}).items(), 1):
        click.echo(f"  {n}. {word} {term}".rstrip(), err=True)
    while True:
        answer: str = click.prompt(">", err=True, prompt_suffix=" ").strip()
        try:
            value = convert(answer)
            _check(kernel, raw, name, value)
        except ValueError as error:
            click.echo(f"  {error}", err=True)
            continue
        return value


def _check(kernel: Kernel, raw: dict[str, Any], name: str, value: Any) -> None:
    """Checks an answer alone, as part of the application.

    Raises:
        ValueError: with what is wrong.
    """
    trial = {key: dict(part) if isinstance(part, dict) else part for key, part in raw.items()}
    _put(trial, name, value)
    try:
        kernel.application(trial)
    except ApplicationError as error:
        wrong = [defect.message for defect in error.defects if defect.field == name]
        if wrong:
            raise ValueError("; ".join(wrong)) from None


def _put(raw: dict[str, Any], name: str, value: Any) -> None:
    family, _, rest = name.partition(".")
    if rest:
        raw.setdefault(family, {})[rest] = value
    else:
        raw[name] = value
