"""What housekeep refuses, as exceptions: each with a stable code and what to do about it.

Files that cannot be read or written stay Python's own `OSError`, and arguments of a wrong type its
own `TypeError` and `ValueError`.
"""

from __future__ import annotations


class HousekeepError(Exception):
    """Something was refused, and nothing was decided.

    `str()` gives the whole sentence: where, what went wrong, and what to do.
    """

    code: str
    """Which error it is: stable, such as `rows.naive_time`."""
    message: str
    """What went wrong."""
    help: str | None
    """What to do about it, where that can be said."""
    path: str | None
    """Where: a path in the policy such as `dedupe.runs.window`, a metric, or a row's column."""
    row: int | None
    """The row, counted from 1."""
    line: int | None
    """The line, for a policy given as text, counted from 1."""
    column: int | None
    """The column in characters, for a policy given as text, counted from 1."""

    def __init__(
        self,
        text: str,
        *,
        code: str = "",
        message: str = "",
        help: str | None = None,
        path: str | None = None,
        row: int | None = None,
        line: int | None = None,
        column: int | None = None,
        document: str = "",
    ) -> None:
        super().__init__(text)
        self.code = code
        self.message = message
        self.help = help
        self.path = path
        self.row = row
        self.line = line
        self.column = column
        self._document = document

    def to_json(self) -> str:
        """Give the error as canonical JSON: the same bytes as from every other host."""
        return self._document


class PolicyError(HousekeepError):
    """The policy is wrong, or what was asked of it."""


class DataError(HousekeepError):
    """The rows are wrong, or the metrics, or what is remembered of checks."""


class PlanError(HousekeepError):
    """A plan is refused, altered or unreadable."""


class ApplyError(HousekeepError):
    """A plan is not applied, or an export not made or restored: nothing is half done."""


BY_KIND: dict[str, type[HousekeepError]] = {
    "policy": PolicyError,
    "data": DataError,
    "plan": PlanError,
    "apply": ApplyError,
    "io": HousekeepError,
    "cancelled": HousekeepError,
}
"""The class for each kind in core's table of codes."""
