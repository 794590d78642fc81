"""Makes the data of the benchmarks: runs of tasks, some of them in bursts.

    python generate.py --rows 10000000 --out DIR [--shape shuffled] [--all-formats]

Same rows, shape and seed give the same data. The drops at a window of 10 minutes
(chain) follow from the plan: a burst of k rows drops k - 1 of them, so at 30 % of
the rows in bursts of 2 to 5 about 21 % of all rows drop.
"""

import argparse
from collections.abc import Collection, Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from common import COLUMNS, FORMATS, MICROS, RFC3339, SHAPES, WINDOW

Ints = npt.NDArray[np.int64]
Bytes = npt.NDArray[np.uint8]

START = 1_735_689_600 * MICROS  # 2025-01-01T00:00:00Z
SPAN = 180 * 86_400 * MICROS
ROWS_PER_TASK = 20
COMMITS_PER_TASK = 4
NULL_COMMITS = 0.05
BURST_ROWS = 0.30
BURST_SIZES = (2, 5)
CHAIN_LENGTH = 1_000
CHUNK = 1_000_000  # rows made and written at a time: a Parquet row group


def hex_text(raw: Bytes) -> Bytes:
    """Lower-case hex digits, two for each byte of a row."""
    pairs = np.array([list(f"{byte:02x}".encode()) for byte in range(256)], np.uint8)
    return pairs[raw].reshape(len(raw), -1)


def as_text(rows: Bytes) -> pa.Array:
    """An Arrow string column from rows of equal width."""
    count, width = rows.shape
    offsets = np.arange(count + 1, dtype=np.int64) * width
    return pa.LargeStringArray.from_buffers(
        count, pa.py_buffer(offsets), pa.py_buffer(np.ascontiguousarray(rows))
    )


def uuids(rng: np.random.Generator, count: int) -> pa.Array:
    raw = rng.integers(0, 256, (count, 16), np.uint8)
    raw[:, 6] = raw[:, 6] & 0x0F | 0x40
    raw[:, 8] = raw[:, 8] & 0x3F | 0x80
    digits = hex_text(raw)
    text = np.full((count, 36), ord("-"), np.uint8)
    for start, end, dashes in ((0, 8, 0), (8, 12, 1), (12, 16, 2), (16, 20, 3), (20, 32, 4)):
        text[:, start + dashes : end + dashes] = digits[:, start:end]
    return as_text(text)


def bursts(
    rng: np.random.Generator, sizes: Ints, gaps: Ints, tasks: int
) -> tuple[Ints, Ints, Ints]:
    """Task, commit (-1: null) and time of the rows of bursts; `gaps` before each row."""
    count = len(sizes)
    task = rng.integers(0, tasks, count)
    commit = task * COMMITS_PER_TASK + rng.integers(0, COMMITS_PER_TASK, count)
    commit[rng.random(count) < NULL_COMMITS] = -1
    first = np.cumsum(sizes) - sizes
    elapsed = np.cumsum(gaps)
    elapsed -= np.repeat(elapsed[first], sizes)
    time = np.repeat(START + rng.integers(0, SPAN, count), sizes) + elapsed
    return np.repeat(task, sizes), np.repeat(commit, sizes), time


def sizes_to(rows: int, sizes: Ints) -> Ints:
    """The first of `sizes` that make up `rows`, the last one cut to fit."""
    ends = np.cumsum(sizes)
    last = int(np.searchsorted(ends, rows))
    sizes = sizes[: last + 1].copy()
    if len(sizes):
        sizes[-1] -= ends[last] - rows
    return sizes


def runs(rows: int, shape: str, seed: int) -> Iterator[pa.Table]:
    """The rows in order, `CHUNK` of them at a time."""
    rng = np.random.default_rng(seed)
    tasks = max(rows // ROWS_PER_TASK, 1)
    if shape == "chains":
        sizes = sizes_to(rows, np.full(rows // CHAIN_LENGTH + 1, CHAIN_LENGTH))
        gaps = WINDOW - MICROS * rng.integers(0, 60, rows)  # the window itself included
    else:
        low, high = BURST_SIZES
        in_bursts = round(rows * BURST_ROWS)
        drawn = rng.integers(low, high + 1, in_bursts // low + 1)
        singles = np.ones(rows - in_bursts, np.int64)
        sizes = np.concatenate((sizes_to(in_bursts, drawn), singles))
        gaps = rng.integers(1, WINDOW, rows)
    task, commit, time = bursts(rng, sizes, gaps, tasks)

    if shape == "skewed":
        hot = rng.permutation(rows)[: rows // 2]
        task[hot], commit[hot] = 0, 0
        time[hot] = np.sort(time[hot]) + np.arange(len(hot))  # no two at the same time
    order = np.argsort(time, kind="stable") if shape == "sorted" else rng.permutation(rows)

    task_ids = uuids(rng, tasks)
    commits = as_text(hex_text(rng.integers(0, 256, (tasks * COMMITS_PER_TASK, 20), np.uint8)))
    statuses = pa.array(["done", "failed", "running"], pa.large_string())
    for start in range(0, rows, CHUNK):
        part = order[start : start + CHUNK]
        columns = (
            uuids(rng, len(part)),
            task_ids.take(pa.array(task[part])),
            commits.take(pa.array(commit[part], mask=commit[part] < 0)),
            statuses.take(pa.array(rng.choice(3, len(part), p=(0.85, 0.12, 0.03)))),
            pa.array(time[part], pa.timestamp("us", "UTC")),
        )
        yield pa.table(dict(zip(COLUMNS, columns, strict=True)))


def write(chunks: Iterable[pa.Table], out: Path, formats: Collection[str]) -> None:
    """Each chunk of rows, added to a file of each format."""
    with ExitStack() as stack:
        files = {name: stack.enter_context((out / f"runs.{name}").open("wb")) for name in formats}
        parquet: pq.ParquetWriter | None = None
        for chunk in chunks:
            first = parquet is None
            if parquet is None:
                writer = pq.ParquetWriter(files["parquet"], chunk.schema, store_schema=False)
                parquet = stack.enter_context(writer)
            parquet.write_table(chunk)
            if len(formats) == 1:
                continue
            frame: Any = pl.from_arrow(chunk)
            frame = frame.with_columns(pl.col("started_at").dt.strftime(RFC3339))
            frame.write_csv(files["csv"], include_header=first)
            lines = frame.write_ndjson().encode()
            files["ndjson"].write(lines)
            files["json"].write(b"[\n" if first else b",\n")
            files["json"].write(lines.removesuffix(b"\n").replace(b"\n", b",\n"))
        if "json" in files:
            files["json"].write(b"\n]\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--shape", choices=SHAPES, default="shuffled")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--all-formats", action="store_true")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    formats = FORMATS if args.all_formats else FORMATS[:1]
    write(runs(args.rows, args.shape, args.seed), args.out, formats)


if __name__ == "__main__":
    main()
