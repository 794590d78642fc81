"""PostgreSQL by psycopg 3.

from housekeep.drivers.psycopg import Database

database = Database("postgres://user@host/name")
plan = database.plan(policy, "runs", now=now)
database.export(policy, "runs", now=now, out="backup", plan=plan)
database.apply(policy, plan, now=now, export="backup", confirm="yes-delete")
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import ExitStack, suppress
from datetime import datetime, timedelta
from typing import Any, Self, TypeVar, cast

import psycopg
from psycopg import RawCursor

from housekeep import Plan, Policy
from housekeep._core import Machine, Step
from housekeep.drivers import _calls
from housekeep.drivers._answers import Applied, Exported, Restored, Verification
from housekeep.drivers._calls import Call, Location, Way
from housekeep.drivers._steps import Confirm, Folder, never, operations

__all__ = ["Database"]

T = TypeVar("T")


class Database:
    """A database that psycopg connects to. Each call has a connection of its own."""

    def __init__(self, connect: str | Callable[[], psycopg.Connection[Any]]) -> None:
        """Take a URL, or a function that connects: again, where a connection is lost."""
        if isinstance(connect, str):
            url = connect
            self._connect: Callable[[], psycopg.Connection[Any]] = lambda: psycopg.connect(url)
        else:
            self._connect = connect

    def plan(
        self, policy: Policy, rule: str, *, now: datetime | str, decisions: bool = False
    ) -> Plan:
        """Plan over the rows of the rule's table. Nothing is deleted."""
        return self._run(_calls.plan(policy, rule, now, decisions))

    def export(
        self,
        policy: Policy,
        rule: str,
        *,
        now: datetime | str,
        out: Location,
        plan: Plan | None = None,
        since: datetime | str | None = None,
        last: int | None = None,
    ) -> Exported:
        """Write the rule's table, and what hangs on it, into a folder that holds nothing yet.

        All of it, or what a plan drops, or the rows since an instant, or the last so many.
        """
        return self._run(_calls.export(policy, rule, now, out, plan, since, last))

    def apply(
        self,
        policy: Policy,
        plan: Plan,
        *,
        now: datetime | str,
        export: Location | None = None,
        confirm: str | Confirm | None = None,
        way: Way = "apply",
        batch: int | None = None,
        jobs: int = 1,
        skip_changed: bool = False,
        max_age: timedelta | str | None = None,
        health: Any = None,
    ) -> Applied:
        """Remove what a plan drops, if the export holds it and `confirm` is `yes-delete`.

        `confirm` may also be a function that is asked the question, and gives what was typed. With
        `batch`, so many rows go in a transaction; with `jobs`, so many transactions at a time,
        each over a connection of its own, of 5,000 rows unless `batch` says otherwise. What goes is
        written into a folder of the export's, `apply-1` or the next number: `restore` takes it too.
        """
        return self._run(
            _calls.apply(
                policy, plan, now, export, confirm, way, batch, jobs, skip_changed, max_age, health
            )
        )

    def verify(self, policy: Policy, rule: str, *, now: datetime | str) -> Verification:
        """Say whether the rule's table is as the rule would leave it."""
        return self._run(_calls.verify(policy, rule, now))

    def restore(self, folder: Location, *, confirm: str | None = None) -> Restored:
        """Put back what the export in a folder holds and the database lacks, on `yes-restore`."""
        return self._run(_calls.restore(folder, confirm))

    def _run(self, call: Call[T]) -> T:
        with _Hands(self._connect, call.machine) as hands:
            for step in operations(call.machine, call.folder, call.confirm):
                if step.kind == "together":
                    self._together(step.machines, call.folder)
                    call.machine.done()
                else:
                    hands.carry_out(step)
        return call.finish()

    def _together(self, machines: list[Machine], folder: Folder | None) -> None:
        """Carry out each in a thread: nothing is begun before all are connected."""
        stop = threading.Event()
        with ExitStack() as stack:
            lanes = [stack.enter_context(_Hands(self._connect, each)) for each in machines]
            pool = stack.enter_context(ThreadPoolExecutor(len(lanes)))
            try:
                begun = [
                    pool.submit(hands.run, folder and folder.beside(), stop) for hands in lanes
                ]
                for lane in as_completed(begun):
                    lane.result()
            except BaseException:
                # What one raises, or Ctrl-C, ends the others: what they had begun is rolled back.
                stop.set()
                for hands in lanes:
                    hands.cancel()
                raise


class _Hands:
    """A connection, and the steps that it carries out."""

    def __init__(self, connect: Callable[[], psycopg.Connection[Any]], machine: Machine) -> None:
        self._connect = connect
        self._machine = machine
        self._connection = self._open()

    def _open(self) -> psycopg.Connection[Any]:
        connection = self._connect()
        # Transactions begin and end where the machine says so.
        connection.autocommit = True
        return connection

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def run(self, folder: Folder | None, stop: threading.Event) -> None:
        """Carry out every step, unless it is stopped."""
        for step in operations(self._machine, folder, never):
            if stop.is_set():
                raise InterruptedError("it was stopped")
            self.carry_out(step)

    def cancel(self) -> None:
        """End the statement that runs, from another thread."""
        with suppress(psycopg.Error):
            self._connection.cancel_safe(timeout=5)

    def carry_out(self, step: Step) -> None:
        if step.kind == "sleep":
            time.sleep(step.seconds)
            return self._machine.done()
        try:
            if step.kind == "reconnect":
                self._connection.close()
                self._connection = self._open()
                return self._machine.done()
            self._machine.rows(self._execute(step))
        except psycopg.Error as error:
            self._told(error)
        return None

    def _execute(self, step: Step) -> list[Any]:
        with RawCursor(self._connection) as cursor:
            cursor.execute(cast(Any, step.text), step.params or None)
            return cursor.fetchall() if cursor.description else []

    def _told(self, error: psycopg.Error) -> None:
        state = error.sqlstate
        if state is None or state.startswith("57P") or self._connection.closed:
            self._machine.lost(str(error))
        else:
            detail = error.diag.message_detail
            message = error.diag.message_primary or str(error)
            self._machine.refused(state, f"{message}: {detail}" if detail else message)
