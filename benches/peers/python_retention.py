"""Retention in plain Python: ids and times in lists → the ids that go."""

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

import pyarrow.parquet as pq

from common import GFS

Source = list[tuple[str, datetime]]


def load(path: Path, columns: Sequence[str], _threads: int) -> Source:
    ids, times = pq.read_table(path, columns=list(columns)).columns
    return list(zip(ids.to_pylist(), times.to_pylist(), strict=True))


def head(source: Source, rows: int) -> Source:
    return source[:rows]


def to_list(ids: list[str]) -> list[str]:
    return ids


PERIODS: dict[str, Callable[[datetime], object]] = {
    "hour": lambda at: (at.year, at.month, at.day, at.hour),
    "day": lambda at: (at.year, at.month, at.day),
    "week": lambda at: at.isocalendar()[:2],
    "month": lambda at: (at.year, at.month),
}


def loop(source: Source) -> list[str]:
    """From the newest on, each rule takes the first of each period, as long as it counts."""
    rules = [[PERIODS[name], count, None] for name, (_, count) in GFS.items()]
    gone = []
    for name, at in sorted(source, key=lambda item: item[1], reverse=True):
        is_kept = False
        for rule in rules:
            period, left, last = rule
            if left == 0:
                continue
            own = period(at)
            if own != last:
                rule[1:] = (left and left - 1, own)
                is_kept = True
        if not is_kept:
            gone.append(name)
    return gone


ENGINES: dict[str, Callable[[Source], list[str]]] = {"python-loop": loop}
