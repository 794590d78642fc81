"""A plan and the small answers: what they say, how they are kept, and that they never change."""

from __future__ import annotations

import copy
import json
import os
import pickle
import stat
from collections import UserDict
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any
from uuid import UUID

import numpy as np
import pytest
from housekeep import (
    Compare,
    Drop,
    Explanation,
    GapCount,
    ModeCounts,
    Nearest,
    Neighbour,
    Plan,
    PlanError,
    Policy,
    Skipped,
    Sweep,
    UsualInterval,
    WindowCounts,
)
from support import DAY_BEFORE, NOW, ROWS, Row, minutes, plan_of, policy_of, refusal

POLICY = policy_of(
    table="run_logs",
    mode="chain",
    skew="1m",
    null_key="skip",
    only={"status": "done"},
    advise_above=1,
)


def run(id: str, key: str | None, at: datetime | None, status: str = "done") -> Row:
    return {"id": id, "key": key, "at": at, "status": status}


RUNS = [
    run("c-1", "chained", minutes(0)),
    run("c-2", "chained", minutes(8)),
    run("c-3", "chained", minutes(16)),
    run("alone", "alone", minutes(0)),
    run("open", "open", NOW),
    run("future", "open", NOW + timedelta(minutes=2)),
    run("null key", None, minutes(0)),
    run("null time", "chained", None),
    run("failed", "chained", minutes(1), status="failed"),
]
PLAN = POLICY.plan("runs", RUNS, now=NOW, source={"runs.db": "sha256:00", "ñ": "🦤"})
TUMBLING = plan_of(ROWS, mode="tumbling", window="1h")
NOTHING = plan_of([ROWS[0], ROWS[1]], window="1m")


def instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


# --- What it says ----------------------------------------------------------------------------


def test_every_attribute_has_its_type_and_says_what_the_document_says() -> None:
    document = json.loads(PLAN.to_json())
    plain = [
        "rule",
        "table",
        "rule_sha256",
        "source",
        "total",
        "eligible",
        "keep",
        "drop",
        "sha256",
    ]
    for name in plain:
        value = getattr(PLAN, name)
        assert (value, type(value)) == (document[name], type(document[name])), name
    assert PLAN.planned_at == instant(document["planned_at"])
    assert PLAN.planned_at.tzinfo is UTC
    assert PLAN.drop_ids == tuple(document["drop_ids"]) == ("c-1", "c-2")
    assert (PLAN.advised, PLAN.advice) == (document["advice"]["apply"], document["advice"]["why"])
    assert [*PLAN.warnings] == [warning["message"] for warning in document["warnings"]]
    counts = {name: getattr(PLAN.skipped, name) for name in document["skipped"]}
    assert counts == document["skipped"]
    assert counts == {"null_time": 1, "null_key": 1, "future": 1, "not_only": 1, "open": 1}
    assert PLAN.skipped.total == 5
    assert PLAN.total == PLAN.keep + PLAN.drop + PLAN.skipped.total == len(RUNS)


@pytest.mark.parametrize("plan", [PLAN, TUMBLING, plan_of(ROWS)], ids=repr)
def test_every_drop_says_what_the_document_says(plan: Plan) -> None:
    documents = json.loads(plan.to_json())["drops"]
    assert len(plan.drops) == len(documents) == plan.drop
    for drop, document in zip(plan.drops, documents, strict=True):
        (reason,) = document["reasons"]
        assert (drop.id, drop.keeper_id) == (document["id"], document["keeper_id"])
        assert (drop.key, list(drop.key)) == (document["key"], list(document["key"]))
        assert (drop.time, drop.keeper_time) == (
            instant(document["time"]),
            instant(document["keeper_time"]),
        )
        assert drop.gap == abs(drop.keeper_time - drop.time)
        assert (drop.why, drop.via_id) == (reason["why"], reason.get("via_id"))
        assert (drop.via_gap is None) == ("via_gap" not in reason)
        assert drop.bucket == instant(reason.get("bucket"))


@pytest.mark.parametrize("kind", [dict, MappingProxyType, UserDict])
def test_a_source_may_be_any_mapping(kind: Callable[[Any], Any]) -> None:
    source = {"runs.db": "sha256:00"}
    plan = policy_of().plan("runs", ROWS, now=NOW, source=kind(source))
    assert plan.source == source
    plan.source["another"] = "changed"
    assert plan.source == source


@pytest.mark.parametrize("source", ["runs.db", ["runs.db"], {"runs.db": 5}, {5: "x"}], ids=repr)
def test_a_source_of_another_type_is_a_type_error(source: Any) -> None:
    with pytest.raises(TypeError):
        policy_of().plan("runs", ROWS, now=NOW, source=source)


