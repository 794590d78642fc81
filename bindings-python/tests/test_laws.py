"""The laws of core, asked of the binding: what holds for every plan of any rows by any rule.

`core/src/laws` states them, and holds the kernel to them; here they are seen from Python.
"""

from __future__ import annotations

import json
import pickle
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest
from housekeep import Drop, Plan, Policy
from hypothesis import assume, given
from hypothesis import strategies as st
from strategies import KEY, Case, cases, windows
from support import Row, as_json, columns

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def policy(case: Case, **changes: Any) -> Policy:
    """Give the policy of a case, with some settings as something else."""
    return Policy.from_dict({"dedupe": {"runs": case.rule | changes}})


def plan(case: Case, rows: Any = None, **changes: Any) -> Plan:
    """Plan over the rows of a case, or over others."""
    given = case.rows if rows is None else rows
    return policy(case, **changes).plan("runs", given, now=case.now)


def order(row: Row) -> Any:
    """Give what rows of one key are in the order of: time, then id."""
    return row["at"], row["id"]


# --- One plan --------------------------------------------------------------------------------


@given(cases())
def test_every_row_is_kept_dropped_or_left_alone(case: Case) -> None:
    found = plan(case)
    skipped = found.skipped
    parts = (skipped.null_time, skipped.null_key, skipped.future, skipped.not_only, skipped.open)
    assert found.total == len(case.rows) == found.keep + found.drop + skipped.total
    assert found.eligible == found.keep + found.drop
    assert skipped.total == sum(parts)
    assert skipped.not_only == sum(not row["counts"] for row in case.rows)
    assert found.drop == len(found.drop_ids) == len(found.drops)


@given(cases())
def test_what_goes_is_there_and_goes_once(case: Case) -> None:
    ids = plan(case).drop_ids
    assert len(set(ids)) == len(ids)
    assert set(ids) <= {str(row["id"]) for row in case.rows}


