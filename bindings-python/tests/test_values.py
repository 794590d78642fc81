"""What a Python value becomes, in rows and in columns; and what is refused, in which words."""

from __future__ import annotations

import json
import sqlite3
from collections import ChainMap, OrderedDict, UserDict, defaultdict
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from decimal import Decimal
from enum import IntEnum, StrEnum
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from housekeep import HousekeepError
from support import (
    NOW,
    ROWS,
    Row,
    as_json,
    explained,
    minutes,
    plan_of,
    policy_of,
    refusal,
    run_python,
)

Form = Callable[[list[Row]], Any]

NEW_YORK = ZoneInfo("America/New_York")
SANTIAGO = ZoneInfo("America/Santiago")


class Datetime(datetime):
    """A library's own kind of datetime."""


class ZoneWithoutOffset(tzinfo):
    """A zone that does not know its offset, which makes a datetime naive."""

    def utcoffset(self, at: datetime | None) -> timedelta | None:
        return None

    dst = utcoffset

    def tzname(self, at: datetime | None) -> str | None:
        return None


class BrokenZone(ZoneWithoutOffset):
    """A zone with a bug."""

    def utcoffset(self, at: datetime | None) -> timedelta | None:
        raise KeyError("no such zone")


class Status(StrEnum):
    DONE = "done"


class Level(IntEnum):
    HIGH = 3


class Shouting(str):
    """A text that shows itself as another."""

    __slots__ = ()

    def __str__(self) -> str:
        return "LOUD"


def timed(at: Any) -> list[Row]:
    """Give a row with that time, after a row that is always good."""
    return [{"id": 1, "key": "other", "at": minutes(0)}, {"id": 2, "key": "it", "at": at}]


def keyed(*keys: Any) -> list[Row]:
    """Give rows of one time with these keys: those with the same key are duplicates."""
    return [{"id": n, "key": key, "at": minutes(0)} for n, key in enumerate(keys, start=1)]


# --- Times -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("at", "instant"),
    [
        pytest.param(datetime(2026, 2, 1, 12, tzinfo=UTC), "2026-02-01T12:00:00Z", id="utc"),
        pytest.param(
            datetime(2026, 2, 1, 12, tzinfo=timezone(timedelta(hours=-3))),
            "2026-02-01T15:00:00Z",
            id="offset",
        ),
        pytest.param(
            datetime(2026, 2, 1, 12, tzinfo=timezone(timedelta(microseconds=1))),
            "2026-02-01T11:59:59.999999Z",
            id="offset of a microsecond",
        ),
        pytest.param(
            datetime(2026, 2, 1, 12, tzinfo=SANTIAGO), "2026-02-01T15:00:00Z", id="santiago"
        ),
        pytest.param(
            datetime(2025, 7, 1, 12, tzinfo=SANTIAGO), "2025-07-01T16:00:00Z", id="in winter"
        ),
        pytest.param(
            datetime(1800, 1, 1, tzinfo=SANTIAGO), "1800-01-01T04:42:45Z", id="before zones"
        ),
        pytest.param(
            datetime(2025, 11, 2, 1, 30, tzinfo=NEW_YORK), "2025-11-02T05:30:00Z", id="first pass"
        ),
        pytest.param(
            datetime(2025, 11, 2, 1, 30, fold=1, tzinfo=NEW_YORK),
            "2025-11-02T06:30:00Z",
            id="second pass",
        ),
        pytest.param(
            datetime(2025, 3, 9, 2, 30, tzinfo=NEW_YORK), "2025-03-09T07:30:00Z", id="gap"
        ),
        pytest.param(
            datetime(2025, 3, 9, 2, 30, fold=1, tzinfo=NEW_YORK),
            "2025-03-09T06:30:00Z",
            id="gap from behind",
        ),
        pytest.param(
            datetime(2026, 2, 1, 12, 0, 0, 123456, tzinfo=UTC),
            "2026-02-01T12:00:00.123456Z",
            id="microseconds",
        ),
        pytest.param(
            datetime(1969, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
            "1969-12-31T23:59:59.999999Z",
            id="before 1970",
        ),
        pytest.param(datetime.min.replace(tzinfo=UTC), "0001-01-01T00:00:00Z", id="first"),
        pytest.param(datetime.max.replace(tzinfo=UTC), "9999-12-31T23:59:59.999999Z", id="last"),
        pytest.param(Datetime(2026, 2, 1, tzinfo=UTC), "2026-02-01T00:00:00Z", id="subclass"),
        pytest.param(
            pd.Timestamp("2026-02-01T12:00", tz="UTC"), "2026-02-01T12:00:00Z", id="pandas"
        ),
        pytest.param(
            pd.Timestamp("2025-11-02T01:30").tz_localize(NEW_YORK, ambiguous=False),
            "2025-11-02T06:30:00Z",
            id="pandas, second pass",
        ),
        pytest.param(
            pd.Timestamp(1_769_947_200_123_456_789, tz="UTC"),
            "2026-02-01T12:00:00.123456Z",
            id="nanoseconds are cut",
        ),
        pytest.param(
            pd.Timestamp(-1, tz="UTC"), "1969-12-31T23:59:59.999999Z", id="and cut downwards"
        ),
        pytest.param("2026-02-01T09:00:00-03:00", "2026-02-01T12:00:00Z", id="text"),
    ],
)
def test_a_time_is_the_instant_that_it_names(form: Form, at: Any, instant: str) -> None:
    answer = explained(form(timed(at)), 2)
    assert json.loads(answer.to_json())["time"] == instant
    assert answer.time == datetime.fromisoformat(instant)
    assert answer.time.tzinfo is UTC


