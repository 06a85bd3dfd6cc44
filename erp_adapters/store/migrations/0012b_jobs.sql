-- The queue that wakes workers, by the schema that the package itself brings. A job only says which proposal to look
-- at; what happens to it the outbox decides, so a lost job loses nothing.

create schema jobs;
set local search_path = jobs, pg_catalog;

-- [schema of procrastinate 3.10.0]

set local search_path = pg_catalog;

-- Who confirms puts a job beside the outbox row, and may do nothing else with the queue.
grant usage on schema jobs to plantwright_app, plantwright_worker;
grant select, insert on jobs.procrastinate_jobs to plantwright_app;
grant insert on jobs.procrastinate_events to plantwright_app;
grant usage on all sequences in schema jobs to plantwright_app, plantwright_worker;
grant select, insert, update, delete on all tables in schema jobs to plantwright_worker;
