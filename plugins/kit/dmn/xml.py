"""Reading the XML of DMN 1.1 to 1.5, safely."""

from __future__ import annotations

from collections.abc import Collection
from xml.etree import ElementTree as ET

from tongban.plugins.kit.dmn.decoding import decoded
from tongban.plugins.kit.dmn.reader import Reader
from tongban.plugins.kit.dmn.table import Refusal, Table, TableError
from tongban.plugins.kit.dmn.types import Types

MAX_SIZE = 4_000_000
"""Largest file, in bytes."""

VERSIONS = {
    "http://www.omg.org/spec/DMN/20151101/dmn.xsd": "1.1",
    "http://www.omg.org/spec/DMN/20180521/MODEL/": "1.2",
    "https://www.omg.org/spec/DMN/20191111/MODEL/": "1.3",
    "https://www.omg.org/spec/DMN/20211108/MODEL/": "1.4",
    "https://www.omg.org/spec/DMN/20230324/MODEL/": "1.5",
}
"""Namespaces of the versions that are read."""


class _Builder(ET.TreeBuilder):
    """Refuses a document type, and with it every entity but XML's own five; notes prefixes."""

    def __init__(self) -> None:
        super().__init__()
        self.uris: dict[str, set[str]] = {}

    def start_ns(self, prefix: str, uri: str) -> None:
        self.uris.setdefault(prefix or "", set()).add(uri)

    def doctype(self, name: str, pubid: str | None, system: str | None) -> None:
        raise TableError([Refusal("", "<!DOCTYPE", "is not read: a DMN file has no document type")])


def tables(content: bytes, only: Collection[str] = ()) -> tuple[Table, ...]:
    """The decision tables of a file.

    Args:
        content: of a .dmn file.
        only: ids or names of decisions; none for all of them.

    Raises:
        TableError: where it is not DMN, or holds anything but decision tables that
            stand alone.
    """
    if len(content) > MAX_SIZE:
        raise TableError([Refusal("", "", f"the file has more than {MAX_SIZE:,} bytes")])
    builder = _Builder()
    root = _parsed(content, builder)
    namespace, _, name = root.tag.rpartition("}")
    namespace = namespace.removeprefix("{")
    if name != "definitions" or namespace not in VERSIONS:
        known = ", ".join(VERSIONS.values())
        message = f"is not a DMN that can be read: expected <definitions> of DMN {known}"
        raise TableError([Refusal("", f"<{name}> of {namespace!r}", message)])
    prefix = f"{{{namespace}}}"
    uris = {mark: next(iter(some)) for mark, some in builder.uris.items() if len(some) == 1}
    reader = Reader(prefix, Types(root, prefix, uris))
    for other in sorted(_other_versions(root, namespace)):
        message = f"is DMN {VERSIONS[other]} in a file of DMN {VERSIONS[namespace]}; make it one"
        reader.refuse("", f"<…> of {other!r}", message)
    found = [*reader.decisions(root, only)]
    if not found and not reader.refusals:
        reader.refuse("", "", "no decision table in the file")
    if reader.refusals:
        raise TableError(reader.refusals)
    return tuple(found)


def _parsed(content: bytes, builder: _Builder) -> ET.Element:
    try:
        root = ET.XML(decoded(content), ET.XMLParser(target=builder))  # noqa: S314 - see _Builder
    except ET.ParseError as error:
        line, column = error.position
        said = str(error).partition(": line")[0]
        message = f"this is not XML (line {line}, column {column + 1}): {said}"
        raise TableError([Refusal("", "", message)]) from None
    except (ValueError, LookupError) as error:
        raise TableError([Refusal("", "", f"this is not XML: {error}")]) from None
    return root


def _other_versions(root: ET.Element, namespace: str) -> set[str]:
    """Versions of DMN that parts of a file are of, other than its own."""
    spaces = {one.tag.rpartition("}")[0].removeprefix("{") for one in root.iter()}
    return (spaces & VERSIONS.keys()) - {namespace}
