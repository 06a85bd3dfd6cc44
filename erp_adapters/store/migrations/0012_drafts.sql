-- Proposals, who signed them, and what is to be written. The row decides: bytes and digest never change, states move
-- along allowed edges only, and a confirmation makes its one outbox row in the same transaction.

do $$
begin
    if not exists (select from pg_roles where rolname = 'plantwright_worker') then
        raise exception 'the role plantwright_worker is missing: run "plantwright store provision" with an administrator''s address, then migrate again';
    end if;
end
$$;

create function app.in_scope(codes text[]) returns boolean
language sql stable return codes <@ string_to_array(current_setting('plantwright.sites', true), ',');

create table app.proposal (
    id                uuid        primary key,
    series            uuid        not null,
    version           integer     not null check (version >= 1),
    kind              text        not null check (kind in ('purchase_requisition', 'stock_transfer', 'quality_hold')),
    site              text        not null,
    other_sites       text[]      not null default '{}',
    requester         text        not null check (requester <> ''),
    tool              text        not null default '',
    canonical         bytea       not null,
    digest            text        not null,
    marker            text        not null unique,       -- stands in the ERP's document
    policy_hash       text        not null,
    signatures_needed integer     not null check (signatures_needed >= 1),
    requester_may     boolean     not null,
    needs             text[]      not null,              -- what it is for: the same need twice is one draft
    needed_from       date        not null,
    needed_to         date        not null,
    categories        text[]      not null default '{}',
    suppliers         text[]      not null default '{}',
    amount_minor      numeric,                           -- hundredths; null: no price known
    currency          text        not null default '',
    business_date     date        not null,
    created_at        timestamptz not null,
    expires_at        timestamptz not null,
    escalate_at       timestamptz not null,
    escalated_at      timestamptz,
    state             text        not null default 'awaiting_confirmation' check (state in (
        'awaiting_confirmation', 'confirmed', 'dispatching', 'executed', 'refused', 'rejected', 'expired',
        'superseded', 'needs_reconciliation')),
    confirmed_at      timestamptz,
    reason            text        not null default '',
    document_number   text        not null default '',
    changed_at        timestamptz not null,
    unique (series, version),
    constraint digest_is_of_the_bytes check (digest = 'sha256:' || encode(sha256(canonical), 'hex')),
    constraint expires_later check (expires_at > created_at)
);
create unique index one_open_version on app.proposal (series)
    where state in ('awaiting_confirmation', 'confirmed', 'dispatching', 'needs_reconciliation');
create index on app.proposal (site, kind) where state in ('awaiting_confirmation', 'confirmed', 'dispatching', 'needs_reconciliation');
create index on app.proposal (requester, created_at);
create index on app.proposal (created_at desc);
create index on app.proposal (expires_at) where state = 'awaiting_confirmation';

create table app.signature (
    proposal     uuid        not null references app.proposal (id),
    digest       text        not null,
    subject      text        not null check (subject <> ''),
    name         text        not null,
    acting_for   text        not null default '',
    roles        text[]      not null,
    policies     text[]      not null,
    policy_hash  text        not null,
    batch        text        not null default '',        -- digest of the ordered list that was confirmed together
    signed_at    timestamptz not null,
    primary key (proposal, subject)
);

-- One row a confirmed proposal, for good. The fence rises with each claim, and every later change names it.
create table app.outbox (
    proposal    uuid        primary key references app.proposal (id),
    fence       bigint      not null default 0,
    claimed_by  text        not null default '',
    lease_until timestamptz,
    sent_at     timestamptz,                             -- a call may have begun; null: certainly none is out
    sent        integer     not null default 0,          -- how often
    attempts    integer     not null default 0,
    due_at      timestamptz not null,
    purpose     text        not null default 'send' check (purpose in ('send', 'verify', 'search')),
    why         text        not null default '',         -- what it waits for
    refusal     text        not null default '',         -- what the system said to a repeated call
    done_at     timestamptz
);
create index on app.outbox (due_at) where done_at is null;

create table app.proposal_step (
    nth      bigint      generated always as identity primary key,
    proposal uuid        not null references app.proposal (id),
    at       timestamptz not null,
    actor    text        not null,
    state    text        not null,
    what     text        not null default ''
);
create index on app.proposal_step (proposal, nth);

