"""What may be rows; and what is refused, in which words."""

from __future__ import annotations

import sqlite3
from collections import ChainMap, OrderedDict, UserDict, defaultdict
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any
from uuid import UUID

import pytest
from housekeep import HousekeepError
from support import (
    NOW,
    ROWS,
    Row,
    as_json,
    keyed,
    plan_of,
    policy_of,
    refusal,
    timed,
)

Form = Callable[[list[Row]], Any]

# --- Rows ------------------------------------------------------------------------------------


class Custom(Mapping[str, Any]):
    """A mapping that is not a dictionary."""

    def __init__(self, row: Row) -> None:
        self.row = row

    def __getitem__(self, name: str) -> Any:
        return self.row[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.row)

    def __len__(self) -> int:
        return len(self.row)


class DriverRow:
    """A row that can be asked by name, and says so only by having `keys`."""

    def __init__(self, row: Row) -> None:
        self.row = row

    def keys(self) -> list[str]:
        return list(self.row)

    def __getitem__(self, name: str) -> Any:
        try:
            return self.row[name]
        except KeyError:
            raise IndexError("no such column") from None


KINDS = [dict, OrderedDict, MappingProxyType, UserDict, ChainMap, Custom, DriverRow]


@pytest.mark.parametrize("kind", KINDS)
def test_a_row_may_be_any_mapping(kind: Callable[[Row], Any]) -> None:
    assert plan_of([kind(row) for row in ROWS]) == plan_of(ROWS)


@pytest.mark.parametrize("kind", KINDS)
def test_any_mapping_may_lack_a_field_and_is_refused_for_it(kind: Callable[[Row], Any]) -> None:
    error = refusal(lambda: plan_of([kind(ROWS[0]), kind({"id": "2", "at": None})]))
    assert (error.code, error.message) == ("rows.missing_field", "the field is missing")
    assert (error.row, error.path) == (2, "key")


def test_rows_come_straight_from_a_database() -> None:
    with sqlite3.connect(":memory:") as database:
        database.row_factory = sqlite3.Row
        database.execute("create table runs (id, key, at, other blob)")
        values = [(row["id"], row["key"], row["at"] and row["at"].isoformat()) for row in ROWS]
        database.executemany("insert into runs values (?, ?, ?, x'00')", values)
        assert plan_of(database.execute("select * from runs")) == plan_of(ROWS)
        error = refusal(lambda: plan_of(database.execute("select id, key from runs")))
    database.close()
    assert (error.code, error.row, error.path) == ("rows.missing_field", 1, "at")


@pytest.mark.parametrize("kind", [list, tuple, iter, lambda rows: (row for row in rows)])
def test_rows_may_be_any_iterable(kind: Callable[[list[Row]], Any]) -> None:
    assert plan_of(kind(ROWS)) == plan_of(ROWS)


@pytest.mark.parametrize(
    "rows", [[], (), iter(()), "[]", b"[]", bytearray(b'{"data": []}')], ids=repr
)
def test_no_rows_are_a_plan_of_nothing(rows: Any) -> None:
    plan = plan_of(rows)
    assert (plan.total, plan.keep, plan.drop, plan.skipped.total) == (0, 0, 0, 0)
    assert plan.drop_ids == ()


