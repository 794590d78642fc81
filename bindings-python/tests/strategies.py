"""Tables and rules where the edges are: many ties, nulls, neighbours a window apart, open clusters.

They are those of `housekeep::laws::strategies`, in Python.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from hypothesis import strategies as st
from support import NOW, Row

KEY = ["task", "host"]
MODES = ("anchor", "chain", "tumbling", "forever")
MICROSECOND = timedelta.resolution
LONGEST = timedelta(days=365)


@dataclass(frozen=True)
class Case:
    """Rows, and the rule and moment that they were made for."""

    rows: list[Row]
    rule: dict[str, Any]
    now: datetime

    @property
    def window(self) -> timedelta:
        """The window of the rule; the longest there is if it has none."""
        window: timedelta = self.rule.get("window", LONGEST)
        return window


windows = st.one_of(
    st.integers(0, 9).map(lambda count: count * MICROSECOND),
    st.sampled_from([timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=1)]),
    st.timedeltas(MICROSECOND, LONGEST),
)

moments = st.one_of(
    st.just(NOW),
    st.datetimes(datetime(2, 1, 1), datetime(9998, 1, 1), timezones=st.just(UTC)),
    st.integers(-20, 20).map(lambda count: datetime(1970, 1, 1, tzinfo=UTC) + count * MICROSECOND),
)


@st.composite
def rules(draw: st.DrawFn, modes: tuple[str, ...]) -> dict[str, Any]:
    """A rule of one of the modes with any settings, without a guard."""
    mode = draw(st.sampled_from(modes))
    rule: dict[str, Any] = {
        "key": KEY,
        "time": "at",
        "mode": mode,
        "keep": draw(st.sampled_from(["newest", "oldest"])),
        "null_key": draw(st.sampled_from(["equal", "distinct", "skip"])),
        "only": {"counts": True},
        "skew": draw(windows),
    }
    if mode != "forever":
        rule["open"] = draw(st.sampled_from(["wait", "close"]))
        rule["window"] = draw(windows)
    if mode == "tumbling":
        rule["window"] = max(rule["window"], MICROSECOND)
    return rule


# Where a row is, seen from the moment of the plan: some half windows away, and a little.
places = st.tuples(
    st.sampled_from([0, *range(-12, 4)]),
    st.one_of(st.integers(-1, 1), st.integers(-1, 1), st.integers(-25, 5)),
)


def at(place: tuple[int, int] | None, rule: dict[str, Any], now: datetime) -> datetime | None:
    """Give the time of a place, which is none if it is before or after all time."""
    if place is None:
        return None
    halves, micros = place
    window: timedelta = rule.get("window", timedelta(0))
    try:
        return now + window * halves / 2 + micros * MICROSECOND
    except OverflowError:
        return None


IDS: list[Callable[[int], Any]] = [
    int,
    str,
    lambda number: f"a name longer than a view: {number}",
    lambda number: UUID(int=number),
]


@st.composite
def cases(draw: st.DrawFn, modes: tuple[str, ...] = MODES) -> Case:
    """Some rows with a rule of one of the modes, and a moment."""
    rule, now, make_id = draw(rules(modes)), draw(moments), draw(st.sampled_from(IDS))
    fields = st.tuples(
        st.sampled_from(["a", "a", "a", "a", "b", None]),
        st.sampled_from([True, True, True, True, False, None]),
        st.integers(0, 20).flatmap(lambda n: places if n else st.none()),
        st.integers(0, 10).map(bool),
    )
    numbers = draw(st.permutations(range(draw(st.integers(0, 20)))))
    rows = [
        {"id": make_id(n), "task": task, "host": host, "at": at(place, rule, now), "counts": counts}
        for n in numbers
        for task, host, place, counts in [draw(fields)]
    ]
    return Case(rows, rule, now)
