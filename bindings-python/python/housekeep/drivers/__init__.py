"""PostgreSQL: plan over a table, export, apply, verify and restore, by the driver you have.

Each driver has a `Database` with the same five calls: `housekeep.drivers.psycopg` for psycopg 3,
and `housekeep.drivers.asyncpg`, whose calls are awaited. What is done, and in which order, is
decided by housekeep's core, and is the same over every driver: one here only carries it out.

Neither psycopg nor asyncpg is installed with housekeep: only the one that is imported is needed.
"""

from housekeep.drivers._answers import (
    Applied,
    Exported,
    KeyCount,
    Outcomes,
    Restored,
    RestoredTable,
    TableCount,
    Verification,
)

__all__ = [
    "Applied",
    "Exported",
    "KeyCount",
    "Outcomes",
    "Restored",
    "RestoredTable",
    "TableCount",
    "Verification",
]
