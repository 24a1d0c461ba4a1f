"""`serve` from nothing to ready: seconds, and memory once it is."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

import psutil

ROUNDS = 5
LIMIT_S, LIMIT_MB = 2.0, 150


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start(folder: str) -> tuple[float, float]:
    """Seconds until `serve` says it is ready, on a database file that is not there yet; and its MB then."""
    port = free_port()
    url = f"sqlite:///{Path(folder) / f'{port}.db'}"
    environment = {**os.environ, "DATABASE_URL": url, "PORT": str(port)}
    began = time.perf_counter()
    process = subprocess.Popen([sys.executable, "-m", "bot", "serve"], env=environment, stderr=subprocess.DEVNULL)
    try:
        while not _is_ready(port):
            assert process.poll() is None, "serve ended"
            time.sleep(0.02)
        took = time.perf_counter() - began
        return took, psutil.Process(process.pid).memory_info().rss / 1e6
    finally:
        process.terminate()
        process.wait(20)


def _is_ready(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, ConnectionError):
        return False


def main() -> bool:
    """Print the median of a few starts; returns whether both are within their limits."""
    with tempfile.TemporaryDirectory() as folder:
        start(folder)
        found = sorted(start(folder) for _ in range(ROUNDS))
    took, megabytes = found[ROUNDS // 2][0], max(memory for _, memory in found)
    print(f"serve ready in  {took:6.2f} s   (under {LIMIT_S})")
    print(f"memory then     {megabytes:6.0f} MB  (under {LIMIT_MB})")
    return took < LIMIT_S and megabytes < LIMIT_MB


if __name__ == "__main__":
    sys.exit(not main())
