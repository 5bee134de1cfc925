"""`tongban new`: a department's project, from a template."""
