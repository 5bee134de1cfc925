"""How plugins are found, called, guarded and asked. For the kernel alone."""
