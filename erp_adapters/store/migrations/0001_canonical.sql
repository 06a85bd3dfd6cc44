-- The canonical operational model: what every plant's ERP is translated into.
-- Keys are the source's own, as text, unique per site. Every row says where it came from and what is wrong with it.

create schema erp;

-- Columns that every record carries; tables copy them with LIKE.
create table erp.provenance (
    company       text        not null default '',
    site          text        not null,
    source_system text        not null,
    source_key    text        not null,
    load_id       uuid        not null,
    ingested_at   timestamptz not null default now(),
    flags         text[]      not null default '{}'
);

-- ── organisation ────────────────────────────────────────────────────────────────────────────────────────────────
create table erp.company (
    like erp.provenance including defaults,
    name            text not null,
    parent          text,
    currency        text not null,
    ownership_pct   numeric(20,6),
    fiscal_calendar text not null default 'calendar',
    primary key (site, company)
);
create table erp.site (
    like erp.provenance including defaults,
    name        text not null,
    country     text,
    time_zone   text not null,
    currency    text not null,
    unit_system text not null default 'metric',
    as_of       timestamptz,            -- business now of this site's data
    primary key (site)
);
create table erp.department (
    like erp.provenance including defaults,
    department_id text not null,
    name          text not null,
    group_name    text,
    primary key (site, department_id)
);
create table erp.shift (
    like erp.provenance including defaults,
    shift_id  text not null,
    name      text not null,
    starts_at time,
    ends_at   time,
    primary key (site, shift_id)
);
create table erp.work_calendar (
    like erp.provenance including defaults,
    calendar_id text not null,
    day         date not null,
    is_working  boolean not null,
    hours       numeric(20,6),
    primary key (site, calendar_id, day)
);
create table erp.fiscal_period (
    like erp.provenance including defaults,
    period     text not null,
    starts_on  date not null,
    ends_on    date not null,
    status     text not null check (status in ('open', 'soft_closed', 'closed')),
    primary key (site, company, period)
);
create table erp.fx_rate (
    like erp.provenance including defaults,
    from_currency text not null,
    to_currency   text not null,
    valid_on      date not null,
    average_rate  numeric(20,6),
    closing_rate  numeric(20,6),
    plan_rate     numeric(20,6),
    primary key (site, from_currency, to_currency, valid_on)
);
create table erp.currency (
    like erp.provenance including defaults,
    currency text not null,
    name     text not null,
    primary key (site, currency)
);

-- ── materials ───────────────────────────────────────────────────────────────────────────────────────────────────
create table erp.unit (
    like erp.provenance including defaults,
    unit text not null,
    name text not null,
    primary key (site, unit)
);
create table erp.unit_conversion (
    like erp.provenance including defaults,
    material_id text not null default '',
    from_unit   text not null,
    to_unit     text not null,
    factor      numeric(20,6) not null,
    primary key (site, material_id, from_unit, to_unit)
);
create table erp.material (
    like erp.provenance including defaults,
    material_id        text not null,
    number             text not null,
    name               text not null,
    is_made            boolean,           -- made in house; false is purchased
    is_finished        boolean,           -- saleable finished good
    category           text,
    subcategory        text,
    model              text,
    colour             text,
    size               text,
    size_unit          text,
    weight             numeric(20,6),
    weight_unit        text,
    product_line       text,
    class              text,
    style              text,
    base_unit          text,
    currency           text,
    standard_cost      numeric(20,6),
    list_price         numeric(20,6),
    safety_stock       numeric(20,6),
    reorder_point      numeric(20,6),
    days_to_make       numeric(20,6),
    delivery_days      numeric(20,6),
    receipt_days       numeric(20,6),
    mrp_controller     text,
    purchasing_group   text,
    abc_class          text,
    lot_rule           text,
    minimum_lot        numeric(20,6),
    maximum_lot        numeric(20,6),
    rounding_value     numeric(20,6),
    scrap_pct          numeric(20,6),
    sell_start_on      date,
    sell_end_on        date,
    discontinued_on    date,
    primary key (site, material_id)
);
create table erp.standard_cost_version (
    like erp.provenance including defaults,
    material_id   text not null,
    valid_from    date not null,
    valid_to      date,
    standard_cost numeric(20,6) not null,
    currency      text,
    primary key (site, material_id, valid_from)
);
create table erp.list_price_version (
    like erp.provenance including defaults,
    material_id text not null,
    valid_from  date not null,
    valid_to    date,
    list_price  numeric(20,6) not null,
    currency    text,
    primary key (site, material_id, valid_from)
);
create table erp.bom_item (
    like erp.provenance including defaults,
    item_id      text not null,
    parent_id    text,                   -- null: the component is a top-level product
    component_id text not null,
    quantity_per numeric(20,6) not null,
    unit         text,
    level        integer,
    valid_from   date,
    valid_to     date,
    scrap_pct    numeric(20,6),
    primary key (site, item_id)
);
create index on erp.bom_item (site, parent_id);
create index on erp.bom_item (site, component_id);

