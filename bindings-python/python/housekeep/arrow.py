"""Rules over Arrow record batches, for engines that spread a table over many machines.

from housekeep.arrow import kernel

runs = kernel(policy, "runs", now)
rows = table.select(*runs.columns)
parts = rows.repartition(200, *runs.together) if runs.together else rows.coalesce(1)
drops = parts.mapInArrow(runs, schema)

No engine is imported. What is handed over are record batches of pyarrow, which engines such as
Spark, Sail and Ray have; and so is what comes back.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import chain
from typing import TYPE_CHECKING

from housekeep import Policy

if TYPE_CHECKING:
    from pyarrow import RecordBatch

__all__ = ["Kernel", "kernel"]

_ROWS = 4096
"""Of a batch that is given: engines pass them on in messages that may not be large."""


def kernel(policy: Policy, rule: str, now: datetime | str, *, threads: int = 1) -> Kernel:
    """Make a function that decides a part of a table: from record batches to record batches.

    Args:
        policy: it has the rule.
        rule: its name, with or without its family.
        now: the time it is asked at: the same for all parts.
        threads: how many decide one part side by side. It never changes the answer.

    Raises:
        DataError: `now` is refused.
        PolicyError: there is no such rule.
        ValueError: the rule has a guard, which is of all that goes: no part can keep it.
    """
    if policy.replace(rule, "guard=none") != policy:
        raise ValueError(
            f"the guard of `{rule}` is of all that goes, and no part knows of that: count it, and "
            f'take the guard away with `policy.replace("{rule}", "guard=none")`'
        )
    # What is wrong with it is better said here than by every worker.
    policy.plan(rule, [], now=now, threads=threads)
    return Kernel(policy, rule, now, threads)


class Kernel:
    """Decides a part of a table. Immutable, and can be pickled.

    A part holds every row that has the same values in the columns of `together`, in any order and
    in any number of batches. Then what goes of the parts is what goes of the whole.
    """

    def __init__(self, policy: Policy, rule: str, now: datetime | str, threads: int) -> None:
        """See `kernel`."""
        self._given = (policy, rule, now, threads)
        self.columns = tuple(policy.columns(rule))
        """The columns that the rule reads: no other is needed."""
        together = policy.together(rule)
        self.together = None if together is None else tuple(together)
        """The columns by which to part the table: of duplicates the key, else the group.

        Empty where all rows are decided together, in one part; `None` where any parts will do.
        """

    def __call__(self, batches: Iterable[RecordBatch]) -> Iterator[RecordBatch]:
        """Give what goes of a part: the columns of `pyarrow.table(plan)`, in their types.

        The part is read to its end first, and its text is not copied. Of a part without batches
        nothing is given, else one batch at least.

        Raises:
            DataError: the rows are refused.
        """
        import pyarrow

        batches = iter(batches)
        first = next(batches, None)
        if first is None:
            return
        policy, rule, now, threads = self._given
        rows = pyarrow.RecordBatchReader.from_batches(first.schema, chain([first], batches))
        drops = pyarrow.table(policy.plan(rule, rows, now=now, threads=threads))
        yield from drops.to_batches(max_chunksize=_ROWS) or [
            pyarrow.RecordBatch.from_pylist([], schema=drops.schema)
        ]

    def __reduce__(self) -> tuple[type[Kernel], tuple[Policy, str, datetime | str, int]]:
        return Kernel, self._given

    def __repr__(self) -> str:
        _, rule, now, _ = self._given
        return f"<Kernel {rule} at {now}>"
