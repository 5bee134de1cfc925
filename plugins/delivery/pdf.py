"""A document as PDF: one A4 page, laid out as notices of the government are."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

from reportlab.graphics import renderPDF
from reportlab.graphics.barcode.qr import QrCodeWidget
from reportlab.graphics.shapes import Drawing
from reportlab.pdfgen.canvas import Canvas

from tongban.kernel.audit import signing
from tongban.plugins.delivery import seal
from tongban.plugins.delivery.attachment import attach
from tongban.plugins.delivery.certificate import Signed, sign
from tongban.plugins.delivery.documents import Document
from tongban.plugins.delivery.documents.wording import day_text
from tongban.plugins.delivery.flow import MEASURE, fitted, flowables
from tongban.plugins.delivery.fonts import Face, face_of

_MM = 72 / 25.4
_WIDTH, _HEIGHT = 210 * _MM, 297 * _MM
_LEFT, _RIGHT, _TOP, _BOTTOM = 28 * _MM, 26 * _MM, 32 * _MM, 46 * _MM
_TITLE = 22.0
_HEAD = 26 * _MM
"""Height of the title with the number under it."""
_SIGNED = 30 * _MM
"""Height of the issuer's name and the day."""
_ROOM = _HEIGHT - _TOP - _BOTTOM - _HEAD - _SIGNED


def as_pdf(document: Document, key: signing.SigningKey, font: Path | None = None) -> bytes:
    """A signed and sealed PDF, with the signed JSON inside. The same input gives the same bytes.

    Args:
        document: as it is issued.
        key: of the authority, or of the store's keeper.
        font: a TrueType font to be put into the file; None for the reader's own Song type.

    Raises:
        DocumentError: where the font cannot be used.
    """
    signed = sign(document, key)
    with face_of(font) as face:
        file, data = _written(document, signed, face)
    return seal.seal(file, data, key)


def _written(document: Document, signed: Signed, face: Face) -> tuple[bytes, bytes]:
    """The file before it is sealed, and what is put into it."""
    file = BytesIO()
    canvas = Canvas(
        file,
        pagesize=(_WIDTH, _HEIGHT),
        pageCompression=0,  # zlib differs from machine to machine
        invariant=1,
        initialFontName=face.name,
        lang="zh-CN",
    )
    # Not about whom: what a file manager shows is read by others too.
    canvas.setTitle(f"{document.title} {document.number}")
    canvas.setAuthor(document.issuer_name)
    canvas.setSubject(f"{document.item_name} {document.case}")
    canvas.setCreator("tongban")
    _draw(canvas, document, signed, face)
    data = attach(canvas, signed, document.issued_on)
    canvas.save()
    return file.getvalue(), data


def _draw(canvas: Any, document: Document, signed: Signed, face: Face) -> None:
    """One page; what does not fit even in small type goes on on further ones."""
    size = fitted(document, face, _ROOM)
    left = flowables(document, face, size)
    pages: list[list[Any]] = [[]]
    room = _ROOM
    while left:
        first = left.pop(0)
        _, height = first.wrap(MEASURE, room)
        if height <= room:
            pages[-1].append(first)
            room -= height
            continue
        parts = first.split(MEASURE, room) if pages[-1] else [first]
        if len(parts) > 1:
            left = [*parts, *left]
        else:
            if not pages[-1]:  # taller than a page and not to be split
                pages[-1].append(first)
            else:
                left.insert(0, first)
            pages.append([])
            room = _ROOM
    pages = [page for page in pages if page]
    for number, page in enumerate(pages, 1):
        last = number == len(pages)
        _page(canvas, document, face, page, last)
        _foot(canvas, document, signed, face, (number, len(pages)))
        canvas.showPage()


def _page(canvas: Any, document: Document, face: Face, page: list[Any], last: bool) -> None:
    y = _HEIGHT - _TOP
    _line(canvas, face, document.title, _TITLE, (_WIDTH / 2, y - _TITLE), 0.5)
    number = f"编号：{document.number}"
    _line(canvas, face, number, 12, (_WIDTH - _RIGHT, y - _HEAD + 6 * _MM), 1)
    y -= _HEAD
    for one in page:
        _, height = one.wrap(MEASURE, _ROOM)
        one.drawOn(canvas, _LEFT, y - height)
        y -= height
    if last:
        y = min(y - 12 * _MM, _BOTTOM + _SIGNED)
        right, low = _WIDTH - _RIGHT - 10 * _MM, max(y, _BOTTOM + 12 * _MM)
        _line(canvas, face, document.issuer_name, 15, (right, low), 1)
        _line(canvas, face, day_text(document.issued_on), 15, (right, low - 24), 1)


def _foot(
    canvas: Any, document: Document, signed: Signed, face: Face, page: tuple[int, int]
) -> None:
    """What proves it: the verification code, as text and to be scanned, and the key."""
    side = 22 * _MM
    code = QrCodeWidget(f"TONGBAN:{signed.code}:{signed.key}")
    code.barWidth = code.barHeight = side
    code.barBorder = 0
    drawing = Drawing(side, side)
    drawing.add(code)
    renderPDF.draw(drawing, canvas, _LEFT, 16 * _MM)
    canvas.setLineWidth(0.5)
    canvas.line(_LEFT, 41 * _MM, _WIDTH - _RIGHT, 41 * _MM)
    lines = (
        f"验证码：{signed.code}",
        f"办件编号：{document.case}    事项编码：{document.item}",
        f"签名密钥：{signed.key}",
        "本文书由上述机关电子签名，所附 JSON 与签名在本文件内。核验：tongban verify 文件名",
        "打印件以验证码为准，可向出具机关查询。文件经改动、另存或者打印再存的，核验不通过。",
    )
    for place, line in enumerate(lines):
        _line(canvas, face, line, 8.5, (_LEFT + side + 5 * _MM, 35 * _MM - place * 12.5))
    if page[1] > 1:
        text = f"第{page[0]}页 共{page[1]}页"
        _line(canvas, face, text, 8.5, (_WIDTH / 2, 10 * _MM), 0.5)


def _line(
    canvas: Any, face: Face, text: str, size: float, at: tuple[float, float], before: float = 0
) -> None:
    """One line of text, so much of which lies before the point that is given: 0, half or all."""
    face.draw(canvas, text, size, at[0] - before * face.width(text, size), at[1])