-- ── stock ───────────────────────────────────────────────────────────────────────────────────────────────────────
create table erp.location (
    like erp.provenance including defaults,
    location_id  text not null,
    name         text not null,
    cost_rate    numeric(20,6),          -- per hour
    availability numeric(20,6),          -- hours
    primary key (site, location_id)
);
create table erp.batch (
    like erp.provenance including defaults,
    batch_id    text not null,
    material_id text not null,
    made_on     date,
    expires_on  date,
    primary key (site, batch_id)
);
create table erp.stock (
    like erp.provenance including defaults,
    material_id text not null,
    location_id text not null,
    batch_id    text not null default '',
    shelf       text,
    bin         text,
    status      text not null default 'unrestricted' check (status in ('unrestricted', 'quality', 'blocked', 'transit')),
    quantity    numeric(20,6) not null,
    unit        text,
    counted_on  date,
    primary key (site, material_id, location_id, batch_id, status, source_key)
);
create table erp.stock_snapshot (
    like erp.provenance including defaults,
    material_id text not null,
    month       date not null,
    quantity    numeric(20,6) not null,
    value       numeric(20,6),
    currency    text,
    primary key (site, material_id, month)
);
create table erp.stock_movement (
    like erp.provenance including defaults,
    movement_id    text not null,
    material_id    text not null,
    moved_on       date not null,
    posted_at      timestamptz,
    kind           text not null,        -- production, purchase, sale, transfer, adjustment, consumption
    quantity       numeric(20,6) not null,
    unit           text,
    unit_cost      numeric(20,6),
    currency       text,
    order_id       text,
    order_line     text,
    primary key (site, movement_id)
);
create index on erp.stock_movement (site, material_id, moved_on);
create table erp.reservation (
    like erp.provenance including defaults,
    reservation_id text not null,
    material_id    text not null,
    order_id       text,
    quantity       numeric(20,6) not null,
    withdrawn      numeric(20,6) not null default 0,
    needed_on      date,
    primary key (site, reservation_id)
);

-- ── purchasing ──────────────────────────────────────────────────────────────────────────────────────────────────
create table erp.supplier (
    like erp.provenance including defaults,
    supplier_id   text not null,
    number        text,
    name          text not null,
    credit_rating integer,               -- 1 superior .. 5 below average
    is_preferred  boolean,
    is_active     boolean,
    country       text,
    tax_id        text,
    url           text,
    primary key (site, supplier_id)
);
create table erp.info_record (
    like erp.provenance including defaults,
    material_id     text not null,
    supplier_id     text not null,
    lead_time_days  numeric(20,6),
    standard_price  numeric(20,6),
    last_price      numeric(20,6),
    last_receipt_on date,
    minimum_order   numeric(20,6),
    maximum_order   numeric(20,6),
    on_order        numeric(20,6),
    unit            text,
    currency        text,
    valid_from      date,
    valid_to        date,
    primary key (site, material_id, supplier_id)
);
create table erp.price_scale (
    like erp.provenance including defaults,
    material_id   text not null,
    supplier_id   text not null,
    from_quantity numeric(20,6) not null,
    unit_price    numeric(20,6) not null,
    currency      text,
    primary key (site, material_id, supplier_id, from_quantity)
);
create table erp.contract (
    like erp.provenance including defaults,
    contract_id text not null,
    supplier_id text not null,
    material_id text,
    unit_price  numeric(20,6),
    currency    text,
    target_quantity numeric(20,6),
    valid_from  date,
    valid_to    date,
    primary key (site, contract_id)
);
create table erp.quota (
    like erp.provenance including defaults,
    material_id text not null,
    supplier_id text not null,
    share_pct   numeric(20,6) not null,
    valid_from  date not null,
    valid_to    date,
    primary key (site, material_id, supplier_id, valid_from)
);
create table erp.ship_method (
    like erp.provenance including defaults,
    ship_method_id text not null,
    name           text not null,
    base_charge    numeric(20,6),
    rate           numeric(20,6),
    primary key (site, ship_method_id)
);
create table erp.requisition (
    like erp.provenance including defaults,
    requisition_id text not null,
    material_id    text not null,
    quantity       numeric(20,6) not null,
    unit           text,
    requested_on   date,
    needed_on      date,
    status         text not null,
    requester      text,
    supplier_id    text,
    primary key (site, requisition_id)
);
create table erp.purchase_order (
    like erp.provenance including defaults,
    order_id       text not null,
    supplier_id    text not null,
    status         text not null check (status in ('pending', 'approved', 'rejected', 'complete')),
    revision       integer,
    buyer_id       text,
    ship_method_id text,
    ordered_on     date not null,
    shipped_on     date,
    subtotal       numeric(20,6),
    tax            numeric(20,6),
    freight        numeric(20,6),
    total          numeric(20,6),
    currency       text,
    primary key (site, order_id)
);
create index on erp.purchase_order (site, supplier_id);
create table erp.purchase_line (
    like erp.provenance including defaults,
    line_id      text not null,
    order_id     text not null,
    material_id  text not null,
    due_on       date,
    confirmed_on date,                   -- supplier's first confirmed date
    received_on  date,                   -- last receipt
    ordered      numeric(20,6) not null,
    received     numeric(20,6),
    rejected     numeric(20,6),
    stocked      numeric(20,6),
    unit         text,
    unit_price   numeric(20,6),
    line_total   numeric(20,6),
    currency     text,
    primary key (site, line_id)
);
create index on erp.purchase_line (site, order_id);
create index on erp.purchase_line (site, material_id);
create table erp.goods_receipt (
    like erp.provenance including defaults,
    receipt_id  text not null,
    line_id     text not null,
    received_on date not null,
    posted_at   timestamptz,
    quantity    numeric(20,6) not null,
    primary key (site, receipt_id)
);
create table erp.supplier_invoice (
    like erp.provenance including defaults,
    invoice_id  text not null,
    line_id     text,
    supplier_id text not null,
    invoiced_on date not null,
    quantity    numeric(20,6),
    amount      numeric(20,6) not null,
    currency    text,
    primary key (site, invoice_id)
);

