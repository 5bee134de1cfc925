"""省公安厅."""

from importlib.resources import files

from tongban.kernel import department

departments = department(files("tongban.rules") / "departments" / "public_security.yaml")
