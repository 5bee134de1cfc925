"""Electronic delivery: the signed document as PDF and as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tongban.plugins.delivery.certificate import as_json, sign
from tongban.plugins.delivery.documents import as_text
from tongban.plugins.delivery.request import Request


def carry(request: Request) -> Mapping[str, Any] | None:
    """Delivers at once; None where there is no key to sign with."""
    if request.key is None:
        return None
    return {"by": "electronic", "status": "arrived", **files(request)}


def files(request: Request) -> dict[str, Any]:
    """The signed document in every form, for every channel.

    Args:
        request: with a key, or the text alone is written.

    Returns:
        `title`, `number`, `code`, and `files`: name, media type and content of each.

    Raises:
        DocumentError: where the case has not come to this document.
    """
    document = request.document()
    said: dict[str, Any] = {"title": document.title, "number": document.number, "code": ""}
    made: list[tuple[str, str, bytes]] = []
    if request.key is not None:
        from tongban.plugins.delivery.pdf import as_pdf  # noqa: PLC0415 - heavy

        signed = sign(document, request.key)
        said["code"] = signed.code
        made = [
            ("pdf", "application/pdf", as_pdf(document, request.key, request.font)),
            ("json", "application/json", as_json(signed).encode()),
        ]
    made.append(("txt", "text/plain; charset=utf-8", as_text(document, said["code"]).encode()))
    name = _safe(f"{document.number}-{document.title}")
    said["files"] = tuple(
        {"name": f"{name}.{ending}", "media_type": media, "content": content}
        for ending, media, content in made
    )
    return said


def _safe(name: str) -> str:
    """A name that every file system takes: no folders, no control characters."""
    return "".join(char if char.isalnum() or char in "-_" else "_" for char in name)[:80]
