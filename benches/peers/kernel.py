"""Columns in memory → the ids that go: polars, DuckDB and others side by side.

    python kernel.py --data runs.parquet --job dedupe --threads 1 [--rounds 3] \
        [--also 'housekeep=COMMAND {file} {threads} {rounds}']

JSON lines on standard output, a table on standard error. Every engine runs in a new
process each round, one after the other, ours (the first --also) among them.
"""

import argparse
import json
import statistics
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from common import JOBS, MB, Command, Report, also, disagreements, environment, python, ratio, table

WORDS = ("{file}", "{threads}", "{rounds}")
# Allocators give freed memory back at once: what loading left behind is not input.
# Slower, so only where memory is measured.
FRUGAL = {
    "_RJEM_MALLOC_CONF": "dirty_decay_ms:0,muzzy_decay_ms:0",  # polars
    "DUCKDB_JE_MALLOC_CONF": "dirty_decay_ms:0,muzzy_decay_ms:0",
    "ARROW_DEFAULT_MEMORY_POOL": "system",  # pandas
}


def run(words: list[str], variables: Mapping[str, str]) -> Report:
    """The last line of what the command prints."""
    done = subprocess.run(words, env=variables, stdout=subprocess.PIPE, text=True, check=True)
    report: Report = json.loads(done.stdout.splitlines()[-1])
    return report


def measure(args: argparse.Namespace) -> list[Report]:
    """A pass for memory and answers, then the timed rounds, engines interleaved."""
    exact = JOBS[args.job].engines
    names = args.engines or exact
    commands: list[Command] = [python("engine.py", name, args.job, *WORDS) for name in names]
    commands = args.also + commands
    variables = environment(args.threads)
    fields = {"file": args.data, "threads": args.threads}
    reports: dict[str, Report] = {}
    for turn in range(args.rounds + 1):
        fields["rounds"] = args.repeats if turn else 1
        for command in commands:
            words = command.filled(fields)
            if turn:
                found = run(words, variables)
                reports[command.label]["seconds"] += found["seconds"]
                continue
            if command not in args.also:
                words.append("--check")
            found = run(words, variables | FRUGAL)
            reports[command.label] = found | {
                "engine": command.label,
                "exact": exact.get(command.label, True),
                "seconds": [],
            }
        print(f"round {turn} of {args.rounds} done", file=sys.stderr)
    return list(reports.values())


def lines(reports: list[Report], ours: Report | None) -> str:
    rows = []
    for report in reports:
        memory = report["peak_rss_over_input_mb"]
        rows.append(
            (
                report["engine"],
                "yes" if report["exact"] else "no",
                f"{statistics.median(report['seconds']):.3f}",
                f"{min(report['seconds']):.3f}",
                ratio(report, ours),
                f"{memory:.0f}",
                f"{memory * MB / report['rows']:.0f}",
                str(report["drops"]),
            )
        )
    header = ("engine", "exact", "median s", "best s", "/ ours", "over MB", "B/row", "drops")
    return table(header, rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--job", choices=JOBS, default="dedupe")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=3, help="passes over all engines")
    parser.add_argument("--repeats", type=int, default=1, help="timed runs in each process")
    parser.add_argument("--engines", nargs="*", help="all of the job, if none is named")
    parser.add_argument("--also", type=also, action="append", default=[])
    args = parser.parse_args()
    reports = measure(args)
    for report in reports:
        print(json.dumps(report))
    print(lines(reports, reports[0] if args.also else None), file=sys.stderr)
    if found := disagreements(reports):
        sys.exit("\n".join(found))


if __name__ == "__main__":
    main()
