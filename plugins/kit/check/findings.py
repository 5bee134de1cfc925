"""What a check finds: a code, a place, what is wrong there and what would be right."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

from attrs import field, frozen

from tongban.plugins.kit.check.codes import CODES, Code, Severity

__all__ = ["CODES", "Code", "Finding", "Severity", "Witness", "found", "worst_first"]

Witness: TypeAlias = Mapping[str, Any]
"""A raw application, ready for `tongban route`."""


@frozen
class Finding:
    """One thing that a check found.

    Attributes:
        code: of the table, `TB204`.
        severity: `error`, `warning` or `note`.
        file: as the user named it; "" where no file is to blame.
        line, column: counted from 1; 0 where there is no file.
        rule: the rule, item, department or plugin (its owner), "" where there is none.
        message: what is wrong.
        fix: what would be right.
        witness: an application that shows it, None where none is needed.
    """

    code: str
    severity: Severity
    file: str
    line: int
    column: int
    rule: str
    message: str
    fix: str
    witness: Witness | None = field(default=None, hash=False)

    @property
    def about(self) -> Code:
        """What the table says of its code."""
        return CODES[self.code]

    def to_dict(self) -> dict[str, Any]:
        """For JSON; every key is always there."""
        return {
            "code": self.code,
            "name": self.about.name,
            "severity": self.severity,
            "file": self.file,
            "line": self.line,
            "column": self.column,
            "rule": self.rule,
            "message": self.message,
            "fix": self.fix,
            "why": self.about.why,
            "witness": dict(self.witness) if self.witness is not None else None,
        }


def found(
    code: str,
    file: str,
    line: int,
    message: str,
    *,
    column: int = 1,
    rule: str = "",
    fix: str = "",
    witness: Witness | None = None,
) -> Finding:
    """A finding with the severity of its code, and the code's own advice where `fix` is "".

    Args:
        code: of the table.
        file, line, column: where it stands.
        message: what is wrong.
        rule: the rule, item, department or plugin.
        fix: what would be right.
        witness: an application that shows it.
    """
    about = CODES[code]
    where = (line, column) if file else (0, 0)
    return Finding(code, about.severity, file, *where, rule, message, fix or about.todo, witness)


def worst_first(findings: Mapping[str, int]) -> str:
    """`2 errors, 1 warning` of a count by severity; "" of nothing."""
    words = {"error": "errors", "warning": "warnings", "note": "notes"}
    counted = ((findings.get(one, 0), one, many) for one, many in words.items())
    return ", ".join(f"{n} {one if n == 1 else many}" for n, one, many in counted if n)
