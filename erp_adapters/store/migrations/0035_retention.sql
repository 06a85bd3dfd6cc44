-- What is done and old is forgotten: jobs that have ended and messages that were delivered or given up.
create index on app.delivery (ended_at) where ended_at is not null;
create index on app.finance_job (ended_at) where ended_at is not null;
grant delete on app.delivery, app.finance_job to plantwright_worker;
