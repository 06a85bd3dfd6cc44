-- Explanations of variances go from an order to what was issued for it and confirmed on it, and from days to receipts.
create index on erp.stock_movement (site, order_id) where kind = 'consumption';
create index on erp.stock_movement (site, moved_on) where kind in ('purchase', 'adjustment');
create index on erp.operation_confirmation (site, order_id);
create index on erp.production_order (site, end_on);

-- Explanations that finance asked for, as they were told: each belongs to one person and is never changed.
create table app.variance_explanation (
    id        uuid        primary key,
    subject   text        not null,
    key       text        not null check (length(key) between 1 and 200),   -- the same request again is the same row
    asked_at  timestamptz not null default clock_timestamp(),
    arguments jsonb       not null,
    report    jsonb       not null,
    digest    text        not null check (digest ~ '^sha256:[0-9a-f]{64}$'),
    unique (subject, key)
);
alter table app.variance_explanation enable row level security;
alter table app.variance_explanation force row level security;
create policy own on app.variance_explanation to plantwright_app
    using (subject = nullif((select current_setting('plantwright.subject', true)), ''))
    with check (subject = nullif((select current_setting('plantwright.subject', true)), ''));
create policy upkeep on app.variance_explanation to plantwright_owner using (true) with check (true);
grant select, insert on app.variance_explanation to plantwright_app;
