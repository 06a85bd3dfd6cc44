-- Chat platforms: whose account is whose, what came in, and what was posted. Only the worker's login reads it, since
-- what comes in is nobody's before the account is looked up; a person sees which accounts are theirs.
create table app.channel_person (
    platform   text        not null check (platform in ('slack', 'teams')),
    tenant     text        not null check (tenant <> ''),                  -- workspace, or directory
    account    text        not null check (account <> ''),                 -- what the platform calls the person
    subject    text        not null check (subject <> ''),
    made_by    text        not null check (made_by <> ''),                 -- the person themselves, or an administrator
    made_at    timestamptz not null default clock_timestamp(),
    reference  text        not null default '',                            -- where to write to them, as the platform wants it
    waiting    boolean     not null default true,                          -- tell what waits for them
    digest_at  time,                                                       -- when they get a digest; null for none
    quiet_from time        not null default '18:00',
    quiet_till time        not null default '07:00',                       -- the same as `quiet_from` for no quiet hours
    digest_on  date,                                                       -- the last digest's day
    primary key (platform, tenant, account),
    unique (platform, subject)
);

-- Codes by which a signed-in person says on a platform who they are; known by their hash, and good once.
create table app.channel_code (
    hash       bytea       primary key check (length(hash) = 32),
    subject    text        not null check (subject <> ''),
    expires_at timestamptz not null
);
create index on app.channel_code (expires_at);

-- What came in: kept once before it is acknowledged, and done by whichever process has the lease.
create table app.channel_event (
    id          uuid        primary key,
    platform    text        not null,
    tenant      text        not null,
    event       text        not null check (length(event) between 1 and 200), -- the same again is not taken again
    account     text        not null,
    place       jsonb       not null,
    act         jsonb,                                                        -- forgotten once it is done
    state       text        not null default 'queued' check (state in ('queued', 'working', 'done', 'failed')),
    attempts    integer     not null default 0,
    lease_until timestamptz,
    answer      uuid,                                                         -- what was answered, posted or not
    made_at     timestamptz not null default clock_timestamp(),
    ended_at    timestamptz,
    unique (platform, tenant, event),
    constraint ended_when_over check ((state in ('done', 'failed')) = (ended_at is not null)),
    constraint known_until_over check (ended_at is not null or act is not null)
);
create index on app.channel_event (made_at) where ended_at is null;
create index on app.channel_event (ended_at) where ended_at is not null;

-- Which conversation of a person a thread of a channel is; several people in one thread have one each.
create table app.channel_thread (
    platform     text        not null,
    tenant       text        not null,
    channel      text        not null,
    thread       text        not null,
    subject      text        not null check (subject <> ''),
    conversation uuid        not null,
    made_at      timestamptz not null default clock_timestamp(),
    primary key (platform, tenant, channel, thread, subject)
);
create index on app.channel_thread (subject);

-- Cards that were posted: what was shown in which message, so that only that can be confirmed there.
create table app.channel_card (
    id       uuid        primary key,
    platform text        not null,
    tenant   text        not null,
    place    jsonb       not null,
    message  text        not null,
    subject  text        not null check (subject <> ''),                    -- for whom it was read
    proposal uuid        not null references app.proposal (id),
    digest   text        not null,
    state    text        not null,                                          -- as the message shows it
    signed   integer     not null default 0,
    followed text        not null default '',                               -- what was told last of its document
    made_at  timestamptz not null default clock_timestamp(),
    unique (platform, tenant, message, proposal)
);
create index on app.channel_card (proposal);
create index on app.channel_card (subject);

-- What a person was told unasked, so that they are told once.
create table app.channel_told (
    platform text        not null,
    subject  text        not null,
    what     text        not null,
    told_at  timestamptz not null default clock_timestamp(),
    primary key (platform, subject, what)
);

do $$
declare
    own constant text := 'subject = nullif((select current_setting(''plantwright.subject'', true)), '''')';
    name text;
begin
    foreach name in array array['channel_person', 'channel_code', 'channel_event', 'channel_thread', 'channel_card',
                                'channel_told'] loop
        execute format('alter table app.%I enable row level security', name);
        execute format('alter table app.%I force row level security', name);
        execute format('create policy upkeep on app.%I to plantwright_owner using (true) with check (true)', name);
        execute format('create policy works on app.%I to plantwright_worker using (true) with check (true)', name);
        execute format('grant select, insert, update, delete on app.%I to plantwright_worker', name);
    end loop;
    -- What the worker alone keeps is nothing to anybody who asks.
    foreach name in array array['channel_event', 'channel_thread', 'channel_card', 'channel_told'] loop
        execute format('create policy nothing on app.%I to plantwright_app using (false)', name);
    end loop;
    execute format('create policy own on app.channel_person for select to plantwright_app using (%s)', own);
    execute format('create policy asks on app.channel_code for insert to plantwright_app with check (%s)', own);
end
$$;
grant select on app.channel_person to plantwright_app;
grant insert on app.channel_code to plantwright_app;
