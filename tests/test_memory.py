"""Large blocks are not kept by the threads that needed them for a moment."""

from __future__ import annotations

import subprocess
import sys

import pytest

PROGRAM = """
import ctypes, threading
from pathlib import Path
from desktop import memory
libc = ctypes.CDLL(None)
libc.malloc.restype, libc.free.argtypes = ctypes.c_void_p, [ctypes.c_void_p]
libc.memset.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_size_t]
libc.malloc.argtypes = [ctypes.c_size_t]

def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 1e6

def order_of_a_million():
    block, small = libc.malloc(16_000_000), None
    libc.memset(block, 1, 16_000_000)
    small = libc.malloc(64)  # what stays behind it in the heap
    libc.free(block)

print(memory.give_large_blocks_back())
before = resident()
gates = [threading.Event() for _ in range(4)]
def work(gate):
    for _ in range(3):
        order_of_a_million()
    gate.wait()
threads = [threading.Thread(target=work, args=[gate]) for gate in gates]
for thread in threads: thread.start()
for gate in gates: gate.set()
for thread in threads: thread.join()
print(resident() - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="glibc is Linux's")
def test_what_threads_needed_for_a_moment_goes_back() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, encoding="utf-8", check=True)

    here, grown = done.stdout.split()
    assert here == "True"
    assert float(grown) < 8
