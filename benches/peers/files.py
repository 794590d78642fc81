"""Dedupe, whole processes: from a file to a file of ids to drop, in each format.

    python files.py --dir DIR --threads 1 [--rounds 3] \
        [--also 'housekeep=COMMAND {file} {out} {threads}']

DIR is what `generate.py --all-formats` made. JSON lines on standard output, a table
on standard error. Times and memory are taken from outside; processes of one round
run one after the other, ours (the first --also) among them.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from common import FORMATS, HERE, MB, Report, also, disagreements, environment, python, ratio, table
from file_engine import ENGINES

WORDS = ("{format}", "{threads}", "{file}", "{out}")


def run(words: list[str], variables: Mapping[str, str]) -> dict[str, float]:
    """Seconds, processor seconds and peak memory of a process and its children."""
    start = time.perf_counter()
    process = subprocess.Popen(words, env=variables, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, words)
    unit = 1 if sys.platform == "darwin" else 1024
    return {
        "seconds": round(seconds, 3),
        "cpu_seconds": round(usage.ru_utime + usage.ru_stime, 3),
        "peak_rss_mb": round(usage.ru_maxrss * unit / MB, 1),
    }


def answer(out: Path) -> Report:
    """In a process of its own: a child's peak starts at what its parent's was."""
    words = [sys.executable, str(HERE / "ids.py"), str(out)]
    found: Report = json.loads(subprocess.check_output(words))
    return found


def read_through(file: Path) -> None:
    """So that every engine finds the file in the page cache."""
    with file.open("rb", buffering=0) as source:
        while source.read(MB):
            pass


def measure(args: argparse.Namespace, form: str, out: Path) -> list[Report]:
    commands = args.also + [python("file_engine.py", name, *WORDS) for name in args.engines]
    file = args.dir / f"runs.{form}"
    fields = {"file": file, "out": out, "threads": args.threads, "format": form}
    variables = environment(args.threads)
    read_through(file)
    reports: dict[str, Report] = {}
    for _ in range(args.rounds):
        for command in commands:
            out.unlink(missing_ok=True)
            figures = run(command.filled(fields), variables)
            if command.label not in reports:
                reports[command.label] = {
                    "format": form,
                    "engine": command.label,
                    "threads": args.threads,
                    **{name: [] for name in figures},
                    **answer(out),
                }
            for name, value in figures.items():
                reports[command.label][name].append(value)
    return list(reports.values())


def line(report: Report, ours: Report | None) -> tuple[str, ...]:
    return (
        f"{report['format']} {report['engine']}",
        f"{statistics.median(report['seconds']):.2f}",
        f"{statistics.median(report['cpu_seconds']):.2f}",
        ratio(report, ours),
        f"{max(report['peak_rss_mb']):.0f}",
        str(report["drops"]),
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--dir", type=Path, required=True)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--formats", nargs="*", choices=FORMATS, default=FORMATS)
    parser.add_argument("--engines", nargs="*", choices=ENGINES, default=list(ENGINES))
    parser.add_argument("--also", type=also, action="append", default=[])
    args = parser.parse_args()
    rows, wrong = [], []
    with tempfile.TemporaryDirectory() as scratch:
        for form in args.formats:
            reports = measure(args, form, Path(scratch) / "drops.txt")
            for report in reports:
                print(json.dumps(report), flush=True)
            ours = reports[0] if args.also else None
            rows += [line(report, ours) for report in reports]
            wrong += disagreements(reports)
    header = ("", "median s", "cpu s", "/ ours", "peak MB", "drops")
    print(table(header, rows), file=sys.stderr)
    if wrong:
        sys.exit("\n".join(wrong))


if __name__ == "__main__":
    main()
