-- Whoever keeps what is read of systems keeps what machines tell as well, so that no worker needs the owner's login for
-- it. A place for a day is made, and days are dropped, by functions of the owner's.

create or replace function series.make_place(of text, moment timestamptz) returns void
language plpgsql security definer set search_path = pg_catalog as $$
declare
    unit constant text := case of when 'samples' then 'day' else 'month' end;
    begins constant timestamptz := date_trunc(unit, moment, 'UTC');
    ends constant timestamptz := (begins at time zone 'UTC' + ('1 ' || unit)::interval) at time zone 'UTC';
    place constant text := of || '_' || to_char(begins at time zone 'UTC', 'YYYYMMDD');
begin
    if of not in ('samples', 'signal_hour') then
        raise exception 'nothing of % is kept in places', of;
    end if;
    if to_regclass(format('series.%I', place)) is not null then
        return;
    end if;
    execute format('create table if not exists series.%I partition of app.%I for values from (%L) to (%L) with (%s)',
        place, of, begins, ends, case of when 'samples' then 'autovacuum_enabled = true' else 'fillfactor = 60' end);
    if of = 'samples' and to_regrole('plantwright_loader') is not null then
        execute format('grant insert on series.%I to plantwright_loader', place);
    end if;
end
$$;

-- Days of samples before one are dropped; what is being read meanwhile stays until the next time. Today stays anyway.
create function series.drop_samples(before date) returns setof date
language plpgsql security definer set search_path = pg_catalog set lock_timeout = '2s' as $$
declare
    seen record;
begin
    for seen in
        select c.relname, to_date(right(c.relname, 8), 'YYYYMMDD') as day
        from pg_class c join pg_inherits i on i.inhrelid = c.oid
        where i.inhparent = 'app.samples'::regclass and c.relname ~ '^samples_[0-9]{8}$' order by 1
    loop
        if seen.day < least(before, current_date) then
            begin
                execute format('drop table series.%I', seen.relname);
                return next seen.day;
            exception when lock_not_available then
                null;
            end;
        end if;
    end loop;
end
$$;
revoke all on function series.drop_samples(date) from public;

create or replace function app.admit_roles() returns void
language plpgsql security definer set search_path = pg_catalog as $$
declare
    -- What decides who may see and do what, and what codes mean, is nothing that a system is read for.
    kept constant text[] := array['person', 'site_rules', 'document', 'document_chunk', 'prediction'];
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
