"""Plans of retention rules: what goes and stays, why, until when; and that they are kept as any."""

from __future__ import annotations

import copy
import json
import pickle
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pyarrow as pa
import pytest
from housekeep import (
    Explanation,
    OldestKept,
    Plan,
    PlanError,
    Policy,
    PolicyError,
    Reason,
    Removal,
    RetentionSkipped,
    Stay,
)
from support import NOW, Row, columns, minutes, policy_of, refusal

Form = Callable[[list[Row]], Any]

TICK = timedelta.resolution


def ago(**length: float) -> datetime:
    """Give a time so long before `NOW`."""
    return NOW - timedelta(**length)


def rule(**settings: Any) -> dict[str, Any]:
    """Give a rule: what is older than seven days goes. `None` unsets a setting."""
    given = {"time": "at", "limit": {"age": "7d"}} | settings
    return {name: value for name, value in given.items() if value is not None}


def retention(**settings: Any) -> Policy:
    """Give the policy whose only rule, `old`, is that."""
    return Policy.from_dict({"retention": {"old": rule(**settings)}})


def plan_of(rows: Any, now: datetime = NOW, **settings: Any) -> Plan:
    """Plan over rows of any form, with what stays."""
    return retention(**settings).plan("old", rows, now=now, decisions=True)


def stays(plan: Plan) -> dict[str, Stay]:
    """Give what stays by its id."""
    assert plan.keeps is not None
    return {stay.id: stay for stay in plan.keeps}


AUDIT = Policy.parse("""
    [retention.audit]
    table   = "audit_logs"
    time    = "at"
    by      = ["tenant", "live"]
    match   = { kind = "login" }
    hold    = { tags = { has = "legal" } }
    require = { exported = true }
    limit   = { age = "30d" }
    floor   = { count = 1 }

    [[retention.audit.override]]
    when  = { tenant = "acme" }
    limit = { age = "90d" }
""")


def entry(id: str, at: datetime | None, tenant: str | None = "lab", **given: Any) -> Row:
    base = {"live": True, "kind": "login", "tags": [], "exported": True}
    return {"id": id, "at": at, "tenant": tenant} | base | given


ENTRIES = [
    entry("new", ago(days=1)),
    entry("old", ago(days=40)),
    entry("older", ago(days=50)),
    entry("held", ago(days=60), tags=["x", "legal"]),
    entry("waits", ago(days=45), exported=False),
    entry("acme new", ago(days=2), "acme"),
    entry("acme in", ago(days=80), "acme"),
    entry("acme out", ago(days=91), "acme"),
    entry("none new", ago(days=1), None, live=False),
    entry("none old", ago(days=31), None, live=False),
    entry("other kind", ago(days=400), kind="call"),
    entry("no time", None),
    entry("future", NOW + timedelta(days=1)),
]
PLAN = AUDIT.plan("audit", ENTRIES, now=NOW, source={"audit.db": "sha256:00"}, decisions=True)
DOCUMENT = json.loads(PLAN.to_json())

TIERS: dict[str, Any] = {
    "limit": None,
    "by": ["host"],
    "tz": "America/Santiago",
    "keep": [
        {"every": "day", "count": 2},
        {"every": "month", "count": 2},
        {"where": {"tags": {"has": ["release"]}}},
    ],
}


def backup(n: int, **given: Any) -> Row:
    at = datetime(2026, 2, 13, 1, tzinfo=UTC) - timedelta(hours=8 * n)
    return {"id": n, "at": at, "host": "a" if n % 3 else "b", "tags": ["nightly"]} | given


BACKUPS = [backup(n) for n in range(200)] + [backup(999, tags=["nightly", "release"])]


def instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


# --- What it says ----------------------------------------------------------------------------


