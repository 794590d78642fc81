"""The twenty checks of the health measurements, and what is measured."""

import random
from datetime import UTC, datetime, timedelta

NAMES = [f"m{n}" for n in range(20)]
WARN, CRIT = 80.0, 90.0
NOW = datetime(2026, 2, 13, 3, tzinfo=UTC)
EARLIER = NOW - timedelta(hours=1)

Found = dict[str, str]
"""The checks that are not ok, each with its status."""


def policy(gates: str = "") -> str:
    """The checks as a policy; `gates` are settings of every one."""
    return "".join(
        f'[check.{name}]\nvalue = "{name}"\nwarn = "> {WARN:g}"\ncrit = "> {CRIT:g}"\n{gates}\n'
        for name in NAMES
    )


def snapshots(count: int) -> list[dict[str, float]]:
    """Numbers from 0 to 95, so that most checks are ok and a few are not."""
    dice = random.Random(7)
    return [{name: dice.uniform(0, 95) for name in NAMES} for _ in range(count)]
