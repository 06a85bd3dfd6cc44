-- What happened, each event hashed with the one before. Only functions add to it; nothing changes what is there.

create schema audit;
grant usage on schema audit to plantwright_app, plantwright_worker;

create table audit.chain (
    one      boolean     primary key default true check (one),
    id       uuid        not null default gen_random_uuid(),   -- a checkpoint says which chain it is of
    begun_at timestamptz not null default clock_timestamp(),
    key_tag  bytea                                             -- of the key that wraps the subjects' keys
);
insert into audit.chain default values;

create table audit.head (
    one      boolean primary key default true check (one),
    position bigint  not null,
    hash     bytea   not null
) with (fillfactor = 10);
insert into audit.head (position, hash)
select 0, sha256(convert_to(format('{"chain":"%s"}', id), 'UTF8')) from audit.chain;

-- One key a person, wrapped by a key that the database never sees. An erasure empties the row for good.
create table audit.subject_key (
    key_id    uuid        primary key,
    tag       bytea       unique,                              -- keyed digest of the subject
    wrapped   bytea,
    made_at   timestamptz not null default clock_timestamp(),
    erased_at timestamptz,
    constraint erasure_is_whole check ((tag is null) = (wrapped is null) and (wrapped is null) = (erased_at is not null))
);

create table audit.event (
    position bigint      primary key,
    previous bytea       not null check (length(previous) = 32),
    hash     bytea       not null check (length(hash) = 32),
    kind     text        not null check (kind ~ '^[a-z_]{1,40}$'),
    at       timestamptz not null,
    actor    uuid        not null,                             -- key of the person, in place of a name
    about    uuid        not null,
    proposal text        not null check (length(proposal) <= 64),
    site     text        not null check (length(site) <= 64),
    sealed   bytea       not null                              -- nonce and ciphertext
);
create index on audit.event (proposal, position) where proposal <> '';

create function audit.keep() returns trigger language plpgsql set search_path = pg_catalog as $$
begin
    raise exception 'the audit is append-only: % of audit.% is refused', lower(tg_op), tg_table_name
        using errcode = 'insufficient_privilege';
end
$$;
create function audit.keep_key_rows() returns trigger language plpgsql set search_path = pg_catalog as $$
begin
    if new.key_id = old.key_id and new.made_at = old.made_at and old.wrapped is not null and new.wrapped is null then
        return new;
    end if;
    raise exception 'a key of the audit can only be erased' using errcode = 'insufficient_privilege';
end
$$;
create function audit.keep_head() returns trigger language plpgsql set search_path = pg_catalog as $$
begin
    if new.position > old.position then
        return new;
    end if;
    raise exception 'the head of the audit only goes forward' using errcode = 'insufficient_privilege';
end
$$;
create function audit.keep_chain() returns trigger language plpgsql set search_path = pg_catalog as $$
begin
    if new.id = old.id and new.begun_at = old.begun_at and old.key_tag is null then
        return new;
    end if;
    raise exception 'the chain of the audit keeps its id and its key' using errcode = 'insufficient_privilege';
end
$$;
create trigger kept before update or delete or truncate on audit.event for each statement execute function audit.keep();
create trigger kept before delete or truncate on audit.subject_key for each statement execute function audit.keep();
create trigger kept before delete or truncate on audit.head for each statement execute function audit.keep();
create trigger kept before delete or truncate on audit.chain for each statement execute function audit.keep();
create trigger only_erased before update on audit.subject_key for each row execute function audit.keep_key_rows();
create trigger only_forward before update on audit.head for each row execute function audit.keep_head();
create trigger once before update on audit.chain for each row execute function audit.keep_chain();

-- Adds events in their order; the last one's position, or null where a key was erased meanwhile, and then nothing is
-- added. It holds the head until the transaction ends.
create function audit.append(
    kinds text[], moments timestamptz[], actors uuid[], abouts uuid[], proposals text[], sites text[],
    seals bytea[], leaves bytea[]
) returns bigint
language plpgsql security definer set search_path = pg_catalog as $$
declare
    reached  bigint;
    latest   bytea;
    befores  bytea[] := '{}';
    hashes   bytea[] := '{}';
    leaf     bytea;
