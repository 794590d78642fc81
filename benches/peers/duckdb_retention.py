"""Retention in DuckDB: a table in memory → the ids that go, as an Arrow table."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from common import CUTOFF, NEWEST, STATUS
from duckdb_dedupe import Source, head, load, to_list

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["ENGINES", "head", "load", "to_list"]


def matched(table: str) -> str:
    return f"(SELECT id, task_id, time FROM {table} WHERE status = '{STATUS}')"


def row_number(table: str) -> str:
    return f"""
        SELECT id FROM (
            SELECT id, time, row_number() OVER (PARTITION BY task_id ORDER BY time DESC) AS place
            FROM {matched(table)}
        ) WHERE time < {CUTOFF} AND place > {NEWEST}"""


def top_n(table: str) -> str:
    """No sort: the time of the last one that is kept, of each task."""
    return f"""
        SELECT id FROM {matched(table)} JOIN (
            SELECT task_id, list_min(max(time, {NEWEST})) AS kept
            FROM {matched(table)} GROUP BY task_id
        ) USING (task_id) WHERE time < {CUTOFF} AND time < kept"""


def young_first(table: str) -> str:
    """Young rows are only counted; old ones are ranked where that is not enough."""
    return f"""
        WITH young AS (
            SELECT task_id, count(*) AS young FROM {matched(table)}
            WHERE time >= {CUTOFF} GROUP BY task_id
        ), old AS (
            SELECT id, task_id, time, coalesce(young, 0) AS young
            FROM {matched(table)} LEFT JOIN young USING (task_id) WHERE time < {CUTOFF}
        )
        SELECT id FROM old WHERE young >= {NEWEST}
        UNION ALL SELECT id FROM (
            SELECT id, young, row_number() OVER (PARTITION BY task_id ORDER BY time DESC) AS place
            FROM old WHERE young < {NEWEST}
        ) WHERE young + place > {NEWEST}"""


def old_only(table: str) -> str:
    return f"SELECT id FROM {table} WHERE status = '{STATUS}' AND time < {CUTOFF}"


ENGINES: dict[str, Callable[[Source], "pa.Table"]] = {
    "duckdb-row-number": lambda source: source.query(row_number(source.table)),
    "duckdb-top-n": lambda source: source.query(top_n(source.table)),
    "duckdb-young-first": lambda source: source.query(young_first(source.table)),
    "duckdb-filter": lambda source: source.query(old_only(source.table)),
}
