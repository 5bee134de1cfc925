"""省邮政管理局."""

from importlib.resources import files

from tongban.kernel import department

departments = department(files("tongban.rules") / "departments" / "postal.yaml")
