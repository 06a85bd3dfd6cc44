-- What is known of readings: how old each source is, which parts fail, and what a source has told of.

-- Events that were taken, so that none is taken twice while its signature would still do.
create table erp.sync_event (
    site          text not null,
    source_system text not null,
    event         text not null,
    part          text not null,
    taken_at      timestamptz not null default now(),
    primary key (site, source_system, event)
);

select erp.apply_scope();

-- As before, where an import was the last; where a system is read again and again, the part that was read longest ago
-- says how old the source is, and a part that fails says since when.
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
                   from erp.sync_feed group by source_system, site) r
        on r.source_system = l.source_system and r.site = l.site
     order by l.source_system, l.site
$$;

-- What whoever runs the service sees of readings of all sites: never a row of them.
create function app.readings(
    out source_system text, out site text, out part text, out read_at timestamptz, out failing_since timestamptz,
    out problem text, out remedy text, out rows bigint, out source_rows bigint, out due_since timestamptz
) returns setof record
language sql stable security definer set search_path = pg_catalog as $$
    select source_system, site, part, read_at, failing_since, problem, remedy, rows, source_rows, due_since
      from erp.sync_feed order by source_system, site, part
$$;
revoke all on function app.readings from public;
do $$
begin
    if exists (select from pg_roles where rolname = 'plantwright_worker') then
        grant execute on function app.readings to plantwright_worker;
    end if;
end
$$;

-- An event of a source: what it names is due. False where the very event was taken before.
create function app.take_event(source text, at_site text, named text, id text) returns boolean
language plpgsql security definer set search_path = pg_catalog as $$
begin
    delete from erp.sync_event where taken_at < now() - interval '1 hour';
    insert into erp.sync_event (site, source_system, event, part) values (at_site, source, id, named)
    on conflict do nothing;
    if not found then
        return false;
    end if;
    insert into erp.sync_feed as f (source_system, site, part, due_since) values (source, at_site, named, now())
    on conflict (site, source_system, part) do update set due_since = coalesce(f.due_since, now());
    return true;
end
$$;
revoke all on function app.take_event from public;
grant execute on function app.take_event to plantwright_app;
