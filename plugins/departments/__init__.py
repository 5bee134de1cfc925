"""The lead departments of Qinghai's annex, one module each."""
