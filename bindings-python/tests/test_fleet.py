"""Which thresholds are met: of one snapshot, and of many in every form."""

import json
import pickle
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
import pytest
from housekeep import DataError, Fleet, FleetRow, Policy, PolicyError, Screening, StatusCounts
from hypothesis import given
from hypothesis import strategies as st

NOW = datetime(2026, 2, 13, 3, tzinfo=UTC)
TEXT = """
    [check.cpu]
    value = "cpu"
    warn  = "> 70"
    crit  = "> 85"
    clear = "< 60"
    for   = "5m"
    [check.errors]
    value  = "errors / requests"
    when   = "requests >= 20"
    expect = "< 1%"
    [check.backup]
    value   = "age(last.backup)"
    expect  = "< 24h"
    missing = "breach"
    [group.database]
    of       = ["backup", "errors"]
    critical = true
    [group.extras]
    of  = ["cpu"]
    cap = "warn"
"""
POLICY = Policy.parse(TEXT)
OPEN = Policy.parse(TEXT.replace('for   = "5m"', ""))
"""The same with open gates."""
COLUMNS: dict[str, list[Any]] = {
    "id": ["a", "b", "c", "d"],
    "cpu": [70.0, 70.5, None, 99.0],
    "errors": [0, 3, 3, 0],
    "requests": [100, 100, 10, 0],
    "last.backup": [NOW, NOW - timedelta(days=2), None, NOW - timedelta(hours=23)],
}
STATUSES = {
    None: [0, 3, 3, 1],
    "cpu": [0, 1, 2, 3],
    "check.errors": [0, 3, 0, 0],
    "backup": [0, 3, 3, 0],
    "group.database": [0, 3, 3, 0],
    "extras": [0, 1, 1, 1],
}


def _rows() -> list[dict[str, Any]]:
    return [dict(zip(COLUMNS, row, strict=True)) for row in zip(*COLUMNS.values(), strict=True)]


def _text() -> str:
    return json.dumps(_rows(), default=lambda at: at.isoformat())


FORMS: dict[str, Callable[[], Any]] = {
    "dictionaries": _rows,
    "lists": lambda: COLUMNS,
    "json": _text,
    "polars": lambda: pl.DataFrame(COLUMNS, schema_overrides={"cpu": pl.Float32}),
    "arrow": lambda: pa.table(COLUMNS),
    "batches": lambda: pa.concat_tables([pa.table(COLUMNS)[:1], pa.table(COLUMNS)[1:]]),
    "numpy": lambda: (
        COLUMNS
        | {
            "cpu": np.array([70.0, 70.5, np.nan, 99.0]),
            "errors": np.array([0, 3, 3, 0], dtype=np.int16),
            # Not side by side in memory.
            "requests": np.array([100.0, 0, 100, 0, 10, 0, 0, 0])[::2],
        }
    ),
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_rows_of_every_form_are_said_the_same(form: Callable[[], Any]) -> None:
    fleet = POLICY.screen_fleet(form(), now=NOW)
    assert {name: list(fleet.codes(name)) for name in STATUSES} == STATUSES
    assert fleet.to_json() == POLICY.screen_fleet(_rows(), now=NOW).to_json()


def test_what_a_fleet_says() -> None:
    fleet = POLICY.screen_fleet(COLUMNS, now=NOW)
    assert isinstance(fleet, Fleet)
    assert (fleet.total, len(fleet), fleet.status, fleet.at) == (4, 4, "crit", NOW)
    assert fleet.names == [
        *("check.backup", "check.cpu", "check.errors"),
        *("group.database", "group.extras"),
    ]
    assert fleet.counts() == StatusCounts(ok=1, warn=1, unknown=0, crit=2)
    assert fleet.counts("cpu") == StatusCounts(1, 1, 1, 1)
    assert repr(fleet) == "<Fleet of 4: ok 1, warn 1, unknown 0, crit 2>"
    worst = fleet.worst(2)
    assert [row.id for row in worst] == ["b", "c"]
    groups = [("database", "crit"), ("extras", "warn")]
    checks = [("backup", "crit"), ("cpu", "warn"), ("errors", "crit")]
    assert worst[0] == FleetRow(1, "b", "crit", checks, groups)
    assert [row.row for row in fleet.worst()] == [1, 2, 3]
    assert fleet.worst(0) == []
    assert fleet == POLICY.screen_fleet(_rows(), now=NOW)
    with pytest.raises(KeyError, match="no check and no group `nobody`"):
        fleet.codes("nobody")


def test_a_fleet_is_an_arrow_table() -> None:
    fleet = POLICY.screen_fleet(COLUMNS, now=NOW)
    frame = pl.DataFrame(fleet)
    assert frame.columns == ["id", "status", *fleet.names]
    assert frame["status"].cast(pl.String).to_list() == ["ok", "crit", "crit", "warn"]
    assert pa.table(fleet)["check.cpu"].to_pylist() == ["ok", "warn", "unknown", "crit"]
    without = {name: column for name, column in COLUMNS.items() if name != "id"}
    assert pa.table(POLICY.screen_fleet(without, now=NOW)).column_names[0] == "status"


def test_columns_that_are_not_there_are_missing() -> None:
    fleet = POLICY.screen_fleet({"cpu": np.array([1.0, 99.0])}, now=NOW)
    assert list(fleet.codes("errors")) == [2, 2]
    assert list(fleet.codes("backup")) == [3, 3]
    assert list(fleet.codes("cpu")) == [0, 3]


def test_integers_are_microseconds_where_an_instant_is_asked_for() -> None:
    day = 86_400_000_000
    micros = int(NOW.timestamp() * 1_000_000) - np.array([0, day - 1, day], dtype=np.int64)
    fleet = POLICY.screen_fleet({"last.backup": micros}, now=NOW)
    assert list(fleet.codes("backup")) == [0, 0, 3]


def test_threads_change_nothing() -> None:
    dice = np.random.default_rng(3)
    columns = {name: dice.uniform(0, 120, 100_003) for name in ("cpu", "errors", "requests")}
    columns["cpu"][::7] = np.nan
    one, three = (POLICY.screen_fleet(columns, now=NOW, threads=n) for n in (1, 3))
    assert one.to_json() == three.to_json()
    some = [0, 1, 99_999, 100_002]
    for row in some:
        snapshot = {name: float(column[row]) for name, column in columns.items()}
        found = POLICY.screen(snapshot, now=NOW)
        assert found.status == ("ok", "warn", "unknown", "crit")[one.codes()[row]]


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ({"cpu": ["high"]}, "rows.wrong_type"),
        ({"last.backup": ["2026-02-13T01:00:00"]}, "rows.naive_time"),
        ({"cpu": [1.0], "errors": [1, 2]}, "rows.syntax"),
    ],
)
def test_what_is_no_measurement_is_refused(rows: Any, code: str) -> None:
    with pytest.raises(DataError) as caught:
        POLICY.screen_fleet(rows, now=NOW)
    assert caught.value.code == code


