"""A project's files: rendered aside, and put in their place only when they are whole."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

from tongban.kernel import Divisions, Kernel
from tongban.plugins.kit.formatting.layout import formatted
from tongban.plugins.kit.formatting.scalars import in_flow
from tongban.plugins.kit.formatting.schema import editor_schema
from tongban.plugins.kit.new.provinces import slug

_LISTED = 6
_ELSEWHERE = ("440300", "610100")
"""A place in another province, for examples; the second where the first is at home."""


class TakenError(ValueError):
    """The place where the project should be is not free."""


def folder_name(said: Mapping[str, str]) -> str:
    """The project's folder, `sichuan-human-resources`."""
    return _package(said).replace("_", "-")


def _package(said: Mapping[str, str]) -> str:
    """A module's name: with the province before it, it is not a keyword and no standard module."""
    province, name = slug(said["jurisdiction"]), said["id"].rstrip("_")
    return name if name.startswith(f"{province}_") else f"{province}_{name}"


def write_project(
    kernel: Kernel, said: Mapping[str, str], with_code: bool, into: Path
) -> list[Path]:
    """Writes the project's folder into `into`.

    Args:
        kernel: whose divisions and schema they are.
        said: every field of `FIELDS`.
        with_code: whether the plugin has hooks in code.
        into: the folder in which the project's folder is made.

    Returns:
        The files, in order.

    Raises:
        TakenError: where something of that name is there.
        OSError: where nothing can be written there.
    """
    target = into / folder_name(said)
    _refuse_taken(target)
    with _aside(into) as folder:
        made = folder / target.name
        _render({**_values(kernel, said), "with_code": with_code}, made)
        _lay_out(made)
        _write_schema(kernel, made)
        _refuse_taken(target)
        made.rename(target)
    return sorted(path for path in target.rglob("*") if path.is_file())


def _refuse_taken(target: Path) -> None:
    if not target.exists() and not target.is_symlink():
        return
    if not target.is_dir():
        raise TakenError(f"{target} is there already; nothing was written")
    names = sorted(path.name for path in target.iterdir())
    more = f" and {len(names) - _LISTED} more" if names[_LISTED:] else ""
    holds = f"with {', '.join(names[:_LISTED])}{more}" if names else "empty"
    raise TakenError(f"the folder {target} is there already ({holds}); nothing was written")


@contextmanager
def _aside(into: Path) -> Iterator[Path]:
    """A folder on the same disk that is gone afterwards, whatever happens."""
    folder = Path(tempfile.mkdtemp(prefix=".tongban-new-", dir=into))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _render(values: Mapping[str, Any], target: Path) -> None:
    import copier  # noqa: PLC0415 - an extra, and slow to import

    with as_file(files("tongban.plugins.kit.new") / "template") as template:
        copier.run_copy(str(template), target, data=dict(values), defaults=True, quiet=True)


def _lay_out(target: Path) -> None:
    """Lays the rule file out as `tongban fmt` does: how lines break depends on the names."""
    for file in target.glob("src/*/*.yaml"):
        file.write_text(formatted(file.read_bytes()).text, encoding="utf-8")


def _write_schema(kernel: Kernel, target: Path) -> None:
    """Writes what `tongban schema` writes, so that an editor helps from the first moment on."""
    text = json.dumps(editor_schema(kernel), ensure_ascii=False, indent=1) + "\n"
    (target / ".vscode" / "tongban.schema.json").write_text(text, encoding="utf-8")


def _values(kernel: Kernel, said: Mapping[str, str]) -> dict[str, Any]:
    """What the template may use; `yaml` and `quoted` hold text as files of that kind write it."""
    home = said["jurisdiction"]
    scope = "" if home == kernel.base.jurisdiction else f"{home}/"
    return {
        **said,
        "province": kernel.base.divisions[home].name,
        "package": _package(said),
        "city": _city(kernel.base.divisions, home),
        "elsewhere": _ELSEWHERE[home == _ELSEWHERE[0][:2] + "0000"],
        "project": f"tongban-{folder_name(said)}",
        "key": f"{home}/{said['item']}",
        "shown": f"{scope}{said['item']}",
        "yaml": {key: in_flow(text) for key, text in said.items()},
        # JSON's quotes are right in TOML and in Python too.
        "quoted": {key: json.dumps(text, ensure_ascii=False) for key, text in said.items()},
    }


def _city(divisions: Divisions, province: str) -> str:
    """A place in the province, for examples."""
    inside = sorted(d.code for d in divisions.values() if d.province == province and not d.until)
    cities = [code for code in inside if divisions[code].level == "prefecture"]
    return (cities or inside[1:] or [province])[0]