def test_a_chain_says_by_which_neighbour_it_holds() -> None:
    first, second = PLAN.drops
    assert (first.why, first.keeper_id, first.gap) == ("chained", "c-3", timedelta(minutes=16))
    assert (first.via_id, first.via_gap) == ("c-2", timedelta(minutes=8))
    assert (second.via_id, second.via_gap) == ("c-3", timedelta(minutes=8))


def test_a_bucket_says_when_it_begins() -> None:
    assert {drop.bucket for drop in TUMBLING.drops} == {DAY_BEFORE}


def test_a_plan_of_nothing_says_what_came_nearest() -> None:
    assert NOTHING.nearest == Nearest("b-1", "b-2", timedelta(minutes=4, seconds=12))
    assert (NOTHING.drop, NOTHING.drop_ids, list(NOTHING.drops)) == (0, (), [])
    assert PLAN.nearest is None
    assert NOTHING.table is None


def test_a_key_keeps_null_and_truth_apart_from_text() -> None:
    rows = [{"id": n, "a": None, "b": True, "c": "null", "at": minutes(n)} for n in range(2)]
    (drop,) = plan_of(rows, key=["c", "a", "b"]).drops
    assert drop.key == {"c": "null", "a": None, "b": True}
    assert list(drop.key) == ["c", "a", "b"]
    drop.key["c"] = "changed"
    assert drop.key["c"] == "null"


def test_drops_are_a_sequence() -> None:
    plan = plan_of(
        [{"id": n, "key": 1, "at": minutes(n)} for n in range(11)], mode="forever", window=None
    )
    drops = list(plan.drops)
    assert [drop.id for drop in drops] == list(plan.drop_ids) == [str(n) for n in range(10)]
    for place in range(-10, 10):
        assert plan.drops[place] == drops[place]
        assert plan.drops[np.int64(place)] == drops[place]
    for start in (None, -20, -3, 0, 2, 20):
        for stop in (None, -20, -3, 0, 2, 20):
            for step in (None, -20, -3, -1, 1, 3, 20):
                assert plan.drops[start:stop:step] == drops[start:stop:step]
    assert drops[3] in plan.drops
    walk = iter(plan.drops)
    assert [next(walk), *walk] == drops
    assert list(walk) == []


def test_drops_are_walked_backwards_too() -> None:
    assert [drop.id for drop in reversed(PLAN.drops)] == ["c-2", "c-1"]


@pytest.mark.parametrize("place", [2, -3, 2**62, -(2**63), 2**64, -(2**64)])
def test_a_place_past_the_drops_is_an_index_error(place: int) -> None:
    with pytest.raises(IndexError):
        PLAN.drops[place]


@pytest.mark.parametrize("place", ["0", 0.0, None])
def test_a_place_that_is_no_number_is_a_type_error(place: Any) -> None:
    with pytest.raises(TypeError):
        PLAN.drops[place]


def test_a_slice_of_step_zero_is_a_value_error() -> None:
    with pytest.raises(ValueError, match="zero"):
        PLAN.drops[::0]


@pytest.mark.parametrize(
    ("rows", "asked", "decision"),
    [
        (ROWS, "b-1", "drop"),
        (ROWS, "b-2", "keep"),
        (ROWS, "t-1", "absent"),
        ([{"id": n, "key": 1, "at": minutes(n)} for n in range(2)], 0, "drop"),
        ([{"id": n, "key": 1, "at": minutes(n)} for n in range(2)], "1", "keep"),
        (
            [{"id": UUID(int=n), "key": 1, "at": minutes(n)} for n in range(2)],
            UUID(int=0),
            "drop",
        ),
        (
            [{"id": UUID(int=n + 10), "key": 1, "at": minutes(n)} for n in range(2)],
            str(UUID(int=10)).upper(),
            "drop",
        ),
    ],
)
def test_a_plan_explains_an_id_of_any_type(rows: list[Row], asked: Any, decision: str) -> None:
    answer = plan_of(rows).explain(asked)
    assert answer.decision == decision
    assert answer.id == str(asked)
    document = json.loads(answer.to_json())
    assert (document["decision"], document["sentence"]) == (decision, answer.sentence)


def test_a_rule_explains_rows_that_a_plan_does_not_list() -> None:
    decisions = {row["id"]: POLICY.explain("runs", RUNS, row["id"], now=NOW).why for row in RUNS}
    assert decisions == {
        "c-1": "chained",
        "c-2": "chained",
        "c-3": "keeper",
        "alone": "alone",
    } | {name.replace("_", " "): name for name in ["open", "future", "null_key", "null_time"]} | {
        "failed": "not_only"
    }


