-- What the shop floor tells through its MES: orders and operations as they stand there, holds of orders,
-- non-conformances, the MES's own OEE, and which lots went into which order.

create table erp.floor_order (
    like erp.provenance including defaults,
    order_id    text not null,
    material_id text not null,               -- its number, as the shop floor has it
    status      text not null check (status in (
        'planned', 'released', 'running', 'on hold', 'completed', 'closed', 'cancelled')),
    ordered     numeric(20,6) not null,
    good        numeric(20,6),
    scrapped    numeric(20,6),
    priority    integer,                     -- the lower, the more urgent
    due_at      timestamptz,
    line        text,
    primary key (site, order_id)
);
create table erp.floor_operation (
    like erp.provenance including defaults,
    order_id       text not null,
    operation      integer not null,
    name           text not null,
    work_centre_id text not null,
    status         text not null,            -- pending, running, done
    good           numeric(20,6),
    scrapped       numeric(20,6),
    waiting        numeric(20,6),            -- work in process before it; null where the order is not on the floor
    primary key (site, order_id, operation)
);
create table erp.order_hold (
    like erp.provenance including defaults,
    hold_id   text not null,
    order_id  text not null,
    reason    text,                          -- untrusted
    placed_by text,
    placed_at timestamptz not null,
    primary key (site, hold_id)
);
create table erp.nonconformance (
    like erp.provenance including defaults,
    nonconformance_id  text not null,
    order_id           text,
    severity           text,
    status             text not null,
    description        text,                 -- untrusted
    disposition        text,                 -- use as is, rework, scrap, return
    disposition_reason text,                 -- untrusted
    raised_at          timestamptz not null,
    decided_at         timestamptz,
    closed_at          timestamptz,
    primary key (site, nonconformance_id)
);
create table erp.machine_effectiveness (
    like erp.provenance including defaults,
    work_centre_id text not null,
    day            date not null,            -- of reading; the figures are of the 24 hours before
    observed       numeric(20,6),            -- percent of the time that the MES saw the machine
    availability   numeric(20,6),            -- percent; null where the MES withholds it
    performance    numeric(20,6),
    quality_rate   numeric(20,6),
    oee            numeric(20,6),
    good           numeric(20,6),
    scrapped       numeric(20,6),
    primary key (site, work_centre_id)
);
create table erp.lot_use (
    like erp.provenance including defaults,
    use_id         text not null,
    order_id       text not null,
    lot_id         text not null,
    material_id    text not null,
    direction      text not null check (direction in ('consumed', 'produced')),
    quantity       numeric(20,6),
    operation      integer,
    work_centre_id text,
    primary key (site, use_id)
);
create index on erp.lot_use (site, lot_id);
create index on erp.lot_use (site, order_id);

select erp.apply_scope();
