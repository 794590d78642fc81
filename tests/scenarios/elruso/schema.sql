-- El Ruso's tables, with the four indexes of their migration 006.

CREATE TYPE run_status AS ENUM ('running', 'done', 'failed');

CREATE TABLE ops_tasks (
    id text PRIMARY KEY,
    title text NOT NULL,
    status text NOT NULL DEFAULT 'backlog',
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE ops_directives (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    body jsonb NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE run_logs (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    task_id text NOT NULL REFERENCES ops_tasks (id),
    status run_status NOT NULL DEFAULT 'running',
    branch text,
    commit_hash text,
    started_at timestamptz NOT NULL,
    finished_at timestamptz,
    meta jsonb
);

CREATE TABLE run_steps (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    run_id uuid NOT NULL REFERENCES run_logs (id),
    position integer NOT NULL,
    name text NOT NULL,
    output text,
    started_at timestamptz NOT NULL
);

CREATE TABLE file_changes (
    id bigserial PRIMARY KEY,
    run_id uuid NOT NULL REFERENCES run_logs (id),
    path text NOT NULL,
    added integer NOT NULL DEFAULT 0,
    removed integer NOT NULL DEFAULT 0
);

CREATE INDEX idx_run_logs_task_id ON run_logs (task_id);
CREATE INDEX idx_run_logs_task_id_started_at ON run_logs (task_id, started_at);
CREATE INDEX idx_run_steps_run_id ON run_steps (run_id);
CREATE INDEX idx_file_changes_run_id ON file_changes (run_id);
CREATE INDEX idx_ops_tasks_status_created_at ON ops_tasks (status, created_at);
CREATE INDEX idx_ops_directives_created_at ON ops_directives (created_at);
