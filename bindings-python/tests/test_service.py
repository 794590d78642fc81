"""The maintenance service of the examples, on a real Redis and a real PostgreSQL.

Each copy is a process, which is killed without a word. What is remembered is read from outside.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

import psycopg
import pytest
import redis
from copies import Copies, copies, wait_until
from databases import SCENARIOS, filled, fresh, servers
from housekeep import Policy, Slot
from housekeep.drivers.psycopg import Database
from maintenance_service import Job
from support import run_python

EXAMPLES = Path(__file__).parents[1] / "examples"
POLICY = Policy.from_file(EXAMPLES / "maintenance_service.toml")
BEGIN = datetime(2026, 3, 2, 12, tzinfo=UTC)
RUNS = 400
KILLS = 50
"""Of one copy that runs alone, and as many where two do."""


@pytest.fixture
def database_url() -> Iterator[str]:
    with fresh(servers()[0]) as url:
        filled(url, "elruso", RUNS)
        yield url


@pytest.fixture
def hosts(
    tmp_path: Path, redis_url: str, database_url: str, request: pytest.FixtureRequest
) -> Iterator[Copies]:
    variables = {"REDIS_URL": redis_url, "DATABASE_URL": database_url}
    policy = EXAMPLES / "maintenance_service.toml"
    with copies(policy, tmp_path, variables, getattr(request, "param", 0.1)) as hosts:
        yield hosts


def days(count: int) -> tuple[Slot, ...]:
    """Give the first trading days of a March."""
    end = BEGIN + timedelta(days=2 * count + 7)
    return POLICY.schedule("execute").slots(from_=BEGIN, to=end).slots[:count]


def add_duplicates(url: str, day: Slot) -> None:
    """Add runs of one commit in the hour before a day's run: 24, of which 3 stay."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "WITH runs AS ("
            "  INSERT INTO run_logs (task_id, status, commit_hash, started_at)"
            "  SELECT 'T-1', 'done', %s, %s - n * interval '1 minute'"
            "  FROM generate_series(30, 53) n"
            "  RETURNING id, started_at)"
            " INSERT INTO run_steps (run_id, position, name, started_at)"
            " SELECT id, 1, 'build', started_at FROM runs",
            (day.slot, day.open),
        )


def run_ids(url: str) -> set[str]:
    with psycopg.connect(url) as connection:
        return {row[0] for row in connection.execute("SELECT id::text FROM run_logs").fetchall()}


def remembered(server: redis.Redis) -> dict[str, dict[str, Any]]:
    """Give what is remembered of each run, by its slot."""
    keys = list(server.scan_iter("run:*"))
    found = zip(keys, server.mget(keys), strict=True) if keys else ()
    return {str(key).removeprefix("run:"): json.loads(str(text)) for key, text in found}


def done(server: redis.Redis) -> dict[str, dict[str, Any]]:
    """Give what is remembered of the runs that are done."""
    return {slot: run for slot, run in remembered(server).items() if run["state"] == "done"}


def ask(port: int, path: str, body: object = None) -> tuple[int, Any]:
    """Ask a copy over HTTP: what is the status, and what does it say."""
    data = None if body is None else json.dumps(body).encode()
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", data, 30) as answer:
            return answer.status, json.load(answer)
    except HTTPError as error:
        with error:
            return error.code, json.load(error)


def free_port() -> int:
    with socket.socket() as own:
        own.bind(("127.0.0.1", 0))
        port: int = own.getsockname()[1]
        return port


