-- Times in which a source of a site was away, from when it failed to when what it had to tell of them was here. What was
-- answered or drafted meanwhile did not know of it.

create table app.outage (
    site     text        not null,
    source   text        not null,       -- as evidence names it; a collector's name stands for all its sources
    began_at timestamptz not null,
    ended_at timestamptz,                -- null: it is still away, or what it collected still comes in
    primary key (site, source, began_at)
);
create index on app.outage (ended_at);
alter table app.outage enable row level security;
alter table app.outage force row level security;
create policy reads on app.outage for select to plantwright_app using (site = any (
    (select string_to_array(current_setting('plantwright.sites', true), ','))::text[]));
create policy upkeep on app.outage to plantwright_owner using (true) with check (true);
grant select on app.outage to plantwright_app;

-- Several parts of one source fail and come back together: that is one time, not several. Blinks are none.
create function app.note_outage(at_site text, named text, since timestamptz) returns void
language plpgsql set search_path = pg_catalog as $$
begin
    if since is null or now() - since < interval '5 minutes' then
        return;
    end if;
    update app.outage set began_at = least(began_at, since), ended_at = now()
     where site = at_site and source = named and ended_at >= since - interval '5 minutes'
       and began_at = (select max(began_at) from app.outage where site = at_site and source = named);
    if not found then
        insert into app.outage (site, source, began_at, ended_at) values (at_site, named, since, now())
        on conflict do nothing;
    end if;
end
$$;
revoke all on function app.note_outage from public;

create function app.feed_is_back() returns trigger language plpgsql set search_path = pg_catalog as $$
begin
    perform app.note_outage(new.site, new.source_system, old.failing_since);
    return null;
end
$$;
create trigger is_back after update of failing_since on erp.sync_feed for each row
    when (old.failing_since is not null and new.failing_since is null) execute function app.feed_is_back();

create function app.series_are_back() returns trigger language plpgsql set search_path = pg_catalog as $$
begin
    perform app.note_outage(new.site, new.source, old.failing_since);
    return null;
end
$$;
create trigger is_back after update of failing_since on app.series_source for each row
    when (old.failing_since is not null and new.failing_since is null) execute function app.series_are_back();

-- A collector that was not heard of is back once nothing waits there any more.
create function app.collector_is_back() returns trigger language plpgsql set search_path = pg_catalog as $$
begin
    if new.heard_at - old.heard_at >= interval '5 minutes' then
        insert into app.outage (site, source, began_at) values (new.site, new.name, old.heard_at)
        on conflict do nothing;
    end if;
    if new.waiting_batches = 0 then
        update app.outage set ended_at = now()
         where site = new.site and source = new.name and ended_at is null;
    end if;
    return null;
end
$$;
create trigger is_back after update on app.collector for each row execute function app.collector_is_back();
