"""The rule in DuckDB: a table in memory → the ids to drop, as an Arrow table."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from common import KEYS, WINDOW

if TYPE_CHECKING:  # `file_engine.py` does without it, and starts sooner
    import pyarrow as pa

KEY_LIST = ", ".join(KEYS)


def selected(columns: Sequence[str]) -> str:
    """Plain microseconds: TIMESTAMP WITH TIME ZONE takes half as long again."""
    return f"{', '.join(columns[:-1])}, epoch_us({columns[-1]}) AS time"


@dataclass(frozen=True)
class Source:
    connection: duckdb.DuckDBPyConnection
    table: str

    def __len__(self) -> int:
        return self.connection.table(self.table).shape[0]

    def query(self, sql: str) -> "pa.Table":
        return self.connection.sql(sql).to_arrow_table()


def connect(threads: int) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute(f"SET threads = {threads}")
    connection.execute("SET preserve_insertion_order = false")
    return connection


def load(path: Path, columns: Sequence[str], threads: int) -> Source:
    connection = connect(threads)
    rows = f"SELECT {selected(columns)} FROM read_parquet('{path}')"
    connection.execute(f"CREATE TABLE runs AS {rows}")
    return Source(connection, "runs")


def head(source: Source, rows: int) -> Source:
    source.connection.execute(f"CREATE TEMP TABLE few AS FROM {source.table} LIMIT {rows}")
    return Source(source.connection, "few")


def to_list(ids: "pa.Table") -> list[str]:
    names: list[str] = ids.column("id").to_pylist()
    return names


def window(table: str) -> str:
    return f"""
        SELECT id FROM (
            SELECT id, time, lead(time) OVER (PARTITION BY {KEY_LIST} ORDER BY time) AS newer
            FROM {table}
        ) WHERE newer - time <= {WINDOW}"""


def by_hash(table: str) -> str:
    """Row ids of neighbours by hash and time that are close and hash alike."""
    return f"""
        SELECT this, next FROM (
            SELECT this, time, lead(this) OVER later AS next, lead(time) OVER later AS newer
            FROM (SELECT rowid AS this, time, hash({KEY_LIST}) AS hash FROM {table})
            WINDOW later AS (PARTITION BY hash ORDER BY time)
        ) WHERE newer - time <= {WINDOW}"""


def unchecked(table: str) -> str:
    return f"SELECT id FROM {table} SEMI JOIN ({by_hash(table)}) ON {table}.rowid = this"


def checked(table: str) -> str:
    same = " AND ".join(f"older.{key} IS NOT DISTINCT FROM newer.{key}" for key in KEYS)
    return f"""
        SELECT older.id FROM ({by_hash(table)}) AS pairs
        JOIN {table} AS older ON older.rowid = pairs.this
        JOIN {table} AS newer ON newer.rowid = pairs.next
        WHERE {same}"""


ENGINES: dict[str, Callable[[Source], "pa.Table"]] = {
    "duckdb-window": lambda source: source.query(window(source.table)),
    "duckdb-hash-unchecked": lambda source: source.query(unchecked(source.table)),
    "duckdb-hash-checked": lambda source: source.query(checked(source.table)),
}