def test_every_attribute_says_what_the_document_says() -> None:
    same = ["kind", "rule", "table", "rule_sha256", "source", "total", "eligible", "keep", "drop"]
    for name in [*same, "blocked", "sha256"]:
        value = getattr(PLAN, name)
        assert (value, type(value)) == (DOCUMENT[name], type(DOCUMENT[name])), name
    assert PLAN.kind == "retention"
    assert repr(PLAN) == "<Plan retention.audit: total 13, keep 5, drop 4>"
    assert PLAN.planned_at == NOW
    assert PLAN.drop_ids == tuple(DOCUMENT["drop_ids"]) == ("acme out", "older", "old", "none old")
    assert PLAN.skipped == RetentionSkipped(1, 1, 1, 3)
    names = ("not_matched", "null_time", "future")
    assert {name: getattr(PLAN.skipped, name) for name in names} == DOCUMENT["skipped"]
    assert PLAN.total == PLAN.keep + PLAN.blocked + PLAN.drop + PLAN.skipped.total == len(ENTRIES)
    assert PLAN.warnings == [warning["message"] for warning in DOCUMENT["warnings"]]


def test_what_only_dedupe_plans_have_is_none_and_the_other_way_round() -> None:
    assert (PLAN.nearest, PLAN.advised, PLAN.advice, PLAN.files) == (None, None, None, None)
    dedupe = policy_of().plan("runs", [], now=NOW)
    assert (dedupe.kind, dedupe.blocked) == ("dedupe", 0)
    assert (dedupe.keeps, dedupe.oldest_kept, dedupe.files) == (None, [], None)


def check_reason(reason: Reason, document: dict[str, Any]) -> None:
    for name in ("rule", "why", "period", "n", "of", "limit", "id"):
        assert getattr(reason, name) == document.get(name), name
    assert (reason.age is None) == ("age" not in document)
    assert reason.phrase


@pytest.mark.parametrize("plan", [PLAN, plan_of(BACKUPS, **TIERS)], ids=repr)
def test_every_item_says_what_the_document_says(plan: Plan) -> None:
    written = json.loads(plan.to_json())
    assert len(plan.drops) == plan.drop == len(written["drops"]) > 0
    assert plan.keeps is not None
    assert len(plan.keeps) == plan.total - plan.drop
    pairs = [
        *zip(plan.drops, written["drops"], strict=True),
        *zip(plan.keeps, written["keeps"], strict=True),
    ]
    for item, document in pairs:
        assert (item.id, item.size) == (document["id"], document.get("size"))
        assert item.time == instant(document["time"])
        assert (item.group, list(item.group)) == (document["group"], list(document["group"]))
        for reason, of in zip(item.reasons, document["reasons"], strict=True):
            check_reason(reason, of)
        if isinstance(item, Stay):
            assert item.decision == document["decision"]
            assert item.due_at == instant(document["due_at"])
        else:
            assert type(item) is Removal
            assert plan.planned_at >= item.time
    for oldest, document in zip(plan.oldest_kept, written["oldest_kept"], strict=True):
        assert (oldest.group, oldest.id) == (document["group"], document["id"])
        assert oldest.time == instant(document["time"])


def test_a_removal_names_the_limit_that_it_broke() -> None:
    first, second, *_ = PLAN.drops
    assert second == Removal(
        "older",
        ago(days=50),
        None,
        {"tenant": "lab", "live": True},
        [
            Reason(
                "retention.audit.limit.age",
                "over_age",
                None,
                None,
                None,
                timedelta(days=50),
                "30d",
                None,
                "it is 50d old, and the limit is 30d",
            )
        ],
    )
    assert first.reasons[0].rule == "retention.audit.override[0].limit.age"
    assert first.reasons[0].limit == "90d"


