"""Decides housekeeping for services: what may go, what is healthy, which run is due, and why.

A policy says the rules, any iterable of rows (or Arrow table, or columns) holds the data, and
`now` is an argument. The plan lists the rows that go and, for each, why. Nothing is deleted here.
`Policy.evaluate` says of what was measured how healthy it is, and `Policy.schedule` which
maintenance run is due or was missed.

    >>> from datetime import UTC, datetime
    >>> policy = Policy.parse('''
    ...     [dedupe.runs]
    ...     key    = ["task_id"]
    ...     time   = "started_at"
    ...     window = "10m"
    ... ''')
    >>> rows = [
    ...     {"id": 1, "task_id": "T", "started_at": "2026-02-13T01:00:00Z"},
    ...     {"id": 2, "task_id": "T", "started_at": "2026-02-13T01:04:12Z"},
    ... ]
    >>> plan = policy.plan("runs", rows, now=datetime(2026, 2, 13, 3, tzinfo=UTC))
    >>> plan.drop_ids
    ('1',)
    >>> plan.explain("1").sentence
    '`1` is dropped: `2` has the same task_id = `T` and is 4m12s later, within the window of 10m'
"""

from housekeep._core import (
    Action,
    Call,
    CheckReport,
    Compare,
    Drop,
    Drops,
    Due,
    Escalation,
    Explanation,
    Fleet,
    FleetRow,
    GapCount,
    GroupReport,
    HealthReport,
    HealthState,
    KeepUntil,
    Machine,
    Missed,
    ModeCounts,
    Nearest,
    Neighbour,
    NextSlot,
    Offer,
    OldestKept,
    Pending,
    Plan,
    Policy,
    Reason,
    Removal,
    RetentionSkipped,
    Run,
    Running,
    Schedule,
    ScheduleState,
    Screening,
    Skipped,
    Slot,
    Slots,
    Sql,
    Statements,
    StatusCounts,
    Stay,
    Step,
    Sweep,
    Undone,
    UsualInterval,
    Wait,
    WindowCounts,
    __version__,
)
from housekeep.errors import ApplyError, DataError, HousekeepError, PlanError, PolicyError

__all__ = [
    "Action",
    "ApplyError",
    "Call",
    "CheckReport",
    "Compare",
    "DataError",
    "Drop",
    "Drops",
    "Due",
    "Escalation",
    "Explanation",
    "Fleet",
    "FleetRow",
    "GapCount",
    "GroupReport",
    "HealthReport",
    "HealthState",
    "HousekeepError",
    "KeepUntil",
    "Machine",
    "Missed",
    "ModeCounts",
    "Nearest",
    "Neighbour",
    "NextSlot",
    "Offer",
    "OldestKept",
    "Pending",
    "Plan",
    "PlanError",
    "Policy",
    "PolicyError",
    "Reason",
    "Removal",
    "RetentionSkipped",
    "Run",
    "Running",
    "Schedule",
    "ScheduleState",
    "Screening",
    "Skipped",
    "Slot",
    "Slots",
    "Sql",
    "Statements",
    "StatusCounts",
    "Stay",
    "Step",
    "Sweep",
    "Undone",
    "UsualInterval",
    "Wait",
    "WindowCounts",
    "__version__",
]
