"""Twenty checks of a million snapshots in columns, side by side.

    python health_fleet.py [--rows 1000000] [--threads 1] [--rounds 5]

From columns in memory to the status of every check and of the whole in every row. The engines take
turns; a time is the median of the rounds. The exit code is 1 if two engines do not say the same.
"""

import argparse
import gc
import json
import os
import statistics
import sys
import time
from collections.abc import Callable

import numpy as np

from common import table
from health_common import CRIT, NAMES, NOW, WARN, policy

Columns = dict[str, "np.ndarray"]
Codes = dict[str, "np.ndarray"]
"""By check, and the whole by nothing: 0 is ok, 1 warn, 2 unknown, 3 crit."""


def columns(rows: int) -> Columns:
    """Numbers from 0 to 95, of which one in a hundred is missing."""
    dice = np.random.default_rng(7)
    made = {name: dice.uniform(0, 95, rows) for name in NAMES}
    for column in made.values():
        column[dice.random(rows) < 0.01] = np.nan
    return made


def with_numpy(_: int) -> Callable[[Columns], Codes]:
    """Bytes of comparisons, put together without a copy where that can be."""

    def run(given: Columns) -> Codes:
        found = {}
        whole = np.zeros(len(given[NAMES[0]]), np.uint8)
        for name in NAMES:
            values = given[name]
            codes = (values > CRIT).view(np.uint8) * 3
            codes |= (values > WARN).view(np.uint8)
            codes |= np.isnan(values).view(np.uint8) * 2
            found[name] = codes
            np.maximum(whole, codes, out=whole)
        return found | {"": whole}

    return run


def with_numpy_select(_: int) -> Callable[[Columns], Codes]:
    """What one writes first."""

    def run(given: Columns) -> Codes:
        found = {
            name: np.where(
                np.isnan(values), 2, np.where(values > CRIT, 3, np.where(values > WARN, 1, 0))
            ).astype(np.uint8)
            for name, values in given.items()
        }
        return found | {"": np.max(np.stack(list(found.values())), axis=0)}

    return run


def with_polars(_: int) -> Callable[[Columns], Codes]:
    """One expression for each check, which it works on side by side."""
    import polars as pl

    def code(name: str) -> pl.Expr:
        own = pl.col(name)
        # NaN is more than any number there.
        bad = pl.when(own > CRIT).then(3).when(own > WARN).then(1).otherwise(0)
        return pl.when(own.is_nan()).then(2).otherwise(bad).cast(pl.UInt8)

    found = [code(name).alias(name) for name in NAMES]

    def run(given: Columns) -> Codes:
        frame = pl.DataFrame(given).select(*found).with_columns(pl.max_horizontal(NAMES).alias(""))
        return {name: frame[name].to_numpy() for name in (*NAMES, "")}

    return run


def ours(threads: int) -> Callable[[Columns], Codes]:
    from housekeep import Policy

    made = Policy.parse(policy())

    def run(given: Columns) -> Codes:
        fleet = made.screen_fleet(given, now=NOW, threads=threads)
        codes = {name: np.frombuffer(fleet.codes(name), np.uint8) for name in NAMES}
        return codes | {"": np.frombuffer(fleet.codes(), np.uint8)}

    return run


ENGINES = {
    "housekeep": ours,
    "numpy": with_numpy,
    "numpy, where": with_numpy_select,
    "polars": with_polars,
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=5)
    args = parser.parse_args()
    os.environ["POLARS_MAX_THREADS"] = str(args.threads)
    given = columns(args.rows)
    engines = {label: made(args.threads) for label, made in ENGINES.items()}
    first: Codes | None = None
    others = []
    for label, engine in engines.items():
        found = engine(given)
        first = first or found
        if any(not np.array_equal(first[name], found[name]) for name in first):
            others.append(label)
    del first, found
    rounds: dict[str, list[float]] = {label: [] for label in engines}
    for _ in range(args.rounds):
        for label, engine in engines.items():
            gc.collect()
            start = time.perf_counter()
            found = engine(given)
            rounds[label].append((time.perf_counter() - start) * 1e9 / args.rows)
            del found
    for label, own in rounds.items():
        line = {"engine": label, "threads": args.threads, "nanoseconds": [round(n, 1) for n in own]}
        print(json.dumps(line))
    mine = statistics.median(rounds["housekeep"])
    lines = [
        [label, f"{statistics.median(own):.1f}", f"{statistics.median(own) / mine:.2f}"]
        for label, own in rounds.items()
    ]
    print(table(["engine", "ns a row", "of ours"], lines), file=sys.stderr)
    if others:
        print(f"not the same as the first: {others}", file=sys.stderr)
    return 1 if others else 0


if __name__ == "__main__":
    sys.exit(main())
