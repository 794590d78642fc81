"""The corpus, asked of Python: the same bytes as from every other host."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from housekeep import HealthState, HousekeepError, Plan, Policy, Schedule, ScheduleState

TESTS = Path(__file__).parents[2] / "tests"


def _cases() -> list[dict[str, Any]]:
    files = sorted((TESTS / "corpus").glob("*.toml"))
    return [case for file in files for case in tomllib.loads(file.read_text("utf-8"))["case"]]


CASES = _cases()
OWN = [case for case in CASES if "python" in case.get("hosts", ["python"])]


def _text(case: dict[str, Any], name: str) -> str:
    if name in case:
        return str(case[name])
    return TESTS.joinpath(case[f"{name}_file"]).read_text("utf-8")


def _policy(case: dict[str, Any]) -> Policy:
    return Policy.parse(_text(case, "policy"), "json" if case.get("policy_is_json") else "toml")


def _input(case: dict[str, Any]) -> tuple[str, bytes]:
    """Give the name and the bytes of the rows, as a host that reads files would find them."""
    given = case["input"]
    if "file" in given:
        path = TESTS / given["file"]
        return path.name, path.read_bytes()
    data = bytes.fromhex(given["hex"]) if "hex" in given else given.get("text", "").encode()
    return f"input.{given['format']}", data


def _ask_health(case: dict[str, Any], policy: Policy, read: Callable[[str], Any] = str) -> str:
    """Give all reports and the last state, which goes through JSON between two steps.

    With `read` the metrics are taken as what it makes of their text.
    """
    answers, memory = "", case.get("state")
    for step in case["steps"]:
        state = None if memory is None else HealthState.from_json(memory)
        if "acknowledge" in step:
            state = policy.acknowledge(state, *step["acknowledge"], now=step["now"])
        if "resume" in step:
            state = policy.resume(state, now=step["now"], **step["resume"])
        if "mute" in step:
            mute = {"from": step["now"]} | step["mute"]
            state = policy.mute(state, mute["of"], from_=mute["from"], until=mute["until"])
        report, state = policy.evaluate(read(step["metrics"]), state, now=step["now"])
        answers += report.to_json()
        memory = state.to_json()
    return answers + (memory or "")


def _ask_schedule(case: dict[str, Any], schedule: Schedule) -> str:
    """Give all answers and the last state, which goes through JSON between two calls."""
    answers, memory = "", case.get("state")
    for call in case["calls"]:
        now, slot = call.get("now", ""), call.get("slot", "")
        about = {key: call[key] for key in ("task", "success", "completed") if key in call}
        match call["call"]:
            case "next":
                found = schedule.next_after(slot) if slot else schedule.next(now=now)
                answers += found.to_json()
                continue
            case "slots":
                answers += schedule.slots(from_=call["from"], to=call["to"]).to_json()
                continue
            case "keep-until":
                answers += schedule.keep_until(slot).to_json()
                continue
            case "state":
                memory = schedule.state(slot).to_json()
                continue
            case "begin":
                memory = schedule.begin(now=now).to_json()
                continue
        state = ScheduleState.from_json(memory or "")
        match call["call"]:
            case "due":
                answers += schedule.due(state, now=now).to_json()
            case "missed":
                answers += schedule.missed(state, now=now).to_json()
            case "forget":
                memory = schedule.forget(state, now=now).to_json()
            case "record":
                memory = schedule.record(state, call["event"], slot, now=now, **about).to_json()
            case other:
                raise AssertionError(other)
    return answers + (ScheduleState.from_json(memory).to_json() if memory else "")


def _ask(case: dict[str, Any], policy: Policy | None = None, rows: Any = None) -> str:
    """Give the answer, or the error as a document.

    With `rows` they are taken in place of the text that they were written in.
    """
    if case["ask"] == "explain_plan":
        return Plan.parse(_text(case, "plan")).explain(case.get("id", "")).to_json()
    policy = policy or _policy(case)
    if case["ask"] == "validate":
        return policy.to_json()
    if case["ask"] == "health":
        return _ask_health(case, policy)
    if case["ask"] == "schedule":
        return _ask_schedule(case, policy.schedule(case["rule"]))
    if case["ask"] == "require":
        policy.require(case.get("report"), now=case["now"])
        return ""
    if case["ask"] == "prometheus":
        return policy.to_prometheus() + policy.to_prometheus_tests()
    now = case.get("now", "")
    if case["ask"] == "statements":
        changed = policy.replace(case["rule"], *case["with"]) if "with" in case else policy
        return changed.statements(case["rule"], now=now).to_json()
    if case["ask"] == "fleet":
        if rows is not None:
            return policy.screen_fleet(rows, now=now).to_json()
        text, form = _input(case)[1], case["input"]["format"]
        return policy.screen_fleet(text, now=now, format=form).to_json()
    rule = case["rule"]
    changed = policy.replace(rule, *case["with"]) if "with" in case else policy
    name, data = _input(case)
    source = {name: "sha256:" + hashlib.sha256(data).hexdigest()}
    about: dict[str, Any] = {"now": now}
    if rows is None:
        rows, about["format"] = data, case["input"]["format"]
    match case["ask"]:
        case "plan":
            about["decisions"] = case.get("decisions", False)
            return changed.plan(rule, rows, source=source, **about).to_json()
        case "explain":
            return changed.explain(rule, rows, case["id"], **about).to_json()
        case "sweep":
            windows = case.get("windows")
            return changed.sweep(rule, rows, windows, source=source, **about).to_json()
        case "compare":
            return policy.compare(rule, rows, changed, source=source, **about).to_json()
    raise AssertionError(case["ask"])


def _answer(case: dict[str, Any], **given: Any) -> str:
    try:
        return _ask(case, **given)
    except HousekeepError as error:
        return error.to_json()


def _expected(case: dict[str, Any]) -> str:
    ending = "yml" if case["ask"] == "prometheus" and not case.get("fails") else "json"
    return (TESTS / "corpus/answers" / f"{case['name']}.{ending}").read_text("utf-8")


@pytest.mark.parametrize("case", OWN, ids=lambda case: case["name"])
def test_python_gives_the_exact_answer(case: dict[str, Any]) -> None:
    assert _answer(case) == _expected(case)


def test_every_case_is_asked_or_says_whom_it_is_for(capsys: pytest.CaptureFixture[str]) -> None:
    others = [case["name"] for case in CASES if case not in OWN]
    with capsys.disabled():
        print(f"\ncorpus: {len(OWN)} cases asked of Python, {len(others)} for other hosts")
    assert len(OWN) > 400
    assert all(case["hosts"] for case in CASES if case["name"] in others)


def _without_place(document: str) -> Any:
    """A dictionary stands in no text, so its errors have no line."""
    if not document.startswith('{\n  "error": {'):
        return document
    parts = json.loads(document)
    for place in ("line", "column"):
        parts["error"].pop(place, None)
    return parts


def _as_dict(case: dict[str, Any]) -> dict[str, Any] | None:
    """The policy as the standard library reads it, or nothing if it does not."""
    text = _text(case, "policy")
    try:
        document = json.loads(text) if case.get("policy_is_json") else tomllib.loads(text)
    except ValueError:
        return None
    # A key given twice is an error in the text, and JSON's reader takes the last.
    repeated = "repeated_field" in _expected(case) and case.get("policy_is_json")
    return document if isinstance(document, dict) and not repeated else None


DICTS = [(case, _as_dict(case)) for case in OWN if case["ask"] != "explain_plan"]


@pytest.mark.parametrize(
    ("case", "document"),
    [(case, document) for case, document in DICTS if document is not None],
    ids=lambda part: part.get("name") if "ask" in part else "",
)
def test_a_policy_may_as_well_be_a_dictionary(
    case: dict[str, Any], document: dict[str, Any]
) -> None:
    try:
        found = _answer(case, policy=Policy.from_dict(document))
    except HousekeepError as error:
        found = error.to_json()
    assert _without_place(found) == _without_place(_expected(case))


def _as_rows(case: dict[str, Any]) -> list[Any] | None:
    """The rows as the standard library reads them, or nothing if it does not, or not the same."""
    others = (
        "validate",
        "explain_plan",
        "health",
        "prometheus",
        "require",
        "schedule",
        "statements",
    )
    if case["ask"] in others:
        return None
    _, data = _input(case)
    if not data:
        return None
    try:
        match case["input"]["format"]:
            case "json":
                document = json.loads(data.decode("utf-8-sig"))
                rows = document.get("data") if isinstance(document, dict) else document
            case "ndjson":
                lines = data.decode("utf-8-sig").split("\n")
                rows = [json.loads(line) for line in lines if line.strip()]
            case _:
                return None
    except ValueError:
        return None
    # Of a field given twice JSON's reader takes the last.
    return rows if isinstance(rows, list) and "repeated_field" not in _expected(case) else None


ROWS = [(case, rows) for case in OWN if (rows := _as_rows(case)) is not None]


@pytest.mark.parametrize(
    ("case", "rows"), ROWS, ids=lambda part: part["name"] if isinstance(part, dict) else ""
)
def test_rows_may_as_well_be_dictionaries(case: dict[str, Any], rows: list[Any]) -> None:
    assert _answer(case, rows=rows) == _expected(case)


def _timed(metrics: Any) -> Any:
    """The same metrics with times as Python has them."""
    if isinstance(metrics, dict):
        return {name: _timed(metric) for name, metric in metrics.items()}
    if isinstance(metrics, list):
        return tuple(_timed(metric) for metric in metrics)
    try:
        at = datetime.fromisoformat(metrics)
    except (TypeError, ValueError):
        return metrics
    return at if at.tzinfo else metrics


HEALTH = [case for case in OWN if case["ask"] == "health" and "metrics-syntax" not in case["name"]]


@pytest.mark.parametrize("times", [lambda metrics: metrics, _timed], ids=["text", "datetime"])
@pytest.mark.parametrize("case", HEALTH, ids=lambda case: case["name"])
def test_metrics_may_as_well_be_dictionaries(
    case: dict[str, Any], times: Callable[[Any], Any]
) -> None:
    try:
        found = _ask_health(case, _policy(case), lambda text: times(json.loads(text)))
    except HousekeepError as error:
        found = error.to_json()
    assert found == _expected(case)
