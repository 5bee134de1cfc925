"""Keys that sign: made, kept in a file, found in the environment."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path

from tongban.kernel.audit import signing
from tongban.kernel.ports import store as contract
from tongban.plugins.console import writing

SIGNING_VARIABLE = "TONGBAN_SIGNING_KEY"
"""The variable that holds the private key itself (PEM) or the path of its file."""


def generate_signing_key(entropy: Callable[[int], bytes] = os.urandom) -> signing.SigningKey:
    """A new key.

    Args:
        entropy: gives random bytes.
    """
    return signing.SigningKey(entropy(32))


def save_signing_key(key: signing.SigningKey, path: Path) -> Path:
    """Writes a key to a new file that only its owner may read, the public half beside it.

    Args:
        key: to be kept.
        path: of the private key.

    Returns:
        The path of the public key: the same with `.pub`.

    Raises:
        StoreError: where a file is there already, or cannot be written.
    """
    public = path.with_name(path.name + ".pub")
    try:
        writing.write_file(path, key.to_pem(), mode=0o600, new=True)
        try:
            writing.write_file(public, key.public.to_pem(), new=True)
        except OSError:
            path.unlink()  # half of a pair would be in the way of the next attempt
            raise
    except OSError as error:
        raise contract.StoreError(
            f"{error.filename}: 无法写入密钥 (the key cannot be written: {error.strerror})"
        ) from None
    return public


def load_signing_key(
    path: Path | None = None, environ: Mapping[str, str] | None = None
) -> signing.SigningKey | None:
    """The key from a file, or from the environment.

    Args:
        path: of the file; None for what the environment says.
        environ: the process's own where it is None.

    Returns:
        None where neither gives one.

    Raises:
        StoreError: where the file cannot be read.
        KeyFormatError: where it is not a key.
    """
    if path is not None:
        return signing.SigningKey.from_pem(_read(path))
    text = (os.environ if environ is None else environ).get(SIGNING_VARIABLE, "")
    if not text:
        return None
    if not text.lstrip().startswith("-----BEGIN"):
        text = _read(Path(text))
    return signing.SigningKey.from_pem(text)


def load_public_key(path: Path) -> signing.PublicKey:
    """The public key from a file.

    Raises:
        StoreError: where the file cannot be read.
        KeyFormatError: where it is not a key.
    """
    return signing.PublicKey.from_pem(_read(path))


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""
    except OSError as error:
        raise contract.StoreError(
            f"{path}: 无法读取密钥 (the key cannot be read: {error.strerror})"
        ) from None