@pytest.mark.parametrize("at", [None, pd.NaT, pd.NA, np.datetime64("NaT")], ids=repr)
def test_no_time_is_never_a_reason_to_drop(form: Form, at: Any) -> None:
    answer = explained(form(timed(at)), 2)
    assert (answer.decision, answer.why, answer.time) == ("skip", "null_time", None)


NAIVE = [
    datetime(2026, 2, 1, 12),
    datetime(2026, 2, 1, 12, tzinfo=ZoneWithoutOffset()),
    pd.Timestamp("2026-02-01T12:00"),
    np.datetime64("2026-02-01T12:00"),
    np.datetime64("2026-02-01T12:00:00", "ns"),
    "2026-02-01T12:00:00",
]


@pytest.mark.parametrize("at", NAIVE, ids=repr)
def test_a_naive_time_is_refused_with_a_hint_its_row_and_its_column(form: Form, at: Any) -> None:
    error = refusal(lambda: plan_of(form(timed(at))))
    assert (error.code, error.row, error.path) == ("rows.naive_time", 2, "at")
    assert error.message == "`2026-02-01T12:00:00` has no offset"
    assert "the rule's `tz`" in (error.help or "")
    assert str(error).startswith("row 2, `at`: `2026-02-01T12:00:00` has no offset")


@pytest.mark.parametrize("at", NAIVE, ids=repr)
def test_a_naive_time_is_read_in_the_zone_of_the_rule(form: Form, at: Any) -> None:
    answer = explained(form(timed(at)), 2, tz="America/Santiago")
    assert answer.time == datetime(2026, 2, 1, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("at", "instant"),
    [
        (datetime(2025, 11, 2, 1, 30), datetime(2025, 11, 2, 5, 30, tzinfo=UTC)),
        (datetime(2025, 11, 2, 1, 30, fold=1), datetime(2025, 11, 2, 6, 30, tzinfo=UTC)),
        (datetime(2025, 11, 2, 12, fold=1), datetime(2025, 11, 2, 17, tzinfo=UTC)),
        # What no clock shows is the first moment after it.
        (datetime(2025, 3, 9, 2, 30), datetime(2025, 3, 9, 7, tzinfo=UTC)),
        (datetime(2025, 3, 9, 2, 30, fold=1), datetime(2025, 3, 9, 7, tzinfo=UTC)),
    ],
    ids=["first pass", "second pass", "no fold", "gap", "gap from behind"],
)
def test_the_zone_of_the_rule_heeds_the_fold(form: Form, at: datetime, instant: datetime) -> None:
    assert explained(form(timed(at)), 2, tz="America/New_York").time == instant


@pytest.mark.parametrize(
    "at",
    [
        datetime.max.replace(tzinfo=timezone(-timedelta(hours=3))),
        datetime.min.replace(tzinfo=timezone(timedelta(hours=3))),
    ],
    ids=["after 9999", "before 1"],
)
def test_a_time_outside_all_years_is_refused_with_its_row_and_its_column(
    form: Form, at: datetime
) -> None:
    error = refusal(lambda: plan_of(form(timed(at))))
    assert error.code == "rows.time_out_of_range"
    assert (error.row, error.path) == (2, "at")


