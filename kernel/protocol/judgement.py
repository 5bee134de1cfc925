"""Whom an incoming letter may come from, and what must hold before anything of it is kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal, TypeAlias

from attrs import frozen

from tongban.kernel.protocol.codec import FormatError

__all__ = ["REJECTIONS", "Rejected", "RejectionCode", "Sender"]

RejectionCode: TypeAlias = Literal["form", "stranger", "illegal", "contradiction", "future"]

REJECTIONS: Mapping[RejectionCode, tuple[str, str]] = {
    "form": ("格式不符", "a field is missing, of another type, too long or not to be printed"),
    "stranger": ("无权发出", "the sender does not have the part that the letter claims"),
    "illegal": ("步骤不合法", "what it says cannot follow from the case as it stands here"),
    "contradiction": ("内容抵触", "it contradicts what is here; a person has to look at both"),
    "future": ("日期在后", "it is dated more than a day after this node's clock"),
}
"""Why a letter is put aside: the Chinese term and what it means."""


@frozen
class Sender:
    """The node that signed a letter.

    Attributes:
        node: its name.
        serves: whether it may speak for an address, `630100/public_security`.
    """

    node: str
    serves: Callable[[str], bool]


class Rejected(FormatError):
    """A letter that is put aside: nothing of it was kept.

    Attributes:
        code: one of `REJECTIONS`, for machines.
        reason: a sentence for people, without personal data.
    """

    def __init__(self, code: RejectionCode, reason: str) -> None:
        self.code, self.reason = code, reason
        super().__init__(reason)