@pytest.mark.parametrize("names", [("a",), ("a", "b")], ids=["one copy", "two copies"])
def test_killed_at_any_moment_no_day_is_lost_and_none_that_is_done_begins_again(
    hosts: Copies, server: redis.Redis, database_url: str, names: tuple[str, ...]
) -> None:
    # T5, T6
    chance = random.Random(len(names))
    slots = days(KILLS + 1)
    before = run_ids(database_url)
    # One day that is left in peace, to know how long a run takes.
    hosts.set_clock(slots[0].open)
    began = time.monotonic()
    hosts.start(names[0])
    wait_until(lambda: done(server))
    took = time.monotonic() - began
    opened, known, interrupted = 1, done(server), 0

    for _ in range(KILLS):
        # No more of them than are looked back at, however slow the machine is.
        if opened - len(known) < 4:
            add_duplicates(database_url, slots[opened])
            before |= run_ids(database_url)
            hosts.set_clock(slots[opened].open + timedelta(minutes=chance.uniform(0, 60)))
            opened += 1
        for name in names:
            if name not in hosts.running:
                hosts.start(name)
        time.sleep(chance.uniform(0, 1.2 * took))
        hosts.kill(chance.choice(names))
        interrupted += any(run["state"] == "running" for run in remembered(server).values())
        now = done(server)
        assert {slot: now[slot] for slot in known} == known
        known = now
    assert interrupted > KILLS / 10

    for name in names:
        if name not in hosts.running:
            hosts.start(name)
    wait_until(lambda: len(done(server)) == opened)
    known = done(server)
    assert known.keys() == {day.slot for day in slots[:opened]}
    # Nothing starts twice under one claim, and what is done is never started afterwards.
    started = hosts.claims("started")
    assert max(started.values()) == 1
    for claim in started:
        slot, _, number = claim.rpartition("/")
        assert int(number) <= known[slot]["tries"]
    # What went is a duplicate, and has been exported.
    verified = Database(database_url).verify(POLICY, "runs", now=hosts.now())
    assert (verified.drops, [count.rows for count in verified.orphans]) == (0, [0, 0])
    exports = [path.read_text() for path in hosts.folder.glob("*/exports/*/run_logs.json")]
    gone = before - run_ids(database_url)
    assert len(gone) > 20 * (opened - 1)
    assert [id for id in gone if not any(id in export for export in exports)] == []


@pytest.mark.parametrize("hosts", [1.0], indirect=True)
def test_two_copies_at_once_do_each_run_once(
    hosts: Copies, server: redis.Redis, database_url: str
) -> None:
    # T2
    slots = days(6)
    hosts.set_clock(slots[0].open)
    hosts.start("a")
    hosts.start("b")
    for count, day in enumerate(slots, start=1):
        add_duplicates(database_url, day)
        hosts.set_clock(day.open)
        wait_until(partial(lambda count: len(done(server)) == count, count))
    claims = [f"{day.slot}/1" for day in slots]
    assert hosts.claims("started") == dict.fromkeys(claims, 1)
    assert hosts.claims("done") == dict.fromkeys(claims, 1)
    assert all(run["tries"] == 1 for run in done(server).values())
    # T3: the proof of a day outlives what looks back at it, and has a life all the same.
    life = server.pttl(f"run:{slots[0].slot}")
    assert isinstance(life, int)
    assert timedelta(days=15) < timedelta(milliseconds=life) < timedelta(days=60)


@pytest.mark.parametrize("hosts", [10.0], indirect=True)
def test_a_copy_that_is_told_to_end_leaves_its_run_to_others_at_once(
    hosts: Copies, server: redis.Redis, database_url: str
) -> None:
    (day,) = days(1)
    hosts.set_clock(day.open)
    with psycopg.connect(database_url) as blocking:
        blocking.execute("LOCK TABLE run_logs")
        hosts.start("a")
        wait_until(lambda: remembered(server))
        hosts.stop("a")
        assert remembered(server)[day.slot]["state"] == "abandoned"
    hosts.start("b")
    # Less than the time after which a copy that died is missed.
    wait_until(lambda: done(server), seconds=25)
    assert done(server)[day.slot]["tries"] == 2


