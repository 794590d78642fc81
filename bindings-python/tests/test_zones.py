"""Windows of two years, against what Python's own zones say, by code that shares none with core.

The zones are of the same edition as core's, 2025b: those of 2026f no longer have Morocco's changes.
"""

from __future__ import annotations

import calendar
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from importlib import resources
from zoneinfo import ZoneInfo

import pytest
from housekeep import Policy

FIRST, LAST = date(2025, 1, 1), date(2026, 12, 31)
DAY = timedelta(days=1)


def zone(name: str) -> ZoneInfo:
    """Read a zone from the package, and not from whatever the machine has."""
    with resources.files("tzdata.zoneinfo").joinpath(name).open("rb") as file:
        return ZoneInfo.from_file(file, name)


def first_at(tz: ZoneInfo, wanted: datetime) -> datetime:
    """Find the first instant whose local clock is at the wanted time or after it, by looking."""
    at = wanted.replace(tzinfo=UTC) - timedelta(hours=30)
    for step in (timedelta(hours=1), timedelta(minutes=1), timedelta(seconds=1)):
        # A step back, for the clock may have gone back within the last one.
        while (at + step).astimezone(tz).replace(tzinfo=None) < wanted:
            at += step
    return at + timedelta(seconds=1)


@dataclass
class Rule:
    tz: str
    text: str
    days: Callable[[date], bool]
    times: tuple[time, ...]
    length: timedelta | None = None
    until: time | None = None
    cutoff: timedelta = timedelta()
    notice: timedelta | None = None
    override: dict[date, tuple[time, ...]] = field(default_factory=dict)

    def policy(self) -> Policy:
        return Policy.parse(f'[schedule.job]\ntz = "{self.tz}"\n{self.text}')

    def slots(self) -> Iterator[tuple[datetime, datetime, datetime, datetime | None]]:
        tz = zone(self.tz)
        day = FIRST - 3 * DAY
        while day <= LAST + 3 * DAY:
            for at in self.override.get(day, self.times) if self.days(day) else ():
                nominal = datetime.combine(day, at)
                start = first_at(tz, nominal)
                if self.length is not None:
                    end = start + self.length
                else:
                    assert self.until is not None
                    stop = datetime.combine(day + DAY * (self.until <= at), self.until)
                    end = first_at(tz, stop)
                    if end <= start:
                        end = start + (stop - nominal)
                notice = None if self.notice is None else start - self.notice
                yield start, max(start, end - self.cutoff), end, notice
            day += DAY


def last(day: date) -> int:
    return calendar.monthrange(day.year, day.month)[1]


CLOSED = [date(2025, 1, 1), date(2025, 12, 25), date(2026, 1, 1), date(2026, 4, 3)]
THANKSGIVING = date(2026, 11, 27)

RULES = {
    "daily, in the gap of New York": Rule(
        "America/New_York",
        'days = "daily"\nat = "02:30"\nfor = "2h"',
        lambda day: True,
        (time(2, 30),),
        length=timedelta(hours=2),
    ),
    "over midnight in Santiago": Rule(
        "America/Santiago",
        'days = ["sat", "sun"]\nat = "23:30"\nuntil = "01:30"\nnotice = "48h"',
        lambda day: day.weekday() in (5, 6),
        (time(23, 30),),
        until=time(1, 30),
        notice=timedelta(hours=48),
    ),
    "midnight in Santiago": Rule(
        "America/Santiago",
        'days = "daily"\nat = "00:00"\nuntil = "00:30"',
        lambda day: True,
        (time(0, 0),),
        until=time(0, 30),
    ),
    "half an hour on Lord Howe": Rule(
        "Australia/Lord_Howe",
        'days = "daily"\nat = ["01:45", "02:15"]\nuntil = "02:30"\ncutoff = "10m"',
        lambda day: True,
        (time(1, 45), time(2, 15)),
        until=time(2, 30),
        cutoff=timedelta(minutes=10),
    ),
    "first and last days in London": Rule(
        "Europe/London",
        'days = ["first sun", "last fri", "last day"]\nat = "01:15"\nfor = "45m"\ncutoff = "1m"',
        lambda day: (
            (day.weekday() == 6 and day.day <= 7)
            or (day.weekday() == 4 and day.day + 7 > last(day))
            or day.day == last(day)
        ),
        (time(1, 15),),
        length=timedelta(minutes=45),
        cutoff=timedelta(minutes=1),
    ),
    "cron with lists in Auckland": Rule(
        "Pacific/Auckland",
        'cron = "0,30 2,3 * * *"\nfor = "20m"',
        lambda day: True,
        (time(2, 0), time(2, 30), time(3, 0), time(3, 30)),
        length=timedelta(minutes=20),
    ),
    "day 31 in Casablanca": Rule(
        "Africa/Casablanca",
        'days = "day 31"\nat = "03:00"\nuntil = "03:00"',
        lambda day: day.day == 31,
        (time(3, 0),),
        until=time(3, 0),
    ),
    "a calendar with a short day in New York": Rule(
        "America/New_York",
        'days = "open"\nat = "17:00"\nfor = "30m"\n'
        f'[[schedule.job.override]]\ndate = "{THANKSGIVING}"\nat = "13:30"\n'
        '[calendar.open]\nweek = ["mon", "tue", "wed", "thu", "fri"]\n'
        f"closed = {[str(day) for day in CLOSED]}\n"
        'known = ["2024-01-01", "2027-12-31"]',
        lambda day: day.weekday() < 5 and day not in CLOSED,
        (time(17, 0),),
        length=timedelta(minutes=30),
        override={THANKSGIVING: (time(13, 30),)},
    ),
    "a quarter of an hour off in Chatham": Rule(
        "Pacific/Chatham",
        'cron = "50 2 * * MON,SUN"\nfor = "90m"\nnotice = "1h"',
        lambda day: day.weekday() in (0, 6),
        (time(2, 50),),
        length=timedelta(minutes=90),
        notice=timedelta(hours=1),
    ),
    "third Wednesday in Cairo": Rule(
        "Africa/Cairo",
        'days = ["third wed", "fri"]\nat = "00:00"\nuntil = "01:00"',
        lambda day: (day.weekday() == 2 and 15 <= day.day <= 21) or day.weekday() == 4,
        (time(0, 0),),
        until=time(1, 0),
    ),
}


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_windows_are_what_the_zones_of_python_say(rule: Rule) -> None:
    start, end = datetime(2025, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
    found = rule.policy().schedule("job").slots(from_=start, to=end).slots
    expected = [own for own in rule.slots() if start <= own[0] < end]
    assert len(expected) > 10
    assert [(slot.open, slot.cutoff, slot.close, slot.notice_at) for slot in found] == expected
