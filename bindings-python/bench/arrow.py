"""An Arrow table → a plan: the time, and the memory beside the table.

    python bench/arrow.py [ROWS]

Every row's text is its own. The text columns are read where they lie: the peak may grow by what the
decision itself needs, and not by them.
"""

from __future__ import annotations

import sys
from pathlib import Path
from statistics import median
from time import perf_counter

import pandas as pd
import polars as pl
import pyarrow as pa
from housekeep import Policy

from rows import NOW, make, policy

ROUNDS = 5


def memory(field: str) -> int:
    """Give this process's memory in bytes: `VmRSS` now, `VmHWM` the most since it was reset."""
    lines = Path("/proc/self/status").read_text("ascii").splitlines()
    found = next(line for line in lines if line.startswith(field))
    return int(found.split()[1]) * 1024


def reset_peak() -> None:
    """Forget what the peak was (Linux)."""
    Path("/proc/self/clear_refs").write_text("5", "ascii")


def main() -> None:
    """Measure the memory once, then the time of each library's table."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    table = pa.Table.from_pylist(make(count, "datetime"))
    texts = sum(table[name].nbytes for name in ("id", "task_id", "commit_hash"))
    runs = Policy.parse(policy("datetime"))
    reset_peak()
    before = memory("VmRSS")
    plan = runs.plan("runs", table, now=NOW)
    grown = memory("VmHWM") - before
    print(
        f"{count} rows: {texts / 1e6:.0f} MB of text; planning {plan.drop} drops "
        f"took {grown / 1e6:.0f} MB at its peak, {grown / count:.0f} bytes a row"
    )
    tables = {
        "pyarrow": table,
        "polars": pl.from_arrow(table),
        "pandas": pd.DataFrame(table.to_pandas(types_mapper=pd.ArrowDtype)),
    }
    for name, rows in tables.items():
        times = []
        for _ in range(ROUNDS):
            begun = perf_counter()
            runs.plan("runs", rows, now=NOW)
            times.append(perf_counter() - begun)
        print(f"{name}: {median(times):.3f} s")


if __name__ == "__main__":
    main()
