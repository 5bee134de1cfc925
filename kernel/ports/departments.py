"""What the hook `departments` returns: the rule files of departments."""

from __future__ import annotations

from importlib.resources.abc import Traversable
from typing import Any

from attrs import frozen

from tongban.kernel.ports.markers import hookimpl


@frozen
class DepartmentRules:
    """One department's rule file.

    Attributes:
        rules: where it is, a package resource or a path.
        file: what messages call it; its own name where this is "".
    """

    rules: Traversable
    file: str = ""


def department(rules: Traversable) -> Any:
    """The `departments` hook of a plugin that brings one department, in one line.

    Args:
        rules: its rule file, `files("my_package") / "rules.yaml"`.
    """

    @hookimpl
    def departments() -> list[DepartmentRules]:
        return [DepartmentRules(rules)]

    return departments
