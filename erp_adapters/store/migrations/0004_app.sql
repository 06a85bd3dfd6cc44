-- What a person said and was answered. Every row belongs to one person and is seen by nobody else.

create table app.conversation (
    id         uuid        primary key,
    subject    text        not null,
    title      text        not null default '',
    channel    text        not null default '',
    created_at timestamptz not null default now()
);
create index on app.conversation (subject, created_at desc);

create table app.answer (
    id           uuid        primary key,
    conversation uuid        not null references app.conversation (id) on delete cascade,
    subject      text        not null,
    question     text        not null,
    asked_at     timestamptz not null default now(),
    answer       jsonb       not null,             -- as it was sent
    calls        jsonb       not null default '[]', -- tool calls that replay runs again
    readings     jsonb       not null default '[]', -- the other readings, runnable by their keys
    preferred    text        not null default ''    -- key of the reading that was chosen instead
);
create index on app.answer (conversation, asked_at);
create index on app.answer (subject, asked_at desc);

create table app.chosen_reading (
    subject   text        not null,
    wording   text        not null,                -- normalised
    words     text        not null,                -- the chosen reading in words
    calls     jsonb       not null,
    chosen_at timestamptz not null default now(),
    primary key (subject, wording)
);

create table app.synonym (
    subject  text        not null,
    word     text        not null,
    means    text        not null,
    added_at timestamptz not null default now(),
    primary key (subject, word)
);

do $$
declare
    own constant text := 'subject = nullif((select current_setting(''plantwright.subject'', true)), '''')';
    name text;
begin
    foreach name in array array['conversation', 'answer', 'chosen_reading', 'synonym'] loop
        execute format('alter table app.%I enable row level security', name);
        execute format('alter table app.%I force row level security', name);
        execute format('create policy own on app.%I to plantwright_app using (%s) with check (%s)', name, own, own);
        execute format('create policy upkeep on app.%I to plantwright_owner using (true) with check (true)', name);
        execute format('grant select, insert, update on app.%I to plantwright_app', name);
    end loop;
end
$$;
