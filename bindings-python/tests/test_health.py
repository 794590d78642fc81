"""Health from Python: what metrics may be, what a report says, and what is remembered."""

from __future__ import annotations

import json
import math
import pickle
import threading
from collections import UserDict
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
import pytest
from housekeep import (
    CheckReport,
    DataError,
    HealthReport,
    HealthState,
    Pending,
    Policy,
    PolicyError,
)
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.openmetrics.parser import text_string_to_metric_families
from support import NOW, policy_of, refusal

POLICY = Policy.parse("""
    [check.cpu]
    value = "host.cpu"
    unit  = "percent"
    warn  = "> 70%"
    crit  = "> 85%"
    for   = "5m"
    stale = "10m"
    [check.backup]
    value   = "age(backup)"
    expect  = "< 24h"
    missing = "breach"
    [check.churn]
    value = "runs / done"
    warn  = ">= 10"
    [check.latency]
    value = "max(latency, 5m)"
    crit  = "> 500"
    [check.same_commit]
    each  = "task"
    value = "same_commit"
    crit  = "> 10"
    [group.host]
    of       = ["cpu", "latency"]
    critical = true
    cap      = "warn"
    [group.rest]
    of = ["backup", "churn", "same_commit"]
""")

MINUTE = timedelta(minutes=1)
GOOD: dict[str, Any] = {
    "host": {"cpu": 42},
    "backup": NOW - timedelta(hours=3),
    "runs": 12,
    "done": 6,
    "latency": [(NOW - MINUTE, 90.5), (NOW, 80)],
    "same_commit": {"T-101": 3, "T.102": 0},
}


def evaluate(metrics: Any, state: HealthState | None = None, now: datetime = NOW) -> HealthReport:
    """Give the report alone."""
    return POLICY.evaluate(metrics, state, now=now)[0]


def value_of(metric: Any) -> CheckReport:
    """Give what a check says of a metric, whatever it is."""
    policy = Policy.parse("[check.a]\nvalue = 'a'\ncrit = '> 9'")
    (check,) = policy.evaluate({"a": metric}, now=NOW)[0].checks
    return check


def age_of(metric: Any) -> CheckReport:
    """Give what a check of an age says of a metric."""
    policy = Policy.parse("[check.a]\nvalue = 'age(a)'\ncrit = '> 1h'")
    (check,) = policy.evaluate({"a": metric}, now=NOW)[0].checks
    return check


