"""The rule in pandas: a frame → the ids to drop."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from common import KEYS, WINDOW


def load(path: Path, columns: Sequence[str], _threads: int) -> pd.DataFrame:
    return pd.read_parquet(path, columns=list(columns))


def head(frame: pd.DataFrame, rows: int) -> pd.DataFrame:
    return frame.head(rows)


def to_list(ids: pd.Series) -> list[str]:
    names: list[str] = ids.to_list()
    return names


def factorize(frame: pd.DataFrame) -> pd.Series:
    """Keys to numbers, two numpy sorts, neighbours compared."""
    task, _ = pd.factorize(frame[KEYS[0]], use_na_sentinel=False)
    commit, commits = pd.factorize(frame[KEYS[1]], use_na_sentinel=False)
    key = task.astype(np.int64) * len(commits) + commit
    time = frame["started_at"].astype(np.int64).to_numpy()
    order = np.argsort(time)
    order = order[np.argsort(key[order], kind="stable")]
    key, time = key[order], time[order]
    drop = (key[1:] == key[:-1]) & (time[1:] - time[:-1] <= WINDOW)
    return frame["id"].iloc[order[:-1][drop]]


def groupby(frame: pd.DataFrame) -> pd.Series:
    """What one writes first."""
    ordered = frame.sort_values("started_at")
    times = ordered.groupby(list(KEYS), sort=False, dropna=False)["started_at"]
    return ordered["id"][times.diff(-1) >= pd.Timedelta(-WINDOW, "us")]


ENGINES: dict[str, Callable[[pd.DataFrame], pd.Series]] = {
    "pandas-factorize": factorize,
    "pandas-groupby": groupby,
}
