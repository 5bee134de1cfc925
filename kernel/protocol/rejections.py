"""Why a letter is put aside, or has to wait."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeAlias

from tongban.kernel.protocol.codec import FormatError
from tongban.kernel.protocol.texts import printable

__all__ = ["REJECTIONS", "OutOfOrderError", "RejectedError", "RejectionCode", "reject_unless"]

RejectionCode: TypeAlias = Literal[
    "form", "stranger", "illegal", "contradiction", "future", "personal"
]

REJECTIONS: Mapping[RejectionCode, tuple[str, str]] = {
    "form": ("格式不符", "a field is missing, of another form, too long or not to be printed"),
    "stranger": ("无权发出", "the sender does not have the part that the letter claims"),
    "illegal": ("步骤不合法", "what it says cannot follow from the case as it stands here"),
    "contradiction": ("内容抵触", "it contradicts what is here; a person has to look at both"),
    "future": ("日期有误", "it is dated more than a day after this node's clock, or before 2000"),
    "personal": ("个人信息不符", "it names personal data that it does not bring, or brings others"),
}
"""Why a letter is put aside: the Chinese term and what it means."""


class RejectedError(FormatError):
    """A letter that is put aside: nothing of it was kept.

    Attributes:
        code: one of `REJECTIONS`, for machines.
        reason: a sentence for people, without personal data.
    """

    def __init__(self, code: RejectionCode, reason: str) -> None:
        self.code, self.reason = code, printable(reason)
        super().__init__(self.reason)


class OutOfOrderError(Exception):
    """A letter before those that it follows on; it has to come again."""


def reject_unless(holds: bool, code: RejectionCode, reason: str) -> None:
    """Puts a letter aside where something does not hold.

    Raises:
        RejectedError: where it does not.
    """
    if not holds:
        raise RejectedError(code, reason)
