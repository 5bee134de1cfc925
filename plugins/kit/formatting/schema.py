"""`tongban schema`: the JSON Schema of a department's file, for editors."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

import click

from tongban.kernel import Kernel
from tongban.kernel.model import official
from tongban.plugins.console import writing
from tongban.plugins.console.options import printable

MODELINE = "# yaml-language-server: $schema="
VSCODE = ("rules.yaml", "*.rules.yaml", "rules/**/*.yaml")


@click.command(short_help="The JSON Schema of rule files, for editors.")
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write it to this file.",
)
@click.option("--vscode", is_flag=True, help="Set up the current folder for VS Code.")
@click.pass_obj
def schema(kernel: Kernel, output: Path | None, vscode: bool) -> None:
    """Print the JSON Schema of a department's rule file.

    It has every key with its meaning, every word with its Chinese term, and
    the attributes of the installed departments. docs/editors.md says how an
    editor finds it. --vscode writes .vscode/tongban.schema.json, and
    .vscode/settings.json where there is none yet.

    \b
    Examples:
      tongban schema --output tongban.schema.json
      tongban schema --vscode
    """
    text = json.dumps(editor_schema(kernel), ensure_ascii=False, indent=1) + "\n"
    if vscode:
        if output:
            raise click.UsageError("--vscode has files of its own; leave --output out")
        _set_up_vscode(text)
    elif output:
        writing.write_file(output, text)
        says = f"{output}: written; name it in the first line of a rule file:"
        click.echo(printable(says), err=True)
        click.echo(printable(f"{MODELINE}{output.as_posix()}"), err=True)
    else:
        click.echo(text, nl=False)


def _set_up_vscode(text: str) -> None:
    folder = Path(".vscode")
    folder.mkdir(exist_ok=True)
    writing.write_file(folder / "tongban.schema.json", text)
    click.echo(printable(f"{folder / 'tongban.schema.json'}: written"))
    settings = folder / "settings.json"
    wanted = {"yaml.schemas": {"./.vscode/tongban.schema.json": list(VSCODE)}}
    lines = json.dumps(wanted, indent=2)
    if not settings.exists():
        writing.write_file(settings, lines + "\n")
        click.echo(printable(f"{settings}: written"))
    elif "tongban.schema.json" not in settings.read_text(encoding="utf-8"):
        # It may hold comments, which json would drop: its owner adds the lines.
        click.echo(f"{settings}: is there already; add to it:\n{lines}", err=True)


def editor_schema(kernel: Kernel) -> dict[str, Any]:
    """The schema of a department's file with what helps a writer.

    Args:
        kernel: whose vocabulary names the words; departments' own attributes
            are offered in conditions.

    Returns:
        The schema of `rules/schema.json`, which accepts the same files; words
        with their Chinese terms stand under `enumDescriptions` and
        `x-intellij-enum-metadata`.
    """
    text = (files("tongban.rules") / "schema.json").read_text(encoding="utf-8")
    whole: dict[str, Any] = json.loads(text)
    vocabulary = kernel.rulebook.vocabulary
    tests = whole["$defs"]["condition"]["properties"]
    for fact in vocabulary.facts.values():
        if fact.owner and fact.name not in tests:
            tests[fact.name] = {"description": _described(fact)}
    places = {name: f"{one.label} · {one.title}" for name, one in vocabulary.places.items()}
    terms: list[Mapping[str, str]] = [places, *map(official, _KINDS)]
    terms += [one.values for one in vocabulary.attributes.values() if one.values]
    _explain(whole, terms)
    return whole


_KINDS = (
    *("applicant", "channel", "delivery", "mode", "basis", "attendance", "level", "form"),
    *("supplier", "outcome", "apart"),
)


def _described(fact: Any) -> str:
    said = f"{fact.label} · {fact.title}"
    values = ", ".join(f"{value} {term}" for value, term in (fact.values or {}).items())
    return f"{said}: {values}" if values else said


def _explain(schema: Any, terms: list[Mapping[str, str]]) -> None:
    """Writes beside each closed set of words what they mean."""
    if isinstance(schema, list):
        for one in schema:
            _explain(one, terms)
    if not isinstance(schema, dict):
        return
    words = schema.get("enum")
    if isinstance(words, list):
        texts = [str(word) for word in words]
        for known in terms:
            if set(texts) <= set(known) and any(known[text] != text for text in texts):
                said = [known[text] for text in texts]
                schema["enumDescriptions"] = said
                schema["x-intellij-enum-metadata"] = {
                    text: {"description": one} for text, one in zip(texts, said, strict=True)
                }
                break
    for key, value in schema.items():
        if key not in ("enum", "x-intellij-enum-metadata", "enumDescriptions"):
            _explain(value, terms)
