-- Changes of the limits: append-only, by two people of different trades, in force from a moment. The program's
-- packaged limits with those in force over them are what policy decides by.

create table app.limits_change (
    version        integer     primary key check (version > 0),
    content        text        not null,              -- TOML as it was proposed
    digest         text        not null check (digest ~ '^sha256:[0-9a-f]{64}$'), -- of what it says
    sites          text[]      not null check (cardinality(sites) > 0),           -- that it is about; `*` for all
    effective_from timestamptz not null,
    note           text        not null default '',
    status         text        not null default 'proposed' check (status in ('proposed', 'approved', 'rejected')),
    proposed_by    text        not null,
    proposed_roles text[]      not null,
    proposed_at    timestamptz not null default clock_timestamp(),
    decided_by     text,
    decided_at     timestamptz,
    constraint decision_is_whole check ((status = 'proposed') = (decided_by is null)
                                        and (decided_by is null) = (decided_at is null)),
    constraint two_people check (status <> 'approved' or decided_by <> proposed_by)
);
alter table app.limits_change enable row level security;
alter table app.limits_change force row level security;
-- What one may do is no secret from those who may do it, and every process has to know it.
create policy everyone on app.limits_change for select to plantwright_app using (true);
create policy upkeep on app.limits_change to plantwright_owner using (true) with check (true);
grant select on app.limits_change to plantwright_app;
do $$
begin
    if exists (select from pg_roles where rolname = 'plantwright_worker') then
        grant select on app.limits_change to plantwright_worker;
    end if;
end
$$;

-- What was proposed and decided stays as it was; only the one decision may come later.
create function app.keep_limits_change() returns trigger language plpgsql set search_path = pg_catalog as $$
begin
    if tg_op <> 'UPDATE' then
        raise exception 'changes of limits are kept and cannot be deleted';
    end if;
    if old.status <> 'proposed'
       or (new.version, new.content, new.digest, new.sites, new.effective_from, new.note, new.proposed_by,
           new.proposed_roles, new.proposed_at)
          is distinct from (old.version, old.content, old.digest, old.sites, old.effective_from, old.note,
                            old.proposed_by, old.proposed_roles, old.proposed_at) then
        raise exception 'changes of limits are kept: version % cannot be changed', old.version;
    end if;
    return new;
end
$$;
create trigger kept before update or delete on app.limits_change
    for each row execute function app.keep_limits_change();
create trigger all_kept before truncate on app.limits_change
    for each statement execute function app.keep_limits_change();

-- The roles by which the person of this scope may change limits of those sites; none where they may not.
create function app.limits_roles(wanted text[]) returns text[]
language sql stable security definer set search_path = pg_catalog as $$
    select coalesce((
        select array(select unnest(p.roles) intersect select unnest(array['controller', 'admin']))
        from erp.person p
        where p.subject = nullif(current_setting('plantwright.subject', true), '') and p.active
          and not exists (select s.site from erp.site s where ('*' = any (wanted) or s.site = any (wanted))
                          except select unnest(p.sites))
          and array_remove(wanted, '*') <@ p.sites), '{}')
$$;

-- The only way to propose a change: as the person of the scope. Its version, or nothing where they may not.
create function app.propose_limits(content text, digest text, sites text[], effective_from timestamptz, note text)
returns integer language plpgsql security definer set search_path = pg_catalog as $$
declare
    mine constant text[] := app.limits_roles(sites);
    made integer;
begin
    if mine = '{}' then
        return null;
    end if;
    lock table app.limits_change in share row exclusive mode;
    insert into app.limits_change (version, content, digest, sites, effective_from, note, proposed_by, proposed_roles)
    select coalesce(max(c.version), 0) + 1, propose_limits.content, propose_limits.digest, propose_limits.sites,
           propose_limits.effective_from, propose_limits.note, current_setting('plantwright.subject'), mine
    from app.limits_change c
    returning version into made;
    return made;
end
$$;

-- The only way to decide: somebody else than the proposer, and between them a controller and an administrator.
create function app.decide_limits(wanted integer, decision text, seen_digest text) returns text
language plpgsql security definer set search_path = pg_catalog as $$
declare
    who constant text := current_setting('plantwright.subject', true);
    found app.limits_change;
    mine text[];
begin
    if decision not in ('approved', 'rejected') then
        raise exception 'a change of limits is approved or rejected' using errcode = 'invalid_parameter_value';
    end if;
    lock table app.limits_change in share row exclusive mode;
    select * into found from app.limits_change where version = wanted;
    if found.version is null then
        return 'not found';
    end if;
    mine := app.limits_roles(found.sites);
    if mine = '{}' then
        return 'not allowed';
    elsif found.status <> 'proposed' then
        return 'already ' || found.status;
    elsif found.digest <> seen_digest then
        return 'another digest';
    elsif decision = 'approved' and found.proposed_by = who then
        return 'same person';
    elsif decision = 'approved'
          and not (('controller' = any (mine) and 'admin' = any (found.proposed_roles))
                   or ('admin' = any (mine) and 'controller' = any (found.proposed_roles))) then
        return 'same trade';
    end if;
    update app.limits_change set status = decision, decided_by = who, decided_at = clock_timestamp()
     where version = wanted;
    return decision;
end
$$;

revoke all on function app.limits_roles, app.propose_limits, app.decide_limits from public;
grant execute on function app.propose_limits, app.decide_limits to plantwright_app;