def reached(drop: Drop, case: Case) -> bool:
    """Whether the keeper is near enough, in the sense of the mode."""
    match case.rule["mode"]:
        case "anchor":
            return drop.why == "within_window" and drop.gap <= case.window
        case "chain":
            near = drop.via_gap is not None and drop.via_gap <= case.window
            return drop.why == "chained" and near
        case "tumbling":
            buckets = {(time - EPOCH) // case.window for time in (drop.time, drop.keeper_time)}
            return drop.why == "same_bucket" and len(buckets) == 1
    return drop.why == "same_key"


@given(cases())
def test_every_row_that_goes_has_a_witness_that_stays(case: Case) -> None:
    found = plan(case)
    rows = {str(row["id"]): row for row in case.rows}
    gone = set(found.drop_ids)
    for drop in found.drops:
        row, keeper = rows[drop.id], rows[drop.keeper_id]
        assert drop.keeper_id not in gone
        assert [row[name] for name in KEY] == [keeper[name] for name in KEY]
        assert drop.key == {name: row[name] for name in KEY}
        assert (drop.time, drop.keeper_time) == (row["at"], keeper["at"])
        assert drop.gap == abs(row["at"] - keeper["at"])
        assert (order(row) < order(keeper)) == (case.rule["keep"] == "newest")
        assert reached(drop, case)
        if case.rule["null_key"] != "equal":
            assert None not in drop.key.values()


@given(cases())
def test_the_kept_end_of_every_key_stays(case: Case) -> None:
    gone = set(plan(case).drop_ids)
    latest = case.now + case.rule["skew"]
    ends: dict[tuple[Any, ...], Row] = {}
    end = max if case.rule["keep"] == "newest" else min
    for row in case.rows:
        if row["counts"] and row["at"] is not None and row["at"] <= latest:
            key = tuple(row[name] for name in KEY)
            ends[key] = end(ends.get(key, row), row, key=order)
    assert not gone & {str(row["id"]) for row in ends.values()}


@given(cases())
def test_an_explanation_says_what_the_plan_says(case: Case) -> None:
    asked, found = policy(case), plan(case)
    drops = {drop.id: drop for drop in found.drops}
    decisions: Counter[str] = Counter()
    for row in case.rows:
        answer = asked.explain("runs", case.rows, row["id"], now=case.now)
        decisions[answer.decision if answer.decision != "skip" else answer.why] += 1
        drop = drops.get(answer.id)
        assert (answer.decision == "drop") == (drop is not None)
        if drop:
            assert answer.keeper is not None
            assert (answer.keeper.id, answer.keeper.gap) == (drop.keeper_id, drop.gap)
            assert answer.sentence == found.explain(row["id"]).sentence
    skipped = {
        name: count
        for name in ("null_time", "null_key", "future", "not_only", "open")
        if (count := getattr(found.skipped, name))
    }
    counts = {"drop": found.drop, "keep": found.keep} | skipped
    assert decisions == Counter(counts)


# --- Plans of the same -----------------------------------------------------------------------


@given(cases(), st.randoms())
def test_the_order_of_the_rows_changes_nothing(case: Case, random: Any) -> None:
    shuffled = case.rows[:]
    random.shuffle(shuffled)
    assert plan(case, shuffled).to_json() == plan(case).to_json()


@given(cases())
def test_the_same_question_has_the_same_answer(case: Case) -> None:
    assert plan(case).to_json() == plan(case).to_json()


FORMS: dict[str, Callable[[list[Row]], Any]] = {
    "columns": columns,
    "json": as_json,
    "lines": lambda rows: b"\n".join(as_json([row])[1:-1] for row in rows),
    "arrow": pa.Table.from_pylist,
    "arrow in batches": lambda rows: pa.Table.from_pylist(rows).to_reader(max_chunksize=3),
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
@given(case=cases())
def test_the_form_of_the_rows_changes_nothing(form: Callable[[list[Row]], Any], case: Case) -> None:
    assume(case.rows)
    types = {"id": "text", "task": "text", "host": "boolean"}
    rows = [row | {"id": str(row["id"])} for row in case.rows]
    assert plan(case, form(rows), types=types).to_json() == plan(case, rows, types=types).to_json()


@given(cases(), st.integers(2, 5))
def test_the_number_of_threads_changes_nothing(case: Case, threads: int) -> None:
    again = policy(case).plan("runs", case.rows, now=case.now, threads=threads)
    assert again.to_json() == plan(case).to_json()


@given(cases())
def test_a_plan_that_is_read_back_is_the_plan(case: Case) -> None:
    found = plan(case)
    for again in (Plan.parse(found.to_json()), pickle.loads(pickle.dumps(found))):
        assert again == found
        assert hash(again) == hash(found)
        assert again.to_json() == found.to_json()
        assert again.drops[:] == found.drops[:]
        assert (again.skipped, again.nearest) == (found.skipped, found.nearest)
        assert pa.table(again)["gap"] == pa.table(found)["gap"]
    assert json.loads(found.to_json())["sha256"] == found.sha256


# --- Plans of others -------------------------------------------------------------------------


@given(cases())
def test_planning_over_what_is_left_drops_nothing(case: Case) -> None:
    gone = set(plan(case).drop_ids)
    assert plan(case, [row for row in case.rows if str(row["id"]) not in gone]).drop == 0


@given(cases(modes=("anchor", "chain")), windows)
def test_a_wider_window_drops_at_least_as_many(case: Case, other: timedelta) -> None:
    narrow, wide = sorted([case.window, other])
    less, more = (plan(case, open="close", window=window) for window in (narrow, wide))
    assert less.drop <= more.drop
    if case.rule["mode"] == "chain":
        assert set(less.drop_ids) <= set(more.drop_ids)


@given(cases(modes=("anchor",)))
def test_what_anchor_drops_chain_drops_too(case: Case) -> None:
    assert set(plan(case).drop_ids) <= set(plan(case, mode="chain").drop_ids)


@given(cases())
def test_a_rule_compared_with_itself_differs_in_nothing(case: Case) -> None:
    asked = policy(case)
    found = asked.compare("runs", case.rows, asked, now=case.now)
    assert (found.both, found.only_a, found.only_b) == (plan(case).drop, [], [])


@given(cases(), st.sampled_from(["newest", "oldest"]))
def test_a_comparison_says_by_which_ids_two_plans_differ(case: Case, keep: str) -> None:
    asked, other = policy(case), policy(case, keep=keep)
    found = asked.compare("runs", case.rows, other, now=case.now)
    a, b = set(plan(case).drop_ids), set(plan(case, keep=keep).drop_ids)
    assert (found.both, set(found.only_a), set(found.only_b)) == (len(a & b), a - b, b - a)


@given(cases(), st.lists(windows, max_size=3))
def test_a_sweep_counts_what_the_plan_drops(case: Case, others: list[timedelta]) -> None:
    mode, found = case.rule["mode"], plan(case)
    sweep = policy(case).sweep("runs", case.rows, [case.window, *others], now=case.now)
    assert sweep.total == found.total
    assert sweep.eligible == found.total - found.skipped.total + found.skipped.open
    if mode == "forever":
        counts = sweep.forever
    else:
        (own,) = [counts for counts in sweep.windows if counts.window == case.window]
        counts = getattr(own, mode)
    assert (counts.drop, counts.open) == (found.drop, found.skipped.open)