create table app.switch (
    target     text        not null check (target in ('all', 'site', 'tool', 'flow')),
    name       text        not null,
    is_off     boolean     not null,
    changed_by text        not null,
    reason     text        not null check (btrim(reason) <> ''),
    changed_at timestamptz not null,
    primary key (target, name),
    constraint all_has_no_name check ((target = 'all') = (name = ''))
);

create function app.keep_proposal() returns trigger language plpgsql set search_path = pg_catalog as $$
declare
    edge constant text := case tg_op when 'UPDATE' then old.state || ' ' || new.state end;
    by_person constant text[] := array[
        'awaiting_confirmation confirmed', 'awaiting_confirmation rejected', 'awaiting_confirmation superseded',
        'needs_reconciliation executed', 'needs_reconciliation refused'];
    by_worker constant text[] := array[
        'awaiting_confirmation expired',
        'confirmed dispatching', 'confirmed refused', 'confirmed superseded', 'confirmed expired',
        'dispatching confirmed', 'dispatching executed', 'dispatching refused', 'dispatching superseded',
        'dispatching expired', 'dispatching needs_reconciliation',
        'needs_reconciliation executed', 'executed needs_reconciliation', 'refused needs_reconciliation'];
    signed integer;
begin
    if tg_op = 'DELETE' then
        raise exception 'proposals are kept: % cannot be deleted', old.id;
    end if;
    if tg_op = 'INSERT' then
        -- It inherits what the application may read, and with it the right to insert.
        if current_user = 'plantwright_worker' then
            raise exception 'only a person proposes' using errcode = 'insufficient_privilege';
        end if;
        return new;
    end if;
    if (to_jsonb(new) - array['state', 'reason', 'document_number', 'confirmed_at', 'escalated_at', 'changed_at'])
       is distinct from
       (to_jsonb(old) - array['state', 'reason', 'document_number', 'confirmed_at', 'escalated_at', 'changed_at']) then
        raise exception 'a proposal is never changed: % stays as it was shown', old.id;
    end if;
    if new.state = old.state then
        if (new.document_number, new.confirmed_at) is distinct from (old.document_number, old.confirmed_at) then
            raise exception 'proposal % is %: that stays', old.id, old.state;
        end if;
        return new;
    end if;
    if not (edge = any (case current_user when 'plantwright_worker' then by_worker
                                          when 'plantwright_app' then by_person
                                          else by_worker || by_person end)) then
        raise exception 'a proposal does not go from % to % (%)', old.state, new.state, current_user
            using errcode = 'insufficient_privilege';
    end if;
    if new.confirmed_at is distinct from old.confirmed_at and edge <> 'awaiting_confirmation confirmed' then
        raise exception 'proposal % was confirmed when it was', old.id;
    end if;
    if edge = 'awaiting_confirmation confirmed' then
        if new.confirmed_at is null or new.confirmed_at >= old.expires_at then
            raise exception 'proposal % is confirmed before it expires or not at all', old.id;
        end if;
        select count(*) into signed from app.signature s
         where s.proposal = old.id and s.digest = old.digest
           and (old.requester_may or old.requester not in (s.subject, s.acting_for));
        if signed < old.signatures_needed then
            raise exception 'proposal % has % of % signatures', old.id, signed, old.signatures_needed
                using errcode = 'insufficient_privilege';
        end if;
    end if;
    return new;
end
$$;
create trigger kept before insert or update or delete on app.proposal for each row execute function app.keep_proposal();

-- As the owner: the application has no other way to make an outbox row.
create function app.send_confirmed() returns trigger
language plpgsql security definer set search_path = pg_catalog as $$
begin
    insert into app.outbox (proposal, due_at) values (new.id, new.confirmed_at);
    return null;
end
$$;
revoke all on function app.send_confirmed() from public;
create trigger sent after update on app.proposal for each row
    when (old.state = 'awaiting_confirmation' and new.state = 'confirmed') execute function app.send_confirmed();

create function app.keep_signature() returns trigger language plpgsql set search_path = pg_catalog as $$
begin
    if tg_op <> 'INSERT' then
        raise exception 'signatures are kept';
    end if;
    if current_user = 'plantwright_worker' then
        raise exception 'only a person signs' using errcode = 'insufficient_privilege';
    end if;
    if not exists (select from app.proposal p where p.id = new.proposal and p.digest = new.digest
                   and p.state = 'awaiting_confirmation' and p.expires_at > new.signed_at) then
        raise exception 'proposal % waits for no signature on %', new.proposal, new.digest
            using errcode = 'insufficient_privilege';
    end if;
    return new;