def test_a_sweep_says_what_the_document_says() -> None:
    sweep = policy_of().sweep("runs", ROWS, ["1m", timedelta(minutes=5)], now=NOW)
    document = json.loads(sweep.to_json())
    assert (sweep.total, sweep.eligible) == (document["total"], document["eligible"])
    assert [counts.window for counts in sweep.windows] == [
        timedelta(minutes=1),
        timedelta(minutes=5),
    ]
    for counts, written in zip(sweep.windows, document["windows"], strict=True):
        for mode in ("anchor", "chain", "tumbling"):
            found = getattr(counts, mode)
            assert {"drop": found.drop, "open": found.open} == written[mode]
    assert sweep.smallest_window == timedelta(minutes=1)
    assert sum(gap.count for gap in sweep.gaps) == 2


def test_windows_may_be_any_iterable() -> None:
    policy, windows = policy_of(), ["1m", "5m"]
    expected = policy.sweep("runs", ROWS, windows, now=NOW)
    for given in (tuple(windows), iter(windows), dict.fromkeys(windows), set(windows)):
        assert policy.sweep("runs", ROWS, given, now=NOW) == expected


@pytest.mark.parametrize("windows", ["10m", 10, [10], [None], [b"10m"]], ids=repr)
def test_windows_of_another_type_are_a_type_error(windows: Any) -> None:
    with pytest.raises(TypeError):
        policy_of().sweep("runs", ROWS, windows, now=NOW)


def test_a_comparison_says_what_the_document_says() -> None:
    policy = policy_of()
    found = policy.compare("runs", ROWS, policy.replace("runs", "window=1m"), now=NOW)
    document = json.loads(found.to_json())
    assert (found.both, found.only_a, found.only_b) == (1, ["b-1"], [])
    assert (document["both"], document["only_a"], document["only_b"]) == (1, ["b-1"], [])


# --- The records -----------------------------------------------------------------------------

SWEEP = policy_of().sweep(
    "runs", [{"id": n, "key": 1, "at": minutes(60 * n)} for n in range(9)], now=NOW
)
EXPLANATION = POLICY.explain("runs", RUNS, "c-1", now=NOW)
COMPARE = POLICY.compare("runs", RUNS, POLICY.replace("runs", "mode=anchor"), now=NOW)
RECORDS: list[Any] = [
    PLAN.drops[0],
    TUMBLING.drops[0],
    PLAN.skipped,
    NOTHING.nearest,
    EXPLANATION,
    EXPLANATION.keeper,
    SWEEP,
    SWEEP.windows[0],
    SWEEP.windows[0].anchor,
    SWEEP.gaps[0],
    SWEEP.warnings[0],
    COMPARE,
]
VALUES: list[Any] = [PLAN, POLICY, *RECORDS]


def kind(value: object) -> str:
    return type(value).__name__


def test_every_kind_of_record_is_among_them() -> None:
    kinds = {Compare, Drop, Explanation, GapCount, ModeCounts, Nearest, Neighbour, Skipped, Sweep}
    assert kinds | {UsualInterval, WindowCounts} == {type(record) for record in RECORDS}


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize("value", VALUES, ids=kind)
def test_a_value_is_itself_after_pickling(value: Any, protocol: int) -> None:
    again = pickle.loads(pickle.dumps(value, protocol))
    assert (again, type(again), repr(again)) == (value, type(value), repr(value))
    if hasattr(value, "to_json"):
        assert again.to_json() == value.to_json()


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy])
@pytest.mark.parametrize("value", VALUES, ids=kind)
def test_a_copy_is_equal_and_has_the_same_hash(value: Any, copied: Callable[[Any], Any]) -> None:
    again = copied(value)
    assert again == value
    assert hash(again) == hash(value)
    assert len({again, value}) == 1


@pytest.mark.parametrize("value", VALUES, ids=kind)
def test_a_value_is_equal_to_nothing_else(value: Any) -> None:
    others: list[Any] = [other for other in VALUES if other is not value]
    for other in [*others, None, 0, "text", repr(value), object()]:
        assert value != other
        assert not value == other  # noqa: SIM201
    with pytest.raises(TypeError):
        value < value  # noqa: B015


@pytest.mark.parametrize("value", VALUES, ids=kind)
def test_a_value_never_changes(value: Any) -> None:
    names = [name for name in dir(value) if not name.startswith("_")]
    for name in [*names, "another"]:
        with pytest.raises(AttributeError):
            setattr(value, name, 1)
        with pytest.raises(AttributeError):
            delattr(value, name)