@pytest.mark.parametrize(
    ("row", "what"),
    [
        (None, "null"),
        (5, "an integer"),
        (True, "true or false"),
        (1.5, "a number with a fraction"),
        ("row", "a text"),
        (b"row", "a value of another kind"),
        (("id", "key"), "a list"),
        ([1], "a list"),
        (object(), "a value of another kind"),
        (UUID(int=1), "a uuid"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_row_that_is_no_mapping_is_refused(row: Any, what: str) -> None:
    error = refusal(lambda: plan_of([ROWS[0], row]))
    assert error.code == "rows.syntax"
    assert error.message == f"a row is {what}, and an object was expected"
    assert (error.row, error.path) == (2, None)


@pytest.mark.parametrize("rows", [None, 5, object(), Path("rows.json")], ids=type)
def test_what_is_no_rows_is_a_type_error_that_says_what_rows_are(rows: Any) -> None:
    with pytest.raises(TypeError, match=f"rows are .* not {type(rows).__name__}"):
        plan_of(rows)


def test_an_exception_of_a_generator_comes_through_unchanged() -> None:
    failure = RuntimeError("the connection is gone")

    def rows() -> Iterator[Row]:
        yield ROWS[0]
        raise failure

    with pytest.raises(RuntimeError) as caught:
        plan_of(rows())
    assert caught.value is failure


def test_an_exception_of_an_iterable_comes_through_unchanged() -> None:
    failure = RuntimeError("the connection is gone")

    class Rows:
        def __iter__(self) -> Iterator[Row]:
            raise failure

    with pytest.raises(RuntimeError) as caught:
        plan_of(Rows())
    assert caught.value is failure


@pytest.mark.parametrize("kind", [Custom, DriverRow])
def test_an_exception_of_a_row_comes_through_unchanged(kind: Callable[[Row], Any]) -> None:
    failure = RuntimeError("the column cannot be decoded")

    class Broken(dict[str, Any]):
        def __getitem__(self, name: str) -> Any:
            raise failure

    with pytest.raises(RuntimeError) as caught:
        plan_of([kind(Broken())])
    assert caught.value is failure


def test_a_dictionary_is_not_asked_to_make_a_field_up() -> None:
    error = refusal(lambda: plan_of([defaultdict(str, id=1, at=None)]))
    assert (error.code, error.row, error.path) == ("rows.missing_field", 1, "key")


def test_fields_that_the_rule_does_not_name_are_not_looked_at() -> None:
    rows = [row | {"other": object(), 5: {}} for row in ROWS]
    assert plan_of(rows) == plan_of(ROWS)


# --- The same words as for JSON --------------------------------------------------------------


@pytest.mark.parametrize(
    ("rows", "settings"),
    [
        ([{"id": 1, "at": None}], {}),
        ([{"id": 1, "key": 1}], {}),
        ([{"key": 1, "at": None}], {}),
        ([{"id": None, "key": 1, "at": None}], {}),
        ([*keyed(1), *keyed(1)], {}),
        (keyed(1, "1"), {}),
        (keyed(True, 1), {}),
        (keyed(1, 2.5), {}),
        (keyed(1, 2**63), {}),
        (keyed([1]), {}),
        (keyed({"a": 1}), {}),
        (keyed("no uuid"), {"types": {"key": "uuid"}}),
        (keyed("no number"), {"types": {"key": "integer"}}),
        (keyed(True), {"types": {"key": "integer"}}),
        (keyed("done"), {"only": {"key": 5}}),
        (timed("2026-02-01T12:00:00"), {}),
        (timed("2026-02-30T12:00:00Z"), {}),
        (timed("9999-12-31T23:59:59-03:00"), {}),
        (timed("infinity"), {}),
        (timed("soon"), {}),
        (timed(5), {}),
        (timed(2**60), {"time_unit": "s"}),
        (timed(True), {"time_unit": "s"}),
        (timed(1.5), {"time_unit": "s"}),
        ([ROWS[0], 5], {}),
        ([ROWS[0], "row"], {}),
        ([ROWS[0], None], {}),
        ([ROWS[0], [1]], {}),
        (keyed(*["same"] * 5), {"guard": {"max_drops": 3}}),
        (keyed(*["same"] * 5), {"guard": {"max_fraction": 0.5}}),
    ],
    ids=lambda value: str(value)[:60],
)
def test_rows_are_refused_in_the_words_that_json_is_refused_in(
    rows: Any, settings: dict[str, Any]
) -> None:
    def error(given: Any, **more: Any) -> HousekeepError:
        with pytest.raises(HousekeepError) as caught:
            policy_of(**settings).plan("runs", given, now=NOW, **more)
        return caught.value

    told, written = error(rows), error(as_json(rows), format="json")
    assert told.to_json() == written.to_json()
    assert (type(told), str(told), vars(told)) == (type(written), str(written), vars(written))


@pytest.mark.parametrize("format", ["json", "ndjson", "csv"])
@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview, bytes.decode])
def test_text_in_a_format_is_rows(format: str, kind: Callable[[bytes], Any]) -> None:
    times = [row["at"].isoformat() if row["at"] else "" for row in ROWS[:3]]
    lines = [[row["id"], row["key"], at] for row, at in zip(ROWS[:3], times, strict=True)]
    text = {
        "json": as_json(ROWS[:3]),
        "ndjson": b"\n".join(as_json([row])[1:-1] for row in ROWS[:3]),
        "csv": "\n".join(["id,key,at", *(f'{id},"{key}",{at}' for id, key, at in lines)]).encode(),
    }[format]
    plan = policy_of().plan("runs", kind(text), now=NOW, format=format)  # type: ignore[arg-type]
    assert plan == plan_of(ROWS[:3])


def test_a_format_is_only_for_text() -> None:
    with pytest.raises(TypeError, match="`format` is for rows that are text or bytes"):
        policy_of().plan("runs", ROWS, now=NOW, format="json")
