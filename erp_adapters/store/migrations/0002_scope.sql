-- Who sees which rows. The session layer enters a person's scope once a transaction; it lives in the settings
-- plantwright.subject, plantwright.sites and plantwright.companies (comma-separated codes). Unset or empty: no rows.

create schema app;
create schema langgraph;

grant usage on schema erp, app to plantwright_app;
grant usage, create on schema langgraph to plantwright_graph;

-- The only way into a scope. A second entry in the same transaction is refused, so that no statement that is smuggled
-- in can widen the scope that it runs under; for the same reason set_config itself is taken from the application's
-- role when the database is provisioned.
create function app.enter_scope(subject text, sites text[], companies text[], timeout_ms integer) returns void
language plpgsql security definer set search_path = pg_catalog as $$
declare
    code text;
begin
    if coalesce(current_setting('plantwright.entered', true), '') <> '' then
        raise exception 'a scope has already been entered in this transaction' using errcode = 'insufficient_privilege';
    end if;
    foreach code in array sites || companies loop
        if code is null or code !~ '^[^,[:cntrl:]]{1,64}$' then
            raise exception 'invalid code in a scope' using errcode = 'invalid_parameter_value';
        end if;
    end loop;
    perform set_config('plantwright.entered', 'yes', true),
            set_config('plantwright.subject', subject, true),
            set_config('plantwright.sites', array_to_string(sites, ','), true),
            -- Rows that name no company belong to their site: the empty code is in the scope of whoever has any.
            set_config('plantwright.companies', array_to_string(array[''] || companies, ','), true),
            set_config('statement_timeout', timeout_ms::text, true),
            set_config('TimeZone', 'UTC', true);
end
$$;
revoke all on function app.enter_scope from public;
grant execute on function app.enter_scope to plantwright_app;

-- Puts every table of erp that has no policy yet under one. Migrations that add tables end by calling it.
create function erp.apply_scope() returns void language plpgsql set search_path = pg_catalog as $$
declare
    ledger_like constant text[] := array['company', 'fiscal_period', 'budget', 'ledger_line', 'ledger_period'];
    -- A scalar sub-select is evaluated once a query; the bare expression would be evaluated for every row.
    in_sites constant text :=
        'site = any ((select string_to_array(current_setting(''plantwright.sites'', true), '',''))::text[])';
    in_companies constant text :=
        'company = any ((select string_to_array(current_setting(''plantwright.companies'', true), '',''))::text[])';
    seen record;
begin
    for seen in
        select c.oid, c.relname,
               exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'site' and not a.attisdropped)
                   as has_site
        from pg_class c
        where c.relnamespace = 'erp'::regnamespace and c.relkind in ('r', 'p')
          and not exists (select from pg_policy p where p.polrelid = c.oid)
    loop
        if not seen.has_site then
            raise exception 'table erp.% has neither a site nor a policy of its own', seen.relname;
        end if;
        execute format('alter table erp.%I enable row level security', seen.relname);
        execute format('alter table erp.%I force row level security', seen.relname);
        execute format('create policy scope on erp.%I for select to plantwright_app using (%s)', seen.relname,
            in_sites || case when seen.relname = any (ledger_like) then ' and ' || in_companies else '' end);
        -- FORCE puts the owner under row-level security too; loads and migrations need every row.
        execute format('create policy upkeep on erp.%I to plantwright_owner using (true) with check (true)', seen.relname);
        execute format('grant select on erp.%I to plantwright_app', seen.relname);
    end loop;
end
$$;
revoke all on function erp.apply_scope() from public;

select erp.apply_scope();