@pytest.mark.parametrize(
    ("at", "found"),
    [
        (date(2026, 2, 1), None),
        (time(12), "a value of another kind"),
        (timedelta(1), "a value of another kind"),
        (True, "true or false"),
        (1.5, "a number with a fraction"),
        (UUID(int=1), "a uuid"),
        ([], "a list"),
    ],
    ids=repr,
)
def test_what_is_no_time_is_refused(form: Form, at: Any, found: str | None) -> None:
    error = refusal(lambda: plan_of(form(timed(at)), tz="UTC", time_unit="s"))
    assert (error.row, error.path) == (2, "at")
    if found:
        assert error.code == "rows.wrong_type"
        assert error.message == f"a time was expected, and {found} was found"
    else:
        assert (error.code, error.message) == ("rows.bad_value", "`2026-02-01` is no time")


@pytest.mark.parametrize(
    ("unit", "count"),
    [("s", 1), ("ms", 10**3), ("us", 10**6), ("ns", np.int64(10**9))],
)
def test_a_number_is_a_time_in_the_unit_of_the_rule(form: Form, unit: str, count: int) -> None:
    answer = explained(form(timed(count)), 2, time_unit=unit)
    assert answer.time == datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC)


def test_a_number_without_a_unit_is_no_time(form: Form) -> None:
    error = refusal(lambda: plan_of(form(timed(5))))
    assert (error.code, error.row, error.path) == ("rows.no_time_unit", 2, "at")


def test_an_exception_of_a_zone_comes_through_unchanged(form: Form) -> None:
    with pytest.raises(KeyError, match="no such zone"):
        plan_of(form(timed(datetime(2026, 2, 1, tzinfo=BrokenZone()))))


# --- Now -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "now",
    [
        NOW,
        NOW.astimezone(SANTIAGO),
        pd.Timestamp(NOW),
        "2026-02-13T03:00:00Z",
        "2026-02-13T00:00:00-03:00",
    ],
    ids=repr,
)
def test_now_is_a_datetime_with_a_zone_or_text(now: Any) -> None:
    assert policy_of().plan("runs", [], now=now).planned_at == NOW


@pytest.mark.parametrize(
    "now",
    [
        datetime(2026, 2, 13),
        datetime(2026, 2, 13, tzinfo=ZoneWithoutOffset()),
        pd.Timestamp("2026-02-13"),
    ],
    ids=repr,
)
def test_a_naive_now_is_refused_with_a_hint(now: datetime) -> None:
    error = refusal(lambda: policy_of().plan("runs", [], now=now))
    assert error.code == "rows.naive_time"
    assert error.message == "`2026-02-13T00:00:00` has no offset"
    assert error.help == "give it a zone, such as datetime.now(timezone.utc)"
    assert (error.row, error.path) == (None, None)


@pytest.mark.parametrize(
    ("now", "code"),
    [
        ("2026-02-13T03:00:00", "rows.naive_time"),
        ("yesterday", "rows.bad_value"),
        ("", "rows.bad_value"),
        (
            datetime(9999, 12, 31, 23, tzinfo=timezone(timedelta(hours=-3))),
            "rows.time_out_of_range",
        ),
    ],
    ids=repr,
)
def test_a_now_that_cannot_be_read_is_refused(now: Any, code: str) -> None:
    assert refusal(lambda: policy_of().plan("runs", [], now=now)).code == code


@pytest.mark.parametrize(
    "now", [None, 1_770_951_600, date(2026, 2, 13), np.datetime64("2026-02-13"), b"now"], ids=repr
)
@pytest.mark.parametrize("call", ["plan", "sweep", "explain", "compare"])
def test_a_now_of_another_type_is_a_type_error(call: str, now: Any) -> None:
    policy = policy_of()
    more: dict[str, list[Any]] = {"explain": [1], "compare": [policy]}
    with pytest.raises(TypeError, match=type(now).__name__):
        getattr(policy, call)("runs", [], *more.get(call, []), now=now)


def test_now_is_always_asked_for() -> None:
    with pytest.raises(TypeError, match="'now'"):
        policy_of().plan("runs", [])  # type: ignore[call-arg]


def test_not_a_time_is_no_now() -> None:
    with pytest.raises(ValueError, match="no point in time"):
        policy_of().plan("runs", [], now=pd.NaT)


