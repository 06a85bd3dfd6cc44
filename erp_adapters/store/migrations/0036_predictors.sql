-- Models that foretell: versions that are registered, what each may do at each site and since when, what it foretold
-- beside what came, and what its numbers mean there.

create table app.predictor (
    name          text        not null check (name ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$'),
    version       text        not null check (version ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$'),
    kind          text        not null check (kind in ('failure')),
    owner         text        not null check (owner <> ''),
    protocol      text        not null check (protocol in ('open_inference', 'mlflow', 'plain')),
    url           text        not null check (url ~ '^https?://'),
    token         text        not null default '',           -- where it stands: env:NAME or file:PATH, never itself
    output        text        not null default '',
    inputs        text[]      not null check (cardinality(inputs) >= 1),
    trained_until date        not null,                      -- what came later is what it is judged by
    trained_on    jsonb       not null,                      -- by input: values that it saw, to tell drift by
    false_alarm   numeric     not null check (false_alarm > 0),
    missed        numeric     not null check (missed > 0),
    band          numeric     not null check (band >= 0 and band < 1),
    least_quality numeric     not null check (least_quality between 0 and 1),
    card          text        not null default '',
    registered_by text        not null,
    registered_at timestamptz not null default clock_timestamp(),
    primary key (name, version)
);
alter table app.predictor enable row level security;
alter table app.predictor force row level security;
-- That a model exists is no secret; what it foretells is.
create policy everyone on app.predictor for select to plantwright_app using (true);
create policy upkeep on app.predictor to plantwright_owner using (true) with check (true);

-- One row for each change, for good: the latest one of a version and site is what holds.
create table app.predictor_state (
    id      bigint      generated always as identity primary key,
    name    text        not null,
    version text        not null,
    site    text        not null,
    state   text        not null check (state in ('shadow', 'active', 'suspended', 'retired')),
    reason  text        not null check (reason <> ''),
    by      text        not null check (by <> ''),           -- a person, or `system`
    at      timestamptz not null default clock_timestamp(),
    foreign key (name, version) references app.predictor,
    constraint only_people_let_in check (state <> 'active' or by <> 'system')
);
create index on app.predictor_state (site, name, version, id desc);
alter table app.predictor_state enable row level security;
alter table app.predictor_state force row level security;
create policy reads on app.predictor_state for select to plantwright_app using (app.in_scope(array[site]));
create policy upkeep on app.predictor_state to plantwright_owner using (true) with check (true);

create function app.keep_predictors() returns trigger language plpgsql set search_path = pg_catalog as $$
begin
    raise exception 'models and their states are kept: a change is a new row';
end
$$;
create trigger kept before update or delete on app.predictor
    for each row execute function app.keep_predictors();
create trigger kept before update or delete on app.predictor_state
    for each row execute function app.keep_predictors();

create table app.foretold (
    name     text             not null,
    version  text             not null,
    site     text             not null,
    subject  text             not null,                      -- work centre
    for_day  date             not null,                      -- first day of what was foretold
    made_at  timestamptz      not null,
    score    double precision not null,                      -- as the endpoint said it
    rule     double precision not null,                      -- what the rule said of the same
    quality  double precision not null,
    inputs   double precision[] not null,
    came     boolean,                                        -- once the time that was foretold is over
    primary key (name, version, site, subject, for_day),
    foreign key (name, version) references app.predictor
);
alter table app.foretold enable row level security;
alter table app.foretold force row level security;
create policy reads on app.foretold for select to plantwright_app using (app.in_scope(array[site]));
create policy upkeep on app.foretold to plantwright_owner using (true) with check (true);

create table app.predictor_record (
    id          bigint      generated always as identity primary key,
    name        text        not null,
    version     text        not null,
    site        text        not null,
    judged_at   timestamptz not null,
    steps       jsonb       not null,                        -- what its scores mean here
    outcomes    integer     not null,
    model       jsonb       not null,                        -- precision, recall, Brier score and so on
    rule        jsonb       not null,
    drifted     text[]      not null,                        -- inputs that have moved
    foreign key (name, version) references app.predictor
);
create index on app.predictor_record (site, name, version, id desc);
alter table app.predictor_record enable row level security;
alter table app.predictor_record force row level security;
create policy reads on app.predictor_record for select to plantwright_app using (app.in_scope(array[site]));
create policy upkeep on app.predictor_record to plantwright_owner using (true) with check (true);

grant select on app.predictor, app.predictor_state, app.foretold, app.predictor_record to plantwright_app;

-- The worker lets versions foretell, judges them, and takes the right to speak; it never gives it.
do $$
declare
    name text;
begin
    if exists (select from pg_roles where rolname = 'plantwright_worker') then
        foreach name in array array['predictor', 'predictor_state', 'foretold', 'predictor_record'] loop
            execute format('create policy works on app.%I for select to plantwright_worker using (true)', name);
            execute format('grant select on app.%I to plantwright_worker', name);
        end loop;
        create policy suspends on app.predictor_state for insert to plantwright_worker
            with check (state = 'suspended' and by = 'system');
        create policy foretells on app.foretold for insert to plantwright_worker with check (came is null);
        create policy joins on app.foretold for update to plantwright_worker
            using (came is null) with check (came is not null);
        create policy judges on app.predictor_record for insert to plantwright_worker with check (true);
        grant insert on app.predictor_state, app.foretold, app.predictor_record to plantwright_worker;
        grant update (came) on app.foretold to plantwright_worker;
    end if;
end
$$;

-- Whether the person of this scope answers for models at that site.
create function app.governs_predictors(wanted text) returns boolean
language sql stable security definer set search_path = pg_catalog as $$
    select exists (
        select from erp.person p
        where p.subject = nullif(current_setting('plantwright.subject', true), '') and p.active
          and 'admin' = any (p.roles) and wanted = any (p.sites))
$$;

-- The only way for a person to change what a version may do at a site. What became of it, in one word.
create function app.decide_predictor(wanted text, wanted_version text, at_site text, next text, why text)
returns text language plpgsql security definer set search_path = pg_catalog as $$
declare
    now_is text;
begin
    if not app.governs_predictors(at_site) then
        return 'not allowed';
    end if;
    lock table app.predictor_state in share row exclusive mode;
    if not exists (select from app.predictor where name = wanted and version = wanted_version) then
        return 'not found';
    end if;
    select s.state into now_is from app.predictor_state s
     where s.name = wanted and s.version = wanted_version and s.site = at_site order by s.id desc limit 1;
    if now_is is not distinct from next then
        return 'already';
    elsif now_is is null and next <> 'shadow' then
        return 'not in shadow';
    elsif now_is = 'retired' and next <> 'shadow' then
        return 'retired';
    end if;
    -- One version speaks for a model at a site: the one before it goes back to shadow.
    if next = 'active' then
        insert into app.predictor_state (name, version, site, state, reason, by)
        select latest.name, latest.version, at_site, 'shadow', 'version ' || wanted_version || ' speaks now',
               current_setting('plantwright.subject')
        from (select distinct on (s.version) s.name, s.version, s.state from app.predictor_state s
              where s.name = wanted and s.site = at_site order by s.version, s.id desc) latest
        where latest.state = 'active';
    end if;
    insert into app.predictor_state (name, version, site, state, reason, by)
    values (wanted, wanted_version, at_site, next, why, current_setting('plantwright.subject'));
    return 'done';
end
$$;
-- A version is registered by somebody who answers for models at every site where it then starts, in shadow.
create function app.register_predictor(entry jsonb, at_sites text[]) returns text
language plpgsql security definer set search_path = pg_catalog as $$
declare
    given app.predictor := jsonb_populate_record(null::app.predictor, entry);
    each text;
begin
    foreach each in array at_sites loop
        if not app.governs_predictors(each) then
            return 'not allowed';
        end if;
    end loop;
    if exists (select from app.predictor where name = given.name and version = given.version) then
        return 'already';
    end if;
    given.registered_by := current_setting('plantwright.subject');
    given.registered_at := clock_timestamp();
    insert into app.predictor select given.*;
    insert into app.predictor_state (name, version, site, state, reason, by)
    select given.name, given.version, site, 'shadow', 'registered', given.registered_by from unnest(at_sites) site;
    return 'done';
end
$$;
revoke all on function app.governs_predictors, app.decide_predictor, app.register_predictor from public;
grant execute on function app.decide_predictor, app.register_predictor to plantwright_app;
