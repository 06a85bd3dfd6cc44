-- A model that was suspended is a task until it is trained anew or let in again: a finding, opened and closed in the same
-- transaction as its state. From which drift and which error on a version is suspended stands with the version.

alter table app.predictor
    add column retrain_from_drift numeric not null default 0.25 check (retrain_from_drift > 0), -- PSI of an input
    add column retrain_from_error numeric not null default 1.05 check (retrain_from_error >= 1); -- of the rule's

-- Models of which no version speaks at a site, with the one that was suspended last.
create view app.suspended_model with (security_invoker = true) as
with latest as (
    select distinct on (site, name, version) * from app.predictor_state order by site, name, version, id desc
)
select distinct on (l.site, l.name) l.id, l.site, l.name, l.version, l.reason, (l.at at time zone 'UTC')::date as day
from latest l
where l.state = 'suspended'
  and not exists (select from latest a where a.site = l.site and a.name = l.name and a.state = 'active')
order by l.site, l.name, l.id desc;
grant select on app.suspended_model to plantwright_app;

-- The same finding, by the same id, as the check `suspended_models` keeps when it looks.
create function app.keep_retraining() returns trigger
language plpgsql security definer set search_path = pg_catalog as $$
declare
    task app.suspended_model;
    wanted text;
begin
    select m.* into task from app.suspended_model m where m.site = new.site and m.name = new.name;
    if found then
        wanted := left(encode(sha256(convert_to(concat_ws(e'\n', 'suspended_models', 'model_suspended',
            concat_ws(' ', task.site, task.name, task.version, task.id)), 'UTF8')), 'hex'), 12);
    end if;
    delete from erp.finding f
     where f.site = new.site and f.check_name = 'suspended_models' and f.arguments ->> 'name' = new.name
       and f.status = 'open' and f.finding_id is distinct from wanted;
    update erp.finding f set gone_at = clock_timestamp()
     where f.site = new.site and f.check_name = 'suspended_models' and f.arguments ->> 'name' = new.name
       and f.gone_at is null and f.finding_id is distinct from wanted;
    if wanted is not null then
        insert into erp.finding (finding_id, site, source_system, check_name, record, source_key, severity, what,
                                 arguments, proposal, confidence)
        values (wanted, task.site, 'plantwright', 'suspended_models', 'predictor', task.name || ' ' || task.version,
                'serious', 'model_suspended',
                jsonb_build_object('name', task.name, 'version', task.version,
                                   'day', jsonb_build_object('day', task.day), 'reason', task.reason),
                jsonb_build_object('kind', 'retrain', 'model', task.name || ' ' || task.version), 1)
        on conflict (site, finding_id) do nothing;
    end if;
    return null;
end
$$;
revoke all on function app.keep_retraining() from public;
create trigger retraining after insert on app.predictor_state
    for each row execute function app.keep_retraining();

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
        -- Which models were suspended is looked at too, and never written.
        foreach own in array array['predictor', 'predictor_state'] loop
            if not exists (select from pg_policy p
                           where p.polrelid = format('app.%I', own)::regclass and p.polname = 'looks') then
                execute format('create policy looks on app.%I for select to plantwright_loader using (true)', own);
            end if;
            execute format('grant select on app.%I to plantwright_loader', own);
        end loop;
        grant select on app.suspended_model to plantwright_loader;
    end if;
end
$$;
select app.admit_roles();