def test_what_fails_is_tried_again_and_told_and_a_person_runs_it_by_hand(
    hosts: Copies, server: redis.Redis, database_url: str
) -> None:
    (day,) = days(1)
    hosts.set_clock(day.open)
    hosts.variables["DATABASE_URL"] = f"postgres://nobody@127.0.0.1:{free_port()}/none"
    port = free_port()
    hosts.start("a", port)
    wait_until(lambda: remembered(server).get(day.slot, {}).get("tries") == 3)
    wait_until(lambda: remembered(server)[day.slot]["state"] == "failed")
    status, report = ask(port, "/health")
    words = {check["check"]: check["status"] for check in report["checks"]}
    assert (status, words["missed_days"], words["runs_query"]) == (503, "warn", "crit")
    # What needs no database succeeded, and is not done again.
    run = remembered(server)[day.slot]
    assert run["tasks"] == {"dedupe_runs": False, "old_exports": True, "vacuum": False}
    errors = hosts.log("maintenance_errors.log")
    assert errors.count("dedupe_runs failed") == errors.count("vacuum failed") == 3
    assert "old_exports" not in errors
    hosts.stop("a")

    hosts.variables["DATABASE_URL"] = database_url
    hosts.start("a", port)
    wait_until(lambda: hosts.log().count("it serves") == 2)
    # It has failed as often as it may: nothing starts by itself.
    wrong = {"target_date": "2026-03-02", "schedule": "x"}
    for body in ({}, {"target_date": "March"}, {"target_date": 7}, wrong, [1], 7):
        status, answer = ask(port, "/trigger", body)
        assert status == 400
        assert answer["error"]
    assert ask(port, "/trigger", {"target_date": "2026-03-02"}) == (202, {"claim": f"{day.slot}/4"})
    wait_until(lambda: done(server))
    # T7: any day, whatever the calendar says, and one that is done, with more to remove by now.
    add_duplicates(database_url, day)
    left = run_ids(database_url)
    for date, claim in (("2026-02-22", 1), ("2026-03-02", 4)):
        answer = ask(port, "/trigger", {"target_date": date})
        assert answer == (202, {"claim": f"execute/{date}/{claim}"})
        wait_until(partial(lambda said: said in hosts.log(), f"execute/{date}/{claim}: done"))
    assert len(left - run_ids(database_url)) == 21
    status, report = ask(port, "/health")
    assert (status, report["word"]) == (200, "healthy")


def test_a_run_that_was_killed_after_its_last_task_is_done_without_another(
    hosts: Copies, server: redis.Redis
) -> None:
    (day,) = days(1)
    tasks = dict.fromkeys(POLICY.schedule("execute").tasks, True)
    run = {"state": "running", "tries": 1, "started_at": day.open.isoformat(), "tasks": tasks}
    server.set("since:execute", "2026-03-02")
    server.set(f"run:{day.slot}", json.dumps(run))
    server.set(f"claim:{day.slot}/1", "a copy that is gone")
    server.zadd("runs:execute", {day.slot: day.close.timestamp()})
    hosts.set_clock(day.open)
    hosts.start("a")
    wait_until(lambda: done(server))
    assert done(server)[day.slot]["tries"] == 2
    assert "of 400 runs" not in hosts.log()


async def cancelled(job: Job) -> None:
    """Wait for something that somebody has cancelled."""
    waiting = asyncio.get_running_loop().create_future()
    waiting.cancel()
    await waiting


async def exits(job: Job) -> None:
    raise SystemExit(3)


def test_a_task_that_ends_in_any_way_is_one_that_failed(hosts: Copies, server: redis.Redis) -> None:
    (day,) = days(1)
    hosts.set_clock(day.open)
    hosts.tasks = {**hosts.tasks, "dedupe_runs": cancelled, "vacuum": exits}
    hosts.start("a")
    wait_until(lambda: remembered(server).get(day.slot, {}).get("tries") == 3)
    wait_until(lambda: remembered(server)[day.slot]["state"] == "failed")
    expected = {"dedupe_runs": False, "old_exports": True, "vacuum": False}
    assert remembered(server)[day.slot]["tasks"] == expected
    hosts.stop("a")


def test_attempts_are_apart_however_many_copies_there_are(
    hosts: Copies, server: redis.Redis
) -> None:
    (day,) = days(1)
    hosts.set_clock(day.open)
    hosts.retry = 3600
    hosts.tasks = {**hosts.tasks, "vacuum": exits}
    for name in ("a", "b", "c"):
        hosts.start(name)
    wait_until(lambda: remembered(server).get(day.slot, {}).get("state") == "failed")
    time.sleep(2)
    assert remembered(server)[day.slot]["tries"] == 1
    hosts.set_clock(day.open + timedelta(hours=1, minutes=1))
    wait_until(lambda: remembered(server)[day.slot]["tries"] == 2)


async def slow(job: Job) -> None:
    await asyncio.sleep(7)


