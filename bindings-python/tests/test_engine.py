"""A rule over a table in parts: what goes of the parts is what goes of the whole."""

from __future__ import annotations

import pickle
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import engines
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from housekeep import DataError, Policy, PolicyError
from housekeep.arrow import Kernel, kernel
from hypothesis import given
from hypothesis import strategies as st
from strategies import Case, cases
from support import NOW, policy_of

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

ROWS = 1_000_000
RUNS = Policy.parse("""
[dedupe.runs]
key    = ["task_id", "commit_hash"]
time   = "started_at"
window = "10m"
only   = { status = ["done", "failed"] }
[dedupe.chained]
key    = ["task_id", "commit_hash"]
time   = "started_at"
mode   = "chain"
window = "10m"
null_key = "distinct"
[retention.newest]
time  = "started_at"
by    = ["task_id"]
limit = { count = 5 }
floor = { age = "1d" }
[retention.old]
time  = "started_at"
limit = { age = "30d" }
[retention.all]
time  = "started_at"
limit = { count = 1000 }
""")
CASE = pa.schema(
    {
        "id": pa.string(),
        "task": pa.string(),
        "host": pa.bool_(),
        "at": pa.timestamp("us", "UTC"),
        "counts": pa.bool_(),
    }
)
SCHEMA = pa.schema(
    {
        "id": pa.int64(),
        "task_id": pa.string(),
        "commit_hash": pa.string(),
        "status": pa.string(),
        "started_at": pa.timestamp("us", "UTC"),
        "unread": pa.float64(),
    }
)


def runs(count: int) -> pa.Table:
    """Make runs in bursts, in any order: of some tasks very many, some without commit or time."""
    chance = np.random.default_rng(7)
    # Of a burst are the rows whose numbers differ in the last digit alone.
    number = chance.permutation(count)
    burst = number // 10
    task = (chance.pareto(0.7, count) * 40).astype(np.int64)[burst] % 3000
    commit = chance.integers(0, 4, count)[burst]
    ago = (chance.integers(0, 60 * 86_400, count)[burst] + chance.integers(0, 3600, count)) * 10**6
    at = np.datetime64(NOW.replace(tzinfo=None), "us") - ago.astype("timedelta64[us]")
    started = pa.array(at, pa.timestamp("us"), mask=chance.random(count) < 0.001)
    return pa.table(
        [
            pa.array(number),
            pa.array([f"task {n}" for n in task]),
            pa.array([None if n == 0 else f"commit {n}" for n in commit]),
            pa.array(np.array(["done", "failed", "running"])[chance.integers(0, 3, count)]),
            started.cast(SCHEMA.field("started_at").type),
            pa.array(chance.random(count)),
        ],
        schema=SCHEMA,
    )


def parts(table: pa.Table, decide: Kernel, count: int) -> list[pa.Table]:
    """Part a table as an engine does: by what stands in the columns, nulls with nulls."""
    if decide.together == ():
        return [table]
    columns = table.select(decide.together or ["id"]).to_pylist()
    place = np.array([hash(tuple(row.values())) % count for row in columns])
    return [table.filter(pa.array(place == n)) for n in range(count)]


def ids(batches: Iterable[pa.RecordBatch]) -> list[str]:
    return sorted(str(id) for batch in batches for id in batch["id"].to_pylist())


# --- The kernel ------------------------------------------------------------------------------


@pytest.mark.parametrize("rule", RUNS.rules)
@pytest.mark.parametrize("size", [1, 7, 1000])
def test_the_parts_lose_what_the_whole_loses(rule: str, size: int) -> None:
    table = runs(3000)
    whole = RUNS.plan(rule, table, now=NOW)
    assert 100 < whole.drop < 2900
    decide = pickle.loads(pickle.dumps(kernel(RUNS, rule, NOW)))
    needed = table.select(decide.columns)
    given = [batch for part in parts(needed, decide, 5) for batch in decide(batches(part, size))]
    assert ids(given) == sorted(whole.drop_ids)
    assert {batch.schema for batch in given} == {pa.table(whole).schema}


def batches(table: pa.Table, size: int) -> Iterator[pa.RecordBatch]:
    """Give a table in batches that are handed over one by one, which keys straddle."""
    yield from table.to_batches(max_chunksize=size)


@given(cases(), st.integers(1, 4), st.integers(1, 5))
def test_the_laws_hold_of_parts(case: Case, count: int, size: int) -> None:
    rows = [row | {"id": str(row["id"])} for row in case.rows]
    table = pa.Table.from_pylist(rows, CASE)
    policy = Policy.from_dict({"dedupe": {"runs": case.rule}})
    whole = policy.plan("runs", table, now=case.now)
    decide = kernel(policy, "runs", case.now)
    given = [drop for part in parts(table, decide, count) for drop in decide(batches(part, size))]
    assert ids(given) == sorted(whole.drop_ids)


def test_what_the_parts_are_parted_by() -> None:
    together = {rule: kernel(RUNS, rule, NOW).together for rule in RUNS.rules}
    assert together == {
        "dedupe.chained": ("task_id", "commit_hash"),
        "dedupe.runs": ("task_id", "commit_hash"),
        "retention.all": (),
        "retention.newest": ("task_id",),
        "retention.old": None,
    }
    read = kernel(RUNS, "old", NOW).columns
    assert set(read) == {"id", "started_at"}
    assert list(kernel(RUNS, "old", NOW)([])) == []
    (none,) = kernel(RUNS, "newest", NOW)(batches(runs(1), 1))
    assert none.num_rows == 0
    assert repr(kernel(RUNS, "old", "2026-02-13T03:00:00Z")) == (
        "<Kernel old at 2026-02-13T03:00:00Z>"
    )


def test_what_is_wrong_is_said_before_an_engine_is_asked() -> None:
    with pytest.raises(ValueError, match=r"policy.replace\(.runs., .guard=none.\)"):
        kernel(policy_of(guard={"max_drops": 10}), "runs", NOW)
    with pytest.raises(PolicyError, match="did you mean"):
        kernel(RUNS, "run", NOW)
    with pytest.raises(DataError, match="no offset"):
        kernel(RUNS, "runs", datetime(2026, 2, 13, 3))
    with pytest.raises(DataError) as refused:
        list(kernel(RUNS, "runs", NOW)(batches(runs(3).drop_columns("status"), 2)))
    assert refused.value.code == "rows.missing_column"


# --- An engine -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def session(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[SparkSession]:
    if request.config.getoption("--spark"):
        with engines.spark(tmp_path_factory.mktemp("spark")) as session:
            yield session
    else:
        with engines.sail() as session:
            yield session


@pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas:FutureWarning")
@pytest.mark.parametrize("rule", ["runs", "chained"])
def test_an_engine_of_two_workers_finds_the_duplicates_of_one_machine(
    session: SparkSession, tmp_path: Path, rule: str
) -> None:
    from spark_dedupe import duplicates

    table = runs(ROWS)
    path = tmp_path / "runs.parquet"
    # Batches of the file end anywhere, and an engine makes others of them.
    pq.write_table(table, path, row_group_size=99_999)
    whole = RUNS.plan(rule, table, now=NOW)
    assert ROWS / 20 < whole.drop < ROWS
    found = duplicates(session.read.parquet(str(path)), kernel(RUNS, rule, NOW), 4).toArrow()
    expected = pa.table(whole).select(["id", "keeper_id", "why"])
    assert found.sort_by("id").to_pydict() == expected.sort_by("id").to_pydict()
