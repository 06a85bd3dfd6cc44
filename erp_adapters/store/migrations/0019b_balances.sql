-- What the source of a load says its ledger comes to, told apart from the lines that the store kept of it.
create table erp.ledger_balance (
    like erp.provenance including defaults,
    month      date not null,             -- 1900-01-01: lines whose day cannot be read
    account_id text not null,             -- empty: lines whose account cannot be read
    scenario   text not null,
    amount     numeric(24,6) not null,
    lines      bigint not null,
    currency   text not null,
    primary key (site, source_system, company, month, account_id, scenario, currency)
);
alter table erp.ledger_balance enable row level security;
alter table erp.ledger_balance force row level security;
create policy scope on erp.ledger_balance for select to plantwright_app using (
    site = any ((select string_to_array(current_setting('plantwright.sites', true), ','))::text[])
    and (company = '' or company = any
         ((select string_to_array(current_setting('plantwright.companies', true), ','))::text[])));
create policy upkeep on erp.ledger_balance to plantwright_owner using (true) with check (true);
grant select on erp.ledger_balance to plantwright_app;
