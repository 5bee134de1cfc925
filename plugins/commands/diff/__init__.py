"""`tongban diff`: what a change of rules changes."""