@pytest.mark.parametrize("hosts", [0.5], indirect=True)
def test_a_redis_that_is_away_for_a_while_makes_nobody_take_another_for_gone(
    hosts: Copies, server: redis.Redis
) -> None:
    (day,) = days(1)
    hosts.set_clock(day.open)
    hosts.tasks = {**hosts.tasks, "vacuum": slow}
    hosts.start("a")
    wait_until(lambda: day.slot in remembered(server))
    hosts.start("b")
    hosts.start("c")
    # By now they would take for gone who is not heard.
    time.sleep(1.8)
    stopped = [hosts.running["a"].pid, server.info("server")["process_id"]]
    for process in stopped:
        os.kill(process, signal.SIGSTOP)
    time.sleep(2.2)
    # The one that runs it is the last to hear of Redis again.
    for process in reversed(stopped):
        os.kill(process, signal.SIGCONT)
        time.sleep(0.4)
    wait_until(lambda: done(server))
    assert done(server)[day.slot]["tries"] == 1
    assert hosts.claims("started") == {f"{day.slot}/1": 1}


def test_a_clock_that_was_wrong_for_once_stops_nothing(hosts: Copies, server: redis.Redis) -> None:
    first, second = days(2)
    hosts.set_clock(first.open)
    hosts.start("a")
    wait_until(lambda: done(server))
    hosts.set_clock(first.open + timedelta(days=400))
    # Long after all that is remembered may be forgotten.
    wait_until(lambda: len(done(server)) == 8)
    hosts.set_clock(second.open)
    wait_until(lambda: second.slot in done(server))
    assert done(server)[first.slot]["tries"] == 1


def test_the_logs_are_five_files_of_ten_megabytes(tmp_path: Path) -> None:
    run_python(
        """
        import logging, pathlib, sys
        from maintenance_service import log_into
        log_into(pathlib.Path(sys.argv[1]))
        for n in range(70):
            logging.error("%s", str(n % 10) * 1_000_000)
        """,
        str(tmp_path),
        path=EXAMPLES,
    )
    # T4
    policy = Policy.from_file(SCENARIOS / "tradeul" / "policy.toml")
    for name in ("maintenance", "maintenance_errors"):
        files = list(tmp_path.glob(f"{name}.log*"))
        assert len(files) == 5
        sizes = [path.stat().st_size for path in files]
        assert max(sizes) < 10 << 20
        rows = [
            {
                "name": path.name,
                "mtime": datetime.fromtimestamp(path.stat().st_mtime, UTC),
                "size": path.stat().st_size,
            }
            for path in files
        ]
        assert policy.plan(f"{name}_log", rows, now=datetime.now(UTC)).drop == 0


def test_a_copy_of_the_example_runs_with_a_policy_of_its_own(
    tmp_path: Path, redis_url: str, database_url: str, server: redis.Redis
) -> None:
    for name in ("maintenance_service.py", "maintenance_service.toml"):
        shutil.copy(EXAMPLES / name, tmp_path)
    own = tmp_path / "maintenance_service.toml"
    text = own.read_text()
    for old, new in (
        ('days      = "xnys"', 'days      = "daily"'),
        ('at        = "17:00"', 'at        = "00:00"'),
        ('for       = "30m"', 'until     = "00:00"'),
        ("max_drops = 10000, max_fraction = 0.5", "max_drops = 10000"),
        ("advise_above = 10", "advise_above = 0"),
    ):
        assert old in text
        text = text.replace(old, new)
    own.write_text(text)
    service = subprocess.Popen(
        [sys.executable, "maintenance_service.py", own.name, "--port", str(port := free_port())],
        cwd=tmp_path,
        env={"REDIS_URL": redis_url, "DATABASE_URL": database_url},
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        with suppress(TimeoutError):
            wait_until(lambda: done(server))
        status, report = ask(port, "/health")
    finally:
        service.terminate()
        _, said = service.communicate()
    assert (service.returncode, status, report["word"]) == (0, 200, "healthy"), said
    assert "Traceback" not in said
    assert Database(database_url).plan(Policy.parse(text), "runs", now=datetime.now(UTC)).drop == 0
    # A task that the policy names and nobody wrote.
    own.write_text(text.replace('"vacuum"', '"vacum"'))
    refused = subprocess.run(
        [sys.executable, "maintenance_service.py", own.name],
        cwd=tmp_path,
        env={"REDIS_URL": redis_url, "DATABASE_URL": database_url},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert refused.returncode == 1
    assert refused.stderr.strip().endswith(
        "the policy names tasks that are no functions: ['vacum']"
    )
    unset = subprocess.run(
        [sys.executable, "maintenance_service.py", own.name],
        cwd=tmp_path,
        env={"REDIS_URL": redis_url},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (unset.returncode, unset.stderr) == (1, "set DATABASE_URL\n")
