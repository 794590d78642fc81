"""A stream in a real Redis, trimmed by what a plan says."""

from __future__ import annotations

from typing import cast

import pytest
import redis
from housekeep import Policy

NOW = "2026-02-13T03:00:00Z"
NEWEST = 1_770_951_600_000
"""`NOW` in milliseconds, which a stream's ids begin with."""

POLICY = """
[retention.stream]                   # A2: XTRIM tasks:stream
time      = "at"
time_unit = "ms"
limit     = { count = 10000 }
"""


def fill(server: redis.Redis, entries: int, each: int) -> None:
    """Add entries, so many in each millisecond."""
    pipe = server.pipeline(transaction=False)
    for n in range(entries):
        at = NEWEST - (entries - 1) // each + n // each
        pipe.xadd("tasks:stream", {"task": n}, id=f"{at}-{n % each}")
    pipe.execute()


def rows(server: redis.Redis) -> list[dict[str, object]]:
    entries = cast("list[tuple[str, object]]", server.xrange("tasks:stream"))
    parts = [tuple(map(int, id.split("-"))) for id, _ in entries]
    # Ids are ordered as text: padded, the sequence of one millisecond sorts as a number does, and
    # Redis reads it as one.
    return [{"id": f"{at}-{n:020}", "at": at} for at, n in parts]


@pytest.mark.parametrize("each", [1, 37])
def test_minid_leaves_exactly_what_the_plan_keeps(server: redis.Redis, each: int) -> None:
    fill(server, 12_345, each)
    plan = Policy.parse(POLICY).plan("stream", rows(server), now=NOW)
    assert (plan.total, plan.keep, plan.drop) == (12_345, 10_000, 2_345)
    (oldest,) = plan.oldest_kept
    kept = {row["id"] for row in rows(server)} - set(plan.drop_ids)
    assert server.xtrim("tasks:stream", minid=oldest.id, approximate=False) == 2_345
    assert server.xlen("tasks:stream") == 10_000
    assert {row["id"] for row in rows(server)} == kept
    assert Policy.parse(POLICY).plan("stream", rows(server), now=NOW).drop == 0
