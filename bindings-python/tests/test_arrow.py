"""The Arrow C stream: rows in as their producers have them, plans out, and no text copied."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from housekeep import Plan
from support import (
    NOW,
    ROWS,
    columns,
    explained,
    minutes,
    plan_of,
    policy_of,
    refusal,
    run_python,
    tagged,
)

SCHEMA = pa.schema({"id": pa.string(), "key": pa.string(), "at": pa.timestamp("us", "UTC")})
TABLE = pa.Table.from_pylist(ROWS, SCHEMA)
(BATCH,) = TABLE.to_batches()
NOTHING = BATCH.slice(0, 0)


def with_column(name: str, values: Any, type: Any = None) -> Any:
    """Give the table with one column as something else."""
    column = values if isinstance(values, pa.Array) else pa.array(values, type)
    return TABLE.set_column(SCHEMA.get_field_index(name), name, column)


def keyed(values: Any, type: Any = None) -> Any:
    """Give a table of rows of one time with these keys."""
    column = values if isinstance(values, pa.Array) else pa.array(values, type)
    times = pa.array([minutes(0)] * len(column))
    return pa.table({"id": range(len(column)), "key": column, "at": times})


# --- Producers -------------------------------------------------------------------------------

PRODUCERS: dict[str, Callable[[], Any]] = {
    "pyarrow table": lambda: TABLE,
    "pyarrow batch": lambda: BATCH,
    "pyarrow reader": lambda: pa.RecordBatchReader.from_batches(SCHEMA, [BATCH]),
    "pyarrow, a batch a row": lambda: TABLE.to_reader(max_chunksize=1),
    "pyarrow, empty batches": lambda: pa.Table.from_batches([NOTHING, BATCH, NOTHING]),
    "pyarrow, in another order": lambda: TABLE.select(["at", "key", "id"]),
    "pyarrow, with more columns": lambda: TABLE.append_column("more", pa.array([[1.5]] * 6)),
    "polars": lambda: pl.DataFrame(ROWS),
    "polars, in pieces": lambda: pl.concat(
        [pl.DataFrame(ROWS)[n] for n in range(6)], rechunk=False
    ),
    "pandas": lambda: pd.DataFrame(ROWS),
    "pandas, of arrow": lambda: TABLE.to_pandas(types_mapper=pd.ArrowDtype),
    "duckdb": lambda: duckdb.table("TABLE"),
}


@pytest.mark.parametrize("producer", PRODUCERS.values(), ids=PRODUCERS)
def test_a_table_is_read_as_it_is(producer: Callable[[], Any]) -> None:
    expected = plan_of(ROWS)
    assert plan_of(producer()).to_json() == expected.to_json()


def test_a_table_may_be_read_any_number_of_times() -> None:
    policy = policy_of()
    plans = [policy.plan("runs", TABLE, now=NOW) for _ in range(3)]
    assert plans == [plan_of(ROWS)] * 3


def test_many_batches_number_their_rows_through() -> None:
    ids = [str(n) for n in range(1000)]
    ids[777] = "5"
    table = pa.table({"id": ids, "key": ids, "at": pa.nulls(1000, pa.timestamp("us", "UTC"))})
    error = refusal(lambda: plan_of(table.to_reader(max_chunksize=7)))
    assert error.code == "rows.duplicate_id"
    assert error.message == "the id `5` is also that of row 6"
    assert error.row == 778


def test_no_batches_are_no_rows() -> None:
    assert plan_of(pa.RecordBatchReader.from_batches(SCHEMA, [])).total == 0
    assert plan_of(SCHEMA.empty_table()).total == 0


# --- Layouts ---------------------------------------------------------------------------------

TEXTS = [
    pa.string(),
    pa.large_string(),
    pa.string_view(),
    pa.dictionary(pa.int8(), pa.string()),
    pa.dictionary(pa.int32(), pa.large_string()),
]


@pytest.mark.parametrize("column", ["id", "key"])
@pytest.mark.parametrize("layout", TEXTS, ids=str)
def test_text_of_any_layout_is_the_same_text(layout: Any, column: str) -> None:
    table = with_column(column, TABLE[column].combine_chunks().cast(layout))
    assert table.schema.field(column).type == layout
    assert plan_of(table) == plan_of(ROWS)


SLICED: list[tuple[Any, list[Any]]] = [
    *((layout, ["out", "a", None, "a text longer than a view", "a", "out"]) for layout in TEXTS),
    (pa.bool_(), [False, True, None, False, True, False]),
    (pa.int16(), [0, 1, None, 2, 1, 0]),
    (pa.binary(16), [bytes(16), b"a" * 16, None, b"b" * 16, b"a" * 16, bytes(16)]),
]


@pytest.mark.parametrize(("layout", "values"), SLICED, ids=str)
def test_a_slice_is_read_as_its_own_rows(layout: Any, values: list[Any]) -> None:
    plan = plan_of(keyed(values, layout).slice(1, 4))
    assert (plan.total, plan.drop_ids) == (4, ("1",))
    alone = plan_of(keyed(values[1:5], layout))
    assert [drop.key for drop in plan.drops] == [drop.key for drop in alone.drops]


@pytest.mark.parametrize(
    "ty", ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"]
)
def test_integers_of_any_width_are_integers(ty: str) -> None:
    rows = [row | {"id": n} for n, row in enumerate(ROWS)]
    assert plan_of(with_column("id", range(6), ty)) == plan_of(rows)


def test_an_integer_of_more_than_63_bits_is_refused() -> None:
    error = refusal(lambda: plan_of(keyed([1, None, 2**63], pa.uint64())))
    assert error.message == "9223372036854775808 does not fit a signed integer of 64 bits"
    assert (error.code, error.row, error.path) == ("rows.bad_value", 3, "key")


@pytest.mark.parametrize("layout", [pa.uuid(), pa.binary(16)], ids=str)
def test_sixteen_bytes_are_a_uuid(layout: Any) -> None:
    rows = [row | {"id": UUID(int=n)} for n, row in enumerate(ROWS)]
    ids = pa.array([row["id"].bytes for row in rows], pa.binary(16))
    assert plan_of(with_column("id", ids.cast(layout))) == plan_of(rows)


@pytest.mark.parametrize(
    "values",
    [
        pa.array([7, 8, None, 7]),
        pa.array([7, 8, None, 7], pa.uint8()),
        pa.array([True, False, None, True]),
        pa.array([minutes(0), minutes(1), None, minutes(0)]),
        pa.array([b"a" * 16, b"b" * 16, None, b"a" * 16], pa.binary(16)),
        pa.array(["a", "b", None, "a"]),
    ],
    ids=lambda values: str(values.type),
)
def test_a_dictionary_of_values_is_those_values(values: Any) -> None:
    assert plan_of(keyed(values.dictionary_encode())) == plan_of(keyed(values))


@pytest.mark.parametrize("name", ["id", "key", "at"])
def test_categories_of_pandas_are_their_values(name: str) -> None:
    frame = pd.DataFrame({"id": [3, 1, 2], "key": [7, 8, 7], "at": [minutes(n) for n in range(3)]})
    assert plan_of(frame.astype({name: "category"})) == plan_of(frame)


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        (pa.array([True, True]), True),
        (pa.array([None, None], pa.string()), None),
        (pa.array([minutes(0), minutes(0)]), "2026-02-12T03:00:00Z"),
        (pa.nulls(2), None),
        # Two ways for a dictionary to say null.
        (pa.DictionaryArray.from_arrays(pa.array([0, None]), pa.array([None, "unused"])), None),
    ],
    ids=lambda value: str(getattr(value, "type", "")),
)
def test_a_key_is_shown_as_from_any_other_rows(values: Any, shown: Any) -> None:
    (drop,) = plan_of(keyed(values)).drops
    assert drop.key == {"key": shown}


def test_every_batch_may_have_a_dictionary_of_its_own() -> None:
    batches = [pa.array(texts).dictionary_encode() for texts in (["a", "b"], ["b", "a"])]
    table = pa.table({"id": range(4), "key": pa.chunked_array(batches), "at": [minutes(0)] * 4})
    assert [drop.key["key"] for drop in plan_of(table).drops] == ["a", "b"]


def test_texts_that_are_not_utf8_are_not_taken_as_the_same() -> None:
    broken = pa.array([b"\xff", b"\xfe"])
    assert plan_of(keyed(pa.Array.from_buffers(pa.string(), 2, broken.buffers()))).drop == 0


@pytest.mark.parametrize(
    ("values", "what"),
    [
        (pa.array([1.5]), "numbers with fractions"),
        (pa.array([Decimal("1.5")]), "decimal numbers"),
        (pa.array([b"bytes"]), "bytes"),
        (pa.array([[1]]), "lists"),
        (pa.array([["a"]]), "lists"),
        (pa.array([{"a": 1}]), "objects"),
        (pa.array([timedelta(1)]), "values of another kind"),
        (pa.array([1], pa.time64("us")), "values of another kind"),
        (pa.array([b"1234"], pa.binary(4)), "values of another kind"),
        (pa.RunEndEncodedArray.from_arrays([1], ["a"]), "values of another kind"),
    ],
    ids=lambda value: str(getattr(value, "type", "")),
)
def test_a_column_of_what_no_rule_reads_is_refused(values: Any, what: str) -> None:
    error = refusal(lambda: plan_of(keyed(values)))
    assert (error.code, error.row, error.path) == ("rows.wrong_type", None, "key")
    assert error.message == f"the column holds {what}, which no rule can read"


LISTS = [
    pa.list_(pa.string()),
    pa.large_list(pa.large_string()),
    pa.list_view(pa.string_view()),
    pa.large_list_view(pa.dictionary(pa.int8(), pa.string())),
]
TAGS = [["release"], None, ["releases", "Release"], [], ["signed", "", "release", "7:release"]]


@pytest.mark.parametrize("layout", LISTS, ids=str)
def test_lists_of_text_are_read_in_any_layout(layout: Any) -> None:
    only = {"tags": {"has": "release"}}
    expected = plan_of(tagged(*TAGS), only=only)
    assert expected.drop_ids == ("1",)
    table = keyed(["same"] * len(TAGS)).set_column(0, "id", pa.array(range(1, len(TAGS) + 1)))
    table = table.append_column("tags", pa.array(TAGS, layout))
    assert plan_of(table, only=only) == expected
    assert plan_of(table.to_reader(max_chunksize=2), only=only) == expected
    assert plan_of(dict(zip(table.column_names, table.columns, strict=True)), only=only) == expected


@pytest.mark.parametrize("frame", [pl.DataFrame, pd.DataFrame, pa.Table.from_pylist])
def test_lists_of_text_are_read_from_frames(frame: Callable[[Any], Any]) -> None:
    only = {"tags": {"has": ["release"]}}
    assert plan_of(frame(tagged(*TAGS)), only=only) == plan_of(tagged(*TAGS), only=only)


@pytest.mark.parametrize(
    ("tags", "row", "message"),
    [
        (pa.array([[1]]), None, "the column holds lists, and not of text"),
        (pa.array([[["a"]]]), None, "the column holds lists, and not of text"),
        (
            pa.array([["a"], ["b", None]]),
            2,
            "a list of text was expected, and a list of another kind was found",
        ),
        (pa.array([None, "a"]), 2, "a list of text was expected, and a text was found"),
    ],
    ids=str,
)
def test_what_is_no_list_of_text_is_refused(tags: Any, row: int | None, message: str) -> None:
    table = keyed(["same"] * len(tags)).append_column("tags", tags)
    error = refusal(lambda: plan_of(table, only={"tags": {"has": "a"}}))
    assert (error.code, error.path) == ("rows.wrong_type", "tags")
    assert (error.row, error.message) == (row, message)


def test_a_column_of_a_type_that_the_rule_says_is_read_as_that() -> None:
    as_text = with_column("id", [str(UUID(int=n)).upper() for n in range(6)])
    as_uuid = with_column("id", [UUID(int=n).bytes for n in range(6)], pa.binary(16))
    types = {"id": "uuid"}
    assert plan_of(as_text, types=types) == plan_of(as_uuid, types=types)


def test_a_row_that_is_null_as_a_whole_is_refused() -> None:
    # Something may stand under the null, but it is no row.
    columns = [pa.array([1, 2]), pa.array(["same", "same"]), pa.array([minutes(0), minutes(0)])]
    rows = pa.StructArray.from_arrays(columns, SCHEMA.names, mask=pa.array([False, True]))
    error = refusal(lambda: plan_of(pa.chunked_array([rows])))
    assert error.code.startswith("rows.")


def test_a_column_given_twice_is_refused() -> None:
    error = refusal(lambda: plan_of(TABLE.append_column("key", TABLE["key"])))
    assert (error.code, error.path) == ("rows.repeated_field", "key")


def test_a_null_id_is_refused() -> None:
    ids = ["a", None, "c", "d", "e", "f"]
    error = refusal(lambda: plan_of(with_column("id", ids).to_reader(max_chunksize=1)))
    assert (error.code, error.row, error.path) == ("rows.null_id", 2, "id")


# --- Times -----------------------------------------------------------------------------------

UNITS = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}


@pytest.mark.parametrize("zone", ["UTC", "America/Santiago", "+03:00", "Etc/UTC"])
@pytest.mark.parametrize("unit", UNITS)
def test_a_timestamp_with_a_zone_counts_from_1970_whatever_its_unit(unit: str, zone: str) -> None:
    times = TABLE["at"].combine_chunks().cast(pa.timestamp(unit, zone))
    assert plan_of(with_column("at", times)) == plan_of(ROWS)


@pytest.mark.parametrize("unit", UNITS)
def test_a_timestamp_without_a_zone_is_refused(unit: str) -> None:
    times = with_column("at", [None, 0, 1, 2, 3, 4], pa.timestamp(unit))
    error = refusal(lambda: plan_of(times))
    assert (error.code, error.path) == ("rows.naive_time", "at")
    assert error.help == "give the column a zone, or name the rule's `tz`"


@pytest.mark.parametrize("unit", UNITS)
def test_a_timestamp_without_a_zone_is_read_in_that_of_the_rule(unit: str) -> None:
    count = UNITS[unit] * 86_400
    times = with_column("at", [count, None, 0, 0, 0, 0], pa.timestamp(unit))
    answer = explained(times, "b-1", tz="America/Santiago")
    assert answer.time == datetime(1970, 1, 2, 3, tzinfo=UTC)
    assert explained(times, "b-2", tz="America/Santiago").why == "null_time"


def test_nanoseconds_are_cut_downwards() -> None:
    times = with_column("at", [-1, 1999, None, 0, 0, 0], pa.timestamp("ns", "UTC"))
    assert explained(times, "b-1").time == datetime(1970, 1, 1, tzinfo=UTC) - timedelta.resolution
    assert explained(times, "b-2").time == datetime(1970, 1, 1, tzinfo=UTC) + timedelta.resolution


@pytest.mark.parametrize("unit", ["s", "ms", "us"])
def test_a_timestamp_outside_all_years_is_refused(unit: str) -> None:
    times = with_column("at", [0, None, 2**62, 0, 0, 0], pa.timestamp(unit, "UTC"))
    error = refusal(lambda: plan_of(times))
    assert (error.code, error.row, error.path) == ("rows.time_out_of_range", 3, "at")


def test_a_date_is_the_midnight_of_the_zone_of_the_rule() -> None:
    dates = with_column("at", [date(2026, 2, 1)] * 6)
    assert refusal(lambda: plan_of(dates)).code == "rows.naive_time"
    answer = explained(dates, "b-1", tz="America/Santiago")
    assert answer.time == datetime(2026, 2, 1, 3, tzinfo=UTC)


# --- Producers that fail ---------------------------------------------------------------------


def failing(failure: BaseException) -> Any:
    """Give a stream that raises after its first batch."""

    def batches() -> Iterator[Any]:
        yield BATCH
        raise failure

    return pa.RecordBatchReader.from_batches(SCHEMA, batches())


def test_a_producer_that_raises_in_the_middle_is_refused_with_what_it_says() -> None:
    error = refusal(lambda: plan_of(failing(OSError("the disk is gone"))))
    assert error.code == "rows.syntax"
    assert error.message.startswith("the batches cannot be read: ")
    assert "the disk is gone" in error.message


class Stream:
    """An object that gives out whatever it holds as its stream."""

    def __init__(self, capsule: Any) -> None:
        self.capsule = capsule

    def __arrow_c_stream__(self, requested_schema: object = None) -> Any:
        if isinstance(self.capsule, Exception):
            raise self.capsule
        return self.capsule


def test_a_stream_that_was_read_already_is_refused() -> None:
    stream = Stream(TABLE.__arrow_c_stream__())
    assert plan_of(stream) == plan_of(ROWS)
    error = refusal(lambda: plan_of(stream))
    assert error.code == "rows.syntax"
    assert "already released" in error.message


def test_a_capsule_of_something_else_is_refused() -> None:
    with pytest.raises(ValueError, match="incorrect name"):
        plan_of(Stream(SCHEMA.__arrow_c_schema__()))
    with pytest.raises(TypeError, match="PyCapsule"):
        plan_of(Stream("no capsule"))


def test_an_exception_of_a_producer_comes_through_unchanged() -> None:
    failure = RuntimeError("the connection is gone")
    with pytest.raises(RuntimeError) as caught:
        plan_of(Stream(failure))
    assert caught.value is failure


def test_a_stream_of_single_values_is_no_table() -> None:
    error = refusal(lambda: plan_of(pa.chunked_array([[1, 2]])))
    assert error.code == "rows.syntax"


# --- A plan as a stream ----------------------------------------------------------------------

CHAIN = policy_of(mode="chain").plan("runs", ROWS, now=NOW)
PLANS = {
    "anchor": plan_of(ROWS),
    "chain": CHAIN,
    "tumbling": plan_of(ROWS, mode="tumbling", window="1h"),
    "read back": Plan.parse(CHAIN.to_json()),
    "nothing": plan_of(ROWS[:1]),
}
FIELDS = ["id", "keeper_id", "key", "time", "keeper_time", "gap", "why", "via_id", "via_gap"]
FIELDS = [*FIELDS, "bucket"]


def drops(plan: Plan) -> list[dict[str, Any]]:
    return [{name: getattr(drop, name) for name in FIELDS} for drop in plan.drops]


@pytest.mark.parametrize("plan", PLANS.values(), ids=PLANS)
def test_pyarrow_reads_a_plan(plan: Plan) -> None:
    table = pa.table(plan)
    assert table.schema.names == FIELDS
    assert table.to_pylist() == drops(plan)


@pytest.mark.parametrize("plan", PLANS.values(), ids=PLANS)
def test_polars_reads_a_plan(plan: Plan) -> None:
    frame = pl.DataFrame(plan)
    assert frame.columns == FIELDS
    assert frame.to_dicts() == drops(plan)


@pytest.mark.parametrize("plan", PLANS.values(), ids=PLANS)
def test_pandas_reads_a_plan(plan: Plan) -> None:
    frame = pd.DataFrame.from_arrow(plan)
    assert list(frame.columns) == FIELDS
    assert list(frame["id"]) == list(plan.drop_ids)
    assert [time.to_pydatetime() for time in frame["time"]] == [drop.time for drop in plan.drops]
    assert list(frame["gap"]) == [pd.Timedelta(drop.gap) for drop in plan.drops]


@pytest.mark.parametrize("plan", PLANS.values(), ids=PLANS)
def test_duckdb_reads_a_plan(plan: Plan) -> None:
    found = duckdb.sql("select id, keeper_id, key.key, epoch_us(time), gap, why from plan")
    assert found is not None
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    assert found.fetchall() == [
        (
            drop.id,
            drop.keeper_id,
            drop.key["key"],
            (drop.time - epoch) // timedelta.resolution,
            drop.gap,
            drop.why,
        )
        for drop in plan.drops
    ]


def test_only_columns_that_may_be_null_are_said_to_be() -> None:
    schema = pa.table(CHAIN).schema
    assert [field.name for field in schema if field.nullable] == ["via_id", "via_gap", "bucket"]
    assert [field.nullable for field in schema.field("key").type] == [True]


@pytest.mark.parametrize(
    ("ids", "ty"),
    [
        (range(2), pa.int64()),
        (["a", "b"], pa.large_string()),
        ([UUID(int=1), UUID(int=2)], pa.binary(16)),
    ],
    ids=str,
)
def test_ids_keep_the_type_of_the_rows(ids: Any, ty: Any) -> None:
    rows = [{"id": id, "key": True, "at": minutes(0)} for id in ids]
    table = pa.table(plan_of(rows))
    assert (table["id"].type, table["keeper_id"].type) == (ty, ty)
    assert table["key"].type.field("key").type == pa.bool_()


def test_a_stream_outlives_its_plan_and_the_rows() -> None:
    rows = pa.table(columns(ROWS))
    capsule = plan_of(rows).__arrow_c_stream__()
    del rows
    assert pa.table(Stream(capsule))["id"].to_pylist() == ["n-1", "b-1"]


def test_a_stream_that_nobody_reads_is_let_go() -> None:
    for _ in range(100):
        CHAIN.__arrow_c_stream__()


# --- Memory ----------------------------------------------------------------------------------


@pytest.mark.parametrize("layout", ["string", "large_string", "string_view"])
def test_text_is_not_copied(layout: str, capsys: pytest.CaptureFixture[str]) -> None:
    said = run_python(
        """
        import sys
        from pathlib import Path
        import pyarrow as pa
        import pyarrow.compute as pc
        from support import plan_of

        count = 10**6
        numbers = pa.array(range(count))
        text = lambda number: pc.binary_join_element_wise("x" * 72, number.cast("string"), "-")
        table = pa.table({
            "id": text(numbers),
            "key": text(pc.divide(numbers, 2)),
            "at": pc.multiply(numbers, 10**6).cast(pa.timestamp("us", "UTC")),
        })
        texts = table["id"].nbytes + table["key"].nbytes
        for name in ("id", "key"):
            column = table[name].cast(sys.argv[1])
            table = table.set_column(table.schema.get_field_index(name), name, column)

        # What was used at the most is forgotten, so that only the plan counts.
        Path("/proc/self/clear_refs").write_text("5")
        def peak():
            lines = Path("/proc/self/status").read_text().splitlines()
            (line,) = [line for line in lines if line.startswith("VmHWM")]
            return int(line.split()[1]) * 1024
        before = peak()
        plan = plan_of(table)
        assert plan.drop == count // 2, plan
        print(texts, peak() - before)
        """,
        layout,
    )
    texts, grown = map(int, said.split())
    with capsys.disabled():
        print(f"\n{layout}: {texts / 2**20:.0f} MiB of text, {grown / 2**20:.0f} MiB more to plan")
    assert grown / texts < 0.5
