"""Who is called, who is on it, what is muted, and what depends on a report."""

from __future__ import annotations

import json
import pickle
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from housekeep import (
    Action,
    Call,
    DataError,
    Escalation,
    HealthReport,
    HealthState,
    Policy,
    PolicyError,
)
from hypothesis import given
from hypothesis import strategies as st
from support import policy_of, refusal

TEXT = """
    [check.cpu]
    value    = "cpu"
    warn     = "> 80"
    crit     = "> 90"
    severity = "P1"
    action   = "call"
    repeat   = "30m"
    [check.same_commit]
    each  = "task"
    value = "same_commit"
    crit  = "> 10"
    [group.host]
    of = ["cpu"]
    critical = true
    [severity.P1]
    ack     = "15m"
    resolve = "4h"
    tiers   = [
      { who = "dev", hours = "business" },
      { who = "devops", hours = "!business" },
      { who = "platform", after = "1h" },
    ]
    [hours.business]
    days  = ["mon", "tue", "wed", "thu", "fri"]
    at    = "09:00"
    until = "18:00"
    tz    = "America/Santiago"
"""
POLICY = Policy.parse(TEXT + "[apply]\nrequire_checks = ['host']")
# A Friday, five past ten in the morning in Santiago.
NOW = datetime(2026, 2, 13, 13, 5, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
BAD = {"cpu": 95, "same_commit": {"a": 11, "b": 2}}
GOOD = {"cpu": 50, "same_commit": {"a": 11, "b": 2}}
ALONE: dict[str, Any] = {"cpu": 95, "same_commit": {}}


def evaluated(
    metrics: Any = BAD, state: HealthState | None = None, now: datetime = NOW
) -> tuple[HealthReport, HealthState]:
    """Give the report and the state."""
    return POLICY.evaluate(metrics, state, now=now)


def written(value: Any) -> Any:
    """Turn what a record holds into what stands for it in JSON."""
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, tuple):
        return [written(inner) for inner in value]
    if isinstance(value, Call | Escalation):
        return {name: written(getattr(value, name)) for name in value.__match_args__}
    return value


def has_the_words_of_its_json(report: HealthReport) -> None:
    """Compare each field of each check and action."""
    document = json.loads(report.to_json())
    for check, entry in zip(report.checks, document["checks"], strict=True):
        for name in check.__match_args__:
            if name in ("held", "unguarded"):
                assert getattr(check, name) is entry.pop(name, False), name
            elif name not in ("pending", "age"):
                assert written(getattr(check, name)) == entry.pop(name, None), name
        assert not entry.keys() - {"pending", "age"}
    for action, entry in zip(report.actions, document["actions"], strict=True):
        assert written(action.calls) == entry.pop("calls", [])
        for name in set(action.__match_args__) - {"calls"}:
            assert written(getattr(action, name)) == entry.pop(name.rstrip("_"), None), name
        assert not entry


# --- Who is called ---------------------------------------------------------------------------


def test_who_is_called_and_by_when_it_is_to_be_done() -> None:
    report, state = evaluated()
    cpu = report.checks[0]
    assert cpu.escalation == Escalation(
        severity="P1",
        raised=NOW,
        called=[Call("dev", NOW)],
        next=Call("platform", NOW + 60 * MINUTE),
        acknowledge_by=NOW + 15 * MINUTE,
        resolve_by=NOW + 240 * MINUTE,
        late=[],
    )
    assert (cpu.muted, cpu.acknowledged) == (None, None)
    assert report.checks[1].escalation is None
    told = report.actions[0]
    assert (told.calls, told.due, told.action) == (("dev",), NOW + 15 * MINUTE, "call")
    assert report.actions[1].calls == ()
    assert report.actions[1].due is None
    later, _ = evaluated(state=state, now=NOW + 60 * MINUTE)
    escalation = later.checks[0].escalation
    assert escalation is not None
    assert [call.who for call in escalation.called] == ["dev", "platform"]
    assert escalation.late == ("acknowledge",)
    assert later.actions[0].calls == ("platform",)


def test_an_escalation_is_a_value() -> None:
    report, _ = evaluated()
    escalation = report.checks[0].escalation
    assert escalation is not None
    for copy in (pickle.loads(pickle.dumps(escalation)), deepcopy(escalation)):
        assert copy == escalation
        assert hash(copy) == hash(escalation)
    assert repr(escalation.called) == f"(Call(who='dev', at={NOW!r}),)"
    assert repr(escalation).startswith("Escalation(severity='P1', raised=datetime.datetime(2026,")
    assert isinstance(escalation.called, tuple)
    with pytest.raises(AttributeError):
        escalation.severity = "P2"  # type: ignore[misc]
    assert pickle.loads(pickle.dumps(report)).checks[0].escalation == escalation
    match report.actions[0]:
        case Action(calls=("dev",), due=due):
            assert due == NOW + 15 * MINUTE
        case _:
            pytest.fail("it did not match")


