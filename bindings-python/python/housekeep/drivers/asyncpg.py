"""PostgreSQL by asyncpg.

from housekeep.drivers.asyncpg import Database

database = Database("postgres://user@host/name")
plan = await database.plan(policy, "runs", now=now)
await database.export(policy, "runs", now=now, out="backup", plan=plan)
await database.apply(policy, plan, now=now, export="backup", confirm="yes-delete")
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import datetime, timedelta
from typing import Any, TypeVar

import asyncpg

from housekeep import Plan, Policy
from housekeep._core import Machine, Step
from housekeep.drivers import _calls
from housekeep.drivers._answers import Applied, Exported, Restored, Verification
from housekeep.drivers._calls import Call, Location, Way
from housekeep.drivers._steps import Confirm, Folder, never, operations

__all__ = ["Database"]

T = TypeVar("T")


class Database:
    """A database that asyncpg connects to. Each call has a connection of its own."""

    def __init__(self, connect: str | Callable[[], Awaitable[Any]]) -> None:
        """Take a URL, or a function that connects: again, where a connection is lost."""
        if isinstance(connect, str):
            url = connect
            self._connect: Callable[[], Awaitable[Any]] = lambda: asyncpg.connect(url)
        else:
            self._connect = connect

    async def plan(
        self, policy: Policy, rule: str, *, now: datetime | str, decisions: bool = False
    ) -> Plan:
        """Plan over the rows of the rule's table. Nothing is deleted."""
        return await self._run(_calls.plan(policy, rule, now, decisions))

    async def export(
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
        return await self._run(_calls.export(policy, rule, now, out, plan, since, last))

    async def apply(
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
        return await self._run(
            _calls.apply(
                policy, plan, now, export, confirm, way, batch, jobs, skip_changed, max_age, health
            )
        )

    async def verify(self, policy: Policy, rule: str, *, now: datetime | str) -> Verification:
        """Say whether the rule's table is as the rule would leave it."""
        return await self._run(_calls.verify(policy, rule, now))

    async def restore(self, folder: Location, *, confirm: str | None = None) -> Restored:
        """Put back what the export in a folder holds and the database lacks, on `yes-restore`."""
        return await self._run(_calls.restore(folder, confirm))

    async def _run(self, call: Call[T]) -> T:
        async with AsyncExitStack() as stack:
            hands = await self._hands(stack, call.machine)
            for step in operations(call.machine, call.folder, call.confirm):
                if step.kind == "together":
                    await self._together(step.machines, call.folder)
                    call.machine.done()
                else:
                    await hands.carry_out(step)
        return call.finish()

    async def _hands(self, stack: AsyncExitStack, machine: Machine) -> _Hands:
        hands = _Hands(self._connect, machine, await self._connect())
        stack.push_async_callback(hands.close)
        return hands

    async def _together(self, machines: list[Machine], folder: Folder | None) -> None:
        """Carry out each in a task: nothing is begun before all are connected."""
        async with AsyncExitStack() as stack:
            lanes = [await self._hands(stack, machine) for machine in machines]
            try:
                # What one raises ends the others: what they had begun is rolled back.
                async with asyncio.TaskGroup() as group:
                    for hands in lanes:
                        group.create_task(hands.run(folder and folder.beside()))
            except BaseExceptionGroup as failed:
                raise failed.exceptions[0] from None


class _Hands:
    """A connection, and the steps that it carries out."""

    def __init__(
        self, connect: Callable[[], Awaitable[Any]], machine: Machine, connection: Any
    ) -> None:
        self._connect = connect
        self._machine = machine
        self._connection = connection

    async def close(self) -> None:
        if not self._connection.is_closed():
            await self._connection.close()

    async def run(self, folder: Folder | None) -> None:
        for step in operations(self._machine, folder, never):
            await self.carry_out(step)

    async def carry_out(self, step: Step) -> None:
        if step.kind == "sleep":
            await asyncio.sleep(step.seconds)
            return self._machine.done()
        try:
            if step.kind == "reconnect":
                await self.close()
                self._connection = await self._connect()
                return self._machine.done()
            rows = await self._connection.fetch(step.text, *step.params)
            self._machine.rows([tuple(row) for row in rows])
        except asyncpg.PostgresError as error:
            self._told(error)
        except (asyncpg.InterfaceError, OSError) as error:
            self._machine.lost(str(error))
        return None

    def _told(self, error: asyncpg.PostgresError) -> None:
        state: str | None = getattr(error, "sqlstate", None)
        # The client's own errors of a connection have a state as well: class 08.
        if state is None or state.startswith(("08", "57P")) or self._connection.is_closed():
            self._machine.lost(str(error))
        else:
            detail = getattr(error, "detail", None)
            self._machine.refused(state, f"{error.args[0]}: {detail}" if detail else str(error))
