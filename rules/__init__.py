"""The rules: data only."""
