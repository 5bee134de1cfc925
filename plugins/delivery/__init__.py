"""Delivery 送达: the documents of a case, and the ways in which its result comes to the applicant.

Electronic (signed PDF and JSON), by post, at a window; `tongban verify` for all who
is shown a document. docs/delivery.md has all of it.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tongban.kernel import Finding, hookimpl
from tongban.plugins.console.registration import lazily

__all__ = ["deliver", "findings", "register_commands"]


@hookimpl
def deliver(case: Mapping[str, Any], result: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Delivers by the first channel that can: the wanted one, the chosen one, what is allowed.

    Args:
        case: `protocol.Case.to_dict()`.
        result: keys as docs/delivery.md lists them.

    Returns:
        `by`, `status` (of the protocol, None right after it was handed over), `files`, and
        what the channel adds; None where no channel can carry it, or there is no such document.
        Where `kinds` is asked for, that alone: the title of each document by its kind.

    Raises:
        DocumentError: where the case has not come to the document that is asked for.
    """
    # Documents need heavy libraries only when one is written.
    from tongban.plugins.delivery import electronic, pickup, post  # noqa: PLC0415
    from tongban.plugins.delivery.documents import KINDS  # noqa: PLC0415
    from tongban.plugins.delivery.request import RESULTS, channels, request_of  # noqa: PLC0415

    if result.get("kinds"):
        return {"kinds": {name: kind.official for name, kind in KINDS.items()}}
    if (result.get("document") or "grant") not in KINDS:
        return None  # another plugin may write it

    # A receipt or a notice is handed out where it is written; only a result has a way to go.
    carriers = {"electronic": electronic.carry, "post": post.carry, "pickup": pickup.carry}
    font = os.environ.get("TONGBAN_FONT")  # a TrueType font to be put into documents
    request = request_of(case, result, Path(font) if font else None)
    if request.kind not in RESULTS:
        return {"by": "", "status": None, **electronic.files(request)}
    for by in channels(request.case, request.by):
        delivery = carriers[by](request)
        if delivery is not None:
            return delivery
    return None


@hookimpl
def findings() -> list[Finding]:
    """Whether names in every script can be printed."""
    from tongban.plugins.delivery.shaping import available, printable  # noqa: PLC0415

    name = "文书字体 typefaces"
    if not available():
        says = "只能印出常用汉字 only usual Chinese characters are printed, others as 〔U+…〕"
        return [Finding(name, False, says, "pip install 'tongban[cases]'")]
    missing = [script for script, sample in _SCRIPTS.items() if not printable(sample)]
    if missing:
        says = f"不能印出 cannot be printed, shown as 〔U+…〕: {'、'.join(missing)}"
        help = "install a font that has them, as fonts-noto, BabelStone Han or HanaMin"
        return [Finding(name, False, says, help)]
    return [Finding(name, True, "、".join(_SCRIPTS))]


_SCRIPTS = {
    "间隔号 middle dot": "·",
    "藏文 Tibetan": "ཀྲ",
    "维吾尔文 Uyghur": "ئۈ",
    "蒙古文 Mongolian": "ᠮᠣ",
    "通用规范汉字 common characters of extensions": "𬱖",
    "扩展B区 extension B": "\U000215d7",
    "扩展C至F区 extensions C to F": "\U0002c488",
    "扩展G、H区 extensions G and H": "\U00030a54",
}
"""What people are called in, with a sample of each."""


register_commands = lazily(__name__, "cases", verify=("command:verify", "Is a document genuine?"))
