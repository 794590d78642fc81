"""Dictionaries → the ids that go, beside a loop in Python.

    python bench/dicts.py [ROWS]

The loop does the same job as anybody would write it: group by key, sort each group by time and id,
and walk from the newest. Both are timed in turns, in one process; the medians are compared.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING, Any

from housekeep import Policy

from rows import NOW, Kind, make, policy

if TYPE_CHECKING:
    from collections.abc import Callable

ROUNDS = 5


def loop(rows: list[dict[str, Any]], kind: Kind) -> list[str]:
    """Find the ids that go, without housekeep."""
    groups = defaultdict(list)
    for row in rows:
        groups[row["task_id"], row["commit_hash"]].append(row)
    window = 600 * 10**6 if kind == "micros" else timedelta(minutes=10)
    parse: Callable[[Any], Any] = datetime.fromisoformat if kind == "text" else lambda at: at
    drops = []
    for group in groups.values():
        if len(group) == 1:
            continue
        ordered = sorted(((parse(row["started_at"]), row["id"]) for row in group), reverse=True)
        keeper = ordered[0][0]
        for _, (at, id_) in pairwise(ordered):
            if keeper - at <= window:
                drops.append(id_)
            else:
                keeper = at
    return drops


def timed(work: Callable[[], object]) -> float:
    """Give the seconds that some work takes."""
    start = perf_counter()
    work()
    return perf_counter() - start


def measure(rows: list[dict[str, Any]], kind: Kind) -> None:
    """Time both over the same rows, in turns."""
    runs = Policy.parse(policy(kind))

    def ours() -> tuple[str, ...]:
        return runs.plan("runs", rows, now=NOW).drop_ids

    def theirs() -> list[str]:
        return loop(rows, kind)

    assert set(ours()) == set(theirs())
    times = [(timed(ours), timed(theirs)) for _ in range(ROUNDS)]
    own, python = (median(column) for column in zip(*times, strict=True))
    print(
        f"{len(rows)} rows, times as {kind:8}: housekeep {own:.3f} s, "
        f"Python loop {python:.3f} s, {python / own:.1f} times as fast"
    )


def main() -> None:
    """Measure each kind of time."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    kinds: tuple[Kind, ...] = ("micros", "text", "datetime")
    for kind in kinds:
        measure(make(count, kind), kind)


if __name__ == "__main__":
    main()
