"""What a Python time becomes, in rows and as `now`; and what is refused, in which words."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from support import (
    NOW,
    Row,
    explained,
    plan_of,
    policy_of,
    refusal,
    timed,
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
