"""Databases of the tests' own, on the servers that `tests/postgres.sh` starts."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any, LiteralString

import psycopg
from housekeep.drivers import asyncpg as by_asyncpg
from housekeep.drivers import psycopg as by_psycopg
from psycopg import sql

SCENARIOS = Path(__file__).parents[2] / "tests" / "scenarios"
VARIABLES = ("HOUSEKEEP_TEST_DATABASE_URL", "HOUSEKEEP_TEST_OTHER_DATABASE_URL")
_numbers = count()


def servers() -> list[str]:
    """Give the servers there are. Without one the tests fail: a skipped test proves nothing."""
    found = [os.environ[name] for name in VARIABLES if name in os.environ]
    return found or ["no server: run `tests/postgres.sh make test-python`"]


@contextmanager
def fresh(server: str, like: LiteralString = "") -> Iterator[str]:
    """Make a database, of another kind if it is said which, and give its URL."""
    name = f"housekeep_python_{os.getpid()}_{next(_numbers)}"
    with psycopg.connect(server, autocommit=True) as admin:
        create = sql.SQL("CREATE DATABASE {} " + like).format(sql.Identifier(name))
        admin.execute(create)
        try:
            yield server.rsplit("/", 1)[0] + "/" + name
        finally:
            drop = sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name))
            admin.execute(drop)


def filled(url: str, system: str, rows: int) -> None:
    """Fill a database with the tables of a system, and so many rows of what it makes most of."""
    folder = SCENARIOS / system
    fill = (folder / "fill.sql").read_text().replace(":rows", str(rows))
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute((folder / "schema.sql").read_text().encode())
        connection.execute(fill.encode())


def content(url: str) -> dict[str, list[str]]:
    """Give every row of every table as text, and where each sequence stands."""
    with psycopg.connect(url) as connection:
        names = connection.execute(
            "SELECT quote_ident(relname) FROM pg_class"
            " WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'S') ORDER BY 1"
        ).fetchall()
        rows = "SELECT (to_jsonb(t) - 'log_cnt')::text FROM (SELECT * FROM {}) AS t ORDER BY 1"
        return {
            name: [row[0] for row in connection.execute(rows.format(name).encode()).fetchall()]
            for (name,) in names
        }


class Awaited:
    """asyncpg's database, with calls that can be called as psycopg's."""

    def __init__(self, connect: Any) -> None:
        self._database = by_asyncpg.Database(connect)

    def __getattr__(self, name: str) -> Callable[..., Any]:
        call = getattr(self._database, name)
        return lambda *args, **options: asyncio.run(call(*args, **options))


DRIVERS: dict[str, Callable[[Any], Any]] = {
    "psycopg": by_psycopg.Database,
    "asyncpg": Awaited,
}
