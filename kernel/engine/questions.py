"""The next question of an application: what is asked, of what type, in which words, and why."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, Literal, Protocol, TypeAlias

from attrs import field, frozen

from tongban.kernel.engine.validation import check_application
from tongban.kernel.errors import Text
from tongban.kernel.model.application import Application
from tongban.kernel.model.conditions import Scalar
from tongban.kernel.model.decision import Decision, Missing
from tongban.kernel.model.moments import day_of
from tongban.kernel.model.rules import DELIVERIES, Item, Rule
from tongban.kernel.model.vocabulary import Attribute, Vocabulary
from tongban.kernel.rulefile.rulebook import Rulebook

QuestionType: TypeAlias = Literal["division", "bool", "int", "enum", "date", "text"]

RECEIVED_AT = Text("在哪里提交申请?", "Where is the application handed in?")
"""Asks for the receiving place, which is not a place of the vocabulary."""


@frozen
class _Beside:
    """A part of an application that the vocabulary does not declare: its names and its question."""

    label: Text
    question: Text


BESIDE: Mapping[str, _Beside] = {
    "received_at": _Beside(Text("收件地", "place of application"), RECEIVED_AT),
    "applicant.name": _Beside(
        Text("申请人名称", "name of the applicant"),
        Text("申请人的姓名或名称是什么?", "What is the name of the applicant?"),
    ),
    "applicant.id_number": _Beside(
        Text("公民身份号码", "resident ID number"),
        Text("申请人的公民身份号码是多少?", "What is the resident ID number of the applicant?"),
    ),
    "applicant.credit_code": _Beside(
        Text("统一社会信用代码", "unified social credit code"),
        Text(
            "申请人的统一社会信用代码是多少?",
            "What is the unified social credit code of the applicant?",
        ),
    ),
}
"""Parts of an application that are asked though no vocabulary declares them."""

_AT_A_DESK = Text(
    "窗口和自助渠道的申请须说明提交地",
    "an application at a window or kiosk says where it is handed in",
)
_BEARS_ON = {
    "eligible": Text("可否办理", "the outcome"),
    "modes": Text("办理方式", "the mode"),
    "delivery": Text("送达方式", "the delivery"),
    "route": Text("由哪里的机关办理", "the authority that handles it"),
}


class Rules(Protocol):
    """What asks and understands; a kernel is one."""

    @property
    def rulebook(self) -> Rulebook:
        """Items and vocabulary."""

    @property
    def clock(self) -> Callable[[], datetime]:
        """The present moment; its day is what `as_of` defaults to."""

    def decide(self, application: Application, /) -> Decision:
        """The decision on an application that was checked."""


@frozen
class Asking:
    """A rule that asks: its id, its reason in Chinese, and the names of what it concludes."""

    rule: str
    because: str
    conclusions: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "rule": self.rule,
            "because": self.because,
            "conclusions": list(self.conclusions),
        }


@frozen
class Question:
    """One question to an applicant.

    Attributes:
        name: path of the answer in the application, `facts.transferable`.
        wording: the question.
        label: what is asked for: the Chinese term and plain English.
        type: `division` is a division code, or the name of a place; `enum` a choice.
        values: what may be answered, each with its Chinese term; empty where that is open.
        also: other values of the domain, which are understood though the item refuses them.
        low, high: bounds of a whole number.
        purpose: what the answer bears on.
        rules: the rules that ask.
        exact: False where there was too much to try, so that it may be asked in vain.
    """

    name: str
    wording: Text
    label: Text
    type: QuestionType
    values: Mapping[Scalar, str] = field(factory=dict)
    also: Mapping[Scalar, str] = field(factory=dict)
    low: int | None = None
    high: int | None = None
    purpose: Text = Text()
    rules: tuple[Asking, ...] = ()
    exact: bool = True

    def to_dict(self) -> dict[str, Any]:
        """For JSON: a page can put the question with it."""
        shown: dict[str, Any] = {
            "name": self.name,
            "question": self.wording.zh,
            "question_en": self.wording.en,
            "label": self.label.zh,
            "title": self.label.en,
            "type": self.type,
            "values": [{"value": value, "term": term} for value, term in self.values.items()],
            "purpose": self.purpose.to_dict(),
            "rules": [rule.to_dict() for rule in self.rules],
        }
        bounds = {"min": self.low, "max": self.high}
        shown |= {key: bound for key, bound in bounds.items() if bound is not None}
        return shown if self.exact else shown | {"exact": False}


def next_question(rules: Rules, raw: Mapping[str, Any]) -> Question | Decision:
    """What has to be asked next, or the decision where no answer can change it.

    The decision is `incomplete` where all was said from which a plugin derives a fact, and it
    did not.

    Args:
        rules: the kernel.
        raw: the application as far as it goes, as JSON gives it; `item` at least.

    Raises:
        ApplicationError: where something that was said is wrong. A window or kiosk without
            `received_at` is not: that is the next question.
    """
    today = day_of(rules.clock())
    application = check_application(raw, rules.rulebook, today, step_by_step=True)
    item = rules.rulebook.items[application.item]
    if application.channel in ("window", "kiosk") and application.received_at is None:
        return question(rules.rulebook, item, "received_at")
    decision = rules.decide(application)
    if not decision.missing:
        return decision
    missing = next((one for one in decision.missing if not one.derived_by), None)
    if missing is None:
        return decision
    return question(rules.rulebook, item, missing.name, missing)


def question(rulebook: Rulebook, item: Item, name: str, missing: Missing | None = None) -> Question:
    """The question for a part of an application, whether or not it is asked next.

    Args:
        rulebook: its vocabulary has the words.
        item: that is applied for.
        name: `channel`, `received_at`, `applicant.kind`, `deliver_by`, `places.…`, `facts.…`.
        missing: what the decision says of it, with the rules that ask.

    Raises:
        KeyError: where nothing that is asked is called so.
    """
    vocabulary = rulebook.vocabulary
    asking = _asking(rulebook, item, missing.rules) if missing else ()
    exact = missing.exact if missing else True
    if name == "received_at":
        said = BESIDE[name]
        return Question(name, said.question, said.label, "division", purpose=_AT_A_DESK)
    family, _, rest = name.partition(".")
    purpose = _purpose(item, rest if family == "places" else name, asking)
    if family == "places":
        place = vocabulary.places[rest]
        if not place.division:
            raise KeyError(name)
        return Question(
            name,
            place.question,
            Text(place.label, place.title),
            "division",
            purpose=purpose,
            rules=asking,
            exact=exact,
        )
    if name in BESIDE:
        said = BESIDE[name]
        return Question(
            name, said.question, said.label, "text", purpose=purpose, rules=asking, exact=exact
        )
    attribute = _attribute(vocabulary, name)
    values = allowed_values(item, name, attribute)
    terms = value_terms(vocabulary, name)
    return Question(
        name,
        attribute.question,
        Text(attribute.label, attribute.title),
        "enum" if attribute.type == "place" else attribute.type,
        {} if attribute.type == "int" else {value: terms.get(value, "") for value in values},
        {value: term for value, term in terms.items() if value not in values}
        if attribute.values
        else {},
        attribute.low,
        attribute.high,
        purpose,
        asking,
        exact,
    )


def _attribute(vocabulary: Vocabulary, name: str) -> Attribute:
    family, _, rest = name.partition(".")
    attribute = vocabulary.facts[rest] if family == "facts" else vocabulary.attributes[name]
    if not attribute.question.zh:
        raise KeyError(name)
    return attribute


def allowed_values(item: Item, name: str, attribute: Attribute) -> tuple[Scalar, ...]:
    """What an application for `item` may say under `name`; () where the domain is open.

    Args:
        name: path in the application.
        attribute: its type and domain.
    """
    if name == "facts.handle_at":
        return tuple(item.handled_at.value)
    if name == "applicant.kind":
        return tuple(item.applicant.value)
    if name == "deliver_by":
        return tuple(DELIVERIES)
    if attribute.type == "bool":
        return (True, False)
    if attribute.values is not None:
        return tuple(attribute.values)
    if attribute.low is not None and attribute.high is not None and attribute.high < 20:
        return tuple(range(attribute.low, attribute.high + 1))
    return ()


def value_terms(vocabulary: Vocabulary, name: str) -> Mapping[Scalar, str]:
    """The Chinese term of each value that an application may say under `name`."""
    attribute = vocabulary.attributes.get(name.removeprefix("facts."))
    if attribute is None:
        return {}
    if attribute.type == "place":
        return {place: one.label for place, one in vocabulary.places.items()}
    if attribute.type == "bool":
        return {True: "是", False: "否"}
    # "default" stands for an application that says nothing of it.
    values = (attribute.values or {}).items()
    return {value: term for value, term in values if (name, value) != ("deliver_by", "default")}


def _asking(rulebook: Rulebook, item: Item, ids: Iterable[str]) -> tuple[Asking, ...]:
    by_id: dict[str, Rule] = {rule.id: rule for rule in rulebook.rules(item)}
    asking = (by_id[one] for one in ids if one in by_id)
    return tuple(Asking(rule.id, rule.because, tuple(rule.then)) for rule in asking)


def _purpose(item: Item, name: str, asking: Iterable[Asking]) -> Text:
    """What the answer bears on, by what the rules that ask conclude and by the route."""
    receives = item.receives.value if item.receives else None
    routed = {*item.handled_at.value, *item.involves.value, receives, "facts.handle_at"}
    concluded = {conclusion for one in asking for conclusion in one.conclusions}
    concluded |= {"route"} if name in routed else set()
    texts = [text for conclusion, text in _BEARS_ON.items() if conclusion in concluded]
    if not texts:
        return Text()
    chinese, english = "、".join(one.zh for one in texts), ", ".join(one.en for one in texts)
    return Text(f"关系到{chinese}", f"bears on {english}")
