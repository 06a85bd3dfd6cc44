-- Whoever keeps what is read also checks it, live signals included, and notes that a source is back: the note itself is
-- the owner's to write.
alter function app.feed_is_back() security definer;
alter function app.series_are_back() security definer;
alter function app.collector_is_back() security definer;

create or replace function app.admit_roles() returns void
language plpgsql security definer set search_path = pg_catalog as $$
declare
    -- What decides who may see and do what, and what codes mean, is nothing that a system is read for.
    kept constant text[] := array['person', 'site_rules', 'document', 'document_chunk', 'prediction'];
    seen record;
    looked_at text;
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
        -- Checks of what was loaded look at live signals as well.
        grant usage on schema app to plantwright_loader;
        foreach looked_at in array array['signal', 'signal_flaw'] loop
            if not exists (select from pg_policy p
                           where p.polrelid = format('app.%I', looked_at)::regclass and p.polname = 'loads') then
                execute format('create policy loads on app.%I for select to plantwright_loader using (true)',
                               looked_at);
            end if;
            execute format('grant select on app.%I to plantwright_loader', looked_at);
        end loop;
    end if;
end
$$;
select app.admit_roles();
