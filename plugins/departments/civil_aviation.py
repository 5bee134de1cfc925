"""民航青海监管局."""

from importlib.resources import files

from tongban.kernel import department

departments = department(files("tongban.rules") / "departments" / "civil_aviation.yaml")
