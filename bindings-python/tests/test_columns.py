"""A mapping of columns: what a column may be, and what is refused."""

from __future__ import annotations

from array import array
from collections import OrderedDict, UserDict
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from support import Row, columns, explained, minutes, plan_of, refusal, run_python

TIMES = [minutes(0), minutes(4.2), None, minutes(60)]
NAIVE = [at and at.replace(tzinfo=None) for at in TIMES]
ROWS: list[Row] = [
    {"id": id, "key": key, "at": at}
    for id, key, at in zip([3, 1, 2, 4], ["a", "a", None, "b"], TIMES, strict=True)
]

MASKED = np.ma.array(list("aaxb"), mask=[False, False, True, False])


def with_column(name: str, column: Any) -> dict[str, Any]:
    """Give the rows as lists, with one column as something else."""
    return columns(ROWS) | {name: column}


@pytest.mark.parametrize(
    ("name", "column"),
    [
        pytest.param("id", (3, 1, 2, 4), id="tuple"),
        pytest.param("id", iter([3, 1, 2, 4]), id="iterator"),
        pytest.param("id", array("q", [3, 1, 2, 4]), id="array"),
        pytest.param("id", array("B", [3, 1, 2, 4]), id="array of bytes"),
        pytest.param("id", np.array([3, 1, 2, 4]), id="numpy int64"),
        pytest.param("id", np.array([3, 1, 2, 4], "uint8"), id="numpy uint8"),
        pytest.param("id", np.array([3, 1, 2, 4], ">i4"), id="numpy of the other endian"),
        pytest.param("id", np.array([3, 0, 1, 0, 2, 0, 4, 0])[::2], id="numpy with strides"),
        pytest.param("id", np.array([3, 1, 2, 4], object), id="numpy objects"),
        pytest.param("id", pd.Series([3, 1, 2, 4]), id="pandas"),
        pytest.param("id", pd.Series([3, 1, 2, 4], index=[9, 8, 7, 6]), id="pandas, any index"),
        pytest.param("id", pd.Series([3, 1, 2, 4], dtype="Int16"), id="pandas Int16"),
        pytest.param("id", pd.Index([3, 1, 2, 4]), id="pandas index"),
        pytest.param("id", pl.Series([3, 1, 2, 4]), id="polars"),
        pytest.param("id", pa.array([3, 1, 2, 4]), id="pyarrow array"),
        pytest.param("id", pa.chunked_array([[3, 1], [], [2, 4]]), id="pyarrow chunks"),
        pytest.param("key", np.array(["a", "a", None, "b"], object), id="numpy texts"),
        pytest.param("key", MASKED, id="numpy masked"),
        pytest.param("key", pd.Series(["a", "a", None, "b"]), id="pandas texts"),
        pytest.param("key", pd.Series(["a", "a", None, "b"], dtype=object), id="pandas objects"),
        pytest.param("key", pd.Series(["a", "a", None, "b"], dtype="category"), id="categories"),
        pytest.param("key", pl.Series(["a", "a", None, "b"]), id="polars texts"),
        pytest.param(
            "key", pl.Series(["a", "a", None, "b"], dtype=pl.Categorical), id="polars cat"
        ),
        pytest.param("key", pa.array(["a", "a", None, "b"]), id="pyarrow texts"),
        pytest.param(
            "key", pa.array(["a", "a", None, "b"]).dictionary_encode(), id="pyarrow dictionary"
        ),
        pytest.param("at", pd.Series(TIMES), id="pandas times"),
        pytest.param("at", pd.DatetimeIndex(TIMES), id="pandas index of times"),
        pytest.param("at", pl.Series(TIMES), id="polars times"),
        pytest.param("at", pa.array(TIMES), id="pyarrow times"),
        pytest.param("at", np.array(TIMES, object), id="numpy objects of times"),
        pytest.param("at", [at and at.isoformat() for at in TIMES], id="texts of times"),
    ],
)
def test_a_column_may_be(name: str, column: Any) -> None:
    assert plan_of(with_column(name, column)) == plan_of(ROWS)


