"""How rules, items and cases are written: one small check each."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tongban.kernel.model import attributes
from tongban.kernel.rulefile import Node
from tongban.plugins.kit.check.documents import Document, Spot
from tongban.plugins.kit.check.findings import Finding
from tongban.plugins.kit.check.subject import Subject, check

_UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|TBD)\b|待定|待补|待填|请填写", re.IGNORECASE)
_CHINESE = re.compile("[㐀-鿿]")
_READ = (
    "name", "title", "because", "question", "zh", "en", "reading", "notes", "words", "requires",
)  # fmt: skip
_READ_BY_APPLICANTS = ("because", "question")
_FEWEST_CASES = 2


def _scalars(document: Document, *keys: str) -> Iterator[tuple[str, str, Node]]:
    """Owner, key and node of every text under one of `keys`, lists unfolded."""
    for spot in document.under(*keys, *(f"{key}[]" for key in keys)):
        if spot.node.kind == "scalar" and spot.node.text:
            yield spot.owner, spot.key.removesuffix("[]"), spot.node


@check("TB212")
def unfinished_text(subject: Subject) -> Iterator[Finding]:
    """Texts that a template left behind, for the author to write."""
    for document in subject.documents:
        for owner, key, node in _scalars(document, *_READ):
            match = _UNFINISHED.search(node.text)
            if match:
                message = f"{key} is not finished: it still says {match[0]!r}"
                yield subject.at("TB212", document, Spot(node, owner, key), message)


@check("TB216")
def wrong_language(subject: Subject) -> Iterator[Finding]:
    """Titles that are not English; names of items, questions and reasons that are not Chinese."""
    for document in subject.documents:
        for spot in document.spots:
            node = spot.node
            keys = ("zh", "en") if spot.key == "question" else ("title", *_READ_BY_APPLICANTS)
            for key in keys:
                text = node.get(key)
                wanted = _wanted_language(spot.key, key, text)
                if text and wanted:
                    message = f"{key} is not {wanted}: {text.text!r}"
                    yield subject.at("TB216", document, Spot(text, spot.owner, key), message)


def _wanted_language(owner: str, key: str, text: Node | None) -> str:
    """The language that a text is missing, "" where it is right or none is asked for."""
    if text is None or text.kind != "scalar" or not text.text.strip():
        return ""
    chinese = bool(_CHINESE.search(text.text))
    if key in ("title", "en"):
        return "English" if chinese else ""
    # `decisions` are notes of the house, in English; only rules speak to applicants.
    if key == "because" and owner != "rules[]":
        return ""
    if key == "question" and owner == "decisions[]":
        return ""
    return "" if chinese else "Chinese"


@check("TB224")
def question_in_chinese_only(subject: Subject) -> Iterator[Finding]:
    """Questions of attributes and places that have no English."""
    for document in subject.documents:
        for family in ("attributes", "facts", "places"):
            declared = document.root.get(family) if document.root else None
            for name, node in declared.keys if declared else ():
                question = node.get("question")
                if question and not question.get("en"):
                    spot = Spot(question, name.text, "question")
                    message = "the question has no English"
                    yield subject.at("TB224", document, spot, message)


@check("TB214")
def too_few_cases(subject: Subject) -> Iterator[Finding]:
    """Items with fewer than two cases."""
    for document in subject.documents:
        for spot in document.items():
            cases = spot.node.get("cases")
            count = len(cases.items) if cases else 0
            if count < _FEWEST_CASES:
                has = "no case" if not count else "one case only"
                yield subject.at("TB214", document, spot, f"the item has {has}")


@check("TB219")
def case_twice(subject: Subject) -> Iterator[Finding]:
    """Cases of one item with the same name, or the same application."""
    for document in subject.documents:
        for spot in document.items():
            cases = spot.node.get("cases")
            seen: dict[tuple[str, str], int] = {}
            for case in cases.items if cases else ():
                for key in ("name", "given"):
                    node = case.get(key)
                    if node is None:
                        continue
                    first = seen.setdefault((key, _written(node)), node.line)
                    if first != node.line:
                        message = f"the {key} of this case is that of the case in line {first}"
                        yield subject.at("TB219", document, Spot(node, spot.owner, key), message)


def _written(node: Node) -> str:
    """A value as text, the same for the same value however its keys are ordered."""
    if node.kind == "scalar":
        return repr(node.text)
    if node.kind == "list":
        return f"[{', '.join(map(_written, node.items))}]"
    return f"{{{', '.join(sorted(f'{k.text}: {_written(v)}' for k, v in node.keys))}}}"


@check("TB213", "TB215")
def cases(subject: Subject) -> Iterator[Finding]:
    """Cases that do not come out, and rules that hold in none."""
    for result in subject.results:
        if not result.passed:
            says = "; ".join(map(str, result.mismatches))
            message = f"case {result.example.name!r}: {says}"
            case, owner = result.example, subject.short(result.item)
            yield subject.on_line("TB215", case.file, case.line, message, owner)
    held = _held(subject)
    rulebook = subject.kernel.rulebook
    departments = {(i.jurisdiction, i.department): i for i in subject.items}
    own = [rule for item in departments.values() for rule in rulebook.department(item).rules]
    for rule in (*own, *(rule for item in subject.items for rule in item.rules)):
        if rule.id not in held:
            message = "holds in no case"
            yield subject.on_line("TB213", rule.file, rule.line, message, rule.id)


def _held(subject: Subject) -> frozenset[str]:
    """The rules that hold in some case."""
    held: set[str] = set()
    for result in subject.results:
        if result.application is None:
            continue
        program = subject.kernel.program(result.item)
        facts = subject.kernel.engines.facts(result.application)
        bits = program.match(facts)
        held |= {rule.id for n, rule in enumerate(program.rules) if bits >> n & 1}
    return frozenset(held)


@check("TB217")
def says_yes_always(subject: Subject) -> Iterator[Finding]:
    """Rules that say yes without a condition."""
    for document in subject.documents:
        for spot in document.rules():
            then = spot.node.get("then")
            yes = then.get("eligible") if then else None
            limits = any(spot.node.get(key) for key in ("when", "unless", "from", "until"))
            if yes and yes.text == "true" and not limits:
                yield subject.at("TB217", document, spot, "says yes to everybody, always")


@check("TB218")
def advises_itself(subject: Subject) -> Iterator[Finding]:
    """Rules of an item that advise the item."""
    for document in subject.documents:
        for item in document.items():
            rules = item.node.get("rules")
            for rule in rules.items if rules else ():
                advise = rule.get("advise")
                named = [] if advise is None else [*advise.items] or [advise]
                for node in [one.get("item") or one for one in named]:
                    if node.kind == "scalar" and node.text == item.owner:
                        name = rule.get("id")
                        owner = f"{item.owner}.{name.text}" if name else item.owner
                        message = f"advises {item.owner}, the item that refuses"
                        yield subject.at("TB218", document, Spot(node, owner, "advise"), message)


@check("TB220")
def test_says_nothing(subject: Subject) -> Iterator[Finding]:
    """Tests that name a value twice, or every value that there is."""
    known = subject.kernel.rulebook.vocabulary.attributes
    for document in subject.documents:
        for spot in document.under("when", "unless", "any[]", "unless[]"):
            for key, value in spot.node.keys:
                values = value.get("not") or value
                texts = [one.text for one in values.items if one.kind == "scalar"]
                twice = next((text for text in texts if texts.count(text) > 1), None)
                attribute = known.get(key.text)
                domain = set(attribute.values or ()) if attribute else set()
                if attribute and attribute.type == "bool":
                    domain = {"true", "false"}
                message = ""
                if twice is not None:
                    message = f"the value {twice!r} of {key.text!r} stands twice"
                elif domain and domain <= set(texts) and not (attribute and attribute.optional):
                    message = f"names every value of {key.text!r}, so it tells nothing apart"
                if message:
                    yield subject.at("TB220", document, Spot(key, spot.owner, key.text), message)


@check("TB221")
def no_because(subject: Subject) -> Iterator[Finding]:
    """Values of an item that are inferred and do not say why."""
    for document in subject.documents:
        for spot in document.spots:
            basis = spot.node.get("basis")
            long_form = spot.node.get("value") is not None
            if basis and basis.text == "inferred" and long_form and not spot.node.get("because"):
                message = f"{spot.key} is inferred and does not say why"
                yield subject.at("TB221", document, spot, message)


@check("TB225")
def derived_from_what(subject: Subject) -> Iterator[Finding]:
    """Facts that a plugin derives and that do not say from which parts of an application."""
    for document in subject.documents:
        shared = document.known_as == "vocabulary.yaml"
        for spot in document.under("facts" if shared else "attributes"):
            for key, value in spot.node.keys:
                derived = value.get("derived") if value.kind == "mapping" else None
                if derived is not None and derived.text == "true":
                    message = f"{key.text!r} does not say which parts it is derived from"
                    yield subject.at("TB225", document, Spot(key, key.text, key.text), message)


@check("TB210")
def unused_attribute(subject: Subject) -> Iterator[Finding]:
    """Attributes that a department declares and no rule tests; shared ones where all is checked."""
    kernel = subject.kernel
    rules = [rule for item in kernel.items for rule in kernel.rulebook.rules(item)]
    used = frozenset().union(*(attributes(rule.when) for rule in rules))
    known = kernel.rulebook.vocabulary.facts
    sources = (one for name in used if name in known for one in known[name].derived_from)
    used |= {one.removeprefix("facts.") for one in sources}
    # What a plugin derives from it does not say, any fact of its department may be.
    facts_used = [known[name] for name in used if name in known]
    hidden = {one.owner for one in facts_used if not one.asked and not one.derived_from}
    for document in subject.documents:
        shared = document.known_as == "vocabulary.yaml"
        facts = kernel.base.vocabulary.facts
        for spot in document.under("facts" if shared else "attributes"):
            for key, value in spot.node.keys:
                # Derived ones of the house serve departments that are yet to come.
                fact = facts.get(key.text)
                spare = shared and (key.text == "handle_at" or not (fact and fact.asked))
                spare = spare or not (shared or key.text.startswith(f"{document.department}."))
                spare = spare or (not shared and document.department in hidden)
                tested = key.text in used or _tested_in(document, key.text)
                if not tested and not spare and value.kind == "mapping":
                    message = f"the attribute {key.text!r} is tested by no rule"
                    yield subject.at("TB210", document, Spot(key, key.text, key.text), message)


def _tested_in(document: Document, name: str) -> bool:
    """Whether a rule of the file tests it, loaded or not."""
    conditions = document.under("when", "unless", "any[]", "unless[]")
    return any(spot.node.get(name) is not None for spot in conditions)


@check("TB222")
def name_of_two_items(subject: Subject) -> Iterator[Finding]:
    """Items of one jurisdiction with the same name."""
    names: dict[tuple[str, str], str] = {}
    for item in subject.kernel.items:
        first = names.setdefault((item.jurisdiction, item.name), item.key)
        if first != item.key and item in subject.items:
            message = f"the name {item.name!r} is that of {first.partition('/')[2]} too"
            yield subject.on_line("TB222", item.file, item.line, message, subject.short(item))
