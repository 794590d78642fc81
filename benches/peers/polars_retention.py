"""Retention in polars: columns in one chunk each → the ids that go."""

from collections.abc import Callable

import polars as pl
from polars import col

from common import CUTOFF, GFS, NEWEST, STATUS
from polars_dedupe import head, load, to_list

__all__ = ["ENGINES", "head", "load", "to_list"]

TASK = "task_id"
OLD = col("time") < CUTOFF


def matched(frame: pl.DataFrame, *columns: str) -> pl.LazyFrame:
    """What the rule is about; all that it does not need is left out."""
    rows = frame.lazy().filter(col("status") == STATUS)
    return rows.select(*columns, time=col("started_at").to_physical())


def ids(rows: pl.LazyFrame) -> pl.Series:
    return rows.select("id").collect()["id"]


def rank(frame: pl.DataFrame) -> pl.Series:
    """What one writes first."""
    place = col("time").rank("ordinal", descending=True).over(TASK)
    return ids(matched(frame, "id", TASK).filter(OLD, place > NEWEST))


def sort_range(frame: pl.DataFrame) -> pl.Series:
    newest_first = matched(frame, "id", TASK).sort("time", descending=True)
    return ids(newest_first.filter(OLD, pl.int_range(pl.len()).over(TASK) >= NEWEST))


def sort_count(frame: pl.DataFrame) -> pl.Series:
    newest_first = matched(frame, "id", TASK).sort("time", descending=True)
    return ids(newest_first.filter(OLD, col("time").cum_count().over(TASK) > NEWEST))


def sort_shift(frame: pl.DataFrame) -> pl.Series:
    """As many places on, there is still a row of the task."""
    oldest_first = matched(frame, "id", TASK).sort(TASK, "time")
    return ids(oldest_first.filter(OLD, col(TASK) == col(TASK).shift(-NEWEST)))


def top_k(frame: pl.DataFrame) -> pl.Series:
    """No sort: the time of the last one that is kept, of each task."""
    rows = matched(frame, "id", TASK)
    first_kept = rows.group_by(TASK).agg(kept=col("time").top_k(NEWEST).min())
    return ids(rows.filter(OLD).join(first_kept, on=TASK).filter(col("time") < col("kept")))


def young_first(frame: pl.DataFrame) -> pl.Series:
    """Young rows are only counted; old ones are ranked where that is not enough."""
    rows = matched(frame, "id", TASK)
    young = rows.filter(~OLD).group_by(TASK).agg(young=pl.len())
    old = rows.filter(OLD).join(young, on=TASK, how="left")
    counted = col("young").fill_null(0)
    few = old.filter(counted < NEWEST)
    place = col("time").rank("ordinal", descending=True).over(TASK) + counted
    return pl.concat([ids(old.filter(counted >= NEWEST)), ids(few.filter(place > NEWEST))])


def neighbours(frame: pl.DataFrame, key: pl.Expr) -> pl.DataFrame:
    """Rows (`row`) too old, and the one (`newer`) of the same key so many places on.

    Key and time packed into one 128-bit number: a sort of one column."""
    packed = key.cast(pl.Int128) * 2**64 + col("started_at").to_physical()
    high = col("packed") // 2**64
    return (
        frame.lazy()
        .select("status", packed=packed, old=col("started_at").to_physical() < CUTOFF)
        .with_row_index("row")
        .filter(col("status") == STATUS)
        .select("row", "packed", "old")
        .sort("packed")
        .select("row", "old", newer=col("row").shift(-NEWEST), same=high == high.shift(-NEWEST))
        .filter("old", "same")
        .select("row", "newer")
        .collect()
    )


def packed_unchecked(frame: pl.DataFrame) -> pl.Series:
    pairs = neighbours(frame, col(TASK).hash(1).reinterpret(signed=True))
    return frame["id"].gather(pairs["row"])


def packed_checked(frame: pl.DataFrame) -> pl.Series:
    """Only where the keys are equal, not just their hashes."""
    pairs = neighbours(frame, col(TASK).hash(1).reinterpret(signed=True))
    older = frame.select(col("id", TASK).gather(pairs["row"]))
    return older["id"].filter(older[TASK] == frame[TASK].gather(pairs["newer"]))


def packed_categories(frame: pl.DataFrame) -> pl.Series:
    """Numbers of its own in place of hashes: nothing to check."""
    pairs = neighbours(frame, col(TASK).cast(pl.Categorical).to_physical())
    return frame["id"].gather(pairs["row"])


def old_only(frame: pl.DataFrame) -> pl.Series:
    return ids(matched(frame, "id").filter(OLD))


def periods(frame: pl.DataFrame) -> pl.Series:
    """The newest of each of so many periods stays."""
    time = col("started_at")
    kept = [time.dt.truncate(every).is_first_distinct() for every, _ in GFS.values()]
    kept = [
        first & (first.cum_sum() <= count) if count else first
        for first, (_, count) in zip(kept, GFS.values(), strict=True)
    ]
    newest_first = frame.lazy().sort("started_at", descending=True)
    return ids(newest_first.filter(~pl.any_horizontal(kept)))


ENGINES: dict[str, Callable[[pl.DataFrame], pl.Series]] = {
    "polars-rank": rank,
    "polars-sort-range": sort_range,
    "polars-sort-count": sort_count,
    "polars-sort-shift": sort_shift,
    "polars-top-k": top_k,
    "polars-young-first": young_first,
    "polars-packed-unchecked": packed_unchecked,
    "polars-packed-checked": packed_checked,
    "polars-packed-categories": packed_categories,
    "polars-filter": old_only,
    "polars-periods": periods,
}
