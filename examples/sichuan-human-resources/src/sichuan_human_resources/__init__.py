"""The department human_resources of 510000: a plugin of Tongban."""

from __future__ import annotations

from importlib.resources import files

from tongban.kernel import department

from sichuan_human_resources.hooks import derive_facts

__all__ = ["departments", "derive_facts"]

departments = department(files(__name__) / "rules.yaml")
