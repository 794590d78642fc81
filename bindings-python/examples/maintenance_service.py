"""A maintenance service: it runs what is due, makes up for what was missed, and says how it is.

    pip install housekeep aiohttp asyncpg redis
    export DATABASE_URL=postgres://user@host/name REDIS_URL=redis://host
    python maintenance_service.py maintenance_service.toml

    curl localhost:8008/health
    curl localhost:8008/trigger --data '{"target_date": "2026-11-25"}'

What is due, what is a duplicate, what has outlived its use and what is healthy is said by the
policy, and decided by housekeep. This file does what housekeep never does: it reads the clock,
keeps the state in Redis, and works on the database and the disk. To make it yours, change the
policy, and the functions under "Tasks".

Run as many copies as you like, each with a folder of its own: each run is claimed by one of them.
A copy that dies is missed within half a minute, and another begins its run anew, or itself when it
is back. So a task may be done twice, and has to bear that; no run that is remembered as done begins
again. A copy that was only cut off for so long is not told, and goes on with what it is at.

Redis has to keep what it is told: with an append-only file, `maxmemory-policy noeviction`, and as
one server, since a transaction spans several keys.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import math
import os
import shutil
import signal
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any, Literal, TypeAlias
from uuid import uuid4

import asyncpg
from aiohttp import web
from housekeep import (
    HealthReport,
    HealthState,
    HousekeepError,
    Offer,
    Policy,
    Schedule,
    ScheduleState,
)
from housekeep.drivers.asyncpg import Database
from redis.asyncio import Redis
from redis.exceptions import RedisError

log = logging.getLogger("maintenance")
MONTH = timedelta(days=31)

# --- Tasks -----------------------------------------------------------------------------------
#
# A task may be done twice. It must not block for long: what computes goes into `asyncio.to_thread`,
# or this copy is missed meanwhile.


@dataclass(frozen=True)
class Job:
    """What a task has to work with."""

    policy: Policy
    database_url: str
    exports: Path
    claim: str
    """Which run it is of: `execute/2026-03-06/1`."""
    now: datetime

    @property
    def name(self) -> str:
        """A name for files. A run by hand of a day that is done has its claim once more."""
        return f"{self.claim.replace('/', '-')}-{self.now:%Y%m%dT%H%M%S%f}"


async def dedupe_runs(job: Job) -> None:
    """Remove duplicate runs, if it is worth it. An export of what goes is kept."""
    database = Database(job.database_url)
    plan = await database.plan(job.policy, "runs", now=job.now)
    log.info("%s: of %d runs %d may go: %s", job.claim, plan.total, plan.drop, plan.advice)
    if not plan.advised:
        return
    backup = job.exports / job.name
    await database.export(job.policy, "runs", now=job.now, out=backup, plan=plan)
    applied = await database.apply(
        job.policy, plan, now=job.now, export=backup, confirm="yes-delete"
    )
    for count in applied.removed:
        log.info("%s: %d rows of %s went", job.claim, count.rows, count.table)
    verified = await database.verify(job.policy, "runs", now=job.now)
    for statement in verified.missing_indexes:
        log.warning("%s: an index is missing: %s", job.claim, statement)


async def vacuum(job: Job) -> None:
    """Let the database clear up after what was removed."""
    connection = await asyncpg.connect(job.database_url)
    try:
        await connection.execute("VACUUM (ANALYZE) run_logs, run_steps, file_changes")
    finally:
        await connection.close()


async def old_exports(job: Job) -> None:
    """Remove the exports that nobody will want back."""
    rows = []
    for folder in job.exports.iterdir():
        if folder.is_dir():
            changed = datetime.fromtimestamp(folder.stat().st_mtime, UTC)
            rows.append({"name": folder.name, "mtime": changed, "size": None})
    plan = job.policy.plan("exports", rows, now=job.now)
    for name in plan.drop_ids:
        log.info("%s: %s", job.claim, plan.explain(name).sentence)
        await asyncio.to_thread(shutil.rmtree, job.exports / name)


Task: TypeAlias = Callable[[Job], Awaitable[None]]
TASKS: dict[str, Task] = {
    "dedupe_runs": dedupe_runs,
    "vacuum": vacuum,
    "old_exports": old_exports,
}
"""By the names that the policy has for them. A schedule without tasks is one of its own name."""


async def measure(database_url: str) -> dict[str, float]:
    """Measure what the checks of the policy ask for; what cannot be measured is left out."""
    began = time.monotonic()
    with suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
        connection = await asyncpg.connect(database_url, timeout=10)
        try:
            await connection.fetchval("SELECT count(*) FROM run_logs", timeout=10)
            return {"query_ms": (time.monotonic() - began) * 1000}
        finally:
            await connection.close()
    return {}


# --- State -----------------------------------------------------------------------------------


class Store:
    """What is remembered of the runs: in Redis, a key for each run, and one for each claim.

    A key lives for as long as housekeep says that something depends on it.
    """

    def __init__(self, redis: Redis, beat: timedelta) -> None:
        # It is told to decode, which its types do not know.
        self.redis: Any = redis
        self.beat = beat
        self.lease = 3 * beat
        self.copy = uuid4().hex
        """This process, and no other that runs here later."""
        self.heard = -math.inf
        self.heard_since = math.inf

    async def live(self) -> None:
        """Say again and again that this copy lives."""
        while True:
            with suppress(RedisError):  # it is away, and hears it when it is back
                await self.redis.set(f"alive:{self.copy}", 1, px=self.lease)
                now = time.monotonic()
                if self.is_cut_off():
                    self.heard_since = now
                self.heard = now
            await asyncio.sleep(self.beat.total_seconds())

    def is_cut_off(self) -> bool:
        """Say whether Redis did not answer for so long that others may be taken for gone."""
        return time.monotonic() - self.heard > self.lease.total_seconds() / 2

    async def leave(self) -> None:
        """Say that it does no more: nobody has to wait until it is missed."""
        with suppress(RedisError):
            await self.redis.delete(f"alive:{self.copy}")

    async def may_live(self, claim: str) -> bool:
        """Say whether another copy that claimed a run may be at it still."""
        owner = await self.redis.get(f"claim:{claim}")
        if owner == self.copy:
            return False
        if await self.redis.exists(f"alive:{owner}"):
            return True
        # Who was not heard while this copy was cut off may have been so as well.
        listened = time.monotonic() - self.heard_since
        return owner is not None and (self.is_cut_off() or listened < self.lease.total_seconds())

    async def load(self, schedule: Schedule, now: datetime) -> ScheduleState:
        """Put together what is remembered of a schedule, which begins when it is first asked."""
        since = f"since:{schedule.name}"
        if not await self.redis.exists(since):
            await self.redis.set(since, schedule.begin(now=now).since, nx=True)
        state = schedule.state(await self.redis.get(since))
        slots = await self.redis.zrange(f"runs:{schedule.name}", 0, -1)
        texts = await self.redis.mget([f"run:{slot}" for slot in slots]) if slots else []
        for slot, text in zip(slots, texts, strict=True):
            if text is not None:  # it has not been forgotten
                state = schedule.with_run(state, slot, text)
        return state

    async def record(
        self,
        schedule: Schedule,
        event: Literal["started", "manual", "task", "finished", "abandoned", "noticed"],
        slot: str,
        now: datetime,
        **outcome: Any,
    ) -> str | None:
        """Remember what happened to a run. A start claims it, in the same step.

        Gives the claim; none if nothing changed: another copy was quicker, or is running it.
        """
        kept = schedule.keep_until(slot)
        name = kept.slot.removeprefix(f"{schedule.name}/")
        # A person may run any day, however long ago.
        until = max(kept.until, now + timedelta(days=1))
        names = f"runs:{schedule.name}"

        async def change(pipe: Any) -> str | None:
            before = schedule.state(kept.slot)
            if text := await pipe.get(f"run:{kept.slot}"):
                before = schedule.with_run(before, kept.slot, text)
            after = schedule.record(before, event, slot, now=now, **outcome)
            is_running = name in before.runs and before.runs[name].state == "running"
            pipe.multi()
            # Its name outlives the key by a month: a clock may be wrong for once.
            pipe.zadd(names, {kept.slot: until.timestamp()})
            pipe.zremrangebyscore(names, "-inf", (now - MONTH).timestamp())
            if after == before or (event == "manual" and is_running):
                return None
            claim = f"{kept.slot}/{after.runs[name].tries}"
            if event in ("started", "manual"):
                # A run that is done keeps its number, whoever runs it by hand once more.
                pipe.set(f"claim:{claim}", self.copy, px=until - now, nx=event == "started")
            pipe.set(f"run:{kept.slot}", schedule.run_json(after, kept.slot), px=until - now)
            return claim

        # It is done again if another copy writes of the same slot meanwhile.
        claim: str | None = await self.redis.transaction(
            change, f"run:{kept.slot}", value_from_callable=True
        )
        return claim


# --- Service ---------------------------------------------------------------------------------


class Service:
    """Runs the schedules of a policy, one run of each at a time."""

    def __init__(
        self,
        policy_file: Path,
        store: Store,
        tasks: dict[str, Task],
        *,
        database_url: str,
        folder: Path,
        now: Callable[[], datetime],
        retry: timedelta,
        limit: timedelta,
    ) -> None:
        self.policy = Policy.from_file(policy_file)
        names = [rule for rule in self.policy.rules if rule.startswith("schedule.")]
        self.schedules = {own.name: own for own in map(self.policy.schedule, names)}
        named = {task for own in self.schedules.values() for task in own.tasks or (own.name,)}
        if unknown := named - tasks.keys():
            raise SystemExit(f"the policy names tasks that are no functions: {sorted(unknown)}")
        self.store = store
        self.tasks = tasks
        self.database_url = database_url
        self.exports = folder / "exports"
        self.exports.mkdir(parents=True, exist_ok=True)
        self.now = now
        self.retry = retry
        """How long to wait after a run that failed: what it needs may be back by then."""
        self.limit = limit
        """How long a task may take."""
        # What is claimed is known as this copy's before anybody looks again.
        self.starting = asyncio.Lock()
        self.working: set[str] = set()
        """The claims of the runs that this copy is at."""

    async def run(self) -> None:
        """Run what is due, until it is cancelled."""
        async with asyncio.TaskGroup() as self.group:
            self.group.create_task(self.store.live())
            for schedule in self.schedules.values():
                self.group.create_task(self.keep(schedule))

    async def keep(self, schedule: Schedule) -> None:
        """Keep to a schedule, whatever goes wrong."""
        while True:
            pause = self.store.beat
            try:
                pause = await self.turn(schedule)
            except (RedisError, HousekeepError) as error:
                log.error("%s: it will be tried again: %s", schedule.name, error)
            except Exception:
                log.exception("%s: it will be tried again", schedule.name)
            await asyncio.sleep(pause.total_seconds())

    async def turn(self, schedule: Schedule) -> timedelta:
        """Do the first thing that is to be done, and say how long to wait for the next."""
        async with self.starting:
            now = self.now()
            state = await self.store.load(schedule, now)
            missed = schedule.missed(state, now=now)
            for run in missed.running:
                if run.claim in self.working or await self.store.may_live(run.claim):
                    return self.store.beat
                log.warning("%s: whoever ran it is gone", run.claim)
                await self.store.record(schedule, "abandoned", run.claim, now)
                return timedelta()
            due = schedule.due(state, now=now)
            if due.notice:
                if await self.store.record(schedule, "noticed", due.notice.slot, now):
                    log.warning("%s", due.sentence)
                return timedelta()
            failed = [run.completed_at for run in state.runs.values() if run.state == "failed"]
            last = max(filter(None, failed), default=None)
            if last and timedelta() <= now - last < self.retry:
                return self.store.beat
            # What was missed came before what is due now.
            offers: list[Offer] = [*missed.runs, *([due.run] if due.run else [])]
            if not offers:
                until = due.wait.until if due.wait else None
                return min(self.store.beat, until - now) if until else self.store.beat
            offer = offers[0]
            claim = await self.store.record(schedule, "started", offer.claim, now)
            if claim is None:
                return self.store.beat
            self.working.add(claim)
        log.info("%s: started: %s", claim, offer.sentence)
        await self.work(schedule, claim, offer.tasks)
        return timedelta()

    async def trigger(self, name: str, day: str) -> str | None:
        """Run a day by hand, whichever and whenever. Gives the claim; none if a day is running."""
        schedule = self.policy.schedule(name)
        async with self.starting:
            now = self.now()
            state = await self.store.load(schedule, now)
            here = any(claim.startswith(f"{schedule.name}/") for claim in self.working)
            if here or schedule.missed(state, now=now).running:
                return None
            claim = await self.store.record(schedule, "manual", day, now)
            if claim is None:
                return None
            self.working.add(claim)
        log.info("%s: started by hand", claim)
        self.group.create_task(self.work(schedule, claim, schedule.tasks))
        return claim

    async def work(self, schedule: Schedule, claim: str, tasks: tuple[str, ...]) -> None:
        """Do the tasks of a run that is claimed: those that have not succeeded before."""
        record, results = self.store.record, []
        try:
            for name in tasks if schedule.tasks else (schedule.name,):
                results.append(await self.attempt(name, claim))
                if schedule.tasks:
                    outcome = {"task": name, "success": results[-1]}
                    await record(schedule, "task", claim, self.now(), **outcome)
            await record(schedule, "finished", claim, self.now(), success=all(results))
            log.info("%s: %s", claim, "done" if all(results) else "failed")
        except asyncio.CancelledError:
            with suppress(RedisError):
                await record(schedule, "abandoned", claim, self.now())
            raise
        except Exception:
            # It cannot be said what became of it, so that it will count as abandoned.
            log.exception("%s: it is not remembered", claim)
        finally:
            self.working.discard(claim)

    async def attempt(self, name: str, claim: str) -> bool:
        """Do a task, and say whether it succeeded."""
        job = Job(self.policy, self.database_url, self.exports, claim, self.now())
        try:
            async with asyncio.timeout(self.limit.total_seconds()):
                await self.tasks[name](job)
        except HousekeepError as error:
            log.error("%s: %s failed: %s", claim, name, error)
            return False
        except (Exception, SystemExit, asyncio.CancelledError) as error:
            own = asyncio.current_task()
            if isinstance(error, asyncio.CancelledError) and own and own.cancelling():
                raise  # it is the service that ends, and not the task by itself
            log.exception("%s: %s failed", claim, name)
            return False
        return True

    async def health(self) -> HealthReport:
        """Measure, and say how everything is."""
        now = self.now()
        metrics: dict[str, Any] = {"database": await measure(self.database_url)}
        for name, schedule in self.schedules.items():
            state = await self.store.load(schedule, now)
            missed = schedule.missed(state, now=now)
            ends = [run.completed_at for run in state.runs.values() if run.state == "done"]
            metrics.setdefault("runs", {})[name] = {
                "missed": len(missed.runs) + len(missed.deferred) + len(missed.gave_up),
                "last_completed_at": max(filter(None, ends), default=None),
            }
        kept = await self.store.redis.get("health")
        before = HealthState.from_json(kept) if kept else None
        report, after = self.policy.evaluate(metrics, before, now=now)
        await self.store.redis.set("health", after.to_json())
        for action in report.actions:
            log.warning("%s: %s", action.why, action.action or "look at it")
        return report


# --- Host ------------------------------------------------------------------------------------


def application(service: Service) -> web.Application:
    """Answer over HTTP: how everything is, and what a person wants to run."""

    async def health(_: web.Request) -> web.Response:
        try:
            report = await service.health()
        except (RedisError, HousekeepError) as error:
            return told(503, str(error))
        status = 503 if report.word == "unhealthy" else 200
        return web.Response(status=status, text=report.to_json(), content_type="application/json")

    async def trigger(request: web.Request) -> web.Response:
        try:
            match await request.json():
                case {"target_date": str(day), **rest}:
                    claim = await service.trigger(str(rest.get("schedule", "execute")), day)
                case _:
                    return told(400, 'send {"target_date": "2026-11-25"}')
        except RedisError as error:
            return told(503, str(error))
        except (HousekeepError, ValueError, RecursionError) as error:
            return told(400, str(error))
        if claim is None:
            return told(409, "a day is running: wait for its end")
        return web.json_response({"claim": claim}, status=202)

    def told(status: int, error: str) -> web.Response:
        return web.json_response({"error": error}, status=status)

    app = web.Application()
    app.add_routes([web.get("/health", health), web.post("/trigger", trigger)])
    return app


def log_into(folder: Path) -> None:
    """Log to the terminal, and into two files: five of each, of 10 MB at most."""
    kinds = {"maintenance.log": logging.INFO, "maintenance_errors.log": logging.ERROR}
    handlers: list[logging.Handler] = [logging.StreamHandler()]
    for name, level in kinds.items():
        file = RotatingFileHandler(folder / name, maxBytes=10 << 20, backupCount=4)
        file.setLevel(level)
        handlers.append(file)
    form = "%(asctime)s %(levelname)s %(message)s"
    logging.basicConfig(level=logging.INFO, format=form, handlers=handlers)


async def serve(
    options: argparse.Namespace, tasks: dict[str, Task], now: Callable[[], datetime]
) -> None:
    """Serve until the process is told to end."""
    missing = [name for name in ("DATABASE_URL", "REDIS_URL") if not os.environ.get(name)]
    if missing:
        raise SystemExit(f"set {' and '.join(missing)}")
    redis = Redis.from_url(os.environ["REDIS_URL"], decode_responses=True)
    store = Store(redis, timedelta(seconds=options.beat))
    service = Service(
        options.policy,
        store,
        tasks,
        database_url=os.environ["DATABASE_URL"],
        folder=options.folder,
        now=now,
        retry=timedelta(seconds=options.retry),
        limit=timedelta(seconds=options.limit),
    )
    runner = web.AppRunner(application(service), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, options.host, options.port).start()
    work = asyncio.ensure_future(service.run())
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, work.cancel)
    log.info("it serves http://%s:%d", options.host, options.port)
    try:
        with suppress(asyncio.CancelledError):
            await work
    finally:
        await runner.cleanup()
        await store.leave()
        await redis.aclose()


def main(
    arguments: list[str] | None = None,
    tasks: dict[str, Task] = TASKS,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> None:
    """Read the arguments, and serve."""
    parser = argparse.ArgumentParser(description="Runs what a policy says is due.")
    parser.add_argument("policy", type=Path)
    parser.add_argument("--folder", type=Path, default=Path(), help="of logs and exports")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8008)
    parser.add_argument("--beat", type=float, default=10, help="seconds between two looks")
    parser.add_argument("--retry", type=float, default=300, help="seconds after a failure")
    parser.add_argument(
        "--limit", type=float, default=6 * 3600, help="seconds that a task may take"
    )
    options = parser.parse_args(arguments)
    options.folder.mkdir(parents=True, exist_ok=True)
    log_into(options.folder)
    asyncio.run(serve(options, tasks, now))


if __name__ == "__main__":
    main()
