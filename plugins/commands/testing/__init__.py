"""`tongban test`, and the pytest plugin: the cases beside the rules."""
