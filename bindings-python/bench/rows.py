"""The rows that the measurements here are made of: as a driver or a decoder hands them over."""

from __future__ import annotations

import json
import random
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

Kind = Literal["micros", "text", "datetime"]

NOW = datetime(2026, 3, 1, tzinfo=UTC)
FIRST = datetime(2026, 1, 1, tzinfo=UTC)
SPAN = timedelta(days=30) // timedelta(microseconds=1)


def policy(kind: Kind) -> str:
    """Give the rule for rows whose times are of this kind."""
    unit = 'time_unit = "us"' if kind == "micros" else ""
    return f"""
        [dedupe.runs]
        key    = ["task_id", "commit_hash"]
        time   = "started_at"
        window = "10m"
        {unit}
    """


def make(count: int, kind: Kind) -> list[dict[str, Any]]:
    """Give rows in random order, three tenths of them in bursts of a few minutes."""
    chance = random.Random(1)
    rows: list[dict[str, Any]] = []
    while len(rows) < count:
        task = f"T-{chance.randrange(count // 20)}"
        commit = f"{chance.getrandbits(160):040x}"
        at = FIRST + timedelta(microseconds=chance.randrange(SPAN))
        for _ in range(chance.choice((1, 1, 1, 1, 3))):
            rows.append({"task_id": task, "commit_hash": commit, "started_at": at})
            at += timedelta(microseconds=chance.randrange(10 * 60 * 10**6))
    del rows[count:]
    chance.shuffle(rows)
    for row in rows:
        row["id"] = str(uuid.UUID(int=chance.getrandbits(128)))
        row["status"] = "done"
        if kind == "micros":
            row["started_at"] = (row["started_at"] - FIRST) // timedelta(microseconds=1)
        else:
            row["started_at"] = row["started_at"].isoformat()
    # Each row with values of its own, one after the other, as whatever decodes rows makes them.
    made: list[dict[str, Any]] = json.loads(json.dumps(rows))
    if kind == "datetime":
        for row in made:
            row["started_at"] = datetime.fromisoformat(row["started_at"])
    return made
