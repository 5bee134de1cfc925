"""The department kit: each part is a plugin of its own, with an entry point."""
