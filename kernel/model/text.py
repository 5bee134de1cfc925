"""A text in both languages."""

from __future__ import annotations

from attrs import frozen

__all__ = ["Text"]


@frozen
class Text:
    """What people read: a terminal shows both, an official document the Chinese, a page one.

    Attributes:
        zh: in Chinese, with the official terms.
        en: in plain English; "" where nobody has written it.
    """

    zh: str = ""
    en: str = ""

    @property
    def both(self) -> str:
        """The Chinese, and the English after it where there is one."""
        return f"{self.zh} {self.en}".strip()

    @property
    def bracketed(self) -> str:
        """The Chinese, with the English in brackets: as a terminal and the log have messages."""
        return f"{self.zh} ({self.en})" if self.zh and self.en else self.zh or self.en

    def to_dict(self) -> dict[str, str]:
        """For JSON."""
        return {"zh": self.zh, "en": self.en}
