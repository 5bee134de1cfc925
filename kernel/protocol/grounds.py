"""Grounds (依据): the rules on which an outcome rests, and the article that a person names."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from attrs import field, frozen

from tongban.kernel.errors import Text
from tongban.kernel.protocol.codec import FormatError, load
from tongban.kernel.protocol.commands import need, refuse_unless

ARTICLE = Text("依据的条款", "the article that it rests on")
"""What a person names who decides otherwise than the rules."""

_NUMBER = "[0-9０-９〇零一二三四五六七八九十百千两]+"
_CHINESE_NUMBER = "[一二三四五六七八九十]+"
_NAMED = re.compile(
    rf"第\s*{_NUMBER}\s*[条款项节章号]"  # 第三十八条, 附件第2项
    r"|(?<![0-9])[1-9][0-9]{0,2}\s*[/-]\s*[0-9]{1,3}(?![0-9])"  # a row of the annex: 2/3, 2-03
    rf"|{_CHINESE_NUMBER}\s*[、.]?\s*[(（]\s*{_CHINESE_NUMBER}\s*[)）]"  # a section: 二(三)
    r"|[〔\[【(（]\s*[0-9０-９]{4}\s*[〕\]】)）]\s*第?\s*[0-9０-９]+\s*号"  # 〔2020〕35号
)
_VAGUE = re.compile("(?:有关|相关|国家)(?:的)?(?:法律|法规|规章|规定|政策|文件|要求)")
_OF_A_TEXT = re.compile(r"《[^》]+》|[〔\[【(（]\s*[0-9０-９]{4}\s*[〕\]】)）]")


@frozen
class Ground:
    """One rule on which a result rests.

    Attributes:
        rule: its id.
        because: one line for the applicant.
        cite: where it stands: `source`, `row`, `section`, `article`, `words`, as far as said.
        basis: `stated` or `inferred`.
    """

    rule: str
    because: str
    cite: Mapping[str, Any] = field(factory=dict)
    basis: str = "stated"

    @property
    def place(self) -> str:
        """Where it stands: source, row, section and article, without the words."""
        names = ("source", "row", "section", "article")
        return " ".join(str(self.cite[name]) for name in names if self.cite.get(name))


@frozen
class _Reason:
    """The fields of `Reason.to_dict()`."""

    conclusion: str
    value: Any
    rule: str
    because: str
    cite: Mapping[str, Any]
    basis: str


def grounds_of(decision: Mapping[str, Any]) -> tuple[Ground, ...]:
    """The rules on which the outcome of a decision rests.

    Args:
        decision: as JSON, eligible or not.

    Raises:
        FormatError: where its reasons are not what the kernel writes.
    """
    reasons = decision.get("reasons", ())
    if not isinstance(reasons, list | tuple):
        raise FormatError("submit.decision.reasons: must be a list")
    found = (load(_Reason, one, "submit.decision.reasons") for one in reasons)
    return tuple(
        Ground(one.rule, one.because, one.cite, one.basis)
        for one in found
        if one.conclusion == "eligible"
    )


def need_article(text: str) -> str:
    """The ground that a person names: an article, a row or section of the plan, a document.

    What it must not be is 依照有关规定 alone: nobody can look that up or contest it.

    Args:
        text: as it was given.

    Returns:
        It, without blanks around it.

    Raises:
        RefusedError: where it is empty, or names nothing that can be looked up.
    """
    (given,) = need(ARTICLE, text)
    named = bool(_NAMED.search(given))
    vague = bool(_VAGUE.search(given)) and not _OF_A_TEXT.search(given)
    refuse_unless(
        named and not vague,
        "依据须写明具体条款、附件行次、方案章节或者文号,如《行政许可法》第三十八条、附件2/3、"
        "方案二(三)、国办发〔2020〕35号;不得只写“依照有关规定”",
        "the ground must name an article, a row of the annex, a section of the plan or the number"
        " of a document: who reads it must be able to look it up",
    )
    return given.strip()
