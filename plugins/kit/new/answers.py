"""What a new department must say about itself, and whether an answer will do."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches

from attrs import frozen

from tongban.kernel import Item, Kernel, nearest
from tongban.plugins.console.terms import division_name

Said = Mapping[str, str]
"""What was said so far, by field."""

ID = re.compile("[a-z][a-z0-9_]*")
_LONGEST_ID, _LONGEST_TEXT = 60, 120


class WrongAnswerError(ValueError):
    """An answer that cannot be taken, and what would be right."""


@frozen
class Field:
    """One thing to be said.

    Attributes:
        name: its key; the flag is `--name` with dashes.
        question: asks for it.
        check: from what was typed to the value, or `WrongAnswerError`.
        usual: what is taken where it is not said; None where nothing is usual.
    """

    name: str
    question: str
    check: Callable[[Kernel, Said, str], str]
    usual: Callable[[Kernel, Said], str | None]

    @property
    def flag(self) -> str:
        """The option of the command line."""
        return f"--{self.name.replace('_', '-')}"


def name_or_id(word: str) -> dict[str, str]:
    """What NAME says: an official name, or an English id.

    Raises:
        WrongAnswerError: where it can be neither.
    """
    if not word.isascii():
        return {"name": _text(word)}
    if ID.fullmatch(word):
        return {"id": word}
    right = _as_id(word)
    hint = f"; did you mean {right}?" if right else ""
    raise WrongAnswerError(
        f"{word!r} is not a department's name: give its official Chinese name,"
        f" or an id of lower-case letters, digits and _{hint}"
    )


def _as_id(word: str) -> str:
    return re.sub("[^a-z0-9]+", "_", word.lower()).strip("_").lstrip("0123456789_")


def _text(answer: str) -> str:
    text = answer.strip()
    if not text:
        raise WrongAnswerError("it is empty")
    if not text.isprintable():
        raise WrongAnswerError(f"{ascii(text)} holds a character that cannot be printed; remove it")
    if len(text) > _LONGEST_TEXT:
        raise WrongAnswerError(f"it is {len(text)} characters long; {_LONGEST_TEXT} at most")
    return text


def _check_text(kernel: Kernel, said: Said, answer: str) -> str:
    return _text(answer)


def _check_jurisdiction(kernel: Kernel, said: Said, answer: str) -> str:
    provinces = kernel.base.vocabulary.provinces
    word = answer.strip()
    codes = kernel.base.divisions.find(word)
    found = word if word in provinces else next((code for code in codes if code in provinces), None)
    if found and kernel.base.divisions[found].outside:
        raise WrongAnswerError(
            f"{provinces[found]} has no authority that takes part; name a mainland province"
        )
    if found:
        return found
    code = codes[0] if codes else word if word in kernel.base.divisions else None
    if code:
        near = f"{code[:2]}0000"
        raise WrongAnswerError(
            f"{division_name(kernel, code)} is not a province;"
            f" did you mean {division_name(kernel, near)}?"
        )
    words = {name: code for code, name in provinces.items()}
    near_word = nearest(word, [*words, *provinces])
    hint = ""
    if near_word:
        code = words.get(near_word, near_word)
        hint = f"; did you mean {code} {provinces[code]}?"
    raise WrongAnswerError(f"{word!r} is not a province, by name or by code{hint}")


def _check_id(kernel: Kernel, said: Said, answer: str) -> str:
    word = answer.strip()
    if not ID.fullmatch(word):
        right = _as_id(word)
        hint = f"; did you mean {right}?" if right else ""
        raise WrongAnswerError(
            f"{word!r} is not an id: lower-case letters, digits and _, a letter first{hint}"
        )
    if len(word) > _LONGEST_ID:
        raise WrongAnswerError(f"the id is {len(word)} characters long; {_LONGEST_ID} at most")
    for one in kernel.rulebook.departments:
        if (one.jurisdiction, one.id) == (said.get("jurisdiction"), word):
            where = division_name(kernel, one.jurisdiction)
            raise WrongAnswerError(
                f"the department {word} of {where} is installed; choose another id"
            )
    return word


def _check_item(kernel: Kernel, said: Said, answer: str) -> str:
    word = answer.strip().removeprefix(f"{said.get('jurisdiction')}/")
    if not re.fullmatch("[0-9a-z]+(-[0-9a-z]+)*", word) or len(word) > _LONGEST_ID:
        raise WrongAnswerError(f"{word!r} is not an item's id; write it as 2-03 (list 2, row 3)")
    taken = _item(kernel, said, word)
    if taken:
        free = _usual_item(kernel, said)
        raise WrongAnswerError(
            f"the item {word} is {taken.name}, of {taken.department}; {free} is free"
        )
    return word


def _item(kernel: Kernel, said: Said, word: str) -> Item | None:
    return kernel.rulebook.items.get(f"{said.get('jurisdiction')}/{word}")


def _check_item_name(kernel: Kernel, said: Said, answer: str) -> str:
    name = _text(answer)
    for item in kernel.items:
        if (item.jurisdiction, item.name) == (said.get("jurisdiction"), name):
            raise WrongAnswerError(
                f"{name} is the item {item.id} of {item.department}; names are unique"
            )
    return name


def _one_of(what: str, known: Mapping[str, str], answer: str) -> str:
    """The key of `known` that `answer` is, or whose Chinese term it is."""
    word = answer.strip()
    if word in known:
        return word
    terms = {term: key for key, term in known.items()}
    if word in terms:
        return terms[word]
    near = nearest(word, [*known, *terms]) or _like(word, [*terms, *known])
    hint = f"did you mean {near}?" if near else f"one of: {', '.join(known)}"
    raise WrongAnswerError(f"unknown {what} {word!r}; {hint}")


def _like(word: str, known: Sequence[str]) -> str | None:
    """A word that holds `word` or half of it: terms of two characters differ in one."""
    holding = [one for one in known if word and (word in one or one in word)]
    return next(iter(holding or get_close_matches(word, known, n=1, cutoff=0.5)), None)


def _check_kind(kernel: Kernel, said: Said, answer: str) -> str:
    kinds = kernel.base.vocabulary.kinds
    return _one_of("kind of item", {kind: kind for kind in kinds}, answer)


def _check_place(kernel: Kernel, said: Said, answer: str) -> str:
    places = kernel.base.vocabulary.places.values()
    return _one_of("place", {p.name: p.label for p in places if p.division}, answer)


def _usual_name(kernel: Kernel, said: Said) -> str | None:
    return next((d.name for d in kernel.rulebook.departments if d.id == said.get("id")), None)


def _usual_jurisdiction(kernel: Kernel, said: Said) -> str | None:
    """The province that the name begins with, else the one that rules without one belong to."""
    name = said.get("name", "")
    for code, province in kernel.base.vocabulary.provinces.items():
        if len(name) > 1 and (name.startswith(province) or _short(province, name)):
            return code
    return kernel.base.jurisdiction


def _short(province: str, name: str) -> bool:
    """Whether `name` begins with what people call a province: 四川 for 四川省."""
    length = 3 if province.startswith(("内蒙古", "黑龙江")) else 2
    return name.startswith(province[:length])


def _usual_id(kernel: Kernel, said: Said) -> str | None:
    """The id of a department that has this name in another province."""
    ids = {d.name.lstrip("省"): d.id for d in kernel.rulebook.departments}
    province = kernel.base.vocabulary.provinces.get(said.get("jurisdiction", ""), "")
    name = said.get("name", "").removeprefix(province).lstrip("省")
    near = nearest(name, ids) if name else None
    return ids[near] if near else None


def _usual_title(kernel: Kernel, said: Said) -> str | None:
    known = {d.id: d.title for d in kernel.rulebook.departments}
    word = said.get("id", "")
    return known.get(word) or word.replace("_", " ").strip().capitalize() or None


def _usual_item(kernel: Kernel, said: Said) -> str:
    """The first free row of list 1."""
    number = 1
    while _item(kernel, said, f"1-{number:02}"):
        number += 1
    return f"1-{number:02}"


def _always(value: str) -> Callable[[Kernel, Said], str | None]:
    return lambda kernel, said: value


FIELDS = (
    Field("name", "部门的正式名称 Official Chinese name", _check_text, _usual_name),
    Field(
        "jurisdiction",
        "所属省份 Province, by code or name",
        _check_jurisdiction,
        _usual_jurisdiction,
    ),
    Field("id", "部门标识 Id: lower-case letters, digits, _", _check_id, _usual_id),
    Field("title", "英文名称 English title", _check_text, _usual_title),
    Field("item", "第一个事项的编号 Id of the first item", _check_item, _usual_item),
    Field(
        "item_name",
        "事项的正式名称 Official name of the item",
        _check_item_name,
        _always("示例事项"),
    ),
    Field(
        "item_title",
        "事项的英文名称 English title of the item",
        _check_text,
        _always("Example item"),
    ),
    Field("kind", "事项类别 Kind of item", _check_kind, _always("登记")),
    Field("handled_at", "办理地 Place that handles it", _check_place, _always("hukou")),
)
"""Everything that must be said, in the order of asking: later answers rest on earlier ones."""
