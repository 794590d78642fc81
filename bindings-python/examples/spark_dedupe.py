"""Duplicates of a table that no single machine holds, found by Spark, or by Sail without a JVM.

    pip install housekeep pyarrow pyspark       # for Sail: pyspark-client pysail
    python spark_dedupe.py policy.toml runs --rows runs.parquet --drops drops.parquet

The policy is the one that decides on one machine, and so is the answer. housekeep and pyarrow have
to be installed where the engine works, too. `SPARK_REMOTE=sc://host:port` leads to a server of
Spark Connect or of Sail.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from housekeep import Policy
from housekeep.arrow import Kernel, kernel
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.types import StringType, StructField, StructType

if TYPE_CHECKING:
    from pyarrow import RecordBatch

ANSWER = ["id", "keeper_id", "why"]
"""Of what the kernel gives: which row goes, for which one that stays, and in a word why."""


def duplicates(rows: DataFrame, decide: Kernel, parts: int) -> DataFrame:
    """Give the rows that go, by a rule whose rows are named by a column `id`."""

    def work(batches: Iterable[RecordBatch]) -> Iterator[RecordBatch]:
        for drops in decide(batches):
            yield drops.select(ANSWER)

    of_id = rows.schema["id"].dataType
    schema = StructType(
        [
            StructField("id", of_id),
            StructField("keeper_id", of_id),
            StructField("why", StringType()),
        ]
    )
    # Rows of one key have to meet; their order does not matter. Text that the policy reads as
    # UUIDs, whatever their case, has to be of one case before: the engine parts by text.
    parted = rows.select(*decide.columns).repartition(parts, *(decide.together or ()))
    return parted.mapInArrow(work, schema)


def main() -> None:
    """Read the arguments, and write the rows that go."""
    parser = argparse.ArgumentParser(description="Finds duplicates on an engine.")
    parser.add_argument("policy")
    parser.add_argument("rule")
    parser.add_argument("--rows", required=True, help="Parquet to read")
    parser.add_argument("--drops", required=True, help="Parquet to write")
    # So many that the keys, the id and the time of a part are held by one worker with ease.
    parser.add_argument("--parts", type=int, default=200)
    parser.add_argument("--now", default=datetime.now(UTC).isoformat())
    parser.add_argument("--most", type=float, default=0.5, help="the largest share that may go")
    given = parser.parse_args()

    policy = Policy.from_file(given.policy)
    # A guard is of all that goes, which no part knows: `--most` is looked at in its place.
    decide = kernel(policy.replace(given.rule, "guard=none"), given.rule, given.now)
    if "id" not in decide.columns:
        raise SystemExit("this recipe is for rows that are named by a column `id`")
    spark = SparkSession.builder.getOrCreate()
    rows = spark.read.parquet(given.rows)
    duplicates(rows, decide, given.parts).write.parquet(given.drops)
    total, gone = rows.count(), spark.read.parquet(given.drops).count()
    print(f"{gone} of {total} rows go: {given.drops}")
    if gone > given.most * total:
        raise SystemExit(f"that is more than {given.most:.0%}: look at them before you go on")


if __name__ == "__main__":
    main()
