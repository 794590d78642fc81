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
FORMATS = ("parquet", "csv", "ndjson", "json")
SHAPES = ("shuffled", "sorted", "skewed", "chains")
RFC3339 = "%Y-%m-%dT%H:%M:%S%.6fZ"
MB = 1_000_000

Report = dict[str, Any]


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
