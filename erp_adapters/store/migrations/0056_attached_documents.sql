-- Files and notes that hang on objects of connected systems stand in the index beside those of folders: what they hang on,
-- in which system, and why nothing of one can be quoted. Whoever reads systems keeps them, and leaves a folder's alone.
alter table erp.document
    add column system     text not null default '', -- what the system is called; empty of a folder's
    add column about      text not null default '', -- kind of object that it hangs on
    add column object     text not null default '', -- untrusted: number of that object
    add column changed_at timestamptz,              -- as the system says
    add column problem    text not null default ''; -- why nothing of it can be quoted
create index on erp.document (site, source_system, source_key);

-- Files that cannot be read make no figure older.
create or replace function app.source_ages(
    out source_system text, out site text, out loaded_at timestamptz, out data_as_of timestamptz,
    out failed_at timestamptz
) returns setof record
language sql stable security definer set search_path = pg_catalog as $$
    select l.source_system, l.site, coalesce(r.read_at, l.finished_at),
           case when r.read_at is null then coalesce(l.as_of, s.as_of) else coalesce(r.read_at, l.as_of) end,
           coalesce(r.failing_since,
                    case when r.parts is null then (
                        select max(f.started_at) from erp.load f
                         where f.source_system = l.source_system and f.site = l.site and f.status = 'failed'
                           and f.started_at > l.started_at) end)
      from (select distinct on (source_system, site) * from erp.load
             where status = 'loaded' and finished_at is not null
             order by source_system, site, finished_at desc) l
      left join erp.site s on s.site = l.site
      left join (select source_system, site, min(read_at) as read_at, min(failing_since) as failing_since,
                        count(*) as parts
                   from erp.sync_feed where part <> 'documents' group by source_system, site) r
        on r.source_system = l.source_system and r.site = l.site
     order by l.source_system, l.site
$$;

do $$
declare
    seen text;
begin
    foreach seen in array array['document', 'document_chunk'] loop
        execute format('drop policy if exists loads on erp.%I', seen);
    end loop;
end
$$;
create or replace function app.admit_roles() returns void
language plpgsql security definer set search_path = pg_catalog as $$
declare
    -- What decides who may see and do what, and what codes mean, is nothing that a system is read for.
    kept constant text[] := array['person', 'site_rules', 'prediction'];
    -- What a folder holds is a person's to index; what hangs on a system's objects is read with the system.
    hung constant text[] := array['document', 'document_chunk'];
    seen record;
    own text;
    partition record;
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
                if seen.relname = any (hung) then
                    execute format('create policy loads on erp.%I to plantwright_loader'
                                   ' using (source_system <> ''documents'')'
                                   ' with check (source_system <> ''documents'')', seen.relname);
                elsif seen.relname = any (kept) then
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
        -- What machines tell is kept by it too, and looked at by its checks; partitions are the owner's to make and drop.
        grant usage on schema app, series to plantwright_loader;
        foreach own in array array['signal', 'signal_now', 'series_batch', 'samples', 'signal_hour', 'signal_flaw',
                                   'series_source', 'collector'] loop
            if not exists (select from pg_policy p
                           where p.polrelid = format('app.%I', own)::regclass and p.polname = 'keeps') then
                execute format('create policy keeps on app.%I to plantwright_loader using (true) with check (true)', own);
            end if;
            execute format('grant select on app.%I to plantwright_loader', own);
        end loop;
        grant insert, update on app.signal, app.signal_now, app.signal_hour, app.collector to plantwright_loader;
        grant insert, delete on app.series_batch to plantwright_loader;
        grant insert, update, delete on app.signal_flaw, app.series_source to plantwright_loader;
        for partition in select c.oid, c.relname from pg_class c join pg_inherits i on i.inhrelid = c.oid
                         where i.inhparent = 'app.samples'::regclass
        loop
            execute format('grant insert on series.%I to plantwright_loader', partition.relname);
        end loop;
        grant execute on function series.make_place(text, timestamptz), series.drop_samples(date) to plantwright_loader;
    end if;
end
$$;
select app.admit_roles();
