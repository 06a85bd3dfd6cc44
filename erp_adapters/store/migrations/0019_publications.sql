-- Explanations of variances that people stand for: one drafts, another publishes exactly what was shown.
create table app.publication (
    id         uuid        primary key,
    scope      text        not null check (scope <> ''),      -- what is explained: its versions follow each other
    version    integer     not null check (version >= 1),
    sites      text[]      not null check (cardinality(sites) >= 1),
    requester  text        not null check (requester <> ''),
    canonical  bytea       not null,                           -- what was shown, and what the digest is of
    digest     text        not null check (digest = 'sha256:' || encode(sha256(canonical), 'hex')),
    state      text        not null check (state in ('drafted', 'published', 'rejected', 'superseded')),
    drafted_at timestamptz not null,
    expires_at timestamptz not null check (expires_at > drafted_at),
    decided_by text        not null default '',
    decided_at timestamptz,
    reason     text        not null default '',
    unique (scope, version)
);
create unique index on app.publication (scope) where state = 'drafted';
create unique index on app.publication (scope) where state = 'published';

create function app.keep_publication() returns trigger language plpgsql set search_path = pg_catalog as $$
declare
    changing constant text[] := array['state', 'decided_by', 'decided_at', 'reason'];
    edge constant text := case tg_op when 'UPDATE' then old.state || ' ' || new.state end;
begin
    if tg_op = 'DELETE' then
        raise exception 'explanations are kept: % cannot be deleted', old.id;
    end if;
    if tg_op = 'INSERT' then
        if new.state <> 'drafted' or new.decided_by <> '' or new.decided_at is not null then
            raise exception 'an explanation begins as a draft' using errcode = 'insufficient_privilege';
        end if;
        return new;
    end if;
    if (to_jsonb(new) - changing) is distinct from (to_jsonb(old) - changing) then
        raise exception 'an explanation is never changed: % stays as it was shown', old.id;
    end if;
    if edge not in ('drafted published', 'drafted rejected', 'drafted superseded', 'published superseded') then
        raise exception 'an explanation does not go from % to %', old.state, new.state
            using errcode = 'insufficient_privilege';
    end if;
    if edge = 'published superseded'
       and (new.decided_by, new.decided_at) is distinct from (old.decided_by, old.decided_at) then
        raise exception 'explanation % was published by whom it was', old.id;
    end if;
    if edge = 'drafted published'
       and (new.decided_by in ('', old.requester) or new.decided_at is null or new.decided_at >= old.expires_at
            or new.decided_by is distinct from current_setting('plantwright.subject', true)) then
        raise exception 'explanation % is published in time, by another person than drafted it', old.id
            using errcode = 'insufficient_privilege';
    end if;
    return new;
end
$$;
create trigger kept before insert or update or delete on app.publication
    for each row execute function app.keep_publication();

alter table app.publication enable row level security;
alter table app.publication force row level security;
create policy upkeep on app.publication to plantwright_owner using (true) with check (true);
create policy reads on app.publication for select to plantwright_app using (app.in_scope(sites));
create policy drafts on app.publication for insert to plantwright_app
    with check (app.in_scope(sites) and requester = current_setting('plantwright.subject', true));
create policy decides on app.publication for update to plantwright_app
    using (app.in_scope(sites)) with check (app.in_scope(sites));
grant select, insert on app.publication to plantwright_app;
grant update (state, decided_by, decided_at, reason) on app.publication to plantwright_app;
