"""Citations and quotations, against the texts of their sources where these are at hand."""

from __future__ import annotations

import re
from collections.abc import Iterator

from attrs import frozen

from tongban.kernel.rulefile import Node
from tongban.plugins.kit.check.documents import Document, Spot
from tongban.plugins.kit.check.findings import Finding
from tongban.plugins.kit.check.subject import Subject, check
from tongban.plugins.kit.sources import Text, nearest_passage, plain

PLAN = "plan"
LONGEST = 40
"""Characters of a quotation, white space not counted (docs/decisions/0018)."""


@frozen
class _Quotation:
    """A citation of a file.

    Attributes:
        kind: `row`, `section` or `article`.
        where: its value.
        words: None where it quotes nothing.
    """

    document: Document
    spot: Spot
    kind: str
    where: Node
    words: Node | None
    source: str


def _quotations(subject: Subject) -> Iterator[_Quotation]:
    for document in subject.documents:
        for spot in document.under("cite"):
            for kind in ("row", "section", "article"):
                where = spot.node.get(kind)
                if where is None or where.kind != "scalar":
                    continue
                words, source = spot.node.get("words"), spot.node.get("source")
                known = words if words and words.kind == "scalar" else None
                name = source.text if source else PLAN
                yield _Quotation(document, spot, kind, where, known, name)
                break


def _text(subject: Subject, one: _Quotation) -> Text | None:
    return subject.sources.get(one.source)


@check("TB203")
def no_such_place(subject: Subject) -> Iterator[Finding]:
    """Rows, sections and articles that the text does not have."""
    for one in _quotations(subject):
        text = _text(subject, one)
        if text and text.passage(one.kind, one.where.text) is None:
            message = f"{one.source} has no {one.kind} {one.where.text!r}"
            fix = ""
            if one.words and (places := text.where(one.words.text)):
                fix = f"these words stand in {', '.join(places[:3])}"
            yield subject.at(
                "TB203", one.document, Spot(one.where, one.spot.owner, one.kind), message, fix
            )


@check("TB202")
def false_quotation(subject: Subject) -> Iterator[Finding]:
    """Words that do not stand, verbatim, in the place that is cited."""
    for one in _quotations(subject):
        text = _text(subject, one)
        passage = text.passage(one.kind, one.where.text) if text else None
        if not text or not one.words or passage is None or plain(one.words.text) in passage:
            continue
        message = f"{one.words.text!r} does not stand in {one.kind} {one.where.text}"
        yield subject.at(
            "TB202",
            one.document,
            Spot(one.words, one.spot.owner, "words"),
            message,
            _instead(one.words.text, text, passage),
        )


def _instead(words: str, text: Text, passage: str) -> str:
    """Where the words stand instead, or what stands there that is most like them."""
    places = text.where(words)
    if places:
        return f"these words stand in {', '.join(places[:3])}"
    near = nearest_passage(words, passage)
    return f"nearest there: {near!r}" if near else ""


@check("TB204")
def long_quotation(subject: Subject) -> Iterator[Finding]:
    """Quotations of more than `LONGEST` characters."""
    for one in _quotations(subject):
        length = len(re.sub(r"\s", "", one.words.text)) if one.words else 0
        if one.words and length > LONGEST:
            spot = Spot(one.words, one.spot.owner, "words")
            message = f"the quotation has {length} characters; at most {LONGEST}"
            yield subject.at("TB204", one.document, spot, message)


@check("TB205")
def whole_sentence(subject: Subject) -> Iterator[Finding]:
    """Quotations that hold a full stop, or are a sentence of the text."""
    for one in _quotations(subject):
        if not one.words:
            continue
        said, text = plain(one.words.text), _text(subject, one)
        if "。" in said or (text and said in text.sentences):
            spot = Spot(one.words, one.spot.owner, "words")
            yield subject.at("TB205", one.document, spot, "the quotation is a whole sentence")


@check("TB206")
def copied_sentence(subject: Subject) -> Iterator[Finding]:
    """Sentences of a source anywhere else in a file."""
    for document in subject.documents:
        for spot in document.spots:
            if spot.node.kind != "scalar" or spot.key == "words" or len(spot.node.text) <= 20:
                continue
            said = plain(spot.node.text)
            for name, text in subject.sources.items():
                if any(one in said for one in text.long_sentences):
                    message = f"{spot.key.removesuffix('[]')} copies a sentence of {name}"
                    yield subject.at("TB206", document, spot, message)


@check("TB207")
def no_words(subject: Subject) -> Iterator[Finding]:
    """Rules that are stated by a source at hand, and do not quote it."""
    sources = subject.kernel.rulebook.sources
    for document in subject.documents:
        for rule in document.rules():
            cite, basis = rule.node.get("cite"), rule.node.get("basis")
            if cite is None or cite.get("words") or (basis and basis.text == "inferred"):
                continue
            if not (cite.get("row") or cite.get("section")):
                continue  # an article: laws are cited by article alone
            source = cite.get("source")
            name = source.text if source else PLAN
            if cite.kind == "mapping" and sources.get(name, {}).get("text"):
                message = f"says that {name} states it, and quotes no words"
                yield subject.at("TB207", document, Spot(cite, rule.owner, "cite"), message)


@check("TB208")
def other_row(subject: Subject) -> Iterator[Finding]:
    """Items and rules that cite the row of another item."""
    for document in subject.documents:
        for item in document.items():
            match = re.fullmatch(r"(\d+)-0*(\d+)", item.owner)
            own = f"{match[1]}/{match[2]}" if match else ""
            cite = item.node.get("cite")
            row = cite.get("row") if cite else None
            if not own or row is None or (cite and cite.get("source")):
                continue
            yield from _other_rows(subject, document, item, own)


def _other_rows(subject: Subject, document: Document, item: Spot, own: str) -> Iterator[Finding]:
    for spot in document.under("cite"):
        row = spot.node.get("row")
        of_item = spot.owner == item.owner or spot.owner.startswith(f"{item.owner}.")
        text = subject.sources.get(PLAN)
        known = text is None or not row or text.passage("row", row.text) is not None
        if of_item and row and known and not spot.node.get("source") and row.text != own:
            message = f"{item.owner} cites row {row.text}, not its own"
            at = Spot(row, spot.owner, "row")
            yield subject.at("TB208", document, at, message, f"its own row is {own}")


@check("TB209")
def unused_source(subject: Subject) -> Iterator[Finding]:
    """Sources that are declared and cited nowhere."""
    cited = {PLAN, *(one.source for one in _quotations(subject))}
    for document in subject.documents:
        for key in document.keys_of("sources"):
            if key.text not in cited:
                message = f"the source {key.text!r} is cited nowhere"
                yield subject.at("TB209", document, Spot(key, key.text, "sources"), message)