end
$$;
create trigger kept before insert or update or delete on app.signature
    for each row execute function app.keep_signature();

create function app.keep_step() returns trigger language plpgsql set search_path = pg_catalog as $$
begin
    raise exception 'steps are kept';
end
$$;
create trigger kept before update or delete on app.proposal_step for each row execute function app.keep_step();

-- What a requester has under way, whoever asks: limits count what the asker may not see, too.
create function app.recent(
    of text, at_site text, in_currency text, with_suppliers text[], since timestamptz, before timestamptz, beside uuid
) returns table (by_requester numeric, by_supplier numeric, drafts bigint)
language sql stable security definer set search_path = pg_catalog as $$
    select coalesce(sum(amount_minor), 0),
           coalesce(sum(amount_minor) filter (where suppliers && with_suppliers), 0),
           count(*)
      from app.proposal
     where requester = of and site = at_site and currency in (in_currency, '')
       and created_at > since and created_at < before
       and series <> beside and state not in ('rejected', 'expired', 'superseded', 'refused')
       and not (state = 'awaiting_confirmation' and expires_at <= clock_timestamp())
$$;
revoke all on function app.recent from public;
grant execute on function app.recent to plantwright_app, plantwright_worker;

-- Whose substitute the person of this transaction is, with what those may.
create function app.stands_in_for() returns table (subject text, roles text[], sites text[])
language sql stable security definer set search_path = pg_catalog as $$
    select p.subject, p.roles, p.sites from erp.person p
     where p.active and nullif(current_setting('plantwright.subject', true), '') = any (p.substitutes)
     order by p.subject
$$;
revoke all on function app.stands_in_for from public;
grant execute on function app.stands_in_for to plantwright_app, plantwright_worker;

do $$
declare
    name text;
begin
    foreach name in array array['proposal', 'signature', 'outbox', 'proposal_step', 'switch'] loop
        execute format('alter table app.%I enable row level security', name);
        execute format('alter table app.%I force row level security', name);
        execute format('create policy upkeep on app.%I to plantwright_owner using (true) with check (true)', name);
        execute format('create policy works on app.%I to plantwright_worker using (true) with check (true)', name);
    end loop;
end
$$;
create policy reads on app.proposal for select to plantwright_app
    using (app.in_scope(array_append(other_sites, site)));
create policy decides on app.proposal for update to plantwright_app
    using (app.in_scope(array_append(other_sites, site)))
    with check (app.in_scope(array_append(other_sites, site)));
create policy proposes on app.proposal for insert to plantwright_app
    with check (app.in_scope(array_append(other_sites, site)) and state = 'awaiting_confirmation'
                and requester = current_setting('plantwright.subject', true)
                and (reason, document_number) = ('', '') and confirmed_at is null and escalated_at is null);
create policy reads on app.signature for select to plantwright_app
    using (exists (select from app.proposal p where p.id = proposal));
create policy signs on app.signature for insert to plantwright_app
    with check (subject = current_setting('plantwright.subject', true)
                and exists (select from app.proposal p where p.id = proposal));
create policy reads on app.outbox for select to plantwright_app
    using (exists (select from app.proposal p where p.id = proposal));
create policy reads on app.proposal_step for select to plantwright_app
    using (exists (select from app.proposal p where p.id = proposal));
create policy adds on app.proposal_step for insert to plantwright_app
    with check (actor = current_setting('plantwright.subject', true)
                and exists (select from app.proposal p where p.id = proposal));
create policy everybody on app.switch for select to plantwright_app using (true);
create policy switches on app.switch for insert to plantwright_app
    with check (changed_by = nullif(current_setting('plantwright.subject', true), ''));
create policy changes on app.switch for update to plantwright_app
    using (true) with check (changed_by = nullif(current_setting('plantwright.subject', true), ''));

grant select, insert on app.proposal to plantwright_app;
grant update (state, reason, document_number, confirmed_at, changed_at) on app.proposal to plantwright_app;
grant select, insert on app.signature, app.proposal_step to plantwright_app;
grant select on app.outbox to plantwright_app;
grant select, insert, update on app.switch to plantwright_app;

grant usage on schema app, erp to plantwright_worker;
grant select on app.proposal, app.signature, app.switch to plantwright_worker;
grant update (state, reason, document_number, escalated_at, changed_at) on app.proposal to plantwright_worker;
grant select, update on app.outbox to plantwright_worker;
grant select, insert on app.proposal_step to plantwright_worker;