def written(value: Any) -> Any:
    """Turn a value into what stands for it in JSON."""
    if isinstance(value, dict):
        return {name: written(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [written(inner) for inner in value]
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else ("Infinity" if value > 0 else "-Infinity")
    return value.isoformat() if isinstance(value, datetime) else value


# --- The report ------------------------------------------------------------------------------


def test_a_report_says_how_everything_is() -> None:
    metrics = GOOD | {"host": {"cpu": 93}, "backup": None, "runs": 60, "done": 0}
    report, state = POLICY.evaluate(metrics, now=NOW)
    assert (report.status, report.word, report.critical) == ("crit", "unhealthy", "ok")
    assert (report.at, report.next_change) == (NOW, NOW + 4 * MINUTE)
    assert report.at.tzinfo is UTC
    backup, churn, cpu, latency, *tasks = report.checks
    assert (backup.status, backup.was, backup.reason, backup.missing) == (
        "crit",
        "ok",
        "missing",
        "null",
    )
    assert (backup.value, backup.held, backup.since) == (None, False, NOW)
    assert (churn.status, churn.value, churn.bound) == ("warn", math.inf, ">= 10")
    assert (cpu.status, cpu.level, cpu.reason, cpu.unit) == ("ok", "ok", "pending", "%")
    assert cpu.pending == Pending("crit", NOW + 5 * MINUTE)
    assert (latency.value, latency.pending, latency.instance) == (90.5, None, None)
    assert [(task.instance, task.value) for task in tasks] == [("T-101", 3.0), ("T.102", 0.0)]
    assert [(group.group, group.status, group.uncapped) for group in report.groups] == [
        ("host", "ok", None),
        ("rest", "crit", None),
    ]
    assert churn.sentence == "`churn` is warn: infinite, and `>= 10` is a warning"
    later, _ = POLICY.evaluate(metrics, state, now=NOW + 5 * MINUTE)
    assert [group.uncapped for group in later.groups] == ["crit", None]


def test_a_report_has_the_words_of_its_json() -> None:
    report = evaluate(GOOD | {"host": {"cpu": {"value": 9, "at": NOW - 11 * MINUTE}}})
    document = json.loads(report.to_json())
    assert report.status == document["status"]
    assert report.policy_sha256 == document["policy_sha256"]
    for check, entry in zip(report.checks, document["checks"], strict=True):
        for name in ("check", "instance", "status", "was", "level", "value", "unit", "bound"):
            assert getattr(check, name) == entry.get(name)
        assert (check.reason, check.missing) == (entry["reason"], entry.get("missing"))
        assert check.sentence == entry["sentence"]
    cpu = report.checks[2]
    assert (cpu.missing, cpu.age, cpu.held) == ("stale", 11 * MINUTE, True)


def test_a_report_says_once_what_is_to_be_told() -> None:
    policy = Policy.parse("""
        [check.queue]
        each   = "kind"
        value  = "queue"
        warn   = "> 100"
        action = "scale"
    """)
    report, state = policy.evaluate({"queue": {"mail": 101, "fax": 3}}, now=NOW)
    (told,) = report.actions
    assert (told.check, told.instance, told.action) == ("queue", "mail", "scale")
    assert (told.from_, told.to, told.why) == ("ok", "warn", report.checks[1].sentence)
    assert json.loads(report.to_json())["actions"][0]["id"] == told.id
    again, state = policy.evaluate({"queue": {"mail": 102}}, state, now=NOW + MINUTE)
    assert again.actions == ()
    over, _ = policy.evaluate({"queue": {"mail": 0}}, state, now=NOW + 2 * MINUTE)
    assert [(action.from_, action.to) for action in over.actions] == [("warn", "ok")]


def test_a_report_is_a_value() -> None:
    report, again = evaluate(GOOD), evaluate(GOOD)
    other = evaluate(GOOD | {"runs": 7})
    assert report == again != other
    assert hash(report) == hash(again)
    assert report.checks is report.checks
    assert report.checks == again.checks
    assert len({report, again, other}) == 2
    assert report != "healthy"
    for copy in (pickle.loads(pickle.dumps(report)), deepcopy(report)):
        assert copy == report
        assert hash(copy) == hash(report)
        assert (copy.checks, copy.groups) == (report.checks, report.groups)
        assert copy.actions == report.actions
        assert copy.to_nagios() == report.to_nagios()
        assert copy.to_openmetrics() == report.to_openmetrics()
        for name in ("status", "word", "critical", "at", "next_change", "policy_sha256"):
            assert getattr(copy, name) == getattr(report, name)
        assert repr(copy) == repr(report)
    with pytest.raises(AttributeError):
        report.status = "ok"  # type: ignore[misc]
    with pytest.raises(AttributeError):
        report.checks[0].status = "crit"  # type: ignore[misc]


def test_a_report_can_be_looked_at() -> None:
    report = evaluate(GOOD | {"runs": 60})
    assert repr(report) == "<HealthReport degraded: checks 6, not ok 1>"
    html = report._repr_html_()
    assert html.startswith("<p><b>degraded</b>, at 2026-02-13T03:00:00Z, next change ")
    assert html.index(">churn<") < html.index(">backup<"), "the worst first"
    assert "&gt;= 10" in html
    assert "same_commit · T.102" in html
    many = evaluate(GOOD | {"same_commit": {f"<{n}>": 11 for n in range(30)}})._repr_html_()
    assert "… and 14 more" in many
    assert "<1>" not in many
    assert report.to_nagios().startswith("WARNING: degraded, `churn` is warn: 10")
    match report:
        case HealthReport(status, word, None):
            pytest.fail(f"{status} {word}")
        case HealthReport(status, word):
            assert (status, word) == ("warn", "degraded")


def test_openmetrics_is_read_by_the_parser_of_others() -> None:
    instances = {"T.102": 11, 'a "b"\\\n': 1}
    report = evaluate(GOOD | {"runs": 60, "same_commit": instances})
    read = text_string_to_metric_families(report.to_openmetrics())  # type: ignore[no-untyped-call]
    families = {family.name: family for family in read}
    assert {name: family.type for name, family in families.items()} == {
        "housekeep_status": "stateset",
        "housekeep_check_status": "stateset",
        "housekeep_check_value": "gauge",
        "housekeep_group_status": "stateset",
    }
    statuses = families["housekeep_check_status"].samples
    found = {
        (sample.labels["check"], sample.labels.get("instance")): sample.labels[sample.name]
        for sample in statuses
        if sample.value == 1
    }
    assert found == {(check.check, check.instance): check.status for check in report.checks}
    values = families["housekeep_check_value"].samples
    numbers = {(own.labels["check"], own.labels.get("instance")): own.value for own in values}
    measured = [check for check in report.checks if check.value is not None]
    assert numbers == {(check.check, check.instance): check.value for check in measured}


def test_a_report_needs_its_policy_no_more() -> None:
    report, _ = Policy.parse("[check.a]\nvalue = 'a'\ncrit = '> 9'").evaluate({"a": 10}, now=NOW)
    assert report.checks[0].bound == "> 9"
    assert (
        report.to_nagios()
        == "CRITICAL: unhealthy, `a` is crit: 10, and `> 9` is critical | 'a'=10;;~:9\n"
    )


def test_a_policy_without_checks_has_no_health() -> None:
    policy = policy_of()
    error = refusal(lambda: policy.evaluate({}, now=NOW), PolicyError)
    assert error.code.startswith("policy.")


# --- Metrics ---------------------------------------------------------------------------------


class Reading(float):
    """A library's own kind of number."""


@pytest.mark.parametrize(
    ("metric", "number"),
    [
        (10, 10),
        (9.5, 9.5),
        (True, 1),
        (False, 0),
        (2**70, 2.0**70),
        (math.inf, math.inf),
        (-math.inf, -math.inf),
        ("Infinity", math.inf),
        (Reading(3), 3),
        (Decimal("9.75"), 9.75),
        (Fraction(1, 4), 0.25),
        (np.float64(1.5), 1.5),
        (np.float32(1.5), 1.5),
        (np.int64(7), 7),
        (np.True_, 1),
        ({"value": 8}, 8),
        ({"value": 8, "at": NOW}, 8),
        ({"value": 8, "at": None}, 8),
        ({"value": np.int8(8), "at": "2026-02-13T03:00:00Z"}, 8),
        ([(NOW, 1), (NOW - MINUTE, 2)], 1),
        (([NOW - MINUTE, 2], [NOW, True]), 1),
    ],
    ids=repr,
)
def test_a_number_is_what_it_says(metric: Any, number: float) -> None:
    check = value_of(metric)
    assert (check.value, check.missing) == (number, None)


@pytest.mark.parametrize(
    ("metric", "why"),
    [
        (math.nan, "not_a_number"),
        ("NaN", "not_a_number"),
        (np.float64("nan"), "not_a_number"),
        (Decimal("NaN"), "not_a_number"),
        ({"value": math.nan, "at": NOW}, "not_a_number"),
        ("UP", "not_a_number"),
        (NOW, "not_a_number"),
        (None, "null"),
        (pd.NA, "null"),
        (pd.NaT, "null"),
        ([], "null"),
        ({}, "absent"),
        ({"b": 1}, "absent"),
    ],
    ids=repr,
)
def test_what_is_no_number_is_missing_and_never_healthy(metric: Any, why: str) -> None:
    check = value_of(metric)
    assert (check.status, check.reason, check.missing) == ("unknown", "missing", why)
    assert check.value is None


@pytest.mark.parametrize(
    "at",
    [
        NOW - 2 * timedelta(hours=1),
        (NOW - timedelta(hours=2)).astimezone(timezone(timedelta(hours=-3))),
        "2026-02-13T01:00:00Z",
        "2026-02-12T22:00:00-03:00",
        pd.Timestamp("2026-02-13T01:00", tz="UTC"),
    ],
    ids=repr,
)
def test_an_instant_is_a_datetime_or_text(at: Any) -> None:
    assert age_of(at).value == 7200
    assert age_of({"value": at}).value == 7200


def test_a_microsecond_counts() -> None:
    assert age_of(NOW - timedelta(hours=1)).status == "ok"
    assert age_of(NOW - timedelta(hours=1, microseconds=1)).status == "crit"


NAIVE = datetime(2026, 2, 13, 3)


@pytest.mark.parametrize(
    "metric",
    [
        NAIVE,
        {"value": 1, "at": NAIVE},
        [(NOW, 1), (NAIVE, 2)],
        pd.Timestamp("2026-02-13T03:00"),
        np.datetime64("2026-02-13T03:00"),
    ],
    ids=repr,
)
def test_a_time_without_a_zone_is_refused_and_a_hint_given(metric: Any) -> None:
    error = refusal(lambda: evaluate({"host": {"cpu": metric}}))
    assert (error.code, error.path) == ("metrics.bad_value", "host.cpu")
    assert error.message == "`2026-02-13T03:00:00` has no offset"
    assert error.help == "give it a zone, such as datetime.now(timezone.utc)"


@pytest.mark.parametrize(
    ("metric", "message"),
    [
        (object(), "a metric cannot be of type `object`"),
        ({1, 2}, "a metric cannot be of type `set`"),
        (date(2026, 2, 13), "a metric cannot be of type `date`"),
        (timedelta(minutes=1), "a metric cannot be of type `timedelta`"),
        (b"1", "a metric cannot be of type `bytes`"),
        (10**400, "the number is past all floats"),
        ({1: 2}, "the name of a metric cannot be of type `int`"),
        ([1, 2], "a sample is an instant and a number, and this is `1`"),
        (
            [(NOW, 1, 2)],
            'a sample is an instant and a number, and this is `["2026-02-13T03:00:00Z",1,2]`',
        ),
        (
            [(NOW, "UP")],
            'a sample is an instant and a number, and this is `["2026-02-13T03:00:00Z","UP"]`',
        ),
        ([(NOW, object())], "a metric cannot be of type `object`"),
        ({"value": 1, "at": 5}, "`5` is no instant"),
        ({"value": 1, "at": "today"}, "`today` is no instant"),
        (
            datetime.min.replace(tzinfo=timezone(timedelta(hours=1))),
            "`0001-01-01T00:00:00+01:00` is outside the years 0001 to 9999",
        ),
    ],
    ids=repr,
)
def test_what_is_no_metric_is_refused_with_its_path(metric: Any, message: str) -> None:
    error = refusal(lambda: evaluate(GOOD | {"disk": {"root": metric}}))
    assert error.code == "metrics.bad_value"
    assert error.path is not None
    assert error.path.startswith("disk.root")
    assert error.message == message
    assert str(error).startswith("`disk.root")


@pytest.mark.parametrize("given", [None, 5, NOW, [GOOD], "[]", b"5", "", '{"cpu": NaN}'], ids=repr)
def test_metrics_are_an_object(given: Any) -> None:
    assert refusal(lambda: evaluate(given)).code == "metrics.syntax"


def test_metrics_that_hold_themselves_are_refused() -> None:
    names: dict[str, Any] = {}
    names |= {"a": names, "b": names}
    assert refusal(lambda: evaluate(names)).message == "the metrics are nested too deep"
    samples: list[Any] = []
    samples += [samples, samples]
    error = refusal(lambda: evaluate({"a": samples}))
    assert (error.code, error.message) == ("metrics.bad_value", "the metrics are nested too deep")


def test_what_a_mapping_or_a_zone_raises_is_its_own() -> None:
    class Broken(UserDict[str, Any]):
        def items(self) -> Any:
            raise KeyError("no such key")

    with pytest.raises(KeyError, match="no such key"):
        evaluate({"host": Broken()})


@pytest.mark.parametrize("kind", [dict, MappingProxyType, UserDict])
def test_any_mapping_will_do(kind: Any) -> None:
    metrics = kind(GOOD | {"host": kind(GOOD["host"])})
    assert evaluate(metrics) == evaluate(GOOD)


def test_names_are_nested_or_have_dots() -> None:
    dotted = {name: value for name, value in GOOD.items() if name != "host"} | {"host.cpu": 42}
    assert evaluate(dotted) == evaluate(GOOD)
    assert evaluate({}).checks[2].missing == "absent"


@pytest.mark.parametrize("form", [str, str.encode, lambda t: bytearray(t.encode())])
def test_metrics_may_be_json(form: Any) -> None:
    text = json.dumps(written(GOOD))
    assert evaluate(form(text)).to_json() == evaluate(GOOD).to_json()
    assert evaluate(memoryview(text.encode())) == evaluate(GOOD)


# --- What is remembered ----------------------------------------------------------------------


def test_a_state_is_a_value_and_survives_json() -> None:
    metrics = GOOD | {"host": {"cpu": 93}}
    _, state = POLICY.evaluate(metrics, now=NOW)
    _, other = POLICY.evaluate(GOOD, now=NOW)
    assert state != other
    assert state != state.to_json()
    assert repr(state) == "<HealthState of 2026-02-13T03:00:00Z>"
    text = state.to_json()
    for form in (text, text.encode(), bytearray(text.encode()), json.dumps(json.loads(text))):
        again = HealthState.from_json(form)
        assert again == state
        assert hash(again) == hash(state)
        assert again.to_json() == text
        later = evaluate(metrics, again, NOW + 5 * MINUTE)
        assert later == evaluate(metrics, state, NOW + 5 * MINUTE)
        assert later.checks[2].status == "crit"
    assert pickle.loads(pickle.dumps(state)) == deepcopy(state) == state
    with pytest.raises(AttributeError):
        state.now = NOW  # type: ignore[attr-defined]


def test_a_state_is_never_changed() -> None:
    _, state = POLICY.evaluate(GOOD, now=NOW)
    before = state.to_json()
    POLICY.evaluate(GOOD | {"runs": 100}, state, now=NOW + MINUTE)
    assert state.to_json() == before


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "state.syntax"),
        ("{}", "state.syntax"),
        (b"\xff", "state.syntax"),
        (
            '{"housekeep": 1, "kind": "health", "now": null, "checks": {}}',
            "state.syntax",
        ),
        (
            '{"housekeep": 9, "kind": "health-state", "now": null, "checks": {}}',
            "state.version",
        ),
    ],
)
def test_what_is_no_state_is_refused(text: Any, code: str) -> None:
    error = refusal(lambda: HealthState.from_json(text))
    assert (error.code, type(error)) == (code, DataError)
    assert error.help == "give what the last evaluation left, or begin without a state"


