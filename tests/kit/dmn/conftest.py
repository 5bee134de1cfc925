"""Decision tables as editors write them, and kernels that have loaded their rules."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

import pytest
from attrs import frozen

from tongban.kernel import Kernel
from tongban.plugins.kit.dmn.document import Imported, Wishes, imported
from tongban.plugins.kit.dmn.xml import tables
from tongban.plugins.kit.formatting.layout import formatted

NAMESPACE = "https://www.omg.org/spec/DMN/20191111/MODEL/"


@frozen
class Head:
    """An input or output column: name, typeRef, allowed values, label, default of an output."""

    name: str
    type: str = ""
    allowed: str = ""
    label: str = ""
    default: str = ""


def _texts(tag: str, text: str) -> str:
    return f"<{tag}><text>{escape(text)}</text></{tag}>" if text else ""


def dmn_of(
    policy: str,
    inputs: Sequence[Head],
    outputs: Sequence[Head],
    rows: Sequence[Sequence[str]],
    *,
    notes: Sequence[str] = (),
    namespace: str = NAMESPACE,
    more: str = "",
) -> bytes:
    """A .dmn file with one table; a row holds its inputs, then its outputs."""
    heads = "".join(
        f"<input label={quoteattr(one.label)}><inputExpression typeRef={quoteattr(one.type)}>"
        f"<text>{escape(one.name)}</text></inputExpression>"
        f"{_texts('inputValues', one.allowed)}</input>"
        for one in inputs
    ) + "".join(
        f"<output label={quoteattr(one.label)} name={quoteattr(one.name)}"
        f" typeRef={quoteattr(one.type)}>{_texts('outputValues', one.allowed)}"
        f"{_texts('defaultOutputEntry', one.default)}</output>"
        for one in outputs
    )
    lines = ""
    for n, row in enumerate(rows):
        note = f"<description>{escape(notes[n])}</description>" if n < len(notes) else ""
        cells = "".join(
            f"<{tag}><text>{escape(text)}</text></{tag}>"
            for m, text in enumerate(row)
            for tag in ["inputEntry" if m < len(inputs) else "outputEntry"]
        )
        lines += f"<rule>{note}{cells}</rule>"
    hit = f" hitPolicy={quoteattr(policy)}" if policy else ""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><definitions xmlns="{namespace}" id="d" name="DRD">'
        f'<decision id="table" name="表"><decisionTable{hit}>{heads}{lines}</decisionTable>{more}'
        "</decision></definitions>"
    ).encode()


@pytest.fixture(scope="session")
def bare() -> Kernel:
    """A kernel with the shared vocabulary and no department."""
    return Kernel(plugins=[])


@pytest.fixture(scope="session")
def translated(bare: Kernel) -> Callable[..., Imported]:
    """Imports a .dmn file as the department `example`, item 9-01."""

    def run(content: bytes, **names: str) -> Imported:
        pairs = {column.replace("_", " "): name for column, name in names.items()}
        wishes = Wishes("example", "630000", ("9-01",), pairs)
        vocabulary, sources = bare.base.vocabulary, bare.base.sources
        found = imported(tables(content), vocabulary, sources, wishes)
        return Imported(formatted(found.text.encode()).text, found.warnings)

    return run


@pytest.fixture(scope="session")
def loaded(
    bare: Kernel, translated: Callable[..., Imported], tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., Kernel]:
    """A kernel that has loaded the rules of a .dmn file."""
    folder = tmp_path_factory.mktemp("dmn")

    def run(content: bytes, **names: str) -> Kernel:
        file = folder / "rules.yaml"
        file.write_text(translated(content, **names).text, encoding="utf-8")
        kernel = Kernel(plugins=[], drafts=[Path(file)], rules=bare.base)
        assert kernel.problems == ()
        return kernel

    return run


@pytest.fixture(scope="session")
def make() -> tuple[Callable[..., bytes], type[Head]]:
    """Makes a .dmn file, and its columns."""
    return dmn_of, Head