def test_what_stays_says_why() -> None:
    found = {
        id: (stay.decision, [reason.why for reason in stay.reasons])
        for id, stay in stays(PLAN).items()
    }
    assert found == {
        "new": ("keep", ["newest", "within_limits"]),
        "held": ("keep", ["held"]),
        "waits": ("block", ["over_age", "required"]),
        "acme new": ("keep", ["newest", "within_limits"]),
        "acme in": ("keep", ["within_limits"]),
        "none new": ("keep", ["newest", "within_limits"]),
        "other kind": ("skip", ["not_matched"]),
        "no time": ("skip", ["null_time"]),
        "future": ("skip", ["future"]),
    }


def test_groups_keep_null_and_truth_apart_from_text() -> None:
    assert {oldest.id: oldest.group for oldest in PLAN.oldest_kept} == {
        "acme in": {"tenant": "acme", "live": True},
        "held": {"tenant": "lab", "live": True},
        "none new": {"tenant": None, "live": False},
    }
    PLAN.oldest_kept[0].group["tenant"] = "changed"
    assert "changed" not in [oldest.group["tenant"] for oldest in PLAN.oldest_kept]


def test_without_decisions_a_plan_says_what_goes_alone() -> None:
    plan = AUDIT.plan("audit", ENTRIES, now=NOW)
    assert plan.keeps is None
    assert list(plan.drops) == list(PLAN.drops)
    assert plan.oldest_kept == PLAN.oldest_kept
    assert plan != PLAN
    assert plan.explain("new").decision == "absent"


def test_removals_are_a_sequence() -> None:
    plan = plan_of([{"id": n, "at": ago(days=20 - n)} for n in range(11)])
    drops = list(plan.drops)
    assert [drop.id for drop in drops] == list(plan.drop_ids) == [str(n) for n in range(11)]
    assert [plan.drops[place] for place in range(-11, 11)] == drops + drops
    for step in (None, 1, 3, -1, -3):
        assert plan.drops[1:-1:step] == drops[1:-1:step]
        assert plan.drops[::step] == drops[::step]
    assert drops[3] in plan.drops
    assert [*reversed(plan.drops)] == drops[::-1]
    with pytest.raises(IndexError):
        plan.drops[11]


# --- Until when ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "length"),
    [
        ({}, timedelta(days=7) + TICK),
        ({"limit": {"age": "7d", "edge": "at"}}, timedelta(days=7)),
        ({"limit": {"age": "1mo"}, "tz": "America/Santiago"}, timedelta(days=28) + TICK),
        ({"limit": {"age": "7d"}, "floor": {"age": "9d"}}, timedelta(days=9)),
    ],
    ids=["after", "at", "month", "floor"],
)
def test_an_item_goes_at_its_due_time_and_not_a_microsecond_before(
    settings: dict[str, Any], length: timedelta
) -> None:
    at = datetime(2026, 2, 12, 12, tzinfo=UTC)
    rows = [{"id": 1, "at": at}]
    due = stays(plan_of(rows, **settings))["1"].due_at
    assert due is not None
    assert due == at + length
    assert plan_of(rows, due - TICK, **settings).drop_ids == ()
    assert stays(plan_of(rows, due - TICK, **settings))["1"].due_at == due
    assert plan_of(rows, due, **settings).drop_ids == ("1",)


def test_what_is_never_due_says_so() -> None:
    assert stays(PLAN)["held"].due_at is None
    assert stays(PLAN)["other kind"].due_at is None


def test_every_due_time_is_exact_as_long_as_nothing_else_changes() -> None:
    rows = [row for row in ENTRIES if row["id"] != "future"]
    plan = AUDIT.plan("audit", rows, now=NOW, decisions=True)
    dues = {id: stay.due_at for id, stay in stays(plan).items() if stay.due_at is not None}
    assert dues == {"acme in": ago(days=80) + timedelta(days=90) + TICK}
    for id, due in dues.items():
        assert id not in AUDIT.plan("audit", rows, now=due - TICK).drop_ids
        assert id in AUDIT.plan("audit", rows, now=due).drop_ids


# --- What it reads ---------------------------------------------------------------------------


