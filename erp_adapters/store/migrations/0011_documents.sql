-- Documents are quoted: who may read them, how long they hold, where a passage stands, and what finds it. A person's
-- roles become part of the scope that is entered once a transaction.

drop function app.enter_scope(text, text[], text[], integer);
create function app.enter_scope(
    subject text, sites text[], companies text[], timeout_ms integer, roles text[] default '{}'
) returns void
language plpgsql security definer set search_path = pg_catalog as $$
declare
    code text;
begin
    if coalesce(current_setting('plantwright.entered', true), '') <> '' then
        raise exception 'a scope has already been entered in this transaction' using errcode = 'insufficient_privilege';
    end if;
    foreach code in array sites || companies || roles loop
        if code is null or code !~ '^[^,[:cntrl:]]{1,64}$' then
            raise exception 'invalid code in a scope' using errcode = 'invalid_parameter_value';
        end if;
    end loop;
    perform set_config('plantwright.entered', 'yes', true),
            set_config('plantwright.subject', subject, true),
            set_config('plantwright.sites', array_to_string(sites, ','), true),
            -- Rows that name no company belong to their site: the empty code is in the scope of whoever has any.
            set_config('plantwright.companies', array_to_string(array[''] || companies, ','), true),
            set_config('plantwright.roles', array_to_string(roles, ','), true),
            set_config('statement_timeout', timeout_ms::text, true),
            set_config('TimeZone', 'UTC', true);
end
$$;
revoke all on function app.enter_scope from public;
grant execute on function app.enter_scope to plantwright_app;

alter table erp.document
    add column language   text    not null default 'en',
    add column valid_from date,
    add column valid_to   date,
    add column roles      text[]  not null default '{}', -- who may read it; empty: everybody of the site
    add column file       text    not null default '',   -- in the folder that was imported
    add column sha256     text    not null default '',   -- of the file with its sidecar
    add column pages      integer,
    add column characters integer not null default 0,
    add column chunks     integer not null default 0;

alter table erp.document_chunk
    add column roles            text[]  not null default '{}',
    add column language         text    not null default 'en',
    add column heading          text    not null default '', -- untrusted: the title and the headings above it
    add column page             integer,
    add column first            integer not null default 0,  -- span in the text that was read from the file
    add column after            integer not null default 0,
    add column embedder_version text    not null default '',
    -- A passage is found by the words of its own language; what Postgres has no stemmer for is matched by beginnings.
    add column words tsvector not null generated always as (
        case language
            when 'en' then setweight(to_tsvector('english', heading), 'B') || to_tsvector('english', text)
            when 'de' then setweight(to_tsvector('german', heading), 'B') || to_tsvector('german', text)
            when 'es' then setweight(to_tsvector('spanish', heading), 'B') || to_tsvector('spanish', text)
            when 'fr' then setweight(to_tsvector('french', heading), 'B') || to_tsvector('french', text)
            when 'it' then setweight(to_tsvector('italian', heading), 'B') || to_tsvector('italian', text)
            else setweight(to_tsvector('simple', heading), 'B') || to_tsvector('simple', text)
        end
    ) stored;
create index on erp.document_chunk using gin (words);
-- An exact search reads every vector in the scope: of half precision, two fit where one did, and they stay in the row.
alter table erp.document_chunk alter column embedding type halfvec using embedding::halfvec;
alter table erp.document_chunk alter column embedding set storage plain;

do $$
declare
    seen text;
begin
    foreach seen in array array['document', 'document_chunk'] loop
        execute format('drop policy scope on erp.%I', seen);
        execute format(
            'create policy scope on erp.%I for select to plantwright_app using ('
            'site = any ((select string_to_array(current_setting(''plantwright.sites'', true), '',''))::text[])'
            ' and (roles = ''{}'' or roles &&'
            ' (select string_to_array(current_setting(''plantwright.roles'', true), '','')::text[])))', seen);
    end loop;
end
$$;
