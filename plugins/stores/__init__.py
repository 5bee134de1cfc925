"""Stores of cases, each a plugin."""
