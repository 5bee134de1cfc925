"""Rules as formulas, for the solver behind `check`, `diff` and `why-not`."""