@pytest.mark.parametrize(
    "column",
    [
        [True, True, False, True],
        np.array([True, True, False, True]),
        pd.Series([True, True, False, True]),
        pl.Series([True, True, False, True]),
        pa.chunked_array([[True, True, False, True]]),
    ],
    ids=lambda column: f"{type(column).__module__}.{type(column).__name__}",
)
def test_a_column_may_be_of_truth(column: Any) -> None:
    (drop,) = plan_of(with_column("key", column)).drops
    assert drop.key == {"key": True}


@pytest.mark.parametrize("column", [np.array(["a", "a", "b", "b"]), array("u", "aabb")], ids=type)
def test_a_column_of_characters_is_one_of_texts(column: Any) -> None:
    assert plan_of(with_column("key", column)) == plan_of(with_column("key", list("aabb")))


@pytest.mark.parametrize("kind", [dict, OrderedDict, MappingProxyType, UserDict])
def test_columns_may_stand_in_any_mapping(kind: Callable[[Any], Any]) -> None:
    assert plan_of(kind(columns(ROWS))) == plan_of(ROWS)


def test_columns_that_the_rule_does_not_name_are_not_looked_at() -> None:
    assert plan_of(columns(ROWS) | {"other": 5, "more": ["of", "another", "length"]}) == plan_of(
        ROWS
    )


# --- datetime64 ------------------------------------------------------------------------------


def datetime64(unit: str) -> Any:
    """Give the times as numpy has them, which has no zones."""
    return np.array(NAIVE, f"datetime64[{unit}]")


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_datetime64_is_naive_and_refused(unit: str) -> None:
    error = refusal(lambda: plan_of(with_column("at", datetime64(unit))))
    assert (error.code, error.row, error.path) == ("rows.naive_time", 1, "at")
    assert error.message == "`2026-02-12T03:00:00` has no offset"


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
@pytest.mark.parametrize("wrapped", [np.asarray, pd.Series, pd.DatetimeIndex, pl.Series])
def test_datetime64_is_right_in_the_zone_of_the_rule(
    unit: str, wrapped: Callable[[Any], Any]
) -> None:
    if wrapped is pl.Series and unit == "s":
        unit = "ms"  # polars has no seconds
    column = wrapped(datetime64(unit))
    assert plan_of(with_column("at", column), tz="UTC") == plan_of(ROWS, tz="UTC")
    answer = explained(with_column("at", column), 3, tz="America/Santiago")
    assert answer.time == datetime(2026, 2, 12, 6, tzinfo=UTC)


@pytest.mark.parametrize(
    "moment",
    [
        np.datetime64("10000-01-01", "D"),
        np.datetime64("10000-01-01T00:00:00", "s"),
        np.datetime64("10000-01-01T00:00:00", "us"),
        np.datetime64("0000-12-31T23:59:59", "s"),
        np.datetime64(-(2**62), "us"),
        # As microseconds these are far more than 64 bits, and would come around to our days.
        np.datetime64(2**62, "s"),
        np.datetime64(2**58 + 1_770_951_600_000, "ms"),
        np.datetime64(2**50 + 12_345, "h"),
    ],
    ids=repr,
)
@pytest.mark.parametrize("unit", [None, "ns"])
@pytest.mark.parametrize("form", ["column", "value"])
def test_a_datetime64_outside_all_years_is_refused_and_never_another_time(
    form: str, unit: str | None, moment: Any
) -> None:
    at = np.array([moment]) if form == "column" else [moment]
    rows = {"id": [1], "key": ["a"], "at": at}
    error = refusal(lambda: plan_of(rows, tz="UTC", time_unit=unit))
    assert (error.code, error.row, error.path) == ("rows.time_out_of_range", 1, "at")


# --- What is refused -------------------------------------------------------------------------


def test_columns_of_different_lengths_are_refused() -> None:
    error = refusal(lambda: plan_of(with_column("key", ["a"])))
    assert error.code == "rows.syntax"
    assert error.message == "column `key` has 1 rows, the others have 4"
    assert error.help == "give every column one value per row"