def test_a_state_is_no_text_and_now_is_yours_to_give() -> None:
    _, state = POLICY.evaluate(GOOD, now=NOW)
    with pytest.raises(TypeError):
        POLICY.evaluate(GOOD, state.to_json(), now=NOW)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        POLICY.evaluate(GOOD, state)  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="a state is text or bytes, not dict"):
        HealthState.from_json({})  # type: ignore[arg-type]
    assert refusal(lambda: evaluate(GOOD, now=NAIVE)).code == "rows.naive_time"


# --- Threads ---------------------------------------------------------------------------------


def test_eight_threads_share_a_policy_a_state_and_a_report() -> None:
    report, state = POLICY.evaluate(GOOD, now=NOW)
    expected = POLICY.evaluate(GOOD, state, now=NOW + MINUTE)
    start = threading.Barrier(8)

    def work(_: int) -> bool:
        start.wait()
        same = all(POLICY.evaluate(GOOD, state, now=NOW + MINUTE) == expected for _ in range(50))
        return same and report.checks[2].check == "cpu" and report.to_json() != ""

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(work, range(8)))


# --- Any metrics -----------------------------------------------------------------------------

times = st.datetimes(datetime(2026, 2, 12), datetime(2026, 2, 14), timezones=st.sampled_from([UTC]))
numbers = st.floats() | st.integers(-(2**70), 2**70) | st.booleans()
leaves = st.one_of(
    st.none(),
    numbers,
    times,
    st.sampled_from(["UP", "NaN", "-Infinity", "2026-02-13T02:00:00Z", ""]),
    st.fixed_dictionaries({"value": numbers | times}, optional={"at": times | st.none()}),
    st.lists(st.tuples(times, numbers), max_size=5),
)
NAMES = ["host", "cpu", "backup", "runs", "done", "latency", "same_commit", "host.cpu"]
names = st.sampled_from([*NAMES, "value", "at"]) | st.text(max_size=3)
nested = st.recursive(
    leaves, lambda inner: st.dictionaries(names, inner, max_size=4), max_leaves=12
)
metrics = st.dictionaries(st.sampled_from(NAMES), nested)


def said(given: Any, state: HealthState | None, now: datetime) -> tuple[str, str | None]:
    """Give the report and the state as JSON; or the error, which quotes what was given."""
    try:
        report, after = POLICY.evaluate(given, state, now=now)
    except DataError as error:
        return f"{error.code} {error.path}", None
    return report.to_json(), after.to_json()


@given(st.lists(metrics, min_size=1, max_size=4), st.lists(times, min_size=4, max_size=4))
def test_metrics_say_the_same_as_a_dictionary_and_as_json(
    steps: list[dict[str, Any]], moments: list[datetime]
) -> None:
    state: HealthState | None = None
    for step, now in zip(steps, moments, strict=False):
        found = said(step, state, now)
        assert found == said(json.dumps(written(step)), state, now)
        if found[1] is not None:
            again = HealthState.from_json(found[1])
            assert again.to_json() == found[1]
            assert again == POLICY.evaluate(step, state, now=now)[1]
            state = again
