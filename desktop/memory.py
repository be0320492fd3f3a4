"""Memory that was needed for a moment goes back to the system."""

from __future__ import annotations

import ctypes
import sys

M_MMAP_THRESHOLD = -3
"""glibc's number for `mallopt`: from which size on a block is the system's own, and goes back to it when freed."""
LARGE = 1 << 20


def give_large_blocks_back() -> bool:
    """Keep glibc from raising that size with each large block that is freed: the order of a million rows, 16 MB that
    any of eight threads reads, would stay with each of them. False where there is no glibc, which alone does so."""
    if sys.platform != "linux":
        return False
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):
        return False
    return bool(mallopt(M_MMAP_THRESHOLD, LARGE))
