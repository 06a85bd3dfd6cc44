-- What whoever runs the service sees of all sites at once: how old each source is, never a row of it.

create function app.source_ages(
    out source_system text, out site text, out loaded_at timestamptz, out data_as_of timestamptz,
    out failed_at timestamptz
) returns setof record
language sql stable security definer set search_path = pg_catalog as $$
    select distinct on (l.source_system, l.site)
           l.source_system, l.site, l.finished_at, coalesce(l.as_of, s.as_of),
           (select max(f.started_at) from erp.load f
             where f.source_system = l.source_system and f.site = l.site and f.status = 'failed'
               and f.started_at > l.started_at)
      from erp.load l left join erp.site s on s.site = l.site
     where l.status = 'loaded' and l.finished_at is not null
     order by l.source_system, l.site, l.finished_at desc
$$;
revoke all on function app.source_ages from public;
do $$
begin
    if exists (select from pg_roles where rolname = 'plantwright_worker') then
        grant execute on function app.source_ages to plantwright_worker;
    end if;
end
$$;

-- Which steps have run, so that readiness and `doctor` need no login of the owner.
create function app.schema_steps() returns setof text
language sql stable security definer set search_path = pg_catalog as $$
    select name from public.plantwright_migration order by name
$$;
revoke all on function app.schema_steps from public;
grant execute on function app.schema_steps to plantwright_app;
