-- Who may see and do what. Tokens say who a person is; this table says what they may.

create table erp.person (
    subject           text        primary key check (subject <> ''),
    name              text        not null,
    roles             text[]      not null default '{}',
    sites             text[]      not null default '{}',
    companies         text[]      not null default '{}',
    mrp_controllers   text[]      not null default '{}',
    purchasing_groups text[]      not null default '{}',
    substitutes       text[]      not null default '{}',
    locale            text        not null default 'en',
    active            boolean     not null default true,
    changed_at        timestamptz not null default now(),
    -- The scope is handed to the database as comma-separated codes.
    constraint codes_are_plain check (not '' = any (sites || companies)
                                      and array_to_string(sites || companies, '', ',') !~ '[,[:cntrl:]]')
);
alter table erp.person enable row level security;
alter table erp.person force row level security;
create policy own_record on erp.person for select to plantwright_app
    using (subject = (select current_setting('plantwright.subject', true)));
create policy upkeep on erp.person to plantwright_owner using (true) with check (true);
grant select on erp.person to plantwright_app;

-- What kind of home this is; one row. Only a demo home names its people and lets a person be chosen.
create table app.home (
    one     boolean primary key default true check (one),
    is_demo boolean not null default false
);
insert into app.home default values;
alter table app.home enable row level security;
alter table app.home force row level security;
create policy everyone on app.home for select to plantwright_app using (true);
create policy upkeep on app.home to plantwright_owner using (true) with check (true);
grant select on app.home to plantwright_app;

-- Runs as the owner, so that a demo home can say who there is; empty elsewhere.
create function app.demo_people() returns setof text
language sql stable security definer set search_path = pg_catalog as $$
    select subject from erp.person where active and (select is_demo from app.home) order by subject
$$;
revoke all on function app.demo_people() from public;
grant execute on function app.demo_people() to plantwright_app;
