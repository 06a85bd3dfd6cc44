-- Who is signed in. A row is found only by presenting the secret whose hash it is kept under: the application's login
-- may not read the table, only call the functions below. Moments are the caller's, so that one clock decides.

create table app.session (
    hash       bytea       primary key check (length(hash) = 32),
    subject    text        not null check (subject <> ''),
    kind       text        not null check (kind in ('browser', 'panel')),
    origin     text        not null default '',              -- of the page that a panel's token is for
    made_in    bytea       references app.session (hash) on delete cascade,
    made_at    timestamptz not null,
    seen_at    timestamptz not null,
    expires_at timestamptz not null,
    constraint expires_later check (expires_at > made_at),
    constraint panels_belong_to_a_session check ((kind = 'panel') = (made_in is not null) and (kind = 'panel') = (origin <> ''))
);
create index on app.session (subject);
create index on app.session (expires_at);
create index on app.session (made_in) where made_in is not null;

alter table app.session enable row level security;
alter table app.session force row level security;
create policy nothing on app.session to plantwright_app using (false) with check (false);
create policy upkeep on app.session to plantwright_owner using (true) with check (true);

-- A browser's session; whatever was signed in there before ends, and so does what has expired anywhere.
create function app.begin_session(new_hash bytea, who text, at timestamptz, until timestamptz, before bytea) returns void
language sql volatile security definer set search_path = pg_catalog as $$
    delete from app.session s where s.hash = before or s.expires_at <= at;
    insert into app.session (hash, subject, kind, made_at, seen_at, expires_at)
    values (new_hash, who, 'browser', at, at, until)
$$;

-- A token for a page of another origin, made in a session and gone with it; its end, or null where there is no session.
create function app.hand_over(new_hash bytea, presented bytea, to_origin text, at timestamptz, until timestamptz, idle interval)
returns timestamptz
language sql volatile security definer set search_path = pg_catalog as $$
    insert into app.session (hash, subject, kind, origin, made_in, made_at, seen_at, expires_at)
    select new_hash, s.subject, 'panel', to_origin, s.hash, at, at, least(until, s.expires_at)
    from app.session s
    where s.hash = presented and s.kind = 'browser' and s.expires_at > at and s.seen_at + idle > at
    returning expires_at
$$;

-- Who a secret stands for, as the people table has them now. Being used is noted once a minute, in the session that a
-- panel's token was made in too.
create function app.session_of(presented bytea, at timestamptz, idle interval)
returns table (subject text, origin text, expires_at timestamptz, active boolean, name text, roles text[], sites text[],
               companies text[], locale text)
language plpgsql volatile security definer set search_path = pg_catalog as $$
declare
    held app.session;
begin
    select s.* into held from app.session s
    where s.hash = presented and s.expires_at > at and (s.kind = 'panel' or s.seen_at + idle > at);
    if not found then
        return;
    end if;
    if held.seen_at < at - interval '1 minute' then
        update app.session s set seen_at = at where s.hash in (held.hash, held.made_in) and s.seen_at < at;
    end if;
    return query
        select held.subject, held.origin, held.expires_at, coalesce(p.active, false), p.name, p.roles, p.sites, p.companies,
               p.locale
        from (select) one left join erp.person p on p.subject = held.subject;
end
$$;

-- Ends a session, or every session of its person.
create function app.end_session(presented bytea, everywhere boolean, at timestamptz) returns void
language sql volatile security definer set search_path = pg_catalog as $$
    delete from app.session s
    where s.hash = presented
       or everywhere and s.subject = (select h.subject from app.session h
                                      where h.hash = presented and h.kind = 'browser' and h.expires_at > at)
$$;

revoke all on function app.begin_session, app.hand_over, app.session_of, app.end_session from public;
grant execute on function app.begin_session, app.hand_over, app.session_of, app.end_session to plantwright_app;