# --- Ids and keys ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("text", "text"),
        ("", ""),
        ("ñandú 🦤", "ñandú 🦤"),
        ("nul\0l", "nul\0l"),
        ("é", "é"),
        ("e\u0301", "e\u0301"),
        (Status.DONE, "done"),
        (Shouting("quiet"), "quiet"),
        (np.str_("text"), "text"),
        (7, "7"),
        (-(2**63), "-9223372036854775808"),
        (2**63 - 1, "9223372036854775807"),
        (Level.HIGH, "3"),
        (np.int8(-7), "-7"),
        (np.uint64(7), "7"),
        (np.array(7), "7"),
        (True, True),
        (False, False),
        (np.bool_(True), True),
        (None, None),
        (pd.NaT, None),
        (UUID("67E55044-10B1-426F-9247-BB680E5FE0C8"), "67e55044-10b1-426f-9247-bb680e5fe0c8"),
        (date(2026, 2, 1), "2026-02-01"),
        (datetime(2026, 2, 1, 9, tzinfo=timezone(timedelta(hours=-3))), "2026-02-01T12:00:00Z"),
        (pd.Timestamp("2026-02-01", tz="UTC"), "2026-02-01T00:00:00Z"),
    ],
    ids=repr,
)
def test_a_key_is_what_it_was_whatever_its_type(form: Form, value: Any, shown: Any) -> None:
    (drop,) = plan_of(form(keyed(value, value))).drops
    assert drop.key == {"key": shown}
    assert type(drop.key["key"]) is type(shown)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("1", "01"),
        ("a", "A"),
        ("a", "a "),
        ("é", "e\u0301"),
        ("", None),
        (0, None),
        (False, None),
        (2**53, 2**53 + 1),
        (UUID(int=1), UUID(int=2)),
        (datetime(2026, 2, 1, tzinfo=UTC), datetime(2026, 2, 1, 0, 0, 0, 1, tzinfo=UTC)),
    ],
    ids=repr,
)
def test_keys_that_are_not_the_same_are_not_taken_as_the_same(form: Form, a: Any, b: Any) -> None:
    assert plan_of(form(keyed(a, b))).drop == 0
    assert plan_of(form(keyed(b, a))).drop == 0


UNFIT = [
    (2**63, "a number of more than 64 bits"),
    (-(2**63) - 1, "a number of more than 64 bits"),
    (10**5000, "a number of more than 64 bits"),
    (np.uint64(2**63), "a number of more than 64 bits"),
    (1.5, "a number with a fraction"),
    (1.0, "a number with a fraction"),
    (float("nan"), "a number with a fraction"),
    (float("inf"), "a number with a fraction"),
    (np.float32(1), "a number with a fraction"),
    (np.float64(1), "a number with a fraction"),
    ([], "a list"),
    ((1, 2), "a list"),
    ({1}, "a list"),
    (np.array([1]), "a list"),
    ({}, "an object"),
    (MappingProxyType({}), "an object"),
    ("\ud800", "text that is not Unicode"),
    ("a\udfff", "text that is not Unicode"),
    (Decimal(1), "a value of another kind"),
    (b"bytes", "a value of another kind"),
    (np.bytes_(b"bytes"), "a value of another kind"),
    (1j, "a value of another kind"),
    (object, "a value of another kind"),
    (..., "a value of another kind"),
    (time(12), "a value of another kind"),
    (timedelta(1), "a value of another kind"),
    (np.timedelta64(1, "us"), "a value of another kind"),
    (np.timedelta64(1, "ns"), "a value of another kind"),
]


def named(value: Any) -> str:
    """Name a case; a number may be too long to be written."""
    return type(value).__name__ if isinstance(value, int) else repr(value)


@pytest.mark.parametrize("column", ["id", "key"])
@pytest.mark.parametrize(("value", "what"), UNFIT, ids=named)
def test_a_value_that_no_column_can_hold_is_refused(
    form: Form, column: str, value: Any, what: str
) -> None:
    rows = [{"id": 1, "key": 1, "at": None} | {column: value}]
    error = refusal(lambda: plan_of(form(rows)))
    assert error.code == "rows.wrong_type"
    assert error.message == f"{what} cannot stand in a column"
    assert (error.row, error.path) == (1, column)


def test_texts_with_half_a_character_are_never_taken_as_the_same(form: Form) -> None:
    error = refusal(lambda: plan_of(form(keyed("whole", "\ud800", "\ud801"))))
    assert (error.code, error.row, error.path) == ("rows.wrong_type", 2, "key")


