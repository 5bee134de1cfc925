"""The simulated country while it runs: nodes, messages, people, and what harms them."""