# --- Who is on it ----------------------------------------------------------------------------


def test_somebody_who_is_on_it_needs_nobody_else() -> None:
    _, state = evaluated()
    before = state.to_json()
    on_it = POLICY.acknowledge(state, "cpu", now=NOW + MINUTE)
    assert isinstance(on_it, HealthState)
    assert state.to_json() == before != on_it.to_json()
    # Whoever was first is on it.
    assert POLICY.acknowledge(on_it, "cpu", now=NOW + 2 * MINUTE) == on_it
    report, _ = evaluated(state=on_it, now=NOW + 90 * MINUTE)
    cpu = report.checks[0]
    assert cpu.acknowledged == NOW + MINUTE
    assert cpu.escalation is not None
    assert [call.who for call in cpu.escalation.called] == ["dev"]
    assert (cpu.escalation.next, cpu.escalation.acknowledge_by) == (None, None)
    assert report.actions == ()
    assert cpu.sentence.endswith("; acknowledged at 2026-02-13T13:06:00Z")


def test_an_instance_is_acknowledged_by_itself() -> None:
    _, state = evaluated()
    for on_it in (
        POLICY.acknowledge(state, "same_commit", "a", now=NOW),
        POLICY.acknowledge(state, check="same_commit", instance="a", now="2026-02-13T13:05:00Z"),
    ):
        report, _ = evaluated(state=on_it)
        assert [check.acknowledged for check in report.checks] == [None, NOW, None]


def test_nobody_can_be_on_what_is_not_raised() -> None:
    _, state = evaluated()
    error = refusal(lambda: POLICY.acknowledge(state, "same_commit", "b", now=NOW))
    assert (error.code, error.help) == (
        "state.not_raised",
        "there are `cpu`, `same_commit[a]`",
    )
    error = refusal(lambda: POLICY.acknowledge(None, "cpu", now=NOW))
    assert (error.code, error.help) == ("state.not_raised", "evaluate it, and see")
    error = refusal(lambda: POLICY.acknowledge(state, "cpus", now=NOW), PolicyError)
    assert (error.code, error.help) == ("policy.unknown_rule", "did you mean `cpu`?")
    refusal(lambda: policy_of().acknowledge(None, "cpu", now=NOW), PolicyError)
    with pytest.raises(TypeError):
        POLICY.acknowledge(state, "cpu")  # type: ignore[call-arg]
    with pytest.raises(TypeError):
        POLICY.acknowledge(state.to_json(), "cpu", now=NOW)  # type: ignore[arg-type]


# --- What is muted ---------------------------------------------------------------------------


@pytest.mark.parametrize("names", ["host", ["host"], ("cpu",), "*"], ids=repr)
def test_nobody_is_told_of_what_is_muted(names: Any) -> None:
    until = NOW + 60 * MINUTE
    state = POLICY.mute(None, names, from_=NOW, until=until)
    report, state = evaluated(ALONE, state)
    cpu = report.checks[0]
    assert (cpu.status, cpu.muted, cpu.level) == ("crit", until, "crit")
    assert (report.actions, report.next_change) == ((), NOW + 15 * MINUTE)
    after, _ = evaluated(ALONE, state, until)
    assert after.checks[0].muted is None
    assert [(told.from_, told.to, told.calls) for told in after.actions] == [
        ("ok", "crit", ("dev", "platform"))
    ]


def test_what_cannot_be_muted_is_refused() -> None:
    _, state = evaluated()
    later = NOW + MINUTE
    mute = POLICY.mute
    error = refusal(lambda: mute(state, "hosts", from_=NOW, until=later), PolicyError)
    assert (error.code, error.help) == ("policy.unknown_rule", "did you mean `host`?")
    assert refusal(lambda: mute(state, [], from_=NOW, until=later)).code == "state.bad_mute"
    assert refusal(lambda: mute(state, "*", from_=later, until=NOW)).code == "state.bad_mute"
    naive = refusal(lambda: mute(state, "*", from_=NOW, until=datetime(2026, 2, 14)))
    assert naive.code == "rows.naive_time"
    wrong: list[Any] = [5, {"cpu"}, [5], None]
    for names in wrong:
        with pytest.raises(TypeError):
            mute(state, names, from_=NOW, until=later)
    with pytest.raises(TypeError):
        mute(state, "*", until=later)  # type: ignore[call-arg]


