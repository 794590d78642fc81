"""The same job on an engine and on one machine, as the table grows: what a row costs.

    python scale.py [--rows 100000 1000000 10000000] [--part 250000] [--rounds 3]

From a Parquet file to the ids that go, by the rule of `policy.toml`: on Sail with two workers, by
the recipe of `bindings-python/examples/spark_dedupe.py`, and by `Policy.plan` in one process. Each
run has a process of its own. The exit code is 1 if the two do not find the same ids.
"""

import argparse
import hashlib
import json
import math
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from common import FORMATS, HERE, MB, Report, table
from engine import peak_rss
from generate import runs, write

PYTHON = HERE.parents[1] / "bindings-python"
NOW = "2027-01-01T00:00:00Z"
RULE = "chain"


def on_one_machine(file: Path, _: int) -> tuple[float, pa.Array]:
    from housekeep import Policy

    policy = Policy.from_file(HERE / "policy.toml")
    start = time.perf_counter()
    rows = pq.read_table(file, columns=policy.columns(RULE))
    drops = pa.table(policy.plan(RULE, rows, now=NOW))
    return time.perf_counter() - start, drops["id"].combine_chunks()


def on_sail(file: Path, part: int) -> tuple[float, pa.Array]:
    sys.path += [str(PYTHON / "examples"), str(PYTHON / "tests")]
    import engines
    from housekeep import Policy
    from housekeep.arrow import kernel
    from spark_dedupe import duplicates

    decide = kernel(Policy.from_file(HERE / "policy.toml"), RULE, NOW)
    parts = math.ceil(pq.read_metadata(file).num_rows / part)
    with engines.sail(slots=max(parts, 2)) as session:
        # The engine itself is started, and the client has asked for something.
        session.range(1000).count()
        start = time.perf_counter()
        drops = duplicates(session.read.parquet(str(file)), decide, max(parts, 2)).toArrow()
        return time.perf_counter() - start, drops["id"].combine_chunks()


ENGINES: dict[str, Callable[[Path, int], tuple[float, pa.Array]]] = {
    "sail": on_sail,
    "one machine": on_one_machine,
}


def once(name: str, file: Path, part: int) -> Report:
    """Run an engine here, and say what it took and found."""
    seconds, ids = ENGINES[name](file, part)
    digest = hashlib.sha256("".join(sorted(f"{id}\n" for id in ids.to_pylist())).encode())
    peak = round(peak_rss() / MB)
    return {"seconds": seconds, "drops": len(ids), "ids": digest.hexdigest(), "peak_mb": peak}


def in_a_process(name: str, file: Path, part: int) -> Report:
    quiet = "ignore:PySpark does not yet fully support pandas:FutureWarning"
    command = [
        sys.executable,
        "-W",
        quiet,
        __file__,
        "--engine",
        name,
        "--file",
        str(file),
        "--part",
        str(part),
    ]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True)
    report: Report = json.loads(done.stdout.splitlines()[-1])
    return report


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, nargs="+", default=[100_000, 1_000_000, 10_000_000])
    parser.add_argument("--part", type=int, default=250_000, help="rows of a part")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--engine", choices=ENGINES, help=argparse.SUPPRESS)
    parser.add_argument("--file", type=Path, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.engine:
        print(json.dumps(once(args.engine, args.file, args.part)))
        return

    lines, agreed = [], True
    for rows in args.rows:
        with tempfile.TemporaryDirectory() as folder:
            write(runs(rows, "shuffled", 1), Path(folder), FORMATS[:1])
            file = Path(folder) / "runs.parquet"
            found: dict[str, list[Report]] = {name: [] for name in ENGINES}
            for _ in range(args.rounds):
                for name, reports in found.items():
                    reports.append(in_a_process(name, file, args.part))
        agreed &= len({report["ids"] for reports in found.values() for report in reports}) == 1
        for name, reports in found.items():
            seconds = statistics.median(report["seconds"] for report in reports)
            peak = max(report["peak_mb"] for report in reports)
            line = {"engine": name, "rows": rows, "seconds": seconds, "peak_mb": peak}
            print(json.dumps(line | {"drops": reports[0]["drops"]}), flush=True)
            each = f"{seconds / rows * 1e6:.2f}"
            lines.append((name, f"{rows:,}", f"{seconds:.2f}", each, str(peak)))
    print(table(("engine", "rows", "s", "µs a row", "peak MB"), lines), file=sys.stderr)
    sys.exit(not agreed)


if __name__ == "__main__":
    main()
