"""The signed JSON inside a PDF, as an attached file that any reader of PDF can save."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from reportlab.pdfbase import pdfdoc as raw

from tongban.plugins.delivery.certificate import Signed

NAME = "document.json"
"""What the attachment is called."""


def attach(canvas: Any, signed: Signed, day: date) -> bytes:
    """Attaches a signed document to the PDF that is being made.

    Args:
        canvas: of the PDF library.
        signed: what is attached.
        day: of issue.

    Returns:
        The JSON as it lies in the file, uncompressed and in ASCII.
    """
    data = json.dumps(signed.to_dict(), ensure_ascii=True).encode("ascii")
    made = raw.PDFString(f"D:{day:%Y%m%d}000000+08'00'")
    stream = raw.PDFStream(content=data + b"\n", filters=())
    stream.dictionary["Type"] = raw.PDFName("EmbeddedFile")
    stream.dictionary["Subtype"] = raw.PDFName("application/json".replace("/", "#2F")).replace(
        "#232F", "#2F"
    )
    stream.dictionary["Params"] = raw.PDFDictionary(
        {"Size": len(data) + 1, "CreationDate": made, "ModDate": made}
    )
    document = canvas._doc
    file = document.Reference(stream)
    spec = raw.PDFDictionary(
        {
            "Type": raw.PDFName("Filespec"),
            "F": raw.PDFString(NAME),
            "UF": raw.PDFString(NAME),
            "Desc": raw.PDFString("the signed document"),
            "AFRelationship": raw.PDFName("Source"),
            "EF": raw.PDFDictionary({"F": file}),
        }
    )
    names = raw.PDFArray([raw.PDFString(NAME), document.Reference(spec)])
    document.Catalog.Names = raw.PDFDictionary(
        {"EmbeddedFiles": raw.PDFDictionary({"Names": names})}
    )
    return data
