"""One engine, from a file to a file of the dropped ids, an id on each line.

    python file_engine.py ENGINE FORMAT THREADS FILE OUT

The exact forms only. Imports are within the functions: starting up is part of the time.
"""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from common import COLUMNS, NEEDED, RFC3339

if TYPE_CHECKING:
    import polars as pl


def polars_frame(form: str, file: Path) -> "pl.DataFrame":
    import polars as pl

    text = dict.fromkeys(COLUMNS, pl.String)
    match form:
        case "parquet":
            frame = pl.scan_parquet(file)
        case "csv":
            frame = pl.scan_csv(file, schema=text)
        case "ndjson":
            frame = pl.scan_ndjson(file, schema=text)
        case _:
            frame = pl.read_json(file, schema=text).lazy()
    frame = frame.select(NEEDED)
    if form != "parquet":  # much faster than a time in the schema
        time = pl.col("started_at").str.to_datetime(RFC3339, time_unit="us")
        frame = frame.with_columns(time)
    return frame.collect(engine="streaming").rechunk()


def polars(form: str, _threads: int, file: Path, out: Path) -> None:
    from polars_dedupe import by_packed_hash, checked

    frame = polars_frame(form, file)
    checked(frame, by_packed_hash(frame)).to_frame().write_csv(out, include_header=False)


def duckdb_reader(form: str, file: Path) -> str:
    types = dict.fromkeys(COLUMNS if form == "csv" else NEEDED, "VARCHAR")
    types["started_at"] = "TIMESTAMP"
    match form:
        case "parquet":
            return f"read_parquet('{file}')"
        case "csv":
            return f"read_csv('{file}', header = true, columns = {types})"
        case "ndjson":
            return f"read_json('{file}', format = 'newline_delimited', columns = {types})"
        case _:
            return f"read_json('{file}', format = 'array', columns = {types})"


def duckdb_window(form: str, threads: int, file: Path, out: Path) -> None:
    """One query over the file."""
    from duckdb_dedupe import connect, selected, window

    query = window(f"(SELECT {selected(NEEDED)} FROM {duckdb_reader(form, file)})")
    connect(threads).execute(f"COPY ({query}) TO '{out}' (FORMAT csv, HEADER false)")


def duckdb_hash(form: str, threads: int, file: Path, out: Path) -> None:
    """A table in memory, then the faster query that needs its row ids."""
    from duckdb_dedupe import checked, connect, selected

    connection = connect(threads)
    reader = duckdb_reader(form, file)
    connection.execute(f"CREATE TABLE runs AS SELECT {selected(NEEDED)} FROM {reader}")
    connection.execute(f"COPY ({checked('runs')}) TO '{out}' (FORMAT csv, HEADER false)")


ENGINES: dict[str, Callable[[str, int, Path, Path], None]] = {
    "polars": polars,
    "duckdb-window": duckdb_window,
    "duckdb-hash": duckdb_hash,
}


if __name__ == "__main__":
    engine, form, threads, file, out = sys.argv[1:]
    ENGINES[engine](form, int(threads), Path(file), Path(out))
