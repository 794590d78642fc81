"""Arrays and scalars of numpy as Python's own values."""

from __future__ import annotations

from typing import Any

COARSE = ("Y", "M", "W", "D", "h", "m")
"""Units in which 64 bits may hold more seconds than 64 bits do."""


def plain(values: Any) -> Any:
    """Give a list, or one value for a scalar.

    A time finer than a microsecond is cut. One that no `datetime` can say is given as text, so that
    whoever reads it can say what is wrong with it.
    """
    import numpy as np  # It is there: somebody has made the values.

    found: Any = np.asarray(values)
    if found.dtype.kind == "M":
        found = _times(found)
    elif found.dtype.kind == "m":
        # They would become plain numbers, of whatever unit.
        found = found.astype("timedelta64[us]").astype("O")
    if np.ma.isMaskedArray(values):
        found = np.where(np.ma.getmaskarray(values), np.full(found.shape, None), found)
    return found.tolist()


def _times(values: Any) -> Any:
    import numpy as np

    unit = np.datetime_data(values.dtype)[0]
    if unit == "generic":
        return np.full(values.shape, None)
    seconds = values.astype("datetime64[s]")
    known = seconds >= np.datetime64("0001-01-01T00:00:00")
    known &= seconds <= np.datetime64("9999-12-31T23:59:59")
    if unit in COARSE:
        known &= seconds.astype(values.dtype) == values
    known |= np.isnat(values)
    micros = values.astype("datetime64[us]").astype("O")
    if known.all():
        return micros
    texts = values.astype("U").astype("O")
    return np.where(known, micros, texts + "-01-01" if unit == "Y" else texts)


def numbers(values: Any, dtype: str) -> Any:
    """Give an array of one dimension as numbers of a type that it surely fits, side by side.

    Nothing is copied where it is just that already. None for any other array.
    """
    import numpy as np

    kinds = "fiub" if dtype == "float64" else "i"
    if type(values) is not np.ndarray or values.ndim != 1 or values.dtype.kind not in kinds:
        return None
    return np.ascontiguousarray(values, dtype=dtype)
