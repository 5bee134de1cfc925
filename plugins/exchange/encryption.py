"""Personal data on its way: sealed for the one node that receives it (X25519, AES-GCM)."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Callable
from typing import TYPE_CHECKING

from tongban.kernel.audit import hash_chain, signing
from tongban.kernel.protocol import personal_data
from tongban.plugins.exchange.addresses import NodeError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

_INFO = b"tongban exchange sealing/1"
_NONCE = bytes(12)
"""Each letter has a key of its own, so that one nonce is enough."""

_WRONG = "个人信息无法解封 (personal data is not sealed for this node, or was changed)"


def _derived(secret: bytes, salt: bytes) -> bytes:
    from cryptography.hazmat.primitives.hashes import SHA256  # noqa: PLC0415 - heavy
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF  # noqa: PLC0415

    return HKDF(SHA256(), 32, salt, _INFO).derive(secret)


def _private(key: signing.SigningKey) -> X25519PrivateKey:
    from cryptography.hazmat.primitives.asymmetric.x25519 import (  # noqa: PLC0415 - heavy
        X25519PrivateKey,
    )

    return X25519PrivateKey.from_private_bytes(_derived(key.seed, b"node"))


def sealing_key(key: signing.SigningKey) -> str:
    """The public half of what opens letters to a node, in base64; it follows from its key."""
    return b64encode(_private(key).public_key().public_bytes_raw()).decode()


def sealed(
    data: personal_data.Personal, receiver: str, message: str, entropy: Callable[[int], bytes]
) -> str:
    """Personal data that only one node can read.

    Args:
        data: of one case, with its salt.
        receiver: the node's `sealing_key`.
        message: id of the message that it goes with; it opens with no other.
        entropy: gives random bytes.
    """
    from cryptography.hazmat.primitives.asymmetric.x25519 import (  # noqa: PLC0415 - heavy
        X25519PrivateKey,
        X25519PublicKey,
    )
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415

    once = X25519PrivateKey.from_private_bytes(entropy(32))
    mine, theirs = once.public_key().public_bytes_raw(), b64decode(receiver)
    key = _derived(once.exchange(X25519PublicKey.from_public_bytes(theirs)), mine + theirs)
    plain = hash_chain.canonical(
        {"ref": data.ref, "data": dict(data.data), "salt": data.salt.hex()}
    )
    return b64encode(mine + AESGCM(key).encrypt(_NONCE, plain.encode(), message.encode())).decode()


def opened(letter: str, key: signing.SigningKey, message: str) -> personal_data.Personal:
    """The personal data in a letter to this node.

    Raises:
        NodeError: where it is not for this node or this message, or was changed.
    """
    from cryptography.exceptions import InvalidTag  # noqa: PLC0415 - heavy
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey  # noqa: PLC0415
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415

    private = _private(key)
    try:
        raw = b64decode(letter, validate=True)
        theirs, mine = raw[:32], private.public_key().public_bytes_raw()
        secret = private.exchange(X25519PublicKey.from_public_bytes(theirs))
        plain = AESGCM(_derived(secret, theirs + mine)).decrypt(_NONCE, raw[32:], message.encode())
        found = json.loads(plain)
        data = personal_data.Personal(found["ref"], found["data"], bytes.fromhex(found["salt"]))
    except (ValueError, KeyError, TypeError, InvalidTag):
        data = None
    if data is None or not data.genuine:
        raise NodeError(_WRONG)
    return data
