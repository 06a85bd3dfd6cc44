-- What the loaded data itself shows to be wrong, across rows and records; and what stewards decided about it.

create table erp.finding (
    finding_id    text          not null,      -- of check, site, record and keys: the same finding keeps its id
    site          text          not null,
    other_sites   text[]        not null default '{}',
    source_system text          not null,
    check_name    text          not null,
    record        text          not null,
    source_key    text          not null,
    other_keys    jsonb         not null default '[]', -- [{site, record, source_key}]
    severity      text          not null check (severity in ('note', 'flag', 'serious')),
    what          text          not null,      -- code of a sentence; people read it in their language
    arguments     jsonb         not null default '{}',
    measure       numeric,
    expected_low  numeric,
    expected_high numeric,
    unit          text          not null default '',
    at_stake      numeric(20,2),
    currency      text,
    stake_order   double precision,            -- the stake at the last known rates: for the order of lists only
    proposal      jsonb         not null,      -- {kind, ...}
    confidence    numeric(4,3)  not null check (confidence between 0 and 1),
    load_ids      uuid[]        not null default '{}',
    found_at      timestamptz   not null default now(),
    gone_at       timestamptz,                 -- a decided finding that the latest look no longer found
    status        text          not null default 'open' check (status in ('open', 'accepted', 'dismissed')),
    decided_by    text,
    decided_at    timestamptz,
    decided_why   text,
    primary key (site, finding_id),
    constraint decisions_are_whole check (
        (status = 'open') = (decided_by is null) and (decided_by is null) = (decided_at is null)
        and (decided_by is null) = (decided_why is null))
);
create index on erp.finding (site, record, source_key);

-- When each check last looked at a site, and at how many rows: nothing found is not the same as never looked.
create table erp.look (
    site       text        not null,
    check_name text        not null,
    rows       bigint      not null,
    found      bigint      not null,
    seconds    numeric     not null,
    looked_at  timestamptz not null default now(),
    primary key (site, check_name)
);

-- A finding that names rows of several sites is seen by those who may see all of them.
alter table erp.finding enable row level security;
alter table erp.finding force row level security;
create policy scope on erp.finding for select to plantwright_app using (
    site = any ((select string_to_array(current_setting('plantwright.sites', true), ','))::text[])
    and other_sites <@ (select string_to_array(current_setting('plantwright.sites', true), ','))::text[]);
create policy upkeep on erp.finding to plantwright_owner using (true) with check (true);
grant select on erp.finding to plantwright_app;

-- The only way in which a person changes a finding: within their scope, with a role that may, under their own name.
create function app.decide_finding(wanted text, decision text, why text) returns text
language plpgsql security definer set search_path = pg_catalog as $$
declare
    who constant text := nullif(current_setting('plantwright.subject', true), '');
    scope constant text[] := string_to_array(current_setting('plantwright.sites', true), ',');
    decided text;
begin
    if decision not in ('accepted', 'dismissed', 'open') then
        raise exception 'a finding is accepted, dismissed or open' using errcode = 'invalid_parameter_value';
    end if;
    if decision <> 'open' and btrim(coalesce(why, '')) = '' then
        raise exception 'a decision needs a reason' using errcode = 'invalid_parameter_value';
    end if;
    if not exists (select from erp.person
                   where subject = who and active and roles && array['steward', 'admin']) then
        return 'not allowed';
    end if;
    update erp.finding set
        status = decision,
        decided_by = case when decision <> 'open' then who end,
        decided_at = case when decision <> 'open' then clock_timestamp() end,
        decided_why = case when decision <> 'open' then why end
     where finding_id = wanted and array_append(other_sites, site) <@ scope
       and site in (select unnest(p.sites) from erp.person p where p.subject = who and p.active)
    returning status into decided;
    return coalesce(decided, 'not found');
end
$$;
revoke all on function app.decide_finding from public;
grant execute on function app.decide_finding to plantwright_app;

select erp.apply_scope();
