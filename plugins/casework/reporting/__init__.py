"""`tongban report`: figures over all cases, as a table, CSV, JSON or a page with plots."""
