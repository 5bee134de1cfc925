"""The types and names that a DMN file declares: item definitions, input data, variables."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from xml.etree import ElementTree as ET

from attrs import evolve, field, frozen

from tongban.plugins.kit.dmn.lexis import BLANK, UnreadError, spaced

_FEEL = re.compile(
    r"(s-)?feel|https?://www\.omg\.org/spec/(FEEL/[0-9]+/?|DMN/[0-9]+/FEEL/?)", re.IGNORECASE
)
_XSD = "http://www.w3.org/2001/XMLSchema"

MOST_TYPES = 40
"""How many types may be made of each other."""

_BASES = {
    "string": "string",
    "boolean": "boolean",
    **dict.fromkeys(("number", "integer", "long", "double"), "number"),
    "date": "date",
    "time": "time",
    **dict.fromkeys(("datetime", "date and time"), "date and time"),
    **dict.fromkeys(("daytimeduration", "days and time duration"), "days and time duration"),
    **dict.fromkeys(
        ("yearmonthduration", "years and months duration"), "years and months duration"
    ),
    "any": "",
    "list": "list",
    "context": "context",
}
"""Types of FEEL, under the names that versions of DMN and editors have for them."""


def is_feel(language: str) -> bool:
    """Whether an `expressionLanguage` or `typeLanguage` is FEEL, which "" is, too."""
    return not language or bool(_FEEL.fullmatch(language.strip()))


@frozen
class Type:
    """What a `typeRef` or a declared name says of a value.

    Attributes:
        base: a type of FEEL, "" where nothing is said.
        allowed: the text of its allowed values, "" for none.
        many: whether it is a list of such values.
        parts: of a structure, by name.
    """

    base: str = ""
    allowed: str = ""
    many: bool = False
    parts: Mapping[str, Type] = field(factory=dict)


class Types:
    """What a file declares.

    Args:
        root: `definitions`.
        prefix: `{namespace}` of DMN in it.
        uris: what each prefix of a name stands for, where there is but one.
    """

    def __init__(self, root: ET.Element, prefix: str, uris: Mapping[str, str]) -> None:
        self._prefix = prefix
        self._uris = uris
        self._target = root.get("namespace") or ""
        self._known: dict[str, Type] = {}
        self._definitions: dict[str, list[ET.Element]] = {}
        for one in root.findall(f"{prefix}itemDefinition"):
            self._definitions.setdefault(spaced(one.get("name") or ""), []).append(one)
        self._data: dict[str, ET.Element] = {}
        self.results: dict[str, str] = {}
        for one in root.findall(f"{prefix}inputData"):
            variable = one.find(f"{prefix}variable")
            for name in (one.get("name"), None if variable is None else variable.get("name")):
                if name:
                    self._data[spaced(name)] = one if variable is None else variable
        for one in root.findall(f"{prefix}decision"):
            variable = one.find(f"{prefix}variable")
            for name in (one.get("name"), None if variable is None else variable.get("name")):
                if name:
                    self.results.setdefault(spaced(name), one.get("name") or name)

    def reference(self, text: str) -> Type:
        """The type that a `typeRef` names.

        Raises:
            UnreadError: where it is neither of FEEL nor of the file, or not to be told.
        """
        return self._reference(text, ())

    def name(self, text: str) -> Type | None:
        """What the file declares of a name, or of a path such as `applicant.age`; None for nothing.

        Raises:
            UnreadError: where what it declares is not read.
        """
        wanted = spaced(text)
        steps = [spaced(one) for one in wanted.split(".")]
        for length in range(len(steps), 0, -1):
            data = self._data.get(wanted if length == len(steps) else ".".join(steps[:length]))
            if data is not None:
                return self._part(self.reference(data.get("typeRef") or ""), steps, length)
        return None

    def _part(self, found: Type, steps: Sequence[str], at: int) -> Type:
        for number in range(at, len(steps)):
            if found.many:
                raise UnreadError(f"looks into a list, {'.'.join(steps[:number])!r}")
            part = found.parts.get(steps[number])
            if part is None:
                known = f"; it has {', '.join(found.parts)}" if found.parts else ""
                raise UnreadError(f"{'.'.join(steps[:number])!r} has no {steps[number]!r}{known}")
            found = part
        return found

    def _reference(self, text: str, above: tuple[str, ...]) -> Type:
        text = text.strip(BLANK)
        if not text:
            return Type()
        uri, _, name = text.rpartition("}") if text.startswith("{") else ("", "", text)
        uri = uri.removeprefix("{")
        mark, colon, local = name.partition(":")
        if not uri and colon:
            uri, name = self._uris.get(mark, "feel" if mark.lower() == "feel" else ""), local
            if not uri:
                raise UnreadError("is a type of another model; imports are not read")
        name = spaced(name)
        own = self._definitions.get(name, []) if uri in ("", self._target) else []
        built_in = not uri or is_feel(uri) or uri == _XSD
        base = _BASES.get(name.lower()) if built_in else None
        if len(own) > 1 or (own and base is not None):
            raise UnreadError("is the name of several types; give each its own")
        if own:
            return self._defined(own[0], above)
        if base is None:
            raise UnreadError("is a type that is neither of FEEL nor declared in the file")
        return Type(base)

    def _defined(self, element: ET.Element, above: tuple[str, ...]) -> Type:
        """A type of the file, worked out once."""
        name = spaced(element.get("name") or "")
        if name in above:
            raise UnreadError(
                f"is a type that is made of itself, {' of '.join((*above, name)[-5:])}"
            )
        if name not in self._known:
            self._known[name] = self._described(element, (*above, name))
        return self._known[name]

    def _described(self, element: ET.Element, above: tuple[str, ...]) -> Type:
        if len(above) > MOST_TYPES:
            raise UnreadError(f"is a type of more than {MOST_TYPES} levels")
        if not is_feel(element.get("typeLanguage") or ""):
            raise UnreadError(f"is a type in {element.get('typeLanguage')}; FEEL alone is read")
        if element.find(f"{self._prefix}functionItem") is not None:
            raise UnreadError("is the type of a function")
        found = self._reference(element.findtext(f"{self._prefix}typeRef") or "", above)
        parts = element.findall(f"{self._prefix}itemComponent")
        if parts:
            # A part may have the name of a type above it without being that type.
            named = {spaced(p.get("name") or ""): self._described(p, (*above, "")) for p in parts}
            found = Type("context", parts=named)
        allowed = next(self._allowed(element), "")
        many = element.get("isCollection") in ("true", "1")
        return evolve(found, allowed=allowed or found.allowed, many=many or found.many)

    def _allowed(self, element: ET.Element) -> Iterator[str]:
        """What a type allows; DMN 1.5 calls it a constraint."""
        for kind in ("typeConstraint", "allowedValues"):
            for one in element.findall(f"{self._prefix}{kind}"):
                language = one.get("expressionLanguage") or ""
                if not is_feel(language):
                    raise UnreadError(f"has allowed values in {language}; FEEL alone is read")
                yield (one.findtext(f"{self._prefix}text") or "").strip(BLANK)
