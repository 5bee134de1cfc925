"""`python -m tongban`."""

from tongban.cli import cli

cli(prog_name="tongban")