-- ── production ──────────────────────────────────────────────────────────────────────────────────────────────────
create table erp.work_centre (
    like erp.provenance including defaults,
    work_centre_id text not null,
    name           text not null,
    line           text,
    cost_centre_id text,
    hourly_rate    numeric(20,6),
    currency       text,
    primary key (site, work_centre_id)
);
create table erp.routing_operation (
    like erp.provenance including defaults,
    material_id    text not null,
    operation      integer not null,
    work_centre_id text not null,
    setup_minutes  numeric(20,6),
    run_minutes    numeric(20,6),        -- per base unit
    primary key (site, material_id, operation)
);
create table erp.scrap_reason (
    like erp.provenance including defaults,
    scrap_reason_id text not null,
    name            text not null,
    primary key (site, scrap_reason_id)
);
create table erp.planned_order (
    like erp.provenance including defaults,
    planned_order_id text not null,
    material_id      text not null,
    quantity         numeric(20,6) not null,
    starts_on        date,
    due_on           date,
    primary key (site, planned_order_id)
);
create table erp.production_order (
    like erp.provenance including defaults,
    order_id        text not null,
    material_id     text not null,
    status          text,
    ordered         numeric(20,6) not null,
    stocked         numeric(20,6),
    scrapped        numeric(20,6),
    start_on        date,
    end_on          date,
    due_on          date,
    scrap_reason_id text,
    line            text,
    priority        integer,
    primary key (site, order_id)
);
create index on erp.production_order (site, material_id);
create index on erp.production_order (site, due_on);
create table erp.operation_confirmation (
    like erp.provenance including defaults,
    confirmation_id text not null,
    order_id        text not null,
    operation       integer not null,
    work_centre_id  text not null,
    started_at      timestamptz,
    ended_at        timestamptz,
    posted_at       timestamptz,
    good            numeric(20,6),
    scrapped        numeric(20,6),
    reworked        numeric(20,6),
    planned_minutes numeric(20,6),
    actual_minutes  numeric(20,6),
    scrap_reason_id text,
    primary key (site, confirmation_id)
);
create table erp.downtime (
    like erp.provenance including defaults,
    downtime_id    text not null,
    work_centre_id text not null,
    started_at     timestamptz not null,
    ended_at       timestamptz,
    minutes        numeric(20,6),
    reason         text,
    is_planned     boolean not null default false,
    primary key (site, downtime_id)
);
create table erp.quality_lot (
    like erp.provenance including defaults,
    lot_id       text not null,
    material_id  text not null,
    order_id     text,
    supplier_id  text,
    inspected_on date,
    inspected    numeric(20,6),
    rejected     numeric(20,6),
    decision     text,
    primary key (site, lot_id)
);
create table erp.quality_hold (
    like erp.provenance including defaults,
    hold_id     text not null,
    material_id text not null,
    batch_id    text,
    quantity    numeric(20,6),
    reason      text,
    severity    text,
    placed_at   timestamptz not null,
    released_at timestamptz,
    primary key (site, hold_id)
);
create table erp.maintenance_order (
    like erp.provenance including defaults,
    order_id       text not null,
    work_centre_id text not null,
    kind           text not null,
    status         text,
    planned_on     date,
    completed_on   date,
    hours          numeric(20,6),
    cost           numeric(20,6),
    currency       text,
    primary key (site, order_id)
);
create table erp.maintenance_notification (
    like erp.provenance including defaults,
    notification_id text not null,
    work_centre_id  text not null,
    reported_at     timestamptz not null,
    text            text,                -- untrusted
    priority        integer,
    primary key (site, notification_id)
);
create table erp.work_in_process (
    like erp.provenance including defaults,
    order_id text not null,
    period   text not null,
    amount   numeric(20,6) not null,
    currency text,
    primary key (site, order_id, period)
);

