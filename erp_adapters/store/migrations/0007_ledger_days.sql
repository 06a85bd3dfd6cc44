-- Ledger lines in the shape of their sums by month, for questions about days. It reads as whoever asks: the scope of
-- erp.ledger_line holds.
create view erp.ledger_day with (security_invoker = true) as
select company, site, source_system, source_key, load_id, ingested_at, flags,
       date_trunc('month', posted_on)::date as month, posted_on, account_id,
       coalesce(cost_centre_id, '') as cost_centre_id, scenario, amount, 1::bigint as lines, currency
  from erp.ledger_line;
grant select on erp.ledger_day to plantwright_app;