@pytest.mark.parametrize("value", ["numpy.longdouble(1)", "numpy.clongdouble(1)", "Endless()"])
def test_a_value_that_says_it_is_its_own_plain_form_is_refused(value: str) -> None:
    said = run_python(f"""
        import types
        import numpy
        from housekeep import DataError
        from support import plan_of

        class Endless:
            dtype = types.SimpleNamespace(kind="O")
            def tolist(self): return self

        try:
            plan_of([{{"id": 1, "key": {value}, "at": None}}])
        except DataError as error:
            print(error.code, error.row, error.path)
    """)
    assert said == "rows.wrong_type 1 key\n"


@pytest.mark.parametrize(
    ("first", "second", "message"),
    [
        (True, 1, "the column held true or false so far, and an integer was found"),
        (1, True, "the column held an integer so far, and true or false was found"),
        ("1", 1, "the column held a text so far, and an integer was found"),
        (1, "1", "the column held an integer so far, and a text was found"),
        (str(UUID(int=1)), UUID(int=1), "the column held a text so far, and a uuid was found"),
        (UUID(int=1), str(UUID(int=1)), "the column held a uuid so far, and a text was found"),
        (UUID(int=1), 1, "the column held a uuid so far, and an integer was found"),
        (minutes(0).isoformat(), minutes(0), "the column held a text so far, and a time was found"),
        (minutes(0), minutes(0).isoformat(), "the column held a time so far, and a text was found"),
        (date(2026, 2, 1), minutes(0), "the column held a text so far, and a time was found"),
    ],
    ids=repr,
)
def test_a_column_holds_values_of_one_type(
    form: Form, first: Any, second: Any, message: str
) -> None:
    error = refusal(lambda: plan_of(form(keyed(first, None, second))))
    assert (error.code, error.message) == ("rows.wrong_type", message)
    assert error.help == "say the column's type in the rule's `types`"
    assert (error.row, error.path) == (3, "key")


@pytest.mark.parametrize(
    ("ty", "value", "found"),
    [
        ("integer", True, "an integer was expected, and true or false was found"),
        ("boolean", 1, "true or false was expected, and an integer was found"),
        ("text", True, "a text was expected, and true or false was found"),
        ("text", UUID(int=1), "a text was expected, and a uuid was found"),
        ("uuid", 1, "a uuid was expected, and an integer was found"),
    ],
    ids=repr,
)
def test_the_type_that_the_rule_says_is_held_to(
    form: Form, ty: str, value: Any, found: str
) -> None:
    error = refusal(lambda: plan_of(form(keyed(value)), types={"key": ty}))
    assert (error.code, error.message) == ("rows.wrong_type", found)


@pytest.mark.parametrize(
    ("ty", "values"),
    [
        ("text", [7, "7", Level(3) + 4, np.int64(7)]),
        ("integer", [7, "7", np.uint8(7)]),
        ("uuid", [UUID(int=255), str(UUID(int=255)), str(UUID(int=255)).upper()]),
    ],
)
def test_values_that_mean_the_same_in_the_type_of_the_rule_are_the_same(
    form: Form, ty: str, values: list[Any]
) -> None:
    for order in (values, values[::-1]):
        assert plan_of(form(keyed(*order)), types={"key": ty}).drop == len(values) - 1


def test_an_id_that_is_a_uuid_may_as_well_be_text_of_any_case(form: Form) -> None:
    id, types = UUID("67e55044-10b1-426f-9247-bb680e5fe0c8"), {"id": "uuid"}
    older, newer = keyed("same") + timed(minutes(1))[1:]
    newer |= {"id": UUID(int=0), "key": "same"}
    for spelling in (id, str(id), str(id).upper()):
        assert plan_of(form([older | {"id": spelling}, newer]), types=types).drop_ids == (str(id),)
        both = form([older | {"id": id}, newer | {"id": spelling}])
        error = refusal(partial(plan_of, both, types=types))
        assert (error.code, error.row) == ("rows.duplicate_id", 2)


@pytest.mark.parametrize("asked", ["2", 2, np.int64(2)], ids=repr)
def test_an_id_is_asked_for_by_itself_or_by_its_text(form: Form, asked: Any) -> None:
    answer = explained(form(keyed("a", "b")), asked)
    assert (answer.id, answer.decision) == ("2", "keep")


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
