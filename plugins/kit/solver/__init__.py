"""Rules as formulas, for the solver behind `check`, `diff` and `why-not`.

    application → Inputs (one variable for each of its parts) → Outcome (what an item concludes)

Every part of an application ranges over the values that the rules tell apart, so a
formula that no assignment satisfies is one that no application satisfies. Needs
z3-solver, the extra `tongban[check]`; nothing else imports this package early.
"""