begin
    -- What is on record must survive a power cut, whatever the session was set to.
    if current_setting('synchronous_commit') = 'off' then
        perform set_config('synchronous_commit', 'on', true);
    end if;
    select h.position, h.hash into strict reached, latest from audit.head h for update;
    if exists (select from unnest(actors || abouts) used(id)
               left join audit.subject_key k on k.key_id = used.id where k.wrapped is null) then
        return null;
    end if;
    foreach leaf in array leaves loop
        reached := reached + 1;
        befores := befores || latest;
        -- RFC 8785 of an object with these three members.
        latest := sha256(convert_to(format('{"leaf":"%s","position":%s,"previous":"%s"}',
                                           encode(leaf, 'hex'), reached, encode(latest, 'hex')), 'UTF8'));
        hashes := hashes || latest;
    end loop;
    insert into audit.event (position, previous, hash, kind, at, actor, about, proposal, site, sealed)
    select reached - cardinality(leaves) + e.nth, e.before, e.hash, e.kind, e.at, e.actor, e.about, e.proposal, e.site,
           e.sealed
    from unnest(befores, hashes, kinds, moments, actors, abouts, proposals, sites, seals) with ordinality
         as e(before, hash, kind, at, actor, about, proposal, site, sealed, nth);
    update audit.head set position = reached, hash = latest;
    return reached;
end
$$;

-- What a checkpoint is made of.
create function audit.latest(out chain uuid, out "position" bigint, out hash bytea)
language sql stable security definer set search_path = pg_catalog as $$
    select c.id, h.position, h.hash from audit.chain c, audit.head h
$$;
create function audit.hash_at(wanted bigint) returns bytea
language sql stable security definer set search_path = pg_catalog as $$
    select e.hash from audit.event e where e.position = wanted
$$;

-- The tag of the wrapping key that this chain is kept under: the given one, where there was none yet.
create function audit.adopt(tag bytea) returns bytea
language plpgsql security definer set search_path = pg_catalog as $$
begin
    update audit.chain set key_tag = tag where key_tag is null;
    return (select key_tag from audit.chain);
end
$$;

create function audit.key_of(wanted bytea) returns table (key_id uuid, wrapped bytea)
language sql stable security definer set search_path = pg_catalog as $$
    select k.key_id, k.wrapped from audit.subject_key k where k.tag = wanted
$$;
create function audit.keep_key(new_id uuid, new_tag bytea, new_wrapped bytea) returns void
language sql security definer set search_path = pg_catalog as $$
    insert into audit.subject_key (key_id, tag, wrapped) values (new_id, new_tag, new_wrapped) on conflict do nothing
$$;
create function audit.keys(wanted uuid[]) returns table (key_id uuid, wrapped bytea)
language sql stable security definer set search_path = pg_catalog as $$
    select k.key_id, k.wrapped from audit.subject_key k where k.key_id = any (wanted)
$$;

-- The events of proposals, within the scope that the transaction has entered.
create function audit.of_proposals(wanted text[]) returns setof audit.event
language sql stable security definer set search_path = pg_catalog as $$
    select e.* from audit.event e
    where e.proposal = any (wanted) and e.proposal <> ''
      and e.site = any (string_to_array(current_setting('plantwright.sites', true), ','))
    order by e.position
$$;

do $$
declare
    name text;
begin
    for name in select p.oid::regprocedure::text from pg_proc p where p.pronamespace = 'audit'::regnamespace loop
        execute format('revoke all on function %s from public', name);
        if name !~ 'audit.keep(_key_rows|_head|_chain)?\(\)' then
            execute format('grant execute on function %s to plantwright_app, plantwright_worker', name);
        end if;
    end loop;
end
$$;
