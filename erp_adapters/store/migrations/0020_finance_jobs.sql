-- Explanations that a program asked for and does not wait for: a worker computes them.
create table app.finance_job (
    id          uuid        primary key,
    subject     text        not null check (subject <> ''),
    key         text        not null check (length(key) between 1 and 200),   -- the same request again is the same job
    locale      text        not null,
    arguments   jsonb       not null,
    state       text        not null default 'queued' check (state in ('queued', 'working', 'done', 'failed')),
    explanation uuid        references app.variance_explanation (id),
    problem     text        not null default '',                              -- why it failed
    attempts    integer     not null default 0,
    lease_until timestamptz,                                                  -- whose worker died is taken up again then
    asked_at    timestamptz not null default clock_timestamp(),
    ended_at    timestamptz,
    unique (subject, key),
    constraint done_with_a_result check ((state = 'done') = (explanation is not null)),
    constraint failed_with_a_reason check ((state = 'failed') = (problem <> '')),
    constraint ended_when_over check ((state in ('done', 'failed')) = (ended_at is not null))
);
create index on app.finance_job (asked_at) where state in ('queued', 'working');
alter table app.finance_job enable row level security;
alter table app.finance_job force row level security;
create policy upkeep on app.finance_job to plantwright_owner using (true) with check (true);
create policy works on app.finance_job to plantwright_worker using (true) with check (true);
create policy own on app.finance_job for select to plantwright_app
    using (subject = nullif((select current_setting('plantwright.subject', true)), ''));
create policy asks on app.finance_job for insert to plantwright_app
    with check (subject = nullif((select current_setting('plantwright.subject', true)), '') and state = 'queued');
grant select, insert on app.finance_job to plantwright_app;
grant update (state, explanation, problem, attempts, lease_until, ended_at) on app.finance_job to plantwright_worker;

-- When a worker was last heard of, so that whoever waits is told where none is there; nothing else of the queue.
create function app.worker_heard_at() returns timestamptz
language sql stable security definer set search_path = pg_catalog as $$
    select max(last_heartbeat) from jobs.procrastinate_workers
$$;
revoke all on function app.worker_heard_at from public;
grant execute on function app.worker_heard_at to plantwright_app;

-- Addresses outside that are told of explanations. What messages are signed with is for the worker alone to read.
create table app.webhook (
    id         uuid        primary key,
    address    text        not null check (address <> ''),
    events     text[]      not null check (cardinality(events) >= 1),
    sites      text[]      not null check (cardinality(sites) >= 1),      -- only what is about none but these is told
    made_by    text        not null check (made_by <> ''),
    made_at    timestamptz not null default clock_timestamp(),
    secret     bytea       not null check (length(secret) between 24 and 64),
    old_secret bytea,
    old_until  timestamptz,                                               -- until then messages are signed with both
    ended_by   text        not null default '',
    ended_at   timestamptz
);
alter table app.webhook enable row level security;
alter table app.webhook force row level security;
create policy upkeep on app.webhook to plantwright_owner using (true) with check (true);
create policy works on app.webhook for select to plantwright_worker using (true);
create policy reads on app.webhook for select to plantwright_app using (app.in_scope(sites));
create policy subscribes on app.webhook for insert to plantwright_app
    with check (app.in_scope(sites) and made_by = nullif(current_setting('plantwright.subject', true), ''));
create policy ends on app.webhook for update to plantwright_app
    using (app.in_scope(sites) and ended_at is null)
    with check (app.in_scope(sites) and ended_by = nullif(current_setting('plantwright.subject', true), ''));
grant select (id, address, events, sites, made_by, made_at, old_until, ended_by, ended_at), insert
    on app.webhook to plantwright_app;
grant update (ended_by, ended_at) on app.webhook to plantwright_app;
grant select on app.webhook to plantwright_worker;

