"""`tongban import-dmn`: DMN decision tables become rules."""
