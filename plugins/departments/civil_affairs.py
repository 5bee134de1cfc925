"""省民政厅."""

from importlib.resources import files

from tongban.kernel import department

departments = department(files("tongban.rules") / "departments" / "civil_affairs.yaml")
