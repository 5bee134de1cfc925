"""What plugins implement, as the kernel sees it: stores, carriers, guards."""

__all__ = [
    "auditing",
    "custody",
    "exchange",
    "guarding",
    "logs",
    "rows",
    "storage",
    "store",
    "store_errors",
]
