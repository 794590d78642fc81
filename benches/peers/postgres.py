"""Plan, export and removal in PostgreSQL, beside what one writes for `psql`.

    python postgres.py --url postgres://user@host/postgres --housekeep …/housekeep
        [--runs 1000000] [--scattered]

Makes databases of its own on the server, fills one with runs and three steps of each, of which a
tenth are duplicates, and has each contestant begin from a copy of it. Runs lie in the table as they
arrived, or, if they are scattered, anywhere. Prints a JSON line for each,
and a table on standard error: seconds, the contestant's own peak memory, WAL, and how long its
longest transaction kept rows locked. The exit code is 1 where two do not find, or leave, the same
rows.
"""

import argparse
import contextlib
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

import psycopg

from common import MB, Report, table

NOW = "2027-01-01T00:00:00Z"
BASE, WORK = "housekeep_bench_base", "housekeep_bench"
POLICY = """
[table.run_logs]
children = [{ table = "run_steps", key = "run_id" }]

[dedupe.runs]
table = "run_logs"
key = ["task_id", "commit_hash"]
time = "started_at"
window = "10m"
mode = "chain"
"""
FILL = """
CREATE TABLE run_logs (
    id uuid PRIMARY KEY, task_id text NOT NULL, status text NOT NULL, branch text,
    commit_hash text, started_at timestamptz NOT NULL, finished_at timestamptz, meta jsonb
);
CREATE TABLE run_steps (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    run_id uuid NOT NULL REFERENCES run_logs (id),
    position integer NOT NULL, name text NOT NULL, output text
);
-- The last of ten runs is the ninth again, within the window.
INSERT INTO run_logs
SELECT md5('run ' || n)::uuid, 'T-' || k % 5000, CASE WHEN n % 7 = 0 THEN 'failed' ELSE 'done' END,
    'task/t-' || k % 5000, CASE WHEN k % 20 > 0 THEN md5('commit ' || k / 10) || '00000000' END,
    at, at + interval '90 seconds', jsonb_build_object('host', 'h' || n % 8)
FROM (
    SELECT n, n - CASE WHEN n % 10 = 9 THEN 1 ELSE 0 END AS k,
        timestamptz '2026-01-01 00:00Z' + n * interval '20 seconds' AS at
    FROM generate_series(0, {runs} - 1) n
) x
ORDER BY {order};
INSERT INTO run_steps (run_id, position, name, output)
SELECT id, p, 'step ' || p, repeat('output ', 8) FROM run_logs, generate_series(1, 3) p;
CREATE INDEX ON run_logs (task_id, started_at);
CREATE INDEX run_steps_run_id ON run_steps (run_id);
"""
WINDOW = """
SELECT id FROM (
    SELECT id, lead(started_at) OVER runs - started_at AS gap FROM run_logs
    WINDOW runs AS (PARTITION BY task_id, commit_hash ORDER BY started_at)
) x WHERE gap <= interval '10 minutes'
"""
CHILDREN_FIRST = ("run_steps WHERE run_id", "run_logs WHERE id")
ORPHANS = """
SELECT count(*) FROM run_steps WHERE NOT EXISTS (SELECT FROM run_logs WHERE run_logs.id = run_id);
"""
LEFT = "SELECT count(*), (SELECT count(*) FROM run_steps) FROM run_logs"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--url", required=True, help="a role that may make databases")
    parser.add_argument("--housekeep", type=Path, required=True, help="the program")
    parser.add_argument("--runs", type=int, default=1_000_000)
    parser.add_argument("--scattered", action="store_true", help="rows lie in no order")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(options.url, options.housekeep.resolve(), Path(folder))
        bench.fill(options.runs, "md5('order ' || n)" if options.scattered else "n")
        try:
            bench.planning(options.rounds)
            bench.exporting(options.rounds)
            bench.removing(options.rounds)
            bench.without_index()
        finally:
            bench.drop(WORK)
            bench.drop(BASE)
    print(shown(bench.reports), file=sys.stderr)


