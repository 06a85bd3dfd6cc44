-- Which line of which file a canonical row came from, for sources that are files.

create table erp.source_line (
    site          text    not null,
    source_system text    not null,
    record        text    not null,
    source_key    text    not null,
    file          text    not null,
    line          integer not null,
    primary key (site, source_system, record, source_key)
);

alter table erp.quarantine add column rule text not null default '';
alter table erp.quarantine add column file text not null default '';

select erp.apply_scope();
