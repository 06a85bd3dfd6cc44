-- How far each connected system has been read, what its rows were when they were read, and what went wrong.

create table erp.sync_feed (
    feed          integer generated always as identity,
    source_system text not null,
    site          text not null,
    part          text not null,              -- file of the mapping, which is a capability of the system
    cursor        text,                       -- what the next read goes on after; null: from the beginning
    pass          integer not null default 0, -- counts readings of everything
    is_reading    boolean not null default false, -- a reading is under way, or was cut short
    is_whole      boolean not null default true, -- the reading under way is one of everything
    is_adopting   boolean not null default false, -- an import had loaded rows that no reading has met yet
    is_unsettled  boolean not null default true, -- rows have changed that whole records and sums do not show yet
    months        date[] not null default '{}', -- of the ledger, whose sums are to be made anew
    due_since     timestamptz,                -- when an event said that there is something new
    basis         text not null default '',   -- mapping and site rules that its rows were translated by
    began_at      timestamptz,                -- the reading under way, or the last
    read_at       timestamptz,                -- how it stood then is what the store has
    whole_at      timestamptz,                -- when everything was last read
    tried_at      timestamptz,
    failing_since timestamptz,
    problem       text not null default '',
    remedy        text not null default '',
    rows          bigint not null default 0,  -- kept of it
    total         numeric,                    -- of the figure that is added up, where one is
    source_rows   bigint,                     -- what the source itself says, where it can be asked
    source_total  numeric,
    primary key (site, source_system, part)
);

-- What a row of the source looked like, so that only what changed is written.
create table erp.sync_row (
    feed   integer not null,
    key    text collate "C" not null,
    digest bigint,                            -- null: to be looked at again
    pass   integer not null,
    figure numeric,
    cells  jsonb,                             -- where other rows depend on it
    primary key (feed, key)
);
-- Keys that the reading of everything under way has met unchanged; what it has not met at its end is gone.
create table erp.sync_seen (
    feed integer not null,
    key  text collate "C" not null
);
create index on erp.sync_seen (feed);

do $$
declare
    own text;
begin
    -- Rows as the source has them are nobody's to read: they bear no company.
    foreach own in array array['sync_row', 'sync_seen'] loop
        execute format('alter table erp.%I enable row level security', own);
        execute format('alter table erp.%I force row level security', own);
        execute format('create policy nobody on erp.%I for select to plantwright_app using (false)', own);
        execute format('create policy upkeep on erp.%I to plantwright_owner using (true) with check (true)', own);
    end loop;
end
$$;
select erp.apply_scope();
