"""What the hook `findings` returns: what a plugin needs beside Python."""

from __future__ import annotations

from attrs import frozen


@frozen
class Finding:
    """Something that `tongban doctor` says of a plugin's own needs.

    Attributes:
        name: what was looked at, in Chinese and English.
        sound: whether nothing has to be done.
        says: how it is.
        help: what to do about it, "" where nothing is to be done.
    """

    name: str
    sound: bool
    says: str
    help: str = ""
