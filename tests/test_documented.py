"""What docstrings and pages say that things have, they have."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import tongban.kernel
from tongban.kernel import Decision, protocol

ROOT = Path(__file__).resolve().parents[1]
FILES = sorted(
    path for folder in ("kernel", "plugins") for path in (ROOT / folder).rglob("*.py")
    if "template" not in path.parts
)  # fmt: skip
PAGES = sorted([*ROOT.glob("docs/*.md"), *ROOT.glob("README*.md")])


def section(docstring: str | None, name: str) -> list[str]:
    """The names that a section of a docstring lists: `low, high: …` are two."""
    lines = inspect.cleandoc(docstring or "").splitlines()
    if f"{name}:" not in lines:
        return []
    found: list[str] = []
    for line in lines[lines.index(f"{name}:") + 1 :]:
        if line and not line.startswith(" "):
            break
        match = re.match(r" {4}\*{0,2}(\w+(?:, \*{0,2}\w+)*)(?: \([^)]*\))?:", line)
        if match:
            found += re.findall(r"\w+", match[1])
    return found


def classes(tree: ast.Module) -> Iterator[ast.ClassDef]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.ClassDef))


def own(node: ast.ClassDef) -> set[str]:
    """The attributes that a class gives its values: fields, properties, methods, `self.x = …`."""
    found: set[str] = set()
    for one in ast.walk(node):
        if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef):
            found.add(one.name)
        elif isinstance(one, ast.AnnAssign | ast.Assign):
            targets = one.targets if isinstance(one, ast.Assign) else [one.target]
            for target in targets:
                parts = target.elts if isinstance(target, ast.Tuple) else [target]
                found |= {part.id for part in parts if isinstance(part, ast.Name)}
                found |= {part.attr for part in parts if isinstance(part, ast.Attribute)}
    return found | {name.lstrip("_") for name in found}


@cache
def trees() -> Mapping[Path, ast.Module]:
    return {path: ast.parse(path.read_text(encoding="utf-8")) for path in FILES}


@cache
def by_name() -> Mapping[str, list[ast.ClassDef]]:
    found: dict[str, list[ast.ClassDef]] = {}
    for tree in trees().values():
        for node in classes(tree):
            found.setdefault(node.name, []).append(node)
    return found


def attributes(node: ast.ClassDef) -> set[str]:
    """Its own and those of the classes that it is made of."""
    found = own(node)
    for base in node.bases:
        name = base.attr if isinstance(base, ast.Attribute) else getattr(base, "id", "")
        for parent in by_name().get(name, []):
            found |= attributes(parent) if parent is not node else set()
    return found


def test_attributes_that_docstrings_list_are_there() -> None:
    absent = [
        f"{path.relative_to(ROOT)}: {node.name}.{name}"
        for path, tree in trees().items()
        for node in classes(tree)
        for name in section(ast.get_docstring(node), "Attributes")
        if name not in attributes(node)
    ]
    assert absent == []


def test_arguments_that_docstrings_list_are_there() -> None:
    absent = []
    for path, tree in trees().items():
        for node in ast.walk(tree):
            if not isinstance(node, ast.FunctionDef | ast.ClassDef):
                continue
            listed = section(ast.get_docstring(node), "Args")
            if isinstance(node, ast.ClassDef):
                inits = [one for one in node.body if getattr(one, "name", "") == "__init__"]
                known = parameters(inits[0]) if inits else attributes(node)
            else:
                known = parameters(node)
            where = f"{path.relative_to(ROOT)}: {node.name}"
            absent += [f"{where}({name})" for name in listed if name not in known]
    assert absent == []


def parameters(node: ast.AST) -> set[str]:
    assert isinstance(node, ast.FunctionDef)
    args = node.args
    every = [*args.posonlyargs, *args.args, *args.kwonlyargs, args.vararg, args.kwarg]
    return {one.arg for one in every if one is not None}


PUBLIC: dict[str, Any] = {
    name: value
    for module in (tongban.kernel, protocol)
    for name in module.__all__
    if inspect.isclass(value := getattr(module, name, None))
}
"""Classes that pages may speak of."""


def has(owner: Any, name: str) -> bool:
    fields = {one.name for one in getattr(owner, "__attrs_attrs__", ())}
    kept = by_name().get(owner.__name__, [])
    return hasattr(owner, name) or name in fields or any(name in attributes(one) for one in kept)


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_attributes_that_a_page_names_are_there(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    named = re.findall(r"`(?:tongban\.kernel\.)?([A-Z]\w+)\.(\w+)", text)
    spoken = [(PUBLIC[owner], name) for owner, name in named if owner in PUBLIC]
    small = {"kernel": "Kernel", "decision": "Decision", "application": "Application"}
    for word, name in re.findall(
        r"(?<!tongban\.)\b(kernel|decision|application)\.([a-z_]+)\b(?!\.\w)", text
    ):
        # Not the files and modules of that name.
        if name not in ("json", "jsonl", "md", "pdf", "py", "yaml", "protocol", "store"):
            spoken.append((PUBLIC[small[word]], name))
    assert [f"{owner.__name__}.{name}" for owner, name in spoken if not has(owner, name)] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_arguments_that_a_page_names_are_there(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    absent = []
    for name, said in re.findall(r"`([A-Z]\w+)\(([a-z_, =\[\]]*)\)`", text):
        if name in PUBLIC:
            known = inspect.signature(PUBLIC[name]).parameters
            words = [word.partition("=")[0].strip() for word in said.split(",") if word.strip()]
            absent += [f"{name}({word})" for word in words if word not in known]
    assert absent == []


def test_the_page_on_decisions_lists_what_a_decision_has() -> None:
    text = (ROOT / "docs" / "decision.md").read_text(encoding="utf-8")
    before, row, after = text.partition("| `as_of` | the date as of which it was decided |")
    table = before.rpartition("| key | value |")[2] + row + after.partition("\n\n")[0]
    keys = re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)
    assert keys == [one.name for one in Decision.__attrs_attrs__]
