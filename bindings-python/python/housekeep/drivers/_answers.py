"""Core's documents about rows of a database, typed."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, Literal, Self


@dataclass(frozen=True)
class _Document:
    _json: str = field(repr=False)

    def to_json(self) -> str:
        """Give the answer as canonical JSON: the same bytes as from every other host."""
        return self._json


@dataclass(frozen=True)
class TableCount:
    """Rows of a table, which is named with its schema."""

    table: str
    rows: int


@dataclass(frozen=True)
class KeyCount:
    """How many rows have a value."""

    key: str | None
    rows: int


@dataclass(frozen=True)
class RestoredTable:
    """Rows of a table that an export holds: those put back, and those that were there."""

    table: str
    restored: int
    identical: int


@dataclass(frozen=True)
class Outcomes:
    """How many of the last rows had failed: before, as foretold, and afterwards."""

    of: int
    failed_before: int
    failed_predicted: int
    failed_after: int | None


@dataclass(frozen=True)
class Applied(_Document):
    """What came of applying a plan."""

    outcome: Literal["dry_run", "rehearsed", "applied", "already_applied"]
    rule: str
    plan_sha256: str
    database: str
    table: str
    planned: int
    """Rows that the plan drops."""
    gone: int
    """Of those, that had gone before."""
    changed: int
    """Of those, that were left where they are, as they are no longer as they were planned."""
    removed: tuple[TableCount, ...]
    """Rows that went, by table: children first. Of a dry run, that would go."""
    outcomes: Outcomes | None
    """How the last rows came out, where the policy says which column tells."""
    transactions: tuple[str, ...]
    manifest: str | None
    """Where what was removed is kept, in the folder of this apply; none where nothing was."""
    warnings: tuple[str, ...]
    statements: tuple[str, ...]
    """What would be run, of a dry run."""

    @classmethod
    def _of(cls, text: str) -> Self:
        own = _read(text)
        own["removed"] = tuple(TableCount(**count) for count in own["removed"])
        if own["outcomes"] is not None:
            own["outcomes"] = Outcomes(**own["outcomes"])
        for name in ("transactions", "warnings", "statements"):
            own[name] = tuple(own[name])
        return cls(_json=text, **own)


@dataclass(frozen=True)
class Exported(_Document):
    """What came of an export: rows by table, parents first."""

    database: str
    table: str
    plan_sha256: str | None
    tables: tuple[TableCount, ...]

    @classmethod
    def _of(cls, text: str) -> Self:
        own = _read(text)
        own["tables"] = tuple(TableCount(**count) for count in own["tables"])
        return cls(_json=text, **own)


@dataclass(frozen=True)
class Restored(_Document):
    """What came of restoring an export: rows by table, parents first."""

    database: str
    is_dry: bool
    """Whether nothing was done yet."""
    tables: tuple[RestoredTable, ...]

    @classmethod
    def _of(cls, text: str) -> Self:
        own = _read(text)
        own["tables"] = tuple(RestoredTable(**count) for count in own["tables"])
        return cls(_json=text, **own)


@dataclass(frozen=True)
class Verification(_Document):
    """What a verification finds."""

    rule: str
    database: str
    table: str
    rows: int
    drops: int
    """Rows that the rule would drop: none are expected after a plan was applied."""
    several: int
    """Keys, or groups, that have several rows: for information."""
    top: tuple[KeyCount, ...]
    """The keys, or groups, with the most rows."""
    orphans: tuple[TableCount, ...]
    """Rows of children that point to nothing, by table."""
    missing_indexes: tuple[str, ...]
    """What makes each index that is expected and missing."""

    @classmethod
    def _of(cls, text: str) -> Self:
        own = _read(text)
        own["top"] = tuple(KeyCount(**count) for count in own["top"])
        own["orphans"] = tuple(TableCount(**count) for count in own["orphans"])
        own["missing_indexes"] = tuple(own["missing_indexes"])
        return cls(_json=text, **own)


def _read(text: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(text)
    return {name: value for name, value in document.items() if name not in ("housekeep", "kind")}
