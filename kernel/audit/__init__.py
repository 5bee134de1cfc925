"""Evidence: the chain of hashes, signed bundles, keys and lists, and what others wrote."""

__all__ = ["bundle", "hash_chain", "keys", "records", "signing", "untrusted", "voids"]
