"""Names for the attributes of a department: one for each fact that a table tests."""

from __future__ import annotations

import re
import unicodedata

from tongban.kernel import PluginError

MOST = 60
"""Letters of a name, before a number that tells it apart."""


class Names:
    """Gives each fact a name of its own, and the same fact the same name.

    Args:
        department: whose prefix the names get.
        taken: names that something else has.
    """

    def __init__(self, department: str, taken: set[str]) -> None:
        self._department = department
        self._taken = {*taken}
        self._names: dict[str, str] = {}

    def of(self, fact: str) -> str:
        """The name of a fact, `postal.nian_ling`.

        Args:
            fact: as the table names it; texts that differ are different facts, as FEEL has it.

        Raises:
            PluginError: where the library that spells Chinese is not installed.
        """
        if fact not in self._names:
            first = name = f"{self._department}.{spelled(fact.removeprefix('facts.'))}"
            number = 1
            while name in self._taken:
                number += 1
                name = f"{first}_{number}"
            self._taken.add(name)
            self._names[fact] = name
        return self._names[fact]


def asked(term: str) -> str:
    """The question for a term; one that is a question already, `是否已婚？`, stays it."""
    plain = term.rstrip("?\uff1f ")
    return f"{plain}?"


def spelled(text: str) -> str:
    """A text in the letters that a name of an attribute may have, its Chinese in pinyin.

    Args:
        text: `申请人age`.

    Returns:
        `shen_qing_ren_age`: letters, digits and `_`, beginning with a letter. Other texts may
        be spelled the same.
    """
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", text)
    parts = "_".join(_pinyin(words)).casefold()
    plain = unicodedata.normalize("NFKD", parts).encode("ascii", "ignore").decode()
    name = re.sub("[^a-z0-9]+", "_", plain)[:MOST].strip("_")
    return name if name[:1].isalpha() else f"input_{name}".rstrip("_")


def _pinyin(text: str) -> list[str]:
    if text.isascii():
        return [text]
    try:
        from pypinyin import lazy_pinyin  # noqa: PLC0415 - slow to import, and not always needed
    except ModuleNotFoundError:
        raise PluginError("Chinese names need: pip install 'tongban[check]'") from None
    found: list[str] = lazy_pinyin(text)
    return found