def test_a_policy_without_checks_has_nothing_to_say() -> None:
    other = Policy.parse('[dedupe.a]\nkey = ["k"]\ntime = "t"\nwindow = "1m"')
    with pytest.raises(PolicyError):
        other.screen({}, now=NOW)
    with pytest.raises(PolicyError):
        other.screen_fleet([], now=NOW)


def test_what_a_screening_says() -> None:
    found = POLICY.screen({"cpu": 99, "last": {"backup": NOW}, "requests": 100}, now=NOW)
    assert isinstance(found, Screening)
    assert (found.status, found.word, found.critical) == ("unknown", "unknown", "unknown")
    assert found.checks == {"backup": "ok", "cpu": "crit", "errors": "unknown"}
    assert found.failing == {"cpu": "crit", "errors": "unknown"}
    assert found.groups == {"database": "unknown", "extras": "warn"}
    assert repr(found) == "<Screening unknown: checks 3, not ok 2>"
    again = pickle.loads(pickle.dumps(found))
    assert again == found
    assert hash(again) == hash(found)
    assert again.critical == "unknown"
    with pytest.raises(DataError):
        POLICY.screen({"cpu": "high"}, now="2026-02-13T03:00:00")
    with pytest.raises(TypeError):
        POLICY.screen({}, now=3)


NUMBER = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 120),
    st.floats(0, 120),
    st.sampled_from([float("nan"), float("inf"), 70.0, 85.0, np.float64(3.5)]),
    st.just("a word"),
    st.just([[NOW, 99.0]]),
)
AT = st.one_of(st.none(), st.floats(0, 2), st.timedeltas(-timedelta(days=2), timedelta(days=2)))


@given(st.lists(NUMBER, min_size=3, max_size=3), AT, st.booleans())
def test_one_snapshot_is_said_what_its_evaluation_says(
    numbers: list[Any], since: Any, nested: bool
) -> None:
    """The quick way and the other one, by gates that are open."""
    at = NOW - since if isinstance(since, timedelta) else since
    last = {"last": {"backup": at}} if nested else {"last.backup": at}
    snapshot = dict(zip(("cpu", "errors", "requests"), numbers, strict=True)) | last
    report, _ = OPEN.evaluate(snapshot, now=NOW)
    found = POLICY.screen(snapshot, now=NOW)
    assert found.status == report.status
    assert found.checks == {check.check: check.status for check in report.checks}
    assert found.groups == {group.group: group.status for group in report.groups}
    assert found.critical == report.critical
