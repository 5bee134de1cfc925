"""The documents that a case brings forth (文书): pure data, and what writes them as text.

`document(case, kind)` says what stands in one; renderers say how it looks.
"""

from __future__ import annotations

from tongban.plugins.delivery.documents.kinds import KINDS, document
from tongban.plugins.delivery.documents.model import (
    Block,
    Document,
    DocumentError,
    Form,
    Grid,
    Listing,
    Paragraph,
)
from tongban.plugins.delivery.documents.particulars import Particulars
from tongban.plugins.delivery.documents.text import as_text

__all__ = [
    "KINDS",
    "Block",
    "Document",
    "DocumentError",
    "Form",
    "Grid",
    "Listing",
    "Paragraph",
    "Particulars",
    "as_text",
    "document",
]
