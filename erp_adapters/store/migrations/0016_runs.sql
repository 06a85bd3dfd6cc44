-- What is being answered right now, for other replicas to see, and which requests were answered how.

-- A run that has its answer in app.answer is finished: nothing more is written when it ends well.
create table app.run (
    subject      text        not null,
    id           text        not null,              -- chosen by the client, once for each person
    conversation uuid        not null,
    answer       uuid        not null,              -- the id that its answer has, or will have
    request      text        not null,              -- digest of what was asked
    state        text        not null default 'running' check (state in ('running', 'finished', 'failed', 'stopped')),
    started      timestamptz not null default now(),
    seen         timestamptz not null default now(), -- when its process last said that it lives
    stop         boolean     not null default false, -- asked to stop, wherever it runs
    outcome      jsonb,                             -- an answer that no conversation keeps, or what went wrong
    primary key (subject, id)
);
create index on app.run (subject, seen);

-- A response that was given under a key, so that asking again does nothing again.
create table app.idempotency (
    subject text        not null,
    key     text        not null,
    request text        not null,                   -- digest of method, address and body
    taken   timestamptz not null default now(),
    status  integer,                                -- null while the first request is being answered
    kind    text        not null default '',
    body    bytea,
    primary key (subject, key)
);
create index on app.idempotency (subject, taken);

do $$
declare
    own constant text := 'subject = nullif((select current_setting(''plantwright.subject'', true)), '''')';
    name text;
begin
    foreach name in array array['run', 'idempotency'] loop
        execute format('alter table app.%I enable row level security', name);
        execute format('alter table app.%I force row level security', name);
        execute format('create policy own on app.%I to plantwright_app using (%s) with check (%s)', name, own, own);
        execute format('create policy upkeep on app.%I to plantwright_owner using (true) with check (true)', name);
        execute format('grant select, insert, update, delete on app.%I to plantwright_app', name);
    end loop;
end
$$;