def test_files_may_be_dictionaries() -> None:
    policy = Policy.parse("""
        [retention.temp]
        files = "temp/*"
        limit = { bytes = "1KiB" }
    """)
    files = [{"name": f"temp/{n}", "mtime": ago(hours=n), "size": 400} for n in range(4)]
    plan = policy.plan("temp", files, now=NOW, decisions=True)
    assert (plan.files, plan.table) == ("temp/*", None)
    assert plan.drop_ids == ("temp/3", "temp/2")
    assert [drop.size for drop in plan.drops] == [400, 400]
    assert [(drop.reasons[0].n, drop.reasons[0].of) for drop in plan.drops] == [
        (1600, 1024),
        (1200, 1024),
    ]
    assert stays(plan)["temp/0"].size == 400
    assert "retention.temp on temp/*" in plan._repr_html_()


TAGS: dict[str, Any] = {
    "limit": None,
    "keep": [{"where": {"tags": {"has": ["release", "signed"]}}}],
}


@pytest.mark.parametrize("kind", [list, tuple])
def test_lists_of_text_are_asked_what_they_have(form: Form, kind: Callable[[Any], Any]) -> None:
    tags: list[Any] = [["release"], ["signed", "x", "release"], [], ["release", "signed"]]
    rows = [{"id": n, "at": minutes(n), "tags": kind(tags)} for n, tags in enumerate(tags)]
    rows.append({"id": 9, "at": minutes(9), "tags": None})
    assert plan_of(form(rows), **TAGS).drop_ids == ("0", "2", "9")


def test_lists_in_arrow_are_asked_the_same() -> None:
    rows = [{"id": n, "at": minutes(n), "tags": ["release", "signed"][n:]} for n in range(3)]
    expected = plan_of(rows, **TAGS)
    assert expected.drop_ids == ("1", "2")
    for table in (pa.Table.from_pylist(rows), pl.DataFrame(rows)):
        assert list(plan_of(table, **TAGS).drops) == list(expected.drops)


@pytest.mark.parametrize("threads", [1, 2, 3, 8])
def test_the_number_of_threads_never_changes_the_answer(threads: int, form: Form) -> None:
    rows = [backup(n) | {"host": f"h{n % 7}"} for n in range(3000)]
    policy = retention(**TIERS)
    one = policy.plan("old", rows, now=NOW, decisions=True)
    again = policy.plan("old", form(rows), now=NOW, decisions=True, threads=threads)
    assert again.to_json() == one.to_json()


def test_text_in_a_format_is_read_too() -> None:
    rows = [{"id": "a", "at": ago(days=8)}, {"id": "b", "at": ago(days=6)}]
    text = json.dumps(rows, default=datetime.isoformat)
    assert retention().plan("old", text, now=NOW, format="json") == retention().plan(
        "old", rows, now=NOW
    )


# --- One row ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("policy", "name", "rows"),
    [(AUDIT, "audit", ENTRIES), (retention(**TIERS), "old", BACKUPS[:30])],
    ids=["audit", "tiers"],
)
def test_an_explanation_of_every_row_says_what_the_plan_does(
    policy: Policy, name: str, rows: list[Row]
) -> None:
    plan = policy.plan(name, rows, now=NOW, decisions=True)
    gone = {drop.id: drop for drop in plan.drops}
    for row in rows:
        id = str(row["id"])
        answer = policy.explain(name, rows, row["id"], now=NOW)
        known = plan.explain(row["id"])
        item = gone.get(id) or stays(plan)[id]
        assert answer.decision == known.decision
        assert answer.decision == ("drop" if id in gone else stays(plan)[id].decision)
        assert answer.reasons == known.reasons == item.reasons
        assert answer.due_at == known.due_at == getattr(item, "due_at", None)
        assert answer.why == item.reasons[0].why
        assert item.reasons[0].phrase in answer.sentence
        document = json.loads(answer.to_json())
        assert instant(document.get("due_at")) == answer.due_at
        assert len(document["reasons"]) == len(answer.reasons)