-- ── demand ──────────────────────────────────────────────────────────────────────────────────────────────────────
create table erp.customer (
    like erp.provenance including defaults,
    customer_id text not null,
    name        text not null,
    country     text,
    primary key (site, customer_id)
);
create table erp.sales_order (
    like erp.provenance including defaults,
    order_id    text not null,
    customer_id text not null,
    ordered_on  date not null,
    status      text,
    primary key (site, order_id)
);
create table erp.sales_line (
    like erp.provenance including defaults,
    line_id      text not null,
    order_id     text not null,
    material_id  text not null,
    due_on       date,
    delivered_on date,
    ordered      numeric(20,6) not null,
    delivered    numeric(20,6),
    unit_price   numeric(20,6),
    line_total   numeric(20,6),
    currency     text,
    primary key (site, line_id)
);
create table erp.billing_line (
    like erp.provenance including defaults,
    billing_id  text not null,
    line_id     text,
    material_id text,
    customer_id text,
    billed_on   date not null,
    quantity    numeric(20,6),
    amount      numeric(20,6) not null,
    cost        numeric(20,6),
    currency    text,
    primary key (site, billing_id)
);
create table erp.forecast (
    like erp.provenance including defaults,
    material_id text not null,
    month       date not null,
    version     text not null default 'base',
    quantity    numeric(20,6) not null,
    actual      numeric(20,6),
    primary key (site, material_id, month, version)
);

-- ── finance ─────────────────────────────────────────────────────────────────────────────────────────────────────
create table erp.account (
    like erp.provenance including defaults,
    account_id  text not null,
    code        text,
    name        text not null,
    kind        text,                    -- Assets, Liabilities, Revenue, Expenditures, Statistical, ...
    operator    text,
    value_type  text,
    parent_id   text,
    primary key (site, account_id)
);
create table erp.cost_centre (
    like erp.provenance including defaults,
    cost_centre_id text not null,
    name           text not null,
    parent_id      text,
    primary key (site, cost_centre_id)
);
create table erp.budget (
    like erp.provenance including defaults,
    cost_centre_id text not null,
    account_id     text not null,
    period         text not null,
    amount         numeric(20,6) not null,
    currency       text,
    primary key (site, company, cost_centre_id, account_id, period)
);
create table erp.activity_rate (
    like erp.provenance including defaults,
    cost_centre_id text not null,
    activity       text not null,
    period         text not null,
    plan_rate      numeric(20,6),
    actual_rate    numeric(20,6),
    currency       text,
    primary key (site, cost_centre_id, activity, period)
);
create table erp.ledger_line (
    like erp.provenance including defaults,
    line_id        text not null,
    posted_on      date not null,
    account_id     text not null,
    cost_centre_id text,
    scenario       text not null check (scenario in ('actual', 'plan', 'forecast')),
    amount         numeric(20,6) not null,
    currency       text not null,
    document       text,
    primary key (site, line_id)
);
create index on erp.ledger_line (site, company, posted_on);
-- Kept by the store at each load: sums by month, so that a period question never scans lines.
create table erp.ledger_period (
    like erp.provenance including defaults,
    month          date not null,
    account_id     text not null,
    cost_centre_id text not null default '',
    scenario       text not null,
    amount         numeric(20,6) not null,
    lines          bigint not null,
    currency       text not null,
    primary key (site, company, month, account_id, cost_centre_id, scenario, currency)
);
