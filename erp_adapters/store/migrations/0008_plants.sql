-- What several plants need beside the first canonical model: assets with sensors, predictions, contact with each source, utilities,
-- recipes of process plants, and which partners belong to the group.

create table erp.asset (
    like erp.provenance including defaults,
    asset_id       text not null,
    name           text not null,
    kind           text,                 -- spindle, press, pump, oven, mixer, compressor, ...
    work_centre_id text,
    installed_on   date,
    primary key (site, asset_id)
);
create table erp.sensor (
    like erp.provenance including defaults,
    sensor_id text not null,
    asset_id  text not null,
    measures  text not null,             -- temperature, vibration, current, pressure
    unit      text not null,             -- as the source declares it: C, F, mm/s, A, bar
    primary key (site, sensor_id)
);
-- One row a sensor and day: the source's day. A reading that did not come is null.
create table erp.sensor_day (
    like erp.provenance including defaults,
    sensor_id    text not null,
    day          date not null,
    first_at     timestamptz not null,   -- moment of the first reading
    step_minutes integer not null,
    readings     real[] not null,
    primary key (site, sensor_id, day)
);
create table erp.prediction (
    like erp.provenance including defaults,
    prediction_id text not null,
    model         text not null,         -- remaining_life, demand, scrap, delivery_delay, ...
    model_version text not null,
    subject       text not null,         -- record of what it is about: asset, material, purchase_line, ...
    subject_id    text not null,
    made_at       timestamptz not null,
    for_day       date not null,
    value         numeric(20,6) not null,
    unit          text not null,
    confidence    numeric(20,6),
    actual        numeric(20,6),         -- what became of it, once known
    primary key (site, prediction_id)
);
-- When a source could be reached: one row for each uninterrupted stretch.
create table erp.source_contact (
    like erp.provenance including defaults,
    contact_id text not null,
    system     text not null,            -- erp, mes, historian
    from_at    timestamptz not null,
    to_at      timestamptz not null,
    state      text not null check (state in ('reachable', 'offline')),
    primary key (site, contact_id)
);
create table erp.utility_use (
    like erp.provenance including defaults,
    utility        text not null,        -- electricity, gas, steam, water
    cost_centre_id text not null default '',
    day            date not null,
    quantity       numeric(20,6) not null,
    unit           text not null,
    amount         numeric(20,6),
    currency       text,
    primary key (site, utility, cost_centre_id, day)
);
create table erp.recipe (
    like erp.provenance including defaults,
    recipe_id      text not null,
    material_id    text not null,        -- what it makes
    version        text not null,
    batch_quantity numeric(20,6) not null,
    unit           text not null,
    yield_pct      numeric(20,6),
    valid_from     date,
    valid_to       date,
    primary key (site, recipe_id)
);
create table erp.recipe_phase (
    like erp.provenance including defaults,
    recipe_id      text not null,
    phase          integer not null,
    name           text not null,
    work_centre_id text,
    minutes        numeric(20,6),
    primary key (site, recipe_id, phase)
);
create table erp.setup_time (
    like erp.provenance including defaults,
    work_centre_id text not null,
    from_group     text not null,
    to_group       text not null,
    minutes        numeric(20,6) not null,
    primary key (site, work_centre_id, from_group, to_group)
);
alter table erp.customer add column group_company text;   -- company of the group that this customer is; null outside it
alter table erp.supplier add column group_company text;
alter table erp.supplier add column city text;
alter table erp.material add column setup_group text;
alter table erp.ledger_line add column partner_company text;
alter table erp.production_order add column batch_id text;

select erp.apply_scope();
