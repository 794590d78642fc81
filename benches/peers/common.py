"""What the parts share: the data's shape, the rule, and how commands are run."""

import argparse
import os
import shlex
import statistics
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
MICROS = 1_000_000
WINDOW = 600 * MICROS  # the edge is inclusive
KEYS = ("task_id", "commit_hash")
COLUMNS = ("id", *KEYS, "status", "started_at")
NEEDED = ("id", *KEYS, "started_at")
# Retention: what is done and older than 640 days on 2027-01-01 goes, but for the newest of a task.
STATUS = "done"
CUTOFF = 1_743_465_600 * MICROS  # 2025-04-01T00:00:00Z, which itself is not too old
NEWEST = 5
# Of each of so many periods one snapshot stays; None is all. Beside each what polars calls it.
GFS = {"hour": ("1h", 48), "day": ("1d", 30), "week": ("1w", None), "month": ("1mo", None)}
FORMATS = ("parquet", "csv", "ndjson", "json")
SHAPES = ("shuffled", "sorted", "skewed", "chains")
RFC3339 = "%Y-%m-%dT%H:%M:%S%.6fZ"
MB = 1_000_000

Report = dict[str, Any]


@dataclass(frozen=True)
class Job:
    """One rule: the columns it reads, and the engines that can say it."""

    family: str
    columns: tuple[str, ...]
    engines: Mapping[str, bool]
    """By name, and whether the keys themselves decide, and not only their hashes."""


JOBS = {
    "dedupe": Job(
        "dedupe",
        NEEDED,
        {
            "polars-packed-unchecked": False,
            "polars-packed-checked": True,
            "polars-unchecked": False,
            "polars-checked": True,
            "polars-over": True,
            "polars-sort-shift": True,
            "duckdb-hash-unchecked": False,
            "duckdb-hash-checked": True,
            "duckdb-window": True,
            "pandas-factorize": True,
            "pandas-groupby": True,
        },
    ),
    "newest": Job(
        "retention",
        ("id", "task_id", "status", "started_at"),
        {
            "polars-packed-unchecked": False,
            "polars-packed-checked": True,
            "polars-packed-categories": True,
            "polars-rank": True,
            "polars-sort-range": True,
            "polars-sort-count": True,
            "polars-sort-shift": True,
            "polars-top-k": True,
            "polars-young-first": True,
            "duckdb-row-number": True,
            "duckdb-top-n": True,
            "duckdb-young-first": True,
        },
    ),
    "age": Job(
        "retention",
        ("id", "status", "started_at"),
        {"polars-filter": True, "duckdb-filter": True},
    ),
    "gfs": Job("retention", ("id", "started_at"), {"python-loop": True, "polars-periods": True}),
}


@dataclass(frozen=True)
class Command:
    """A contestant: a label, and words with `{fields}` to fill in."""

    label: str
    words: tuple[str, ...]

    def filled(self, fields: Mapping[str, object]) -> list[str]:
        words = list(self.words)
        for name, value in fields.items():
            words = [word.replace(f"{{{name}}}", str(value)) for word in words]
        return words


def also(text: str) -> Command:
    """Reads `label=COMMAND`."""
    label, equals, command = text.partition("=")
    if not (label and equals and command):
        message = f"`{text}` is not of the form label=COMMAND"
        raise argparse.ArgumentTypeError(message)
    return Command(label, tuple(shlex.split(command)))


def python(script: str, label: str, *words: str) -> Command:
    """A peer: one of our scripts, told which engine to run."""
    return Command(label, (sys.executable, str(HERE / script), label, *words))


def environment(threads: int) -> dict[str, str]:
    """The caller's environment, with threads fixed for engines that read it there."""
    names = ("POLARS_MAX_THREADS", "OMP_NUM_THREADS", "RAYON_NUM_THREADS")
    return os.environ | dict.fromkeys(names, str(threads))


def disagreements(reports: Iterable[Report]) -> list[str]:
    """Where the number of drops, or the ids themselves, are not the same for all."""
    found = []
    for name in ("drops", "ids_sha256"):
        values = {report["engine"]: report[name] for report in reports if report.get(name)}
        if len(set(values.values())) > 1:
            found.append(f"{name} differ: {values}")
    return found


def ratio(report: Report, ours: Report | None) -> str:
    """The peer's median time over ours."""
    if ours is None:
        return "-"
    return f"{statistics.median(report['seconds']) / statistics.median(ours['seconds']):.2f}"


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Aligned text, the first column to the left."""
    lines = [header, *rows]
    widths = [max(len(line[at]) for line in lines) for at in range(len(header))]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if at else cell.ljust(width)
            for at, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )
