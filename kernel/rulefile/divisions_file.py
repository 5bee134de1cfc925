"""Reading `rules/divisions.yaml`: what the published table of divisions lacks."""

from __future__ import annotations

from typing import Any

from tongban.kernel.errors import RulebookError
from tongban.kernel.model.rules import LEVELS
from tongban.kernel.rulefile import fields as s
from tongban.kernel.rulefile.yaml_tree import compose

_CODES = s.ListOf(s.Code(), single=True)
_LEVEL = s.Word("level", tuple(LEVELS))
_DIVISION = {
    "name": s.Field(s.Text(), required=True),
    "level": s.Field(_LEVEL, required=True),
    "parent": s.Field(s.Code()),
}
_HISTORIC = _DIVISION | {
    "until": s.Field(s.Text("a year or month"), required=True),
    "now": s.Field(_CODES, default=()),
}
_SUPPLEMENT = s.Table(
    "the supplement",
    {
        "standing": s.Field(s.Keyed("standings", _CODES), required=True),
        "outside": s.Field(_CODES, default=()),
        "current": s.Field(s.Keyed("divisions", s.Table("a division", _DIVISION)), required=True),
        "historic": s.Field(s.Keyed("divisions", s.Table("a division", _HISTORIC)), required=True),
    },
)


def load_supplement(file: str, text: str) -> dict[str, Any]:
    """The supplement that `Divisions.build` takes.

    Raises:
        RulebookError: with every mistake in the file.
    """
    diag = s.Diagnostics(file)
    root = compose(text, diag.at)
    value = s.BAD if root is None else _SUPPLEMENT.read(root, diag)
    if diag.problems or value is s.BAD:
        raise RulebookError(diag.problems)
    supplement: dict[str, Any] = value
    return supplement