class Bench:
    def __init__(self, url: str, housekeep: Path, folder: Path) -> None:
        self.server = url
        self.url = urlsplit(url)._replace(path=f"/{WORK}").geturl()
        self.housekeep = housekeep
        self.folder = folder
        self.reports: list[Report] = []
        (folder / "housekeep.toml").write_text(POLICY)

    def fill(self, runs: int, order: str) -> None:
        self.drop(WORK)
        self.drop(BASE)
        self.ask(self.server, f"CREATE DATABASE {BASE}")
        base = urlsplit(self.server)._replace(path=f"/{BASE}").geturl()
        self.ask(base, FILL.format(runs=runs, order=order))
        self.ask(base, "VACUUM ANALYZE")
        self.renew()

    def planning(self, rounds: int) -> None:
        plan, ids = self.folder / "plan.json", self.folder / "ids.txt"
        ours = [
            "plan",
            "runs",
            "--database",
            self.url,
            "--now",
            NOW,
            "--output",
            str(plan),
            "--quiet",
        ]
        for n in range(rounds + 1):  # The first of them warms the cache.
            for name, command in in_turn(
                n, ("housekeep", self.own(*ours)), ("query", self.psql(WINDOW, ids))
            ):
                report = self.run("plan", name, command)
                if n > 0:
                    self.reports.append(report)
        found = set(json.loads(plan.read_text())["drop_ids"])
        same(found == set(ids.read_text().split()), f"ours drops {len(found)}")
        print(f"{len(found)} rows go", file=sys.stderr)

    def exporting(self, rounds: int) -> None:
        for _ in range(rounds):
            for name, more in [("of the plan", ["--plan", "plan.json"]), ("of all", [])]:
                out = self.folder / f"export {name}"
                subprocess.run(["rm", "-rf", out], check=True)
                command = self.own(
                    "export",
                    "runs",
                    "--database",
                    self.url,
                    "--now",
                    NOW,
                    "--quiet",
                    "--out",
                    str(out),
                    *more,
                )
                self.reports.append(self.run("export", f"housekeep, {name}", command))
            dump = ["pg_dump", "--data-only", "--file", str(self.folder / "dump.sql"), self.url]
            self.reports.append(self.run("export", "pg_dump, of all", dump))

    def removing(self, rounds: int) -> None:
        plan = json.loads((self.folder / "plan.json").read_text())
        literals = ",".join(f"'{id}'" for id in plan["drop_ids"])
        which = [f"{what} IN ({literals})" for what in CHILDREN_FIRST]
        deletes = "".join(f"DELETE FROM {some};\n" for some in which)
        copies = "".join(f"COPY (SELECT * FROM {some}) TO STDOUT;\n" for some in which)
        said = ["--now", NOW, "--confirm", "yes-delete", "--plan-sha256", plan["sha256"]]
        ours = ["apply", "plan.json", "--database", self.url, "--quiet", *said, "--export"]
        bare = self.script("delete.sql", f"BEGIN;\n{deletes}COMMIT;\n")
        whole = f"{copies}BEGIN;\n{deletes}{ORPHANS}SELECT count(*) FROM ({WINDOW}) x;\nCOMMIT;\n"
        safe = self.script("safe.sql", f"\\o {self.folder / 'copied'}\n{whole}")
        left = set()
        for n in range(rounds):
            exports = [str(self.folder / f"backup {n} {name}") for name in "abc"]
            for out in exports:
                subprocess.run(["cp", "-r", self.folder / "export of the plan", out], check=True)
            contestants = [
                ("housekeep", self.own(*ours, exports[0])),
                ("housekeep, batches of 1,000", self.own(*ours, exports[1], "--batch", "1000")),
                ("housekeep, two jobs", self.own(*ours, exports[2], "--jobs", "2")),
                ("psql, IN with literals", bare),
                ("psql, copied, deleted and counted", safe),
            ]
            for name, command in in_turn(n, *contestants):
                self.renew()
                self.reports.append(self.run("apply", name, command))
                left.add(self.ask(self.url, LEFT))
        same(len(left) == 1, f"left are {left}")

    def without_index(self) -> None:
        """What is said before a removal would read all of the child for each row."""
        self.renew()
        self.ask(self.url, "DROP INDEX run_steps_run_id")
        command = self.own("apply", "plan.json", "--dry-run", "--database", self.url, "--now", NOW)
        said = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, check=True)
        told = [line for line in (said.stdout + said.stderr).splitlines() if "CREATE INDEX" in line]
        same(any("run_steps" in line for line in told), "the missing index is not named")
        print("\n".join(told), file=sys.stderr)

    def run(self, job: str, name: str, command: Sequence[str]) -> Report:
        """Runs a command, and looks meanwhile how long rows are locked."""
        before = self.ask(self.url, "SELECT pg_current_wal_lsn()")[0]
        with Watch(self.url) as watch:
            start = time.perf_counter()
            child = subprocess.Popen(command, cwd=self.folder, stdout=subprocess.DEVNULL)
            watch.process = child.pid
            status = child.wait()
            seconds = time.perf_counter() - start
        same(status == 0, f"{name} ends with {status}")
        wal = self.ask(self.url, "SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), %s)", before)[0]
        report = {
            "job": job,
            "engine": name,
            "seconds": round(seconds, 2),
            "peak_mb": round(watch.peak / MB),
            "wal_mb": round(int(wal) / MB),
            "locked_seconds": round(watch.longest, 2),
        }
        print(json.dumps(report), flush=True)
        return report

    def own(self, *words: str) -> list[str]:
        return [str(self.housekeep), *words]

    def psql(self, query: str, out: Path) -> list[str]:
        return [
            "psql",
            "--no-align",
            "--tuples-only",
            "--command",
            query,
            "--output",
            str(out),
            self.url,
        ]

    def script(self, name: str, text: str) -> list[str]:
        path = self.folder / name
        path.write_text(text)
        return ["psql", "--quiet", "-v", "ON_ERROR_STOP=1", "-f", str(path), self.url]

    def renew(self) -> None:
        """A copy of the database as it was, with nothing left to write from before."""
        self.drop(WORK)
        self.ask(self.server, f"CREATE DATABASE {WORK} TEMPLATE {BASE}")
        self.ask(self.server, "CHECKPOINT")
        os.sync()

    def drop(self, name: str) -> None:
        self.ask(self.server, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    @staticmethod
    def ask(url: str, sql: str, *values: object) -> tuple:
        with psycopg.connect(url, autocommit=True) as connection:
            cursor = connection.execute(sql.encode(), values or None)
            return cursor.fetchone() if cursor.description else ()


class Watch:
    """How long the longest transaction holds rows, and the most memory that a process had."""

    SQL = b"""SELECT virtualtransaction FROM pg_locks
        WHERE relation IN ('run_logs'::regclass, 'run_steps'::regclass) AND granted
            AND mode IN ('RowShareLock', 'RowExclusiveLock')"""

    def __init__(self, url: str) -> None:
        self.url = url
        self.longest = 0.0
        self.peak = 0
        self.process = 0
        self.done = threading.Event()
        self.thread = threading.Thread(target=self.watch)

    def watch(self) -> None:
        first: dict[str, float] = {}
        with psycopg.connect(self.url, autocommit=True) as connection:
            while not self.done.wait(0.05):
                now = time.perf_counter()
                for (transaction,) in connection.execute(self.SQL).fetchall():
                    self.longest = max(self.longest, now - first.setdefault(transaction, now))
                self.look()

    def look(self) -> None:
        # What `wait4` tells counts from before the program was loaded.
        with contextlib.suppress(OSError):
            status = Path(f"/proc/{self.process}/status").read_text()
            if found := re.search(r"VmHWM:\s+(\d+) kB", status):
                self.peak = max(self.peak, int(found[1]) * 1024)

    def __enter__(self) -> "Watch":
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.done.set()
        self.thread.join()


def in_turn(n: int, *contestants: tuple[str, list[str]]) -> list[tuple[str, list[str]]]:
    """Each is first once."""
    place = n % len(contestants)
    return [*contestants[place:], *contestants[:place]]


def same(is_so: bool, why: str) -> None:
    if not is_so:
        sys.exit(f"not the same: {why}")


def shown(reports: list[Report]) -> str:
    def median(reports: list[Report], key: str) -> str:
        return f"{statistics.median(report[key] for report in reports):g}"

    names = dict.fromkeys((own["job"], own["engine"]) for own in reports)
    keys = ("seconds", "peak_mb", "wal_mb", "locked_seconds")
    rows = []
    for job, engine in names:
        own = [report for report in reports if (report["job"], report["engine"]) == (job, engine)]
        rows.append((f"{job}: {engine}", *(median(own, key) for key in keys)))
    return table(("", "seconds", "peak MB", "WAL MB", "locked s"), rows)


if __name__ == "__main__":
    main()
