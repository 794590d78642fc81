-- FacturAPI's tables by tenant. Whether a tenant is on legal hold stands with each of its rows, and its
-- foreign key keeps it so: no rule has to join another table to know of it.

CREATE TABLE tenants (
    id text PRIMARY KEY,
    legal_hold boolean NOT NULL DEFAULT false,
    UNIQUE (id, legal_hold)
);

CREATE TABLE user_sessions (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id text NOT NULL,
    legal_hold boolean NOT NULL,
    telegram_id bigint NOT NULL,
    state text NOT NULL,
    updated_at timestamptz NOT NULL,
    FOREIGN KEY (tenant_id, legal_hold) REFERENCES tenants (id, legal_hold) ON UPDATE CASCADE
);

CREATE TABLE notifications (
    id text PRIMARY KEY,
    tenant_id text NOT NULL,
    legal_hold boolean NOT NULL,
    type text NOT NULL,
    status text NOT NULL,
    created_at timestamptz NOT NULL,
    FOREIGN KEY (tenant_id, legal_hold) REFERENCES tenants (id, legal_hold) ON UPDATE CASCADE
);

CREATE TABLE audit_logs (
    id uuid PRIMARY KEY,
    tenant_id text NOT NULL,
    legal_hold boolean NOT NULL,
    action text NOT NULL,
    detail jsonb,
    created_at timestamptz NOT NULL,
    FOREIGN KEY (tenant_id, legal_hold) REFERENCES tenants (id, legal_hold) ON UPDATE CASCADE
);

-- Each tenant numbers its own, so that two columns name a row.
CREATE TABLE webhook_events (
    tenant_id text NOT NULL REFERENCES tenants (id),
    no bigint NOT NULL,
    kind text NOT NULL,
    received_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, no)
);

CREATE TABLE webhook_attempts (
    tenant_id text NOT NULL,
    event_no bigint NOT NULL,
    attempt smallint NOT NULL,
    status smallint,
    PRIMARY KEY (tenant_id, event_no, attempt),
    FOREIGN KEY (tenant_id, event_no) REFERENCES webhook_events (tenant_id, no)
);

-- What no rule may touch.
CREATE TABLE tenant_invoices (
    tenant_id text NOT NULL REFERENCES tenants (id),
    folio bigint NOT NULL,
    total numeric(12, 2) NOT NULL,
    PRIMARY KEY (tenant_id, folio)
);

CREATE TABLE tenant_payments (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id text NOT NULL,
    folio bigint NOT NULL,
    paid_at timestamptz NOT NULL,
    FOREIGN KEY (tenant_id, folio) REFERENCES tenant_invoices (tenant_id, folio)
);
