"""`tongban why-not`: the fewest changes that turn a decision."""
