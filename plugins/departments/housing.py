"""省住房城乡建设厅."""

from importlib.resources import files

from tongban.kernel import department

departments = department(files("tongban.rules") / "departments" / "housing.yaml")
