-- The key that wraps persons' keys can be changed, and a signature outlives its person's name.

create or replace function audit.keep_key_rows() returns trigger language plpgsql set search_path = pg_catalog as $$
begin
    if new.key_id = old.key_id and new.made_at = old.made_at and old.wrapped is not null
       and (new.wrapped is null
            or new.erased_at is null and current_setting('plantwright.rewrapping', true) = 'on') then
        return new;
    end if;
    raise exception 'a key of the audit can only be erased' using errcode = 'insufficient_privilege';
end
$$;
create or replace function audit.keep_chain() returns trigger language plpgsql set search_path = pg_catalog as $$
begin
    if new.id = old.id and new.begun_at = old.begun_at
       and (old.key_tag is null
            or new.key_tag is not null and current_setting('plantwright.rewrapping', true) = 'on') then
        return new;
    end if;
    raise exception 'the chain of the audit keeps its id and its key' using errcode = 'insufficient_privilege';
end
$$;

-- Every key that was not erased, wrapped anew, or none of them; for the owner alone.
create function audit.rewrap(old_tag bytea, new_tag bytea, ids uuid[], tags bytea[], wraps bytea[]) returns void
language plpgsql set search_path = pg_catalog as $$
begin
    perform set_config('plantwright.rewrapping', 'on', true);
    update audit.chain set key_tag = new_tag where coalesce(key_tag, old_tag) = old_tag;
    if not found then
        raise exception 'the audit is kept under another wrapping key' using errcode = 'insufficient_privilege';
    end if;
    update audit.subject_key k set tag = e.tag, wrapped = e.wrap
      from unnest(ids, tags, wraps) as e(id, tag, wrap)
     where k.key_id = e.id and k.wrapped is not null;
    if exists (select from audit.subject_key where wrapped is not null and not key_id = any (ids)) then
        raise exception 'a person''s key was added meanwhile; try again';
    end if;
    perform set_config('plantwright.rewrapping', '', true);
end
$$;
revoke all on function audit.rewrap from public;

-- A signature stays for good; the name beside it goes when its person is erased, by the owner alone.
create or replace function app.keep_signature() returns trigger language plpgsql set search_path = pg_catalog as $$
begin
    if tg_op = 'UPDATE' and current_user not in ('plantwright_app', 'plantwright_worker')
       and new.name = '' and (to_jsonb(new) - 'name') = (to_jsonb(old) - 'name') then
        return new;
    end if;
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
create or replace function app.keep_step() returns trigger language plpgsql set search_path = pg_catalog as $$
begin
    if tg_op = 'UPDATE' and current_user not in ('plantwright_app', 'plantwright_worker')
       and (to_jsonb(new) - 'what') = (to_jsonb(old) - 'what') then
        return new;
    end if;
    raise exception 'steps are kept';
end
$$;