@pytest.mark.parametrize("form", [dict, pa.table], ids=["mapping", "arrow"])
def test_a_column_that_is_not_there_is_refused_with_what_was_meant(
    form: Callable[[Any], Any],
) -> None:
    error = refusal(lambda: plan_of(form({"id": [1], "keys": ["a"], "at": [None]})))
    assert (error.code, error.message) == ("rows.missing_column", "there is no column `key`")
    assert error.help == "did you mean `keys`?"
    error = refusal(lambda: plan_of(form({"id": [1], "another": ["a"], "at": [None]})))
    assert error.help == "there are `id`, `another`, `at`"


@pytest.mark.parametrize(
    "column",
    [
        "text",
        b"text",
        5,
        None,
        np.array(5),
        np.array("text"),
        pytest.param({1, 2, 3, 4}, id="set"),
        pytest.param(dict.fromkeys([3, 1, 2, 4]), id="dict"),
    ],
    ids=repr,
)
def test_what_has_no_values_in_an_order_is_no_column(column: Any) -> None:
    with pytest.raises(TypeError, match="the column `id` is no array, Series or list"):
        plan_of(with_column("id", column))


@pytest.mark.parametrize(
    ("column", "what"),
    [
        (np.array([1, 2, np.nan, 4]), "a number with a fraction"),
        (np.array([[3], [1], [2], [4]]), "a list"),
        (np.array([b"a", b"b", b"c", b"d"]), "a value of another kind"),
        (np.array([1j, 2j, 3j, 4j]), "a value of another kind"),
        (np.array([1, 2, 3, 4], "timedelta64[us]"), "a value of another kind"),
        (np.array([1, 2, 3, 4], "timedelta64[ns]"), "a value of another kind"),
        (np.array([(1, 2)] * 4, "i4, i4"), "a list"),
        (array("d", [1, 2, 3, 4]), "a number with a fraction"),
    ],
    ids=lambda value: str(getattr(value, "dtype", "")),
)
def test_an_array_of_what_no_column_can_hold_is_refused(column: Any, what: str) -> None:
    error = refusal(lambda: plan_of(with_column("key", column)))
    assert (error.code, error.row, error.path) == ("rows.wrong_type", 1, "key")
    assert error.message == f"{what} cannot stand in a column"


def test_an_array_that_numpy_cannot_make_plain_is_refused() -> None:
    said = run_python("""
        import numpy
        from housekeep import DataError
        from support import plan_of

        try:
            plan_of({"id": [1], "key": numpy.array([1], numpy.longdouble), "at": [None]})
        except DataError as error:
            print(error.code, error.row, error.path)
    """)
    assert said == "rows.wrong_type 1 key\n"


@pytest.mark.parametrize("row", [1, 65_536, 65_537, 70_000])
def test_an_error_names_the_row_in_a_long_column_too(row: int) -> None:
    ids: list[Any] = list(range(70_000))
    ids[row - 1] = None
    error = refusal(lambda: plan_of({"id": ids, "key": [1] * 70_000, "at": [None] * 70_000}))
    assert (error.code, error.row, error.path) == ("rows.null_id", row, "id")


def test_a_column_may_begin_with_many_nulls() -> None:
    keys = [None] * 70_000 + [7, 7]
    plan = plan_of({"id": range(70_002), "key": keys, "at": [None] * 70_000 + [minutes(0)] * 2})
    assert [drop.key for drop in plan.drops] == [{"key": "7"}]
    assert plan.skipped.null_time == 70_000


def test_an_exception_of_a_column_comes_through_unchanged() -> None:
    failure = RuntimeError("the file is gone")

    class Column:
        def __iter__(self) -> Iterator[int]:
            raise failure

    def values() -> Iterator[int]:
        yield 3
        raise failure

    class Columns(UserDict[str, Any]):
        def __getitem__(self, name: str) -> Any:
            raise failure

    for given in (with_column("id", Column()), with_column("id", values()), Columns(id=[])):
        with pytest.raises(RuntimeError) as caught:
            plan_of(given)
        assert caught.value is failure