# --- What depends on a report ----------------------------------------------------------------


def test_what_is_required_has_to_be_ok() -> None:
    good, bad = evaluated(GOOD)[0], evaluated(BAD)[0]
    assert POLICY.required == ["host"]
    text = good.to_json()
    copy = pickle.loads(pickle.dumps(good))
    for form in (good, copy, text, text.encode(), bytearray(text.encode())):
        POLICY.require(form, now=NOW + 60 * MINUTE)
        error = refusal(partial(POLICY.require, form, now=NOW + 61 * MINUTE))
        assert (error.code, error.help) == (
            "report.not_ok",
            "evaluate the checks now, and try again",
        )
    error = refusal(lambda: POLICY.require(bad, now=NOW))
    assert error.message == "the policy requires that `host` is ok: `host` is crit"
    assert refusal(lambda: POLICY.require("{}", now=NOW)).code == "report.syntax"
    with pytest.raises(TypeError, match="a report is a HealthReport, text or bytes, not dict"):
        POLICY.require({}, now=NOW)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        POLICY.require(good)  # type: ignore[call-arg]


def test_a_policy_that_requires_nothing_is_content() -> None:
    policy = Policy.parse(TEXT)
    assert policy.required == policy_of().required == []
    policy.require("nothing", now=NOW)
    assert refusal(lambda: policy_of().require("", now=NOW), PolicyError).help is not None


# --- What is critical alone ------------------------------------------------------------------


def test_what_is_critical_alone() -> None:
    report, _ = evaluated(GOOD)
    critical = report.critical_only()
    assert (report.status, critical.status, critical.word) == ("crit", "ok", "healthy")
    assert [check.check for check in critical.checks] == ["cpu"]
    assert [group.group for group in critical.groups] == ["host"]
    assert critical.actions == ()
    assert critical.to_nagios() == "OK: healthy | 'cpu'=50;~:80;~:90\n"
    assert critical is report.critical_only() is critical.critical_only()
    copy = pickle.loads(pickle.dumps(report))
    assert copy == report
    assert copy.critical_only() == critical == pickle.loads(pickle.dumps(critical))
    assert copy.critical_only().critical_only().to_openmetrics() == critical.to_openmetrics()
    again = pickle.loads(pickle.dumps(copy))
    assert again.critical_only().checks == critical.checks


def test_without_a_critical_group_nothing_is_critical() -> None:
    policy = Policy.parse("[check.a]\nvalue = 'a'\ncrit = '> 9'")
    report, _ = policy.evaluate({"a": 1}, now=NOW)
    for form in (report, pickle.loads(pickle.dumps(report)), deepcopy(report)):
        for _ in range(2):
            error = refusal(form.critical_only, PolicyError)
            assert (error.code, error.help) == (
                "policy.missing_field",
                "mark one with `critical = true`",
            )
        assert form == report


# --- Anything that is said -------------------------------------------------------------------

steps = st.lists(
    st.fixed_dictionaries(
        {"cpu": st.sampled_from([50, 85, 95, None]), "minutes": st.integers(0, 90)},
        optional={
            "acknowledge": st.sampled_from(["cpu", "same_commit", "none"]),
            "mute": st.tuples(st.sampled_from(["*", "host", "cpu"]), st.integers(-30, 90)),
        },
    ),
    max_size=8,
)


@given(steps)
def test_a_report_has_the_words_of_its_json_whatever_is_said(steps: list[dict[str, Any]]) -> None:
    now, state = NOW, None
    for step in steps:
        now += step["minutes"] * MINUTE
        refused = None
        try:
            if "acknowledge" in step:
                state = POLICY.acknowledge(state, step["acknowledge"], now=now)
            if "mute" in step:
                name, length = step["mute"]
                state = POLICY.mute(state, name, from_=now, until=now + length * MINUTE)
        except (DataError, PolicyError) as error:
            refused = error.code
        assert refused in (None, "state.not_raised", "state.bad_mute", "policy.unknown_rule")
        report, state = evaluated(GOOD | {"cpu": step["cpu"]}, state, now)
        has_the_words_of_its_json(report)
        has_the_words_of_its_json(report.critical_only())
        muted = [check for check in report.checks if check.muted is not None]
        told = {(action.check, action.instance) for action in report.actions}
        assert not told & {(check.check, check.instance) for check in muted}
        assert HealthState.from_json(state.to_json()) == state
        assert pickle.loads(pickle.dumps(report)) == report
