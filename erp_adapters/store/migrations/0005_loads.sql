-- Lineage: what was loaded when, and what was kept out. And what the canonical model lacks: documents, site mappings.

create table erp.load (
    load_id       uuid        primary key,
    source_system text        not null,
    site          text        not null,
    started_at    timestamptz not null default now(),
    finished_at   timestamptz,
    status        text        not null check (status in ('running', 'loaded', 'failed')),
    rows          bigint      not null default 0,
    as_of         timestamptz,                     -- business time up to which the data reaches
    report        jsonb       not null default '{}'
);
create index on erp.load (site, source_system, finished_at desc);

create table erp.quarantine (
    load_id       uuid   not null,
    site          text   not null,
    source_system text   not null,
    record        text   not null,
    source_key    text   not null,
    reason        text   not null,
    row           jsonb  not null,
    line          bigint                           -- line of the file, where the source is one
);
create index on erp.quarantine (site, load_id, record);

create table erp.document (
    like erp.provenance including defaults,
    document_id text not null,
    kind        text not null,
    title       text not null,                     -- untrusted
    material_id text,
    supplier_id text,
    revision    text,
    written_on  date,
    primary key (site, document_id)
);
create table erp.document_chunk (
    like erp.provenance including defaults,
    document_id text    not null,
    chunk       integer not null,
    text        text    not null,                  -- untrusted
    embedder    text    not null,
    embedding   vector  not null,
    primary key (site, document_id, chunk, embedder)
);

-- How one site's words and codes translate to the canonical ones; a change is a new version, old ones stay readable.
create table erp.mapping_rule (
    site          text        not null,
    source_system text        not null,
    record        text        not null,
    field         text        not null,
    source_value  text        not null,
    version       integer     not null check (version > 0),
    target_value  text        not null,
    valid_from    timestamptz not null default now(),
    changed_by    text        not null,
    note          text        not null default '',
    primary key (site, source_system, record, field, source_value, version)
);

select erp.apply_scope();
