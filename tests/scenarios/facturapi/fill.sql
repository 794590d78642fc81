-- Rows of four tenants, up to 2026-02-13 03:00 UTC: the same on every server.
-- `rows` is how many of each kind.

INSERT INTO tenants VALUES ('acme', false), ('norte', true), ('cafe-luna', false), ('sur', false);

CREATE TEMPORARY TABLE days AS
SELECT n, timestamptz '2026-02-13 03:00:00Z' - n * interval '1 day' * 200 / :rows AS at,
    tenants.id AS tenant_id, legal_hold
FROM generate_series(1, :rows) n
JOIN tenants ON id = (ARRAY['acme', 'norte', 'cafe-luna', 'sur'])[1 + n % 4];

INSERT INTO user_sessions (tenant_id, legal_hold, telegram_id, state, updated_at)
SELECT tenant_id, legal_hold, 708000000 + n, CASE n % 5 WHEN 0 THEN 'asking' ELSE 'idle' END, at FROM days;

INSERT INTO notifications
SELECT 'ntf_' || n, tenant_id, legal_hold, 'invoice_sent',
    CASE n % 3 WHEN 0 THEN 'pending' ELSE 'sent' END, at
FROM days;

-- One in ten is of some years ago.
INSERT INTO audit_logs
SELECT md5('log ' || n)::uuid, tenant_id, legal_hold, 'invoice.create', jsonb_build_object('n', n),
    CASE WHEN n % 10 = 0 THEN at - n % 9 * interval '1 year' ELSE at END
FROM days;

-- Webhooks are delivered again until somebody answers: two in three are repetitions.
INSERT INTO webhook_events
SELECT tenant_id, n, 'invoice.paid ' || n / 12,
    timestamptz '2026-02-13 03:00:00Z' - n / 12 * interval '1 hour' - n % 12 / 4 * interval '20 seconds'
FROM days;

INSERT INTO webhook_attempts
SELECT tenant_id, no, attempt, CASE attempt WHEN 2 THEN 200 END
FROM webhook_events, generate_series(1, 2) attempt;

INSERT INTO tenant_invoices SELECT tenant_id, n, n * 1.16 FROM days;
INSERT INTO tenant_payments (tenant_id, folio, paid_at) SELECT tenant_id, n, at FROM days;

ANALYZE;
