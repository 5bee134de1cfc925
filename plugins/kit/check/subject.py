"""What the checks look at, and the list of them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from functools import cached_property
from typing import TypeAlias

from attrs import evolve, frozen

from tongban.kernel import Item, Kernel
from tongban.kernel.rulefile import Node
from tongban.plugins.kit.check.documents import Document, Spot
from tongban.plugins.kit.check.findings import Finding, found
from tongban.plugins.kit.examples import ExampleResult, run_example
from tongban.plugins.kit.sources import Text


@frozen(eq=False)
class Subject:
    """Rules to check.

    Attributes:
        kernel: it has loaded them.
        items: those of the files that are checked.
        documents: the files that are checked.
        sources: the texts of sources, by id.
        everything: whether all that is installed is checked, not files that were named.
    """

    kernel: Kernel
    items: tuple[Item, ...]
    documents: tuple[Document, ...]
    sources: Mapping[str, Text]
    everything: bool

    @cached_property
    def by_name(self) -> Mapping[str, Document]:
        """The documents by what the kernel calls them."""
        return {one.known_as: one for one in self.documents}

    @cached_property
    def results(self) -> tuple[ExampleResult, ...]:
        """The result of every case."""
        return tuple(run_example(self.kernel, i, case) for i in self.items for case in i.cases)

    def file(self, known_as: str) -> str:
        """What messages call the file that the kernel calls `known_as`."""
        document = self.by_name.get(known_as)
        return document.file if document else known_as

    def on_line(self, code: str, known_as: str, line: int, message: str, rule: str) -> Finding:
        """A finding at what begins in a line.

        Args:
            code: of the table.
            known_as: what the kernel calls the file.
            line: counted from 1.
            message: what is wrong.
            rule: its owner.
        """
        return self.placed(found(code, known_as, line, message, rule=rule))

    def placed(self, finding: Finding) -> Finding:
        """A finding that names the kernel's file and a line, at what begins there."""
        document = self.by_name.get(finding.file)
        text = document.line(finding.line) if document else ""
        column = len(text) - len(text.lstrip(" -")) + 1 if text.strip() else finding.column
        return evolve(finding, file=self.file(finding.file), column=column)

    def short(self, item: Item) -> str:
        """The item's id as messages say it."""
        return self.kernel.rulebook.short(item)

    def at(
        self, code: str, document: Document, spot: Spot | Node, message: str, fix: str = ""
    ) -> Finding:
        """A finding at a value of a file."""
        node, owner = (spot.node, spot.owner) if isinstance(spot, Spot) else (spot, "")
        return found(
            code, document.file, node.line, message, column=node.column, rule=owner, fix=fix
        )


Check: TypeAlias = Callable[[Subject], Iterator[Finding]]

CHECKS: list[tuple[tuple[str, ...], Check]] = []
"""Every check with the codes that it can find, in the order in which they run."""


def check(*codes: str) -> Callable[[Check], Check]:
    """Registers a check.

    Args:
        codes: what it can find.
    """

    def register(function: Check) -> Check:
        CHECKS.append((codes, function))
        return function

    return register


def selected(code: str, select: Collection[str], ignore: Collection[str]) -> bool:
    """Whether `code` is wanted: the longest beginning that names it decides.

    Args:
        code: `TB204`.
        select: beginnings of codes, `TB2`; none for all.
        ignore: the same, of what is not wanted.
    """
    wanted = max((len(one) for one in select if code.startswith(one)), default=0 if select else 1)
    unwanted = max((len(one) for one in ignore if code.startswith(one)), default=0)
    return wanted > unwanted
