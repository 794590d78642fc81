"""The rule in polars: columns in one chunk each → the ids to drop."""

from collections.abc import Callable, Sequence
from pathlib import Path

import polars as pl
from polars import col

from common import KEYS, WINDOW

TASK, COMMIT = KEYS


def load(path: Path, columns: Sequence[str], _threads: int) -> pl.DataFrame:
    return pl.read_parquet(path, columns=list(columns)).rechunk()


def head(frame: pl.DataFrame, rows: int) -> pl.DataFrame:
    return frame.head(rows)


def to_list(ids: pl.Series) -> list[str]:
    return ids.to_list()


def key_hash() -> pl.Expr:
    return col(TASK).hash(1) ^ col(COMMIT).hash(2)


def close() -> pl.Expr:
    """The next row is at most the window newer, where `time` is sorted in each key."""
    return col("time").shift(-1) - col("time") <= WINDOW


def by_hash(frame: pl.DataFrame) -> pl.DataFrame:
    """Rows (`row`) whose neighbour (`next`) by hash and time is close and hashes alike."""
    hashed = frame.select(hash=key_hash(), time=col("started_at").to_physical())
    order = hashed.select(row=pl.arg_sort_by("hash", "time"))
    return (
        hashed.lazy()
        .select(pl.all().gather(order["row"]), row=order["row"])
        .with_columns(next=col("row").shift(-1))
        .filter((col("hash") == col("hash").shift(-1)) & close())
        .select("row", "next")
        .collect()
    )


def by_packed_hash(frame: pl.DataFrame) -> pl.DataFrame:
    """The same, hash and time packed into one 128-bit number: a sort of one column."""
    high = key_hash().reinterpret(signed=True).cast(pl.Int128) * 2**64
    return (
        frame.lazy()
        .select(time=high + col("started_at").to_physical())
        .with_row_index("row")
        .sort("time")
        .select("row", next=col("row").shift(-1), near=close())
        .filter("near")
        .select("row", "next")
        .collect()
    )


def unchecked(frame: pl.DataFrame, pairs: pl.DataFrame) -> pl.Series:
    return frame["id"].gather(pairs["row"])


def checked(frame: pl.DataFrame, pairs: pl.DataFrame) -> pl.Series:
    """Only the pairs whose keys are equal, not just their hashes."""
    older = frame.select(col("id", *KEYS).gather(pairs["row"]))
    newer = frame.select(col(KEYS).gather(pairs["next"]))
    same = older[TASK].eq_missing(newer[TASK]) & older[COMMIT].eq_missing(newer[COMMIT])
    return older["id"].filter(same)


def over(frame: pl.DataFrame) -> pl.Series:
    time = col("started_at").to_physical()
    newer = time.shift(-1).over(KEYS, order_by="started_at")
    return frame.lazy().filter(newer - time <= WINDOW).select("id").collect()["id"]


def sort_shift(frame: pl.DataFrame) -> pl.Series:
    same = pl.all_horizontal(col(key).eq_missing(col(key).shift(-1)) for key in KEYS)
    return (
        frame.lazy()
        .select("id", *KEYS, time=col("started_at").to_physical())
        .sort(*KEYS, "time")
        .filter(same & close())
        .select("id")
        .collect()["id"]
    )


ENGINES: dict[str, Callable[[pl.DataFrame], pl.Series]] = {
    "polars-unchecked": lambda frame: unchecked(frame, by_hash(frame)),
    "polars-packed-unchecked": lambda frame: unchecked(frame, by_packed_hash(frame)),
    "polars-checked": lambda frame: checked(frame, by_hash(frame)),
    "polars-packed-checked": lambda frame: checked(frame, by_packed_hash(frame)),
    "polars-over": over,
    "polars-sort-shift": sort_shift,
}
