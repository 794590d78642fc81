-- FacturAPI's tables, to try the service on. Whether a tenant is on legal hold stands with each of its rows, and
-- a foreign key keeps it so: no rule has to join another table to know of it.

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
