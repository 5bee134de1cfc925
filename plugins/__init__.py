"""Everything that is not the protocol: one plugin each."""