@pytest.mark.parametrize("record", RECORDS, ids=kind)
def test_a_record_is_shown_with_all_its_fields(record: Any) -> None:
    fields = ", ".join(f"{name}={getattr(record, name)!r}" for name in record.__match_args__)
    assert repr(record) == f"{kind(record)}({fields})"


@pytest.mark.parametrize("record", RECORDS, ids=kind)
def test_a_record_matches_by_its_fields_in_their_order(record: Any) -> None:
    public = [name for name in dir(record) if not name.startswith("_") and name != "to_json"]
    assert sorted(record.__match_args__) == public


def test_records_match_in_a_match_statement() -> None:
    match PLAN.drops[0]:
        case Drop("c-1", keeper, {"key": key}, why="chained"):
            assert (keeper, key) == ("c-3", "chained")
        case other:
            pytest.fail(repr(other))
    match PLAN.explain("c-1"):
        case Explanation(decision="drop", keeper=Neighbour(id=keeper)):
            assert keeper == "c-3"
        case answer:
            pytest.fail(repr(answer))


def test_a_record_can_be_made_for_tests_of_ones_own() -> None:
    assert Skipped(1, 1, 1, 1, 1, 5) == PLAN.skipped
    assert ModeCounts(drop=1, open=2).open == 2
    with pytest.raises(TypeError):
        ModeCounts(drop=1)  # type: ignore[call-arg]
    with pytest.raises(OverflowError):
        ModeCounts(drop=-1, open=0)


@pytest.mark.parametrize("kind", [Plan, Policy])
def test_a_plan_and_a_policy_are_only_made_by_reading(kind: Callable[[], object]) -> None:
    with pytest.raises(TypeError, match="cannot create"):
        kind()


def test_a_plan_and_a_policy_show_what_they_are() -> None:
    assert repr(PLAN) == "<Plan dedupe.runs: total 9, keep 2, drop 2>"
    assert repr(POLICY) == "<Policy: dedupe.runs>"
    assert repr(PLAN.drops) == "<Drops: 2>"


# --- Files -----------------------------------------------------------------------------------

FILE_CALLS: list[Callable[[Any], object]] = [PLAN.save, Plan.load, Policy.from_file]


def names(folder: Path) -> list[str]:
    """Give the names of all that is in a folder, what is hidden too."""
    return [file.name for file in folder.iterdir()]


@pytest.mark.parametrize("plan", [PLAN, TUMBLING, NOTHING], ids=repr)
@pytest.mark.parametrize("path", [Path, os.fspath], ids=["path", "text"])
def test_a_plan_is_what_was_saved(plan: Plan, path: Callable[[Path], Any], tmp_path: Path) -> None:
    file = tmp_path / "plan ñ.json"
    plan.save(path(file))
    assert file.read_bytes() == plan.to_json().encode()
    assert Plan.load(path(file)) == plan
    assert names(tmp_path) == [file.name]


def test_a_plan_is_saved_over_another_and_keeps_its_mode(tmp_path: Path) -> None:
    file = tmp_path / "plan.json"
    file.write_text("another, and a longer one: " + "x" * 10**5)
    file.chmod(0o640)
    PLAN.save(file)
    assert Plan.load(file) == PLAN
    assert stat.S_IMODE(file.stat().st_mode) == 0o640


@pytest.mark.parametrize("mask", [0o022, 0o077])
def test_a_new_file_has_the_mode_that_any_new_file_has(mask: int, tmp_path: Path) -> None:
    before = os.umask(mask)
    try:
        PLAN.save(tmp_path / "plan.json")
        assert os.umask(mask) == mask
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "plan.json").stat().st_mode) == 0o666 & ~mask


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    target, link = tmp_path / "there/plan.json", tmp_path / "link.json"
    link.symlink_to(target)
    for _ in ("the target is made", "the target is replaced"):
        PLAN.save(link)
        assert link.is_symlink()
        assert Plan.load(target) == PLAN
    assert names(tmp_path / "there") == ["plan.json"]


