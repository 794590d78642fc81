"""What the tests share: a moment, a small policy, a few rows, and plain ways to ask."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from textwrap import dedent
from typing import Any, TypeAlias

import pytest
from housekeep import DataError, Explanation, HousekeepError, Plan, Policy

Row: TypeAlias = dict[str, Any]

NOW = datetime(2026, 2, 13, 3, tzinfo=UTC)
DAY_BEFORE = NOW - timedelta(days=1)


def rule(**settings: Any) -> dict[str, Any]:
    """Give a rule: rows of one `key` within ten minutes are duplicates. `None` unsets a setting."""
    given = {"key": ["key"], "time": "at", "window": "10m"} | settings
    return {name: value for name, value in given.items() if value is not None}


def policy_of(**settings: Any) -> Policy:
    """Give the policy whose only rule, `runs`, is that."""
    return Policy.from_dict({"dedupe": {"runs": rule(**settings)}})


def minutes(count: float) -> datetime:
    """Give a time so many minutes after the day before `NOW`, when every cluster has closed."""
    return DAY_BEFORE + timedelta(minutes=count)


# Two builds within the window, a test of its own, two rows without a key, one without a time.
ROWS: list[Row] = [
    {"id": "b-1", "key": "build", "at": minutes(0)},
    {"id": "b-2", "key": "build", "at": minutes(4.2)},
    {"id": "t-1", "key": "test, on a machine whose name is longer than a view", "at": minutes(5)},
    {"id": "n-1", "key": None, "at": minutes(6)},
    {"id": "n-2", "key": None, "at": minutes(7)},
    {"id": "x-1", "key": "build", "at": None},
]


def columns(rows: list[Row]) -> dict[str, list[Any]]:
    """Turn rows into columns."""
    return {name: [row[name] for row in rows] for name in rows[0]}


def as_json(rows: list[Row]) -> bytes:
    """Write rows as JSON, with times as text."""
    return json.dumps(rows, default=str, ensure_ascii=False).encode()


def plan_of(rows: Any, **settings: Any) -> Plan:
    """Plan over rows of any form."""
    return policy_of(**settings).plan("runs", rows, now=NOW)


def explained(rows: Any, id: Any, **settings: Any) -> Explanation:
    """Explain one of rows of any form."""
    return policy_of(**settings).explain("runs", rows, id, now=NOW)


def refusal(ask: Callable[[], object], kind: type[HousekeepError] = DataError) -> HousekeepError:
    """Give the error that the call is refused with, which is of this kind and of no other."""
    with pytest.raises(kind) as caught:
        ask()
    assert type(caught.value) is kind
    return caught.value


# What a Python of its own needs to import what the tests share.
ENVIRONMENT = os.environ | {"RUST_BACKTRACE": "0", "PYTHONPATH": os.fspath(Path(__file__).parent)}


def run_python(
    code: str, *arguments: str, python: str = sys.executable, path: Path | None = None
) -> str:
    """Run a program of its own, which has to end well, and give what it prints."""
    done = subprocess.run(
        [python, "-c", dedent(code), *arguments],
        env=ENVIRONMENT if path is None else ENVIRONMENT | {"PYTHONPATH": os.fspath(path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr or f"it ended with {done.returncode}"
    return done.stdout


def timed(at: Any) -> list[Row]:
    """Give a row with that time, after a row that is always good."""
    return [{"id": 1, "key": "other", "at": minutes(0)}, {"id": 2, "key": "it", "at": at}]


def tagged(*tags: Any) -> list[Row]:
    """Give rows of one key and one time with these tags."""
    return [
        row | {"tags": each} for row, each in zip(keyed(*["same"] * len(tags)), tags, strict=True)
    ]


def keyed(*keys: Any) -> list[Row]:
    """Give rows of one time with these keys: those with the same key are duplicates."""
    return [{"id": n, "key": key, "at": minutes(0)} for n, key in enumerate(keys, start=1)]
