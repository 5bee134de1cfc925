"""Encryption at rest of personal data: AES-GCM with a key from the environment."""

from __future__ import annotations

import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from tongban.kernel.ports import store as contract

KEY_VARIABLE = "TONGBAN_KEY"
"""The variable that holds the key."""

_NONCE = 12
_LONGEST = 1_000


def generate_key(entropy: Callable[[int], bytes] = os.urandom) -> str:
    """A new key, as text for `TONGBAN_KEY`. Anybody who loses it loses the data.

    Args:
        entropy: gives random bytes.
    """
    return urlsafe_b64encode(entropy(32)).decode()


def key_from_environment(environ: Mapping[str, str] | None = None) -> bytes | None:
    """The key that the environment gives; None where it gives none.

    Args:
        environ: the process's own where it is None.

    Raises:
        StoreError: where it is not a key.
    """
    text = (os.environ if environ is None else environ).get(KEY_VARIABLE, "")
    return _key(text, KEY_VARIABLE) if text else None


def read_key(path: Path) -> bytes:
    """The key in a file that holds what `generate_key` made.

    Raises:
        StoreError: where the file cannot be read, or holds no key; it never repeats what it holds.
    """
    try:
        with path.open("rb") as file:
            text = file.read(_LONGEST)
    except OSError as error:
        raise contract.StoreError(
            f"{path}: 无法读取密钥 (the key cannot be read: {error.strerror})"
        ) from None
    return _key(text.decode("ascii", "replace").strip(), str(path))


def _key(text: str, where: str) -> bytes:
    key = b""
    with suppress(ValueError):
        key = urlsafe_b64decode(text)
    if len(key) != 32:
        raise contract.StoreError(
            f"{where} 不是有效密钥 ({where} is not a key: it must be 32 bytes in base64, as"
            " `tongban key new` makes them)"
        )
    return key


def key_id(key: bytes, store: str) -> str:
    """What tells in a store by which key its data is sealed, without telling the key."""
    return sha256(b"tongban.key\n" + store.encode() + b"\n" + key).hexdigest()


def sealed(key: bytes, plain: bytes, ref: str, nonce: bytes) -> bytes:
    """Data encrypted and bound to its reference.

    Args:
        key: 32 bytes.
        plain: the data.
        ref: under which it is kept; it opens under no other.
        nonce: 12 random bytes, never twice.
    """
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415 - heavy

    return nonce + AESGCM(key).encrypt(nonce, plain, ref.encode())


def opened(key: bytes, payload: bytes, ref: str) -> bytes | None:
    """What `sealed` was given; None where the key is another or the data was changed."""
    from cryptography.exceptions import InvalidTag  # noqa: PLC0415 - heavy
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415 - heavy

    try:
        return AESGCM(key).decrypt(payload[:_NONCE], payload[_NONCE:], ref.encode())
    except (InvalidTag, ValueError, TypeError):
        return None
