-- Time series of machines: what is measured and by which rules, every sample in packed rows, five minutes at a time
-- beside them for trends, and what was wrong with what came.

create table app.signal (
    signal      integer generated always as identity primary key,
    site        text not null,
    source      text not null,              -- name of the system in the file of systems
    name        text not null,
    address     text not null,              -- node of OPC UA; edge node, device and metric of Sparkplug
    measures    text not null,              -- temperature, energy, state, ...
    unit        text not null,              -- as kept; what the source sends is in the rule
    work_centre text not null default '',
    asset       text not null default '',
    rule        jsonb not null,             -- how what it sends is read
    is_current  boolean not null default true, -- false once its source no longer names it; its samples stay
    unique (site, source, name)
);

-- The latest sample of each, and since when it has said the same.
create table app.signal_now (
    signal     integer primary key references app.signal,
    site       text not null,
    at         timestamptz not null,
    value      double precision,            -- null: the source sent no number
    quality    smallint not null,
    arrived_at timestamptz not null,
    same_since timestamptz not null
) with (fillfactor = 50);

-- A batch is taken once, however often it is handed over.
create table app.series_batch (
    source   text        not null,
    site     text        not null,
    sequence bigint      not null,
    taken_at timestamptz not null default now(),
    samples  integer     not null,
    primary key (source, sequence)
);
create index on app.series_batch (taken_at);

-- Samples of one signal that came together, packed: moments, values and qualities in one text of bytes. A day a
-- partition, which lie where nobody but their owner reaches: scope is on the table above them.
create schema series;
create table app.samples (
    signal   integer     not null,
    site     text        not null,
    first_at timestamptz not null,
    last_at  timestamptz not null,
    number   integer     not null,
    packed   bytea       not null
) partition by range (first_at);
alter table app.samples alter column packed set storage external; -- packed already
create index on app.samples (signal, first_at);

-- An hour of a signal in twelve times five minutes: how many, sum, least, most, and how many were no use.
create table app.signal_hour (
    signal integer     not null,
    hour   timestamptz not null,
    site   text        not null,
    packed bytea       not null,
    primary key (signal, hour)
) partition by range (hour);

-- What was wrong with what came: stretches (a gap, a frozen sensor), or an hour's count.
create table app.signal_flaw (
    signal integer     not null references app.signal,
    site   text        not null,
    kind   text        not null check (kind in (
        'gap', 'frozen', 'late', 'out_of_order', 'duplicate', 'conflicting', 'out_of_range', 'no_number', 'bad',
        'other_unit', 'local_time', 'wrong_clock', 'ambiguous_time')),
    since  timestamptz not null,
    until  timestamptz not null,
    number bigint      not null,
    worst  double precision,                -- the value farthest off, or seconds
    primary key (signal, kind, since)
);
create index on app.signal_flaw (site, until);

-- How each source of series stands: whether it is connected, since when it fails, and why.
create table app.series_source (
    source        text        not null,
    site          text        not null,
    kind          text        not null,     -- what it is, in sentences
    signals       integer     not null default 0,
    heard_at      timestamptz,              -- of the last batch
    reached_to    timestamptz,              -- of its latest sample
    tried_at      timestamptz,
    failing_since timestamptz,
    problem       text        not null default '',
    primary key (source, site)
);

do $$
declare
    own text;
begin
    foreach own in array array['signal', 'signal_now', 'series_batch', 'samples', 'signal_hour', 'signal_flaw',
                               'series_source'] loop
        execute format('alter table app.%I enable row level security', own);
        execute format('alter table app.%I force row level security', own);
        execute format('create policy reads on app.%I for select to plantwright_app using (site = any ('
            '(select string_to_array(current_setting(''plantwright.sites'', true), '',''))::text[]))', own);
        execute format('create policy upkeep on app.%I to plantwright_owner using (true) with check (true)', own);
        execute format('grant select on app.%I to plantwright_app', own);
    end loop;
end
$$;

-- A partition for the moment: a day of samples, a month of hours.
create function series.make_place(of text, moment timestamptz) returns void
language plpgsql set search_path = pg_catalog as $$
declare
    unit constant text := case of when 'samples' then 'day' else 'month' end;
    begins constant timestamptz := date_trunc(unit, moment, 'UTC');
    ends constant timestamptz := (begins at time zone 'UTC' + ('1 ' || unit)::interval) at time zone 'UTC';
begin
    execute format('create table if not exists series.%I partition of app.%I for values from (%L) to (%L) with (%s)',
        of || '_' || to_char(begins at time zone 'UTC', 'YYYYMMDD'), of, begins, ends,
        case of when 'samples' then 'autovacuum_enabled = true' else 'fillfactor = 60' end);
end
$$;
revoke all on function series.make_place from public;
