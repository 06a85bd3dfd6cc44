-- Duty on goods that come from another country, as a share of their value.

create table erp.duty_rate (
    like erp.provenance including defaults,
    origin_country text not null,
    category       text,                -- of materials; null for all that have no rate of their own
    percent        numeric(20,6) not null,
    valid_from     date not null,
    primary key (site, source_system, source_key)
);

select erp.apply_scope();