@pytest.mark.parametrize("failing", ["fsync", "chmod", "replace"])
def test_what_was_there_stays_if_saving_fails(
    failing: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "plan.json"
    file.write_text("as it was")

    def full(*_: object) -> None:
        raise OSError(28, "no space left on device")

    monkeypatch.setattr(os, failing, full)
    with pytest.raises(OSError, match="no space left"):
        PLAN.save(file)
    monkeypatch.undo()
    assert file.read_text() == "as it was"
    assert names(tmp_path) == ["plan.json"]


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    for call in FILE_CALLS:
        with pytest.raises(IsADirectoryError):
            call(tmp_path)
    assert names(tmp_path) == []


def test_a_folder_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        PLAN.save(tmp_path / "no/plan.json")
    with pytest.raises(FileNotFoundError):
        Plan.load(tmp_path / "no/plan.json")


def test_a_name_as_long_as_names_may_be_is_saved(tmp_path: Path) -> None:
    file = tmp_path / ("p" * 250 + ".json")
    PLAN.save(file)
    assert Plan.load(file) == PLAN


@pytest.mark.parametrize("path", [None, 1.5, [], bytearray(b"plan.json")], ids=repr)
def test_what_is_no_path_is_a_type_error(path: Any) -> None:
    for call in FILE_CALLS:
        with pytest.raises(TypeError):
            call(path)


@pytest.mark.parametrize("call", FILE_CALLS, ids=["save", "load", "from_file"])
def test_a_descriptor_is_no_path_and_stays_open(
    call: Callable[[Any], object], tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("as it was")
    descriptor = os.open(tmp_path / "file", os.O_RDWR)
    with pytest.raises(TypeError):
        call(descriptor)
    assert os.read(descriptor, 100) == b"as it was"
    os.close(descriptor)


def test_a_plan_is_saved_into_a_pipe(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        PLAN.save(pipe)
        assert os.read(reader, 10**5) == PLAN.to_json().encode()
    finally:
        os.close(reader)


# --- Plans that are refused ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new"), [('"c-1"', '"c-9"'), ('"keep": 2', '"keep": 3'), ("chained", "same_key")]
)
def test_an_altered_plan_is_refused(old: str, new: str, tmp_path: Path) -> None:
    text = PLAN.to_json()
    assert old in text
    file = tmp_path / "plan.json"
    file.write_text(text.replace(old, new), "utf-8")
    for error in (
        refusal(lambda: Plan.load(file), PlanError),
        refusal(lambda: Plan.parse(file.read_text("utf-8")), PlanError),
    ):
        assert error.code == "plan.altered"
        assert error.message == "the plan is not what its digest says"


def test_white_space_and_the_order_of_names_are_no_alteration(tmp_path: Path) -> None:
    shuffled = dict(reversed(json.loads(PLAN.to_json()).items()))
    text = "\ufeff" + json.dumps(shuffled, indent=2, ensure_ascii=False)
    (tmp_path / "plan.json").write_text(text, "utf-8")
    assert Plan.load(tmp_path / "plan.json") == PLAN


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "plan.syntax"),
        ("{", "plan.syntax"),
        ("[]", "plan.syntax"),
        ("{}", "plan.syntax"),
        (PLAN.to_json()[:-10], "plan.syntax"),
        (PLAN.to_json().replace('"housekeep": 1', '"housekeep": 9'), "plan.version"),
        (PLAN.to_json().replace(PLAN.sha256, "0" * 64), "plan.altered"),
    ],
    ids=["empty", "open", "list", "object", "cut", "version", "digest"],
)
def test_what_is_no_plan_is_refused(text: str, code: str) -> None:
    assert refusal(lambda: Plan.parse(text), PlanError).code == code


def test_a_plan_above_its_guard_is_refused() -> None:
    error = refusal(lambda: plan_of(ROWS, guard={"max_drops": 1}), PlanError)
    assert error.code == "plan.guard"
    assert "would drop 2 rows, 1 more than `max_drops = 1` allows" in error.message


# --- In a notebook ---------------------------------------------------------------------------


def test_a_plan_in_a_notebook_is_a_table_that_no_id_can_break() -> None:
    script = "<script>alert('&')</script>"
    rows = [
        {"id": script, script: script, "at": minutes(0)},
        {"id": f"{script}2", script: script, "at": minutes(1)},
    ]
    html = plan_of(rows, table=script, key=[script])._repr_html_()
    assert "<script" not in html
    assert html.count("&lt;script&gt;") == 4
    assert "<b>dedupe.runs on &lt;script&gt;" in html
    assert html.count("<tr>") == 2
    assert html.count("<td>") == 6


def test_a_long_plan_in_a_notebook_is_cut() -> None:
    html = plan_of([{"id": n, "key": 1, "at": minutes(n / 60)} for n in range(500)])._repr_html_()
    assert html.count("<tr>") == 21
    assert "… and 479 more" in html


def test_a_plan_of_nothing_in_a_notebook_has_no_table() -> None:
    html = NOTHING._repr_html_()
    assert "<table" not in html
    assert "total 2 · keep 2 · drop 0" in html
    assert "left alone" in PLAN._repr_html_()
