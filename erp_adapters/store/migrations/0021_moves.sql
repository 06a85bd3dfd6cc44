-- One confirmation, several documents: an outbox row for each part of a proposal, with a marker and a state of its own.
-- The proposal is `executed` only where every part is; where some are and nothing more comes, it is `partly_written`.

alter table app.proposal
    drop constraint proposal_kind_check,
    add constraint proposal_kind_check check (kind in (
        'purchase_requisition', 'stock_transfer', 'quality_hold', 'order_rescheduling')),
    drop constraint proposal_state_check,
    add constraint proposal_state_check check (state in (
        'awaiting_confirmation', 'confirmed', 'dispatching', 'executed', 'partly_written', 'refused', 'rejected',
        'expired', 'superseded', 'needs_reconciliation')),
    add column parts   text[] not null default '{}',   -- empty: one document, under the proposal's own marker
    add column markers text[] not null default '{}',
    add constraint a_marker_for_each_part check (cardinality(parts) = cardinality(markers));

alter table app.outbox
    add column nth             integer not null default 0,
    add column part            text    not null default '',
    add column marker          text    not null default '',
    add column state           text    not null default 'confirmed' check (state in (
        'confirmed', 'dispatching', 'executed', 'refused', 'superseded', 'expired', 'needs_reconciliation')),
    add column document_number text    not null default '',
    drop constraint outbox_pkey,
    add primary key (proposal, nth);
update app.outbox o set marker = p.marker, state = p.state, document_number = p.document_number
from app.proposal p where p.id = o.proposal;
create unique index on app.outbox (marker);

create or replace function app.send_confirmed() returns trigger
language plpgsql security definer set search_path = pg_catalog as $$
begin
    if cardinality(new.parts) = 0 then
        insert into app.outbox (proposal, marker, due_at) values (new.id, new.marker, new.confirmed_at);
    else
        insert into app.outbox (proposal, nth, part, marker, due_at)
        select new.id, at - 1, part, marker, new.confirmed_at
        from unnest(new.parts, new.markers) with ordinality as of_it (part, marker, at);
    end if;
    return null;
end
$$;

-- A person says what became of a part, and nothing else; a worker goes along the edges, and takes back nothing.
create function app.keep_part() returns trigger language plpgsql set search_path = pg_catalog as $$
declare
    edge constant text := old.state || ' ' || new.state;
begin
    if (new.proposal, new.nth, new.part, new.marker) is distinct from (old.proposal, old.nth, old.part, old.marker) then
        raise exception 'a part of a proposal stays what it is: %', old.proposal;
    end if;
    if new.state <> old.state and not edge = any (case current_user
        when 'plantwright_app' then array['needs_reconciliation executed', 'needs_reconciliation refused']
        else array[
            'confirmed dispatching', 'confirmed refused', 'confirmed superseded', 'confirmed expired',
            'dispatching confirmed', 'dispatching executed', 'dispatching refused', 'dispatching superseded',
            'dispatching expired', 'dispatching needs_reconciliation', 'needs_reconciliation executed',
            'needs_reconciliation refused', 'executed needs_reconciliation', 'refused needs_reconciliation'] end) then
        raise exception 'a part of a proposal does not go from % to % (%)', old.state, new.state, current_user
            using errcode = 'insufficient_privilege';
    end if;
    if current_user = 'plantwright_app' and new.state = old.state then
        raise exception 'a part that waits for nobody stays as it is' using errcode = 'insufficient_privilege';
    end if;
    return new;
end
$$;
create trigger kept before update on app.outbox for each row execute function app.keep_part();
create policy reconciles on app.outbox for update to plantwright_app
    using (exists (select from app.proposal p where p.id = proposal))
    with check (exists (select from app.proposal p where p.id = proposal));
grant update (state, document_number) on app.outbox to plantwright_app;

create or replace function app.keep_proposal() returns trigger language plpgsql set search_path = pg_catalog as $$
declare
    edge constant text := case tg_op when 'UPDATE' then old.state || ' ' || new.state end;
    by_person constant text[] := array[
        'awaiting_confirmation confirmed', 'awaiting_confirmation rejected', 'awaiting_confirmation superseded',
        'needs_reconciliation executed', 'needs_reconciliation refused', 'needs_reconciliation partly_written'];
    by_worker constant text[] := array[
        'awaiting_confirmation expired',
        'confirmed dispatching', 'confirmed refused', 'confirmed superseded', 'confirmed expired',
        'dispatching confirmed', 'dispatching executed', 'dispatching refused', 'dispatching superseded',
        'dispatching expired', 'dispatching needs_reconciliation', 'dispatching partly_written',
        'needs_reconciliation executed', 'needs_reconciliation partly_written', 'executed needs_reconciliation',
        'refused needs_reconciliation', 'partly_written needs_reconciliation'];
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
    if new.state = 'executed' and cardinality(old.parts) > 0
       and exists (select from app.outbox o where o.proposal = old.id and o.state <> 'executed') then
        raise exception 'proposal % is executed where every part of it is', old.id
            using errcode = 'insufficient_privilege';
    end if;
    return new;
end
$$;
