-- Overtime that may be worked after the last shift of a working day, and what it costs.

create table erp.overtime (
    like erp.provenance including defaults,
    work_centre_id text,                     -- null or empty for every one that has no row of its own
    daily_minutes  numeric(20,6) not null,
    weekly_minutes numeric(20,6),            -- of a calendar week; null where only the days are limited
    surcharge      numeric(20,6) not null,   -- of an hour, on top of the work centre's rate, in the site's currency
    valid_from     date not null,
    valid_to       date,
    primary key (site, source_system, source_key)
);

select erp.apply_scope();
