"""Signatures by Ed25519 over plain text. Pure: chance is passed in as a seed."""

from __future__ import annotations

from base64 import b64decode, b64encode
from hashlib import sha256

from attrs import field, frozen

from tongban.kernel.errors import TongbanError

__all__ = ["KeyFormatError", "PublicKey", "SigningKey"]


class KeyFormatError(TongbanError):
    """A key that is none; the message never contains it."""


@frozen
class PublicKey:
    """What anybody may have to check a signature.

    Attributes:
        raw: 32 bytes.
    """

    raw: bytes = field(repr=False)

    @property
    def id(self) -> str:
        """A name of the key that no other can have: 32 hexadecimal digits of its hash."""
        return sha256(self.raw).hexdigest()[:32]

    def named(self, id: str) -> bool:
        """Whether `id` names this key: its id, or the 16 digits of it that were written once.

        It tells which key to try, and proves nothing: the signature does.
        """
        return id in (self.id, self.id[:16])

    def verifies(self, text: str, signature: str) -> bool:
        """Whether the holder of the private key signed a text.

        Args:
            text: what was signed.
            signature: as `SigningKey.sign` gave it.
        """
        from cryptography.exceptions import InvalidSignature  # noqa: PLC0415 - heavy
        from cryptography.hazmat.primitives.asymmetric import ed25519  # noqa: PLC0415 - heavy

        try:
            given = b64decode(signature, validate=True)
            if b64encode(given).decode() != signature:
                return False  # another spelling of the same bytes: nothing of ours writes it
            ed25519.Ed25519PublicKey.from_public_bytes(self.raw).verify(given, text.encode())
        except (InvalidSignature, ValueError):
            return False
        return True

    def to_pem(self) -> str:
        """The usual text form."""
        from cryptography.hazmat.primitives import serialization  # noqa: PLC0415 - heavy
        from cryptography.hazmat.primitives.asymmetric import ed25519  # noqa: PLC0415 - heavy

        key = ed25519.Ed25519PublicKey.from_public_bytes(self.raw)
        return key.public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        ).decode()

    @classmethod
    def from_pem(cls, text: str) -> PublicKey:
        """The key that `to_pem` wrote.

        Raises:
            KeyFormatError: where it is not a public Ed25519 key.
        """
        from cryptography.hazmat.primitives import serialization  # noqa: PLC0415 - heavy
        from cryptography.hazmat.primitives.asymmetric import ed25519  # noqa: PLC0415 - heavy

        try:
            key = serialization.load_pem_public_key(text.encode())
        except ValueError:
            key = None
        if not isinstance(key, ed25519.Ed25519PublicKey):
            raise KeyFormatError("不是 Ed25519 公钥 (not a public Ed25519 key in PEM form)")
        return cls(key.public_bytes_raw())


@frozen
class SigningKey:
    """What only one holder has.

    Attributes:
        seed: 32 random bytes.
    """

    seed: bytes = field(repr=False)

    @seed.validator
    def _long_enough(self, attribute: object, value: bytes) -> None:
        if len(value) != 32:
            raise KeyFormatError("签名密钥须为 32 字节 (a signing key has 32 bytes)")

    @property
    def public(self) -> PublicKey:
        """Its public half."""
        from cryptography.hazmat.primitives.asymmetric import ed25519  # noqa: PLC0415 - heavy

        key = ed25519.Ed25519PrivateKey.from_private_bytes(self.seed).public_key()
        return PublicKey(key.public_bytes_raw())

    def sign(self, text: str) -> str:
        """The signature of a text, in base64."""
        from cryptography.hazmat.primitives.asymmetric import ed25519  # noqa: PLC0415 - heavy

        return b64encode(
            ed25519.Ed25519PrivateKey.from_private_bytes(self.seed).sign(text.encode())
        ).decode()

    def to_pem(self) -> str:
        """The usual text form (PKCS 8), without a password."""
        from cryptography.hazmat.primitives import serialization  # noqa: PLC0415 - heavy
        from cryptography.hazmat.primitives.asymmetric import ed25519  # noqa: PLC0415 - heavy

        return (
            ed25519.Ed25519PrivateKey.from_private_bytes(self.seed)
            .private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
            .decode()
        )

    @classmethod
    def from_pem(cls, text: str) -> SigningKey:
        """The key that `to_pem` wrote.

        Raises:
            KeyFormatError: where it is not a private Ed25519 key.
        """
        from cryptography.hazmat.primitives import serialization  # noqa: PLC0415 - heavy
        from cryptography.hazmat.primitives.asymmetric import ed25519  # noqa: PLC0415 - heavy

        try:
            key = serialization.load_pem_private_key(text.encode(), password=None)
        except (ValueError, TypeError):
            key = None
        if not isinstance(key, ed25519.Ed25519PrivateKey):
            raise KeyFormatError("不是 Ed25519 私钥 (not a private Ed25519 key in PEM form)")
        return cls(key.private_bytes_raw())
