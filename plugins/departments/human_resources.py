"""省人力资源社会保障厅."""

from importlib.resources import files

from tongban.kernel import department

departments = department(files("tongban.rules") / "departments" / "human_resources.yaml")
