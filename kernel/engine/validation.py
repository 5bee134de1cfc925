"""Checking an application before it is decided: keys, names, types, domains, codes, dates.

Nothing is coerced and nothing is guessed: `1` is not a boolean, `"3"` no number.
Only division codes may be text or number. Every mistake is found at once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from datetime import date
from typing import Any

from attrs import define, field

from tongban.kernel.errors import ApplicationError, Defect, Text, nearest
from tongban.kernel.model.application import Application, Party
from tongban.kernel.model.conditions import Scalar
from tongban.kernel.model.divisions import DivisionError, former_name
from tongban.kernel.model.id_numbers import without_id_numbers
from tongban.kernel.model.rules import APPLICANTS, CHANNELS, DELIVERIES, Item
from tongban.kernel.model.vocabulary import Attribute
from tongban.kernel.rulefile.rulebook import Rulebook

KEYS = (
    "item", "channel", "received_at", "as_of", "applicant", "places", "facts", "deliver_by",
)  # fmt: skip
PARTY_KEYS = ("kind", "name", "id_number", "credit_code", "phone", "address", "agent")
MAX_TEXT = 65_536
"""Longest text of an application, in characters."""


def check_application(
    raw: object, rulebook: Rulebook, today: date, *, step_by_step: bool = False
) -> Application:
    """The application that `raw` is.

    Args:
        raw: what JSON gave: a mapping with the keys of `KEYS`.
        rulebook: items and vocabulary.
        today: what `as_of` defaults to.
        step_by_step: whether the rest is still being asked for, so that a window or kiosk
            without `received_at` is not a mistake yet.

    Raises:
        ApplicationError: with every mistake, each by field, value and what is allowed.
    """
    check = _Check(rulebook)
    if not isinstance(raw, Mapping):
        raise ApplicationError(
            [Defect("", f"an application is a JSON object, found {_shown(raw)}")]
        )
    check.keys("", raw, KEYS)
    item = check.item(raw.get("item"))
    application = Application(
        item=item.key if item else "",
        as_of=check.day(raw.get("as_of")) or today,
        channel=check.word("channel", raw.get("channel"), CHANNELS),
        received_at=check.outside(
            "received_at", "", check.division("received_at", raw.get("received_at"))
        ),
        applicant=check.party("applicant", raw.get("applicant")),
        places=check.table("places", raw.get("places"), check.place),
        facts=check.table("facts", raw.get("facts"), check.fact),
        deliver_by=check.word("deliver_by", raw.get("deliver_by"), DELIVERIES),
    )
    at_a_desk = application.channel in ("window", "kiosk")
    if at_a_desk and raw.get("received_at") is None and not step_by_step:
        check.defect("received_at", f"is needed for the channel {application.channel}")
    if item:
        check.fits(item, application)
    if check.defects:
        raise ApplicationError(check.defects)
    return application


def application_defects(
    raw: object, rulebook: Rulebook, today: date, *, step_by_step: bool = False
) -> tuple[Defect, ...]:
    """Every mistake that `check_application` finds in an application; () for none."""
    try:
        check_application(raw, rulebook, today, step_by_step=step_by_step)
    except ApplicationError as error:
        return error.defects
    return ()


def _shown(value: object) -> str:
    """`value` as JSON would write it, cut short; whatever it is, it can be printed."""
    names = {True: "true", False: "false", None: "null"}
    if value is None or isinstance(value, bool):
        return names[value]
    if isinstance(value, Mapping):
        return "an object"
    if isinstance(value, list | tuple):
        return "a list"
    try:
        text = repr(value)
    except ValueError:
        text = "a huge number"
    text = without_id_numbers(text.encode("utf-8", "backslashreplace").decode())
    return text if len(text) <= 60 else f"{text[:60]}…"


def _key(key: object) -> str:
    """A key as an error names it: short, and whatever it is, it can be printed."""
    text = key if isinstance(key, str) else _shown(key)
    return without_id_numbers(text)[:60].encode("utf-8", "backslashreplace").decode()


MOST_HINTS = 20
"""Mistakes of one application for which the nearest right word is looked up."""


@define
class _Check:
    rulebook: Rulebook
    defects: list[Defect] = field(factory=list)

    @property
    def hints(self) -> bool:
        """Whether the next mistake gets a hint; looking one up costs more than the mistake."""
        return len(self.defects) < MOST_HINTS

    def defect(self, name: str, message: str | Text) -> None:
        self.defects.append(Defect(name, message))

    def unknown(
        self, name: str, value: object, known: Collection[str], what: str = "value"
    ) -> None:
        near = nearest(value, known) if self.hints else None
        hint = f"; did you mean {near!r}?" if near else ""
        if len(known) <= 12:
            hint += f" (allowed: {', '.join(known)})"
        self.defect(name, f"unknown {what} {_shown(value)}{hint}")

    def keys(self, name: str, raw: Mapping[object, object], known: Collection[str]) -> None:
        for key in raw:
            if key not in known:
                field_name = f"{name}.{_key(key)}" if name else _key(key)
                self.unknown(field_name, key, known, "key")

    def item(self, word: object) -> Item | None:
        if not isinstance(word, str):
            shown = "" if word is None else f", found {_shown(word)}"
            self.defect("item", f"is needed: an item's id or exact name{shown}")
            return None
        item = self.rulebook.find(word)
        if item is None:
            self.defect("item", f"unknown item {_shown(word)}{self._hint(word[:200])}")
        return item

    def _hint(self, word: str) -> str:
        """What else may have been meant by an item that is not there, or why it is not."""
        file = self.rulebook.missing(word)
        if file:
            return f": {file}, which defines it, has mistakes and was left out (`tongban check`)"
        near = self.rulebook.suggest(word)
        return f"; did you mean {near}?" if near else "; `tongban items` lists them"

    def day(self, value: object) -> date | None:
        if value is None or type(value) is date:
            return value
        if isinstance(value, str) and (found := _day(value)):
            return found
        self.defect("as_of", f"must be a date such as 2026-01-31, found {_shown(value)}")
        return None

    def word(self, name: str, value: object, known: Mapping[str, str]) -> str | None:
        if value is None:
            return None
        if isinstance(value, str) and value in known:
            return value
        self.unknown(name, value, known)
        return None

    def division(self, name: str, value: object) -> str | None:
        if value is None:
            return None
        divisions = self.rulebook.vocabulary.divisions
        whole = type(value) is int and 0 <= value < 1_000_000
        code = f"{value:06d}" if whole else value
        if isinstance(code, str) and code in divisions:
            try:
                return divisions.in_force(code)
            except DivisionError as error:
                self.defect(name, str(error))
                return None
        named = self.hints and (whole or isinstance(value, str))
        near = divisions.suggest(str(value)[:60]) if named else None
        hint = f"; did you mean {near} {divisions.full_name(near)}?" if near else ""
        was = former_name(code) if isinstance(code, str) and self.hints else None
        if was:
            alike = [one for one in divisions.like(was) if one[:2] == str(code)[:2]]
            hint = "".join(f", {one} {divisions.full_name(one)}?" for one in alike)
            hint = f"; it was that of {was}, which is abolished: give the code of today{hint}"
        self.defect(name, f"unknown division code {_shown(value)}{hint} (six digits, GB/T 2260)")
        return None

    def table(
        self, name: str, raw: object, read: Callable[[str, str, object], Scalar | None]
    ) -> dict[str, Any]:
        if raw is None:
            return {}
        if not isinstance(raw, Mapping):
            self.defect(name, f"must be an object, found {_shown(raw)}")
            return {}
        named = ((k if isinstance(k, str) else _shown(k), v) for k, v in raw.items())
        values = {k: read(f"{name}.{_key(k)}", k, v) for k, v in named}
        return {key: value for key, value in values.items() if value is not None}

    def place(self, field_name: str, name: str, value: object) -> str | None:
        places = self.rulebook.vocabulary.places
        if name not in places:
            self.unknown(field_name, name, places, "place")
            return None
        if not places[name].division:
            self.defect(field_name, f"{places[name].label} has no division code; leave it out")
            return None
        code = self.division(field_name, value)
        return self.outside(field_name, name, code) if places[name].mainland else code

    def outside(self, field_name: str, name: str, code: str | None) -> str | None:
        """None, with a defect, where no register or authority of a place can be."""
        divisions = self.rulebook.vocabulary.divisions
        if code is None or not divisions[code].outside:
            return code
        places = self.rulebook.vocabulary.places
        label = places[name].label if name in places else "收件地"
        self.defect(
            field_name,
            Text(
                f"{code} {divisions.full_name(code)}没有本事项的{label},须填内地的区划代码;"
                "没有的不适用本事项,持港澳台居民居住证的请向居住地的部门咨询",
                "no register and no authority of these items is in Hong Kong, Macao or Taiwan: give"
                " the code of a place in the mainland; where there is none, the item does not"
                " apply: ask the department where the residence permit was issued",
            ),
        )
        return None

    def fact(self, field_name: str, name: str, value: object) -> Scalar | None:
        facts = self.rulebook.vocabulary.facts
        if name not in facts:
            self.unknown(field_name, name, facts, "fact")
            return None
        fact = facts[name]
        if not fact.asked:
            self.defect(field_name, "is derived and cannot be given")
            return None
        if value is None:
            return None
        return self._value(field_name, fact, value)

    def _value(self, field_name: str, fact: Attribute, value: object) -> Scalar | None:
        if fact.type == "division":
            return self.division(field_name, value)
        if fact.type == "date" and isinstance(value, str):
            value = _day(value) or value
        if fact.type == "place" and isinstance(value, str):
            places = self.rulebook.vocabulary.places
            if value not in places:
                self.unknown(field_name, value, places, "place")
                return None
        problem = fact.problem(value)
        if problem is None and isinstance(value, str) and not _encodable(value):
            problem = f"must be whole text of at most {MAX_TEXT} characters"
        if problem is None:
            return value  # type: ignore[return-value]
        wants = fact.values and isinstance(value, str) and self.hints
        near = nearest(value, fact.values or ()) if wants else None
        hint = f"; did you mean {near!r}?" if near else ""
        self.defect(field_name, f"{problem}, found {_shown(value)}{hint}")
        return None

    def party(self, name: str, raw: object, depth: int = 0) -> Party:
        if raw is None:
            return Party()
        if not isinstance(raw, Mapping):
            self.defect(name, f"must be an object, found {_shown(raw)}")
            return Party()
        self.keys(name, raw, PARTY_KEYS)
        texts = {key: self._text(f"{name}.{key}", raw.get(key)) for key in PARTY_KEYS[1:-1]}
        agent = None
        if raw.get("agent") is not None:
            if depth:
                self.defect(f"{name}.agent", "an agent has no agent of its own")
            else:
                agent = self.party(f"{name}.agent", raw["agent"], depth + 1)
        kind = self.word(f"{name}.kind", raw.get("kind"), APPLICANTS)
        return Party(kind=kind, agent=agent, **texts)

    def _text(self, name: str, value: object) -> str | None:
        if value is None or (isinstance(value, str) and value.strip() and _encodable(value)):
            return value
        # The value itself is personal data, so only its kind is named.
        kinds = {str: "text that is empty, broken or too long", bool: "true or false"}
        numbers = {int: "a number; put it in quotes", float: "a number; put it in quotes"}
        found = (kinds | numbers).get(type(value), "a list or an object")
        self.defect(name, f"must be text, found {found}")
        return None

    def fits(self, item: Item, application: Application) -> None:
        """What only the item can tell: the places to choose from, the level of the authority."""
        options = item.handled_at.value
        chosen = application.facts.get("handle_at")
        if item.choice and chosen is not None and chosen not in options:
            self.unknown("facts.handle_at", chosen, options)
        divisions = self.rulebook.vocabulary.divisions
        acts = [one for one in options if not item.choice or one == chosen]
        acts += [item.receives.value] if item.receives else []
        for name in dict.fromkeys(acts):
            self.outside(f"places.{name}", name, application.places.get(name))
        for name in options if item.level else ():
            code = application.places.get(name)
            if code and item.level and divisions.at_level(code, item.level.value) is None:
                self.defect(
                    f"places.{name}",
                    f"{code} {divisions.full_name(code)} is not precise enough: the authority is"
                    f" one of a {item.level.value}; give the code of that or of a division in it",
                )


def _day(text: str) -> date | None:
    """The date that `text` is, written `2026-01-31` and no other way."""
    try:
        return date.fromisoformat(text) if re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.A) else None
    except ValueError:
        return None


def _encodable(text: str) -> bool:
    if len(text) > MAX_TEXT:
        return False
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
