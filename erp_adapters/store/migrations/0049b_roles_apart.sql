-- Two roles that are neither the owner nor the service: one reads the record and makes packets of it, one keeps what is
-- read of connected systems. Either may be missing where an administrator has not provisioned it yet: provisioning
-- calls this again, and so does every later migration, for the tables that it makes.
create function erp.index_by_key(record text, source text) returns void
language plpgsql security definer set search_path = pg_catalog as $$
begin
    execute format('create index if not exists %I on erp.%I (source_key, site) where source_system = %L',
                   left(format('sync_%s_%s', source, record), 63), record, source);
end
$$;
revoke all on function erp.index_by_key(text, text) from public;

create function app.admit_roles() returns void
language plpgsql security definer set search_path = pg_catalog as $$
declare
    -- What decides who may see and do what, and what codes mean, is nothing that a system is read for.
    kept constant text[] := array['person', 'site_rules', 'document', 'document_chunk', 'prediction'];
    seen record;
begin
    if to_regrole('plantwright_auditor') is not null then
        grant usage on schema audit to plantwright_auditor;
        grant select on audit.chain, audit.head, audit.event, audit.subject_key to plantwright_auditor;
    end if;
    if to_regrole('plantwright_loader') is not null then
        grant usage on schema erp to plantwright_loader;
        for seen in
            select c.oid, c.relname from pg_class c
            where c.relnamespace = 'erp'::regnamespace and c.relkind in ('r', 'p') and c.relrowsecurity
        loop
            if not exists (select from pg_policy p where p.polrelid = seen.oid and p.polname = 'loads') then
                if seen.relname = any (kept) then
                    execute format('create policy loads on erp.%I for select to plantwright_loader using (true)',
                                   seen.relname);
                else
                    execute format('create policy loads on erp.%I to plantwright_loader using (true)'
                                   ' with check (true)', seen.relname);
                end if;
            end if;
            execute format('grant %s on erp.%I to plantwright_loader',
                           case when seen.relname = any (kept) then 'select'
                                else 'select, insert, update, delete' end, seen.relname);
        end loop;
        for seen in select c.relname from pg_class c where c.relnamespace = 'erp'::regnamespace and c.relkind = 'v' loop
            execute format('grant select on erp.%I to plantwright_loader', seen.relname);
        end loop;
        grant usage on all sequences in schema erp to plantwright_loader;
        grant execute on function erp.index_by_key(text, text) to plantwright_loader;
    end if;
end
$$;
revoke all on function app.admit_roles() from public;
select app.admit_roles();
