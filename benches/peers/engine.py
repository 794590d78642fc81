"""One engine of the kernel benchmark, in a process of its own.

    python engine.py ENGINE JOB runs.parquet THREADS ROUNDS [--check]

Loads the columns, runs the rule once on a few rows, then ROUNDS times on all of
them, and prints one JSON line. With --check the line has a digest of the ids.
"""

import contextlib
import gc
import importlib
import json
import re
import resource
import sys
import time
from pathlib import Path

from common import JOBS, MB
from ids import digest

WARM_UP_ROWS = 1_000


def reset_peak() -> None:
    """Linux: the peak becomes what is resident now. Elsewhere it stays (see README)."""
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")


def peak_rss() -> int:
    """Bytes; as `ru_maxrss`, which cannot be reset by name."""
    with contextlib.suppress(OSError):
        status = Path("/proc/self/status").read_text()
        if found := re.search(r"VmHWM:\s+(\d+) kB", status):
            return int(found[1]) * 1024
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def main() -> None:
    name, job, path, threads, rounds, *flags = sys.argv[1:]
    library = importlib.import_module(f"{name.partition('-')[0]}_{JOBS[job].family}")
    run = library.ENGINES[name]
    source = library.load(Path(path), JOBS[job].columns, int(threads))
    run(library.head(source, WARM_UP_ROWS))
    gc.collect()
    reset_peak()
    resident = peak_rss()
    seconds = []
    ids = ()
    for _ in range(int(rounds)):
        ids = ()
        start = time.perf_counter()
        ids = run(source)
        seconds.append(round(time.perf_counter() - start, 4))
    over = peak_rss() - resident
    report = {
        "engine": name,
        "threads": int(threads),
        "rows": len(source),
        "seconds": seconds,
        "drops": len(ids),
        "peak_rss_over_input_mb": round(over / MB, 1),
    }
    if "--check" in flags:
        report["ids_sha256"] = digest(library.to_list(ids))
    print(json.dumps(report))


if __name__ == "__main__":
    main()
