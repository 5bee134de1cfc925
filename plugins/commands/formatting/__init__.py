"""`tongban fmt`: one layout for all rule files."""