def test_an_id_that_no_row_has_is_absent() -> None:
    answer = AUDIT.explain("audit", ENTRIES, "nobody", now=NOW)
    assert (answer.decision, answer.reasons, answer.due_at) == ("absent", [], None)


def test_a_dedupe_explanation_has_no_reasons_of_retention() -> None:
    answer = policy_of().explain("runs", [{"id": 1, "key": 1, "at": minutes(0)}], 1, now=NOW)
    assert (answer.reasons, answer.due_at) == ([], None)


# --- Values ----------------------------------------------------------------------------------


VALUES: list[Any] = [
    PLAN,
    PLAN.drops[0],
    PLAN.drops[0].reasons[0],
    PLAN.skipped,
    PLAN.oldest_kept[0],
    stays(PLAN)["acme in"],
    stays(PLAN)["no time"],
    AUDIT.explain("audit", ENTRIES, "acme in", now=NOW),
]


def test_every_kind_of_value_is_among_them() -> None:
    kinds = {Plan, Removal, Reason, RetentionSkipped, OldestKept, Stay, Explanation}
    assert {type(value) for value in VALUES} == kinds


@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
def test_a_value_is_itself_after_pickling_and_copying(value: Any) -> None:
    protocols = range(pickle.HIGHEST_PROTOCOL + 1)
    pickled = [pickle.loads(pickle.dumps(value, protocol)) for protocol in protocols]
    for again in (copy.copy(value), copy.deepcopy(value), *pickled):
        assert (again, type(again), repr(again)) == (value, type(value), repr(value))
        assert hash(again) == hash(value)
        assert len({again, value}) == 1


@pytest.mark.parametrize("value", VALUES[1:-1], ids=lambda value: type(value).__name__)
def test_a_record_is_made_of_its_fields(value: Any) -> None:
    fields = [getattr(value, name) for name in type(value).__match_args__]
    assert type(value)(*fields) == value
    with pytest.raises(AttributeError):
        setattr(value, type(value).__match_args__[0], fields[0])


def test_a_removal_is_matched_by_its_fields() -> None:
    match PLAN.drops[1]:
        case Removal(id=id, reasons=[Reason(why="over_age", limit=limit)]):
            assert (id, limit) == ("older", "30d")
        case other:
            pytest.fail(repr(other))


@pytest.mark.parametrize("plan", [PLAN, plan_of(BACKUPS, **TIERS), plan_of([])], ids=repr)
def test_a_plan_that_is_read_back_is_the_same(plan: Plan) -> None:
    again = Plan.parse(plan.to_json())
    assert again == plan
    assert again.to_json() == plan.to_json()
    assert list(again.drops) == list(plan.drops)
    assert again.keeps == plan.keeps
    assert again.oldest_kept == plan.oldest_kept
    assert (again.skipped, again.blocked, again.files) == (plan.skipped, plan.blocked, plan.files)
    assert repr(again) == repr(plan)
    assert pa.table(again).to_pylist() == pa.table(plan).to_pylist()


def test_an_altered_plan_is_refused() -> None:
    text = PLAN.to_json().replace('"older"', '"newer"')
    assert refusal(lambda: Plan.parse(text), PlanError).code == "plan.altered"


@pytest.mark.parametrize("plan", [PLAN, plan_of(BACKUPS, **TIERS)], ids=repr)
def test_arrow_has_the_removals(plan: Plan) -> None:
    table = pa.table(plan)
    assert table.num_rows == plan.drop
    for row, drop in zip(table.to_pylist(), plan.drops, strict=True):
        (reason,) = drop.reasons
        assert (row["id"], row["time"], row["size"]) == (drop.id, drop.time, drop.size)
        texts = {
            name: str(value).lower() if isinstance(value, bool) else value
            for name, value in drop.group.items()
        }
        assert row["group"] == texts
        for name in ("rule", "why", "period", "n", "of", "age", "limit"):
            assert row[name] == getattr(reason, name), name
        assert row["by_id"] == reason.id
    assert pl.DataFrame(plan)["id"].to_list() == list(plan.drop_ids)


