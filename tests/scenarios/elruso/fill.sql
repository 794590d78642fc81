-- Some thousands of runs, of which some are duplicates: the same on every server.
-- `rows` is how many.

SELECT setseed(0.42);

INSERT INTO ops_tasks (id, title, status, created_at)
SELECT 'T-' || n, 'Task ' || n, CASE WHEN n % 3 = 0 THEN 'done' ELSE 'backlog' END,
    timestamptz '2026-01-01 00:00:00Z' + n * interval '1 hour'
FROM generate_series(1, 50) n;

INSERT INTO ops_directives (id, body, created_at)
SELECT md5('directive ' || n)::uuid, jsonb_build_object('say', 'it''s "' || n || '"'),
    timestamptz '2026-01-01 00:00:00Z' + n * interval '1 day'
FROM generate_series(1, 20) n;

INSERT INTO run_logs (id, task_id, status, branch, commit_hash, started_at, finished_at, meta)
SELECT md5('run ' || n)::uuid, 'T-' || 1 + n % 50,
    CASE WHEN n % 97 = 0 THEN 'running' WHEN n % 7 = 0 THEN 'failed' ELSE 'done' END::run_status,
    'task/t-' || 1 + n % 50,
    CASE WHEN n % 11 > 0 THEN md5('commit ' || n / 400) END,
    at, CASE WHEN n % 97 > 0 THEN at + interval '90.5 seconds' END,
    CASE WHEN n % 2 = 0 THEN jsonb_build_object('host', 'h' || n % 4, 'note', E'line\nbreak') END
FROM (
    SELECT n, timestamptz '2026-01-10 00:00:00Z' + n * interval '17.000001 seconds'
        + floor(random() * 400) * interval '1 second' AS at
    FROM generate_series(1, :rows) n
) x;

INSERT INTO run_steps (run_id, position, name, output, started_at)
SELECT id, p, 'step ' || p, CASE WHEN p = 2 THEN E'a\tb "quoted" \\ é' END, started_at + p * interval '1 second'
FROM run_logs, generate_series(1, 3) p;

INSERT INTO file_changes (run_id, path, added)
SELECT id, 'src/' || task_id || '.rs', 3 FROM run_logs WHERE status = 'done';

ANALYZE;
