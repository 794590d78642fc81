"""Plan, export, apply, verify and restore on a real PostgreSQL, by each driver alike."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from databases import DRIVERS, SCENARIOS, content, filled, fresh, servers
from housekeep import ApplyError, Plan, Policy, PolicyError

NOW = "2026-02-13T03:00:00Z"
RUNS = 800
POLICY = """
[table.run_logs]
children = [
    { table = "run_steps", key = "run_id" },
    { table = "file_changes", key = "run_id" },
]
outcome = { column = "status", ok = ["done"] }

[dedupe.runs]
table = "run_logs"
key = ["task_id", "commit_hash"]
time = "started_at"
window = "10m"
only = { status = ["done", "failed"] }

[retention.old_runs]
table = "run_logs"
time = "started_at"
match = { status = "failed" }
limit = { age = "30d" }
floor = { count = 20 }
"""


@pytest.fixture(params=servers(), ids=["first", "other"][: len(servers())])
def url(request: pytest.FixtureRequest) -> Iterator[str]:
    with fresh(request.param) as url:
        filled(url, "elruso", RUNS)
        yield url


@pytest.fixture(params=DRIVERS)
def database(request: pytest.FixtureRequest, url: str) -> Any:
    return DRIVERS[request.param](url)


@pytest.fixture
def policy() -> Policy:
    return Policy.parse(POLICY)


def execute(url: str, sql: str) -> list[Any]:
    with psycopg.connect(url, autocommit=True) as connection:
        cursor = connection.execute(sql.encode())
        return cursor.fetchall() if cursor.description else []


@pytest.mark.parametrize("rule", ["runs", "old_runs"])
@pytest.mark.parametrize(("batch", "jobs"), [(None, 1), (7, 1), (7, 3)])
def test_what_is_removed_can_be_put_back(
    url: str,
    database: Any,
    policy: Policy,
    tmp_path: Path,
    rule: str,
    batch: int | None,
    jobs: int,
) -> None:
    before = content(url)
    plan = database.plan(policy, rule, now=NOW)
    assert plan.drop > 20
    exported = database.export(policy, rule, now=NOW, out=tmp_path / "backup", plan=plan)
    rows = {count.table: count.rows for count in exported.tables}
    assert rows["public.run_logs"] == plan.drop
    assert rows["public.run_steps"] == 3 * plan.drop

    dry = database.apply(policy, plan, now=NOW, way="dry_run")
    assert dry.outcome == "dry_run"
    assert {count.table: count.rows for count in dry.removed} == rows
    rehearsed = database.apply(policy, plan, now=NOW, way="rehearse")
    assert rehearsed.outcome == "rehearsed"
    assert content(url) == before

    applied = database.apply(
        policy,
        plan,
        now=NOW,
        export=tmp_path / "backup",
        confirm="yes-delete",
        batch=batch,
        jobs=jobs,
    )
    assert applied.outcome == "applied"
    assert {count.table: count.rows for count in applied.removed} == rows
    assert (len(applied.transactions) == 1) == (batch is None)
    assert json.loads(applied.to_json())["kind"] == "applied"
    left = {row[0] for row in execute(url, "SELECT id::text FROM run_logs")}
    assert len(left) == RUNS - plan.drop
    assert left.isdisjoint(plan.drop_ids)
    verified = database.verify(policy, rule, now=NOW)
    assert verified.rows == RUNS - plan.drop
    assert verified.drops == 0
    assert all(count.rows == 0 for count in verified.orphans)
    assert verified.missing_indexes == ()

    again = database.apply(policy, plan, now=NOW, export=tmp_path / "backup", confirm="yes-delete")
    assert again.outcome == "already_applied"
    assert {count.rows for count in again.removed} == {0}

    looked = database.restore(tmp_path / "backup")
    assert looked.is_dry
    assert {table.table: table.restored for table in looked.tables} == rows
    restored = database.restore(tmp_path / "backup", confirm="yes-restore")
    assert {table.table: table.restored for table in restored.tables} == rows
    assert content(url) == before
    # In however many transactions they went, they are kept as one.
    assert applied.manifest == "manifest.json"
    kept = database.restore(tmp_path / "backup" / "apply-1")
    assert {table.table: table.identical for table in kept.tables} == rows


@pytest.mark.parametrize("driver", DRIVERS)
@pytest.mark.parametrize("server", servers())
def test_rows_by_tenant_some_named_by_two_columns(server: str, driver: str, tmp_path: Path) -> None:
    folder = SCENARIOS / "facturapi"
    text = "".join((folder / name).read_text() for name in ("policy.toml", "webhooks.toml"))
    policy = Policy.parse(text)
    with fresh(server) as url:
        filled(url, "facturapi", 400)
        database = DRIVERS[driver](url)
        before = content(url)
        for rule in ("sessions", "notifications", "audit", "webhooks"):
            plan = database.plan(policy, rule, now=NOW)
            assert plan.drop > 20
            backup = tmp_path / rule
            database.export(policy, rule, now=NOW, out=backup, plan=plan)
            applied = database.apply(policy, plan, now=NOW, export=backup, confirm="yes-delete")
            assert applied.outcome == "applied"
            assert applied.removed[-1].rows == plan.drop
            after = content(url)
            for table in ("tenants", "tenant_invoices", "tenant_payments"):
                assert after[table] == before[table]
            assert database.verify(policy, rule, now=NOW).drops == 0
            database.restore(backup, confirm="yes-restore")
            assert content(url) == before
        assert plan.drop_ids[0].startswith('["')


def test_the_plan_is_that_of_the_rows(url: str, database: Any, policy: Policy) -> None:
    columns = "SELECT id, task_id, commit_hash, status::text, started_at FROM run_logs"
    names = ["id", "task_id", "commit_hash", "status", "started_at"]
    rows = [dict(zip(names, row, strict=True)) for row in execute(url, columns)]
    plan = database.plan(policy, "runs", now=NOW)
    by_hand = policy.plan("runs", rows, now=NOW, source=plan.source)
    assert plan.to_json() == by_hand.to_json()
    assert plan.source["table"] == "public.run_logs"


def test_nothing_goes_that_is_not_exported_or_not_confirmed(
    url: str, database: Any, policy: Policy, tmp_path: Path
) -> None:
    before = content(url)
    plan = database.plan(policy, "runs", now=NOW)
    backup = tmp_path / "backup"
    with pytest.raises(ValueError, match="say where the export"):
        database.apply(policy, plan, now=NOW, confirm="yes-delete")
    with pytest.raises(ApplyError) as error:
        database.apply(policy, plan, now=NOW, export=backup, confirm="yes-delete")
    assert error.value.code == "apply.no_export"
    database.export(policy, "runs", now=NOW, out=backup, last=5)
    with pytest.raises(ApplyError) as error:
        database.apply(policy, plan, now=NOW, export=backup, confirm="yes-delete")
    assert error.value.code == "apply.no_export"
    whole = tmp_path / "whole"
    database.export(policy, "runs", now=NOW, out=whole)
    with pytest.raises(ApplyError) as error:
        database.apply(policy, plan, now=NOW, export=whole, confirm=lambda question: "yes")
    assert error.value.code == "apply.not_confirmed"
    # A step that arrived since is not in the export.
    execute(
        url,
        "INSERT INTO run_steps (run_id, position, name, started_at)"
        f" VALUES ('{plan.drop_ids[0]}', 9, 'late', now())",
    )
    with pytest.raises(ApplyError, match="are not in the export as they are now") as error:
        database.apply(policy, plan, now=NOW, export=whole, confirm="yes-delete")
    assert error.value.code == "apply.no_export"
    execute(url, "DELETE FROM run_steps WHERE position = 9")
    after = content(url)
    assert after["run_logs"] == before["run_logs"]
    assert after["run_steps"] == before["run_steps"]


def test_a_plan_that_no_longer_holds_is_refused(
    url: str, database: Any, policy: Policy, tmp_path: Path
) -> None:
    plan = database.plan(policy, "runs", now=NOW)
    keeper = next(iter(plan.drops)).keeper_id
    execute(url, f"UPDATE run_logs SET started_at = started_at + '1 day' WHERE id = '{keeper}'")
    backup = tmp_path / "backup"
    database.export(policy, "runs", now=NOW, out=backup, plan=plan)
    with pytest.raises(ApplyError) as error:
        database.apply(policy, plan, now=NOW, export=backup, confirm="yes-delete")
    assert error.value.code == "apply.rows_changed"
    applied = database.apply(
        policy, plan, now=NOW, export=backup, confirm="yes-delete", skip_changed=True
    )
    assert applied.changed > 0
    assert applied.removed[-1].rows == plan.drop - applied.changed
    other = Policy.parse(POLICY.replace("10m", "11m"))
    with pytest.raises(ApplyError) as error:
        database.apply(other, plan, now=NOW, export=backup, confirm="yes-delete")
    assert error.value.code == "apply.stale_plan"
    with pytest.raises(ApplyError) as error:
        database.apply(policy, plan, now="2026-02-14T03:00:01Z", way="dry_run")
    assert error.value.code == "apply.stale_plan"
    required = Policy.parse(
        POLICY + '[check.backup]\nvalue = "age(backup)"\nwarn = "> 1d"\n'
        '[apply]\nrequire_checks = ["backup"]\n'
    )
    with pytest.raises(Exception, match="no report says so"):
        database.apply(required, plan, now=NOW, way="dry_run")
    report, _ = required.evaluate({"backup": "2026-02-13T01:00:00Z"}, now=NOW)
    with pytest.raises(ApplyError) as error:
        database.apply(required, plan, now=NOW, export=backup, health=report)
    assert error.value.code == "apply.not_confirmed"


def test_a_lost_connection_is_no_half_of_an_apply(
    request: pytest.FixtureRequest, url: str, policy: Policy, tmp_path: Path
) -> None:
    before = content(url)
    database = DRIVERS["psycopg"](url)
    plan = database.plan(policy, "runs", now=NOW)
    database.export(policy, "runs", now=NOW, out=tmp_path / "backup", plan=plan)

    def end_all(question: str) -> str:
        execute(
            url,
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()",
        )
        return "yes-delete"

    for driver in DRIVERS.values():
        applied = driver(url).apply(
            policy, plan, now=NOW, export=tmp_path / "backup", confirm=end_all
        )
        assert applied.outcome == "applied"
        database.restore(tmp_path / "backup", confirm="yes-restore")
        assert content(url) == before


def test_an_undeclared_key_is_named_with_the_line_to_add(
    url: str, database: Any, policy: Policy
) -> None:
    plan = database.plan(policy, "runs", now=NOW)
    execute(
        url,
        'CREATE TABLE "Run Notes" (id int PRIMARY KEY, run uuid REFERENCES run_logs (id))',
    )
    with pytest.raises(ApplyError, match="Run Notes") as error:
        database.apply(policy, plan, now=NOW, way="dry_run")
    assert error.value.code == "apply.undeclared_key"
    assert '{ table = "Run Notes", key = "run" }' in str(error.value)
    execute(url, 'DROP TABLE "Run Notes"')
    execute(url, "DROP INDEX idx_run_steps_run_id")
    dry = database.apply(policy, plan, now=NOW, way="dry_run")
    assert any("CREATE INDEX CONCURRENTLY" in warning for warning in dry.warnings)
    assert len(database.verify(policy, "runs", now=NOW).missing_indexes) == 1


@pytest.mark.parametrize("driver", DRIVERS)
@pytest.mark.parametrize("server", servers())
def test_what_is_no_text_is_an_error_and_nothing_else(
    server: str, driver: str, tmp_path: Path
) -> None:
    policy = Policy.parse(
        '[retention.items]\ntable = "items"\ntime = "at"\nlimit = { age = "30d" }\n'
    )
    with fresh(server, "ENCODING 'SQL_ASCII' TEMPLATE template0") as url:
        execute(
            url,
            "CREATE TABLE items (id text PRIMARY KEY, at timestamptz, note text);"
            "INSERT INTO items VALUES ('ñ€', '2025-01-01', '漢字'), ('b', '2025-01-01', 'b')",
        )
        database = DRIVERS[driver](url)
        plan = database.plan(policy, "items", now=NOW)
        assert set(plan.drop_ids) == {"ñ€", "b"}
        backup = tmp_path / "backup"
        database.export(policy, "items", now=NOW, out=backup, plan=plan)
        assert "漢字" in (backup / "items.json").read_text(encoding="utf-8")
        database.apply(policy, plan, now=NOW, export=backup, confirm="yes-delete")
        restored = database.restore(backup, confirm="yes-restore")
        assert restored.tables[0].restored == 2
        assert execute(url, "SELECT note::bytea FROM items ORDER BY id")[1] == ("漢字".encode(),)
        execute(url, "UPDATE items SET note = E'\\xff' WHERE id = 'b'")
        with pytest.raises(ApplyError, match="22021") as error:
            database.export(policy, "items", now=NOW, out=tmp_path / "other", plan=plan)
        assert error.value.code == "apply.database"


def test_what_cannot_be_is_refused_in_a_sentence(url: str, database: Any, tmp_path: Path) -> None:
    missing = Policy.parse(POLICY.replace('table = "run_logs"', 'table = "run_log"', 1))
    with pytest.raises(ApplyError, match="no table") as error:
        database.plan(missing, "runs", now=NOW)
    assert error.value.code == "apply.no_table"
    with pytest.raises(PolicyError):
        database.plan(missing, "nothing", now=NOW)
    taken = tmp_path / "taken"
    taken.mkdir()
    (taken / "file").write_text("")
    with pytest.raises(FileExistsError):
        database.export(Policy.parse(POLICY), "runs", now=NOW, out=taken)
    assert isinstance(database.plan(Policy.parse(POLICY), "runs", now=NOW), Plan)


def test_who_asks_is_asked(url: str, database: Any, policy: Policy, tmp_path: Path) -> None:
    plan = database.plan(policy, "runs", now=NOW)
    database.export(policy, "runs", now=NOW, out=tmp_path / "backup", plan=plan)
    asked: list[str] = []

    def say(question: str) -> str:
        asked.append(question)
        return " yes-delete\n"

    typed: Callable[[str], str] = say
    applied = database.apply(policy, plan, now=NOW, export=tmp_path / "backup", confirm=typed)
    assert applied.outcome == "applied"
    assert f"{plan.drop} rows of public.run_logs" in asked[0]
    assert plan.sha256 in asked[0]


@pytest.mark.parametrize("server", servers())
def test_lanes_begin_when_all_are_connected(server: str, policy: Policy, tmp_path: Path) -> None:
    with fresh(server) as url:
        filled(url, "elruso", RUNS)
        database = DRIVERS["psycopg"](url)
        plan = database.plan(policy, "runs", now=NOW)
        database.export(policy, "runs", now=NOW, out=tmp_path / "backup", plan=plan)
        before = content(url)
        left = iter([True, True, True, False])

        def connect() -> psycopg.Connection[Any]:
            if not next(left):
                raise ConnectionError("no more connections")
            return psycopg.connect(url)

        limited = DRIVERS["psycopg"](connect)
        with pytest.raises(ConnectionError, match="no more"):
            limited.apply(
                policy,
                plan,
                now=NOW,
                export=tmp_path / "backup",
                confirm="yes-delete",
                batch=7,
                jobs=3,
            )
        assert content(url) == before
