"""The seal of a PDF: its last line signs every byte before it, and says where the JSON is. Pure."""

from __future__ import annotations

import re
from hashlib import sha256

from attrs import frozen

from tongban.kernel.audit import signing

_LINE = re.compile(rb"%TONGBAN-SEAL 1 (\d{1,9}) (\d{1,9}) ([0-9A-Za-z]+) ([0-9A-Za-z+/=]+)\n\Z")
_LONGEST = 400


@frozen
class Seal:
    """The last line of a sealed PDF.

    Attributes:
        body: everything before it.
        attachment: the JSON that lies in the file.
        key: id of the key that signed it.
    """

    body: bytes
    attachment: bytes
    key: str
    statement: str
    signature: str

    def verifies(self, key: signing.PublicKey) -> bool:
        """Whether no byte was changed since the holder of `key` sealed it."""
        return key.named(self.key) and key.verifies(self.statement, self.signature)


def _statement(body: bytes, offset: int, length: int, key: str) -> str:
    return f"tongban.pdf/1\n{sha256(body).hexdigest()}\n{offset} {length}\n{key}"


def seal(body: bytes, attachment: bytes, key: signing.SigningKey) -> bytes:
    """A PDF with a seal: a comment after its end, which readers of PDF pass over.

    Args:
        body: the PDF.
        attachment: the signed JSON, which lies uncompressed in `body`, once.
        key: the one that signed it.

    Raises:
        ValueError: where it does not lie there once.
    """
    if body.count(attachment) != 1:
        raise ValueError("the attachment must be in the file once")
    offset, length, name = body.index(attachment), len(attachment), key.public.id
    body = body if body.endswith(b"\n") else body + b"\n"
    signature = key.sign(_statement(body, offset, length, name))
    return body + f"%TONGBAN-SEAL 1 {offset} {length} {name} {signature}\n".encode("ascii")


def find(file: bytes) -> Seal | None:
    """The seal of a PDF; None where its last line is none, so that it is not as it was issued."""
    found = _LINE.search(file, max(0, len(file) - _LONGEST))
    if found is None:
        return None
    body = file[: found.start()]
    offset, length = int(found[1]), int(found[2])
    key, signature = found[3].decode("ascii"), found[4].decode("ascii")
    statement = _statement(body, offset, length, key)
    return Seal(body, body[offset : offset + length], key, statement, signature)
