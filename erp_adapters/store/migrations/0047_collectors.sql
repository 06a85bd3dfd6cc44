-- Programs at sites that collect what machines tell, as each told of itself last; a row for each site.

create table app.collector (
    name            text        not null,
    site            text        not null,
    heard_at        timestamptz not null default now(),
    version         text        not null default '',
    waiting_batches bigint      not null default 0,   -- kept at the site, and not here yet
    waiting_samples bigint      not null default 0,
    waiting_since   timestamptz,                      -- when the oldest of them came
    full_since      timestamptz,                      -- since when it has had no room for more
    set_aside       bigint      not null default 0,   -- batches that were refused here, kept there
    primary key (name, site)
);

alter table app.collector enable row level security;
alter table app.collector force row level security;
create policy reads on app.collector for select to plantwright_app using (site = any (
    (select string_to_array(current_setting('plantwright.sites', true), ','))::text[]));
create policy upkeep on app.collector to plantwright_owner using (true) with check (true);
grant select on app.collector to plantwright_app;
