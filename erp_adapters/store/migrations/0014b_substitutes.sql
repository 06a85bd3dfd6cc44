-- Which material may stand in for which, at a site and for a time, and what quality says about it.

create table erp.substitute (
    like erp.provenance including defaults,
    material_id    text not null,
    replaced_by    text not null,                     -- a material of the same site
    ratio          numeric(20,6) not null default 1,  -- base units of it for one base unit of what it replaces
    valid_from     date not null,
    valid_to       date,
    needs_approval boolean not null default false,    -- quality decides about each use
    is_blocked     boolean not null default false,    -- tried, and turned down
    note           text,                              -- untrusted: what engineering or quality wrote
    primary key (site, material_id, replaced_by, valid_from)
);

select erp.apply_scope();
