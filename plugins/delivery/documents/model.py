"""What a document is: who says what to whom, in which case, on which day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, TypeAlias

from attrs import field, frozen

from tongban.kernel import TongbanError


class DocumentError(TongbanError):
    """A document that cannot be written; the message says what is missing, never about whom."""


@frozen
class Paragraph:
    """Running text."""

    text: str


@frozen
class Listing:
    """Numbered lines: reasons, defects, what is missing."""

    lines: tuple[str, ...]


@frozen
class Form:
    """Labels and what stands beside them; "" leaves room to write by hand."""

    rows: tuple[tuple[str, str], ...]


@frozen
class Grid:
    """A table with a header.

    Attributes:
        widths: of the columns, in parts.
    """

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[int, ...]


Block: TypeAlias = Paragraph | Listing | Form | Grid

_NAMES: Mapping[type, str] = {
    Paragraph: "paragraph",
    Listing: "list",
    Form: "form",
    Grid: "table",
}


@frozen
class Document:
    """One document, before anybody has signed it.

    Attributes:
        kind: its name in JSON, a key of `KINDS`.
        title: its official name.
        number: of the document (文书编号).
        case, item, item_name: what it is about.
        collaboration: the number under which several offices act, "" for one.
        rules: the version of the rules under which the case is handled.
        issuer: key of the office, `630100/public_security`; `issuer_name` its official name.
        recipient: personal data: `kind`, `name`, and `id_number` masked.
        issued_on: the day, in China.
        facts: what it says, for machines.
    """

    kind: str
    title: str
    number: str
    case: str
    item: str
    item_name: str
    collaboration: str
    rules: str
    issuer: str
    issuer_name: str
    recipient: Mapping[str, Any] = field(repr=False)
    issued_on: date
    blocks: tuple[Block, ...] = field(repr=False)
    facts: Mapping[str, Any]

    @property
    def addressee(self) -> str:
        """The recipient as the document addresses them."""
        return str(self.recipient.get("name") or "申请人")

    def to_dict(self) -> dict[str, Any]:
        """The stable JSON form: it is what is signed."""
        shown: dict[str, Any] = {
            name: getattr(self, name)
            for name in (
                "kind",
                "title",
                "number",
                "case",
                "item",
                "item_name",
                "collaboration",
                "rules",
                "issuer",
                "issuer_name",
            )
        }
        return shown | {
            "recipient": dict(self.recipient),
            "issued_on": self.issued_on.isoformat(),
            "blocks": [_block(one) for one in self.blocks],
            "facts": dict(self.facts),
        }


def _block(block: Block) -> dict[str, Any]:
    kind = {"type": _NAMES[type(block)]}
    if isinstance(block, Paragraph):
        return kind | {"text": block.text}
    if isinstance(block, Listing):
        return {**kind, "lines": list(block.lines)}
    rows = [list(row) for row in block.rows]
    if isinstance(block, Form):
        return {**kind, "rows": rows}
    return {**kind, "header": list(block.header), "rows": rows, "widths": list(block.widths)}
