"""What plugins implement, as the kernel sees it: stores, carriers, guards."""

__all__ = ["exchange", "guarding", "logs", "store"]
