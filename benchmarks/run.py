"""`python benchmarks/run.py`: every figure that the design keeps, measured in one run."""

from __future__ import annotations

import sys
from pathlib import Path


def main() -> None:
    """Runs the suite; the repository's root has to be on the path, not this folder."""
    sys.path[0] = str(Path(__file__).resolve().parents[1])
    from benchmarks.suite import bench

    bench()


if __name__ == "__main__":
    main()