# --- What is refused -------------------------------------------------------------------------


def test_a_plan_above_its_guard_is_refused() -> None:
    rows = [{"id": n, "at": ago(days=n)} for n in range(10)]
    error = refusal(lambda: plan_of(rows, guard={"max_fraction": 0.1}), PlanError)
    assert error.code == "plan.guard"
    assert plan_of(rows, guard={"max_fraction": 0.2}).drop == 2


def test_a_table_that_no_rule_may_touch_is_refused() -> None:
    document = {
        "never": ["tenant_payments"],
        "retention": {"old": rule(table="tenant_payments")},
    }
    error = refusal(lambda: Policy.from_dict(document), PolicyError)
    assert error.code == "policy.protected"
    assert "tenant_payments" in error.message


def test_dedupe_plans_have_no_decisions() -> None:
    error = refusal(lambda: policy_of().plan("runs", [], now=NOW, decisions=True), PolicyError)
    assert error.code == "policy.conflict"
    assert error.help == "explain a row instead: that says why it stays"


def test_only_dedupe_rules_are_swept_and_compared() -> None:
    policy = retention()
    for ask in (
        lambda: policy.sweep("old", [], now=NOW),
        lambda: policy.compare("old", [], policy, now=NOW),
    ):
        error = refusal(ask, PolicyError)
        assert error.code == "policy.unknown_rule"
        assert "`retention.old` is no dedupe rule" in error.message


BOTH = Policy.from_dict(
    {
        "dedupe": {"logs": {"key": ["key"], "time": "at", "window": "10m"}},
        "retention": {"logs": rule()},
    }
)


def test_rules_of_two_families_and_one_name_are_told_apart() -> None:
    rows = [{"id": n, "key": 1, "at": ago(days=n)} for n in (1, 8)]
    assert BOTH.rules == ["dedupe.logs", "retention.logs"]
    assert BOTH.plan("retention.logs", rows, now=NOW).drop_ids == ("8",)
    assert BOTH.plan("dedupe.logs", rows, now=NOW).drop_ids == ()
    error = refusal(lambda: BOTH.plan("logs", rows, now=NOW), PolicyError)
    assert error.help == "name its family: `dedupe.logs` or `retention.logs`"


def test_a_rule_is_changed_by_its_settings() -> None:
    rows = [{"id": n, "at": ago(days=n)} for n in range(10)]
    changed = retention().replace("old", "limit.age=3d", "floor.count=5")
    assert changed.plan("old", rows, now=NOW).drop_ids == ("9", "8", "7", "6", "5")
    assert retention().replace("old") == retention()
    error = refusal(lambda: retention().replace("odl"), PolicyError)
    assert error.code == "policy.unknown_rule"
    assert BOTH.replace("retention.logs", "limit.age=1d") != BOTH


# --- In a notebook ---------------------------------------------------------------------------


def test_a_plan_in_a_notebook_is_a_table_that_no_id_can_break() -> None:
    script = "<script>alert('&')</script>"
    rows = [{"id": script, "at": ago(days=8), "host": script}]
    html = plan_of(rows, by=["host"], table=script)._repr_html_()
    assert "<script" not in html
    assert html.count("&lt;script&gt;") == 3
    assert "it is 8d old, and the limit is 7d" in html
    assert "apply" not in html
    assert "blocked 1" in PLAN._repr_html_()


def test_columns_may_stand_for_rows() -> None:
    assert AUDIT.plan("audit", columns(ENTRIES), now=NOW).drop_ids == PLAN.drop_ids
