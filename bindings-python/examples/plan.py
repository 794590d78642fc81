"""Which runs of a task runner are duplicates, and why.

    python examples/plan.py

Nothing is deleted: a plan is reviewed first.
"""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from pathlib import Path

from housekeep import HousekeepError, Plan, Policy

SCENARIO = Path(__file__).parents[2] / "tests/scenarios/elruso"

log = logging.getLogger("maintenance")


def plan_runs(policy: Policy, now: datetime) -> Plan:
    """Plan over the runs, wherever they come from: here, a file."""
    rows = json.loads((SCENARIO / "run_logs.json").read_text("utf-8"))
    return policy.plan("runs", rows, now=now)


def main() -> None:
    """Plan, and say what was planned."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s")
    policy = Policy.from_file(SCENARIO / "policy.toml")
    try:
        # A service gives `datetime.now(UTC)`; these runs are of February.
        plan = plan_runs(policy, now=datetime(2026, 2, 13, 3, tzinfo=UTC))
    except HousekeepError as error:
        log.exception("no plan, and nothing was done: %s", error.code)
        raise
    for warning in plan.warnings:
        log.warning(warning)
    log.info("%d runs: %d stay, %d may go", plan.total, plan.keep, plan.drop)
    for drop in plan.drops:
        log.info("%s goes, %s later there is %s", drop.id, drop.gap, drop.keeper_id)
    log.info("%s (%s)", "apply it" if plan.advised else "leave it for now", plan.advice)


if __name__ == "__main__":
    main()
