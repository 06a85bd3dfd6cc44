-- The rules of a site, kept whole in versions: a change is a new one, approved by somebody else than its proposer.

drop table erp.mapping_rule;

create table erp.site_rules (
    site        text        not null,
    version     integer     not null check (version > 0),
    content     text        not null,              -- YAML as it was proposed
    digest      text        not null,              -- of what it says, without layout and comments
    status      text        not null check (status in ('proposed', 'approved', 'superseded', 'rejected')),
    note        text        not null default '',
    proposed_by text        not null,
    proposed_at timestamptz not null default clock_timestamp(),
    approved_by text,
    approved_at timestamptz,
    rejected_by text,
    rejected_at timestamptz,
    primary key (site, version),
    constraint two_people check (approved_by <> proposed_by),
    constraint approval_is_whole check ((approved_by is null) = (approved_at is null)
                                        and (status <> 'approved' or approved_by is not null)),
    constraint rejection_is_whole check ((rejected_by is null) = (rejected_at is null)
                                         and (status = 'rejected') = (rejected_by is not null))
);
create unique index one_in_force on erp.site_rules (site) where status = 'approved';

-- What was proposed and decided stays as it was; only the decision may come later.
create function erp.keep_site_rules() returns trigger language plpgsql set search_path = pg_catalog as $$
begin
    if tg_op = 'DELETE' then
        raise exception 'site rules are kept: version % of site % cannot be deleted', old.version, old.site;
    end if;
    if (new.site, new.version, new.content, new.digest, new.note, new.proposed_by, new.proposed_at)
       is distinct from (old.site, old.version, old.content, old.digest, old.note, old.proposed_by, old.proposed_at)
       or old.status in ('rejected', 'superseded') or (old.status = 'approved' and new.status <> 'superseded')
       or (old.approved_by is not null and (new.approved_by, new.approved_at)
           is distinct from (old.approved_by, old.approved_at)) then
        raise exception 'site rules are kept: version % of site % cannot be changed', old.version, old.site;
    end if;
    return new;
end
$$;
create trigger kept before update or delete on erp.site_rules for each row execute function erp.keep_site_rules();

select erp.apply_scope();
