"""省市场监管局."""

from importlib.resources import files

from tongban.kernel import department

departments = department(files("tongban.rules") / "departments" / "market_supervision.yaml")
