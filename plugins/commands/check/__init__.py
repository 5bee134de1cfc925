"""`tongban check`: the linter and verifier of rules."""