-- Another secret, with the one before valid beside it for a while; what it was cannot be read back.
create function app.rotate_webhook(of uuid, fresh bytea, until timestamptz) returns boolean
language plpgsql security definer set search_path = pg_catalog as $$
begin
    update app.webhook set old_secret = secret, old_until = until, secret = fresh
     where id = of and ended_at is null and app.in_scope(sites);
    return found;
end
$$;
revoke all on function app.rotate_webhook from public;
grant execute on function app.rotate_webhook to plantwright_app;

-- The outbox of webhooks: one row for each event and address, sent until it is taken or given up.
create table app.delivery (
    event       uuid        not null,                                     -- the message's own id, the same in each attempt
    webhook     uuid        not null references app.webhook (id),
    kind        text        not null,
    payload     text        not null,
    state       text        not null default 'pending' check (state in ('pending', 'delivered', 'dead')),
    attempts    integer     not null default 0,
    due_at      timestamptz not null default clock_timestamp(),
    lease_until timestamptz,
    status      integer,                                                  -- the last answer's
    why         text        not null default '',                          -- why the last attempt failed
    made_at     timestamptz not null default clock_timestamp(),
    ended_at    timestamptz,
    primary key (event, webhook),
    constraint ended_when_over check ((state = 'pending') = (ended_at is null))
);
create index on app.delivery (due_at) where state = 'pending';
create index on app.delivery (webhook, made_at desc);
alter table app.delivery enable row level security;
alter table app.delivery force row level security;
create policy upkeep on app.delivery to plantwright_owner using (true) with check (true);
create policy works on app.delivery to plantwright_worker using (true) with check (true);
create policy reads on app.delivery for select to plantwright_app
    using (exists (select from app.webhook w where w.id = webhook));
grant select on app.delivery to plantwright_app;
grant update (state, attempts, due_at, lease_until, status, why, ended_at) on app.delivery to plantwright_worker;

-- Puts an event into the outbox for every address that is to be told, in the transaction that it happens in.
create function app.announce(message uuid, what text, about text[], body text) returns integer
language plpgsql security definer set search_path = pg_catalog as $$
declare
    told integer;
begin
    insert into app.delivery (event, webhook, kind, payload)
    select message, w.id, what, body from app.webhook w
     where w.ended_at is null and what = any (w.events) and about <@ w.sites;
    get diagnostics told = row_count;
    return told;
end
$$;
revoke all on function app.announce from public;
grant execute on function app.announce to plantwright_app;

-- What was given up is sent once more from the beginning, under the same id.
create function app.deliver_again(message uuid, to_webhook uuid) returns boolean
language plpgsql security definer set search_path = pg_catalog as $$
begin
    update app.delivery d set state = 'pending', attempts = 0, due_at = clock_timestamp(), ended_at = null
     where d.event = message and d.webhook = to_webhook and d.state = 'dead'
       and exists (select from app.webhook w
                    where w.id = d.webhook and w.ended_at is null and app.in_scope(w.sites));
    return found;
end
$$;
revoke all on function app.deliver_again from public;
grant execute on function app.deliver_again to plantwright_app;

-- Which published explanations were held against which load, and what came of it: each load is looked at once.
create table app.publication_look (
    publication uuid        primary key references app.publication (id),
    loaded      text        not null,                                     -- when the last load of its sites ended
    delta       numeric,                                                  -- of the total, where it is stale
    looked_at   timestamptz not null default clock_timestamp()
);
alter table app.publication_look enable row level security;
alter table app.publication_look force row level security;
create policy upkeep on app.publication_look to plantwright_owner using (true) with check (true);
create policy works on app.publication_look to plantwright_worker using (true) with check (true);
create policy reads on app.publication_look for select to plantwright_app
    using (exists (select from app.publication p where p.id = publication));
grant select on app.publication_look to plantwright_app;
grant insert, update on app.publication_look to plantwright_worker;

create policy works on app.publication for select to plantwright_worker using (true);
