-- What suppliers say of the lines of our purchase orders: accepted, changed or refused, with their quantity, day, price.
create table erp.supplier_confirmation (
    like erp.provenance including defaults,
    confirmation_id text not null,
    order_id        text not null,           -- our number of the purchase order
    line            text,                    -- our line, as the supplier repeats it
    material        text,                    -- our number of the material, as the supplier repeats it
    reference       text,                    -- the supplier's own number
    decision        text not null check (decision in ('accepted', 'changed', 'rejected')),
    quantity        numeric(20,6),
    unit            text,
    unit_price      numeric(20,6),
    currency        text,
    delivered_on    date,
    told_on         date not null,
    primary key (site, confirmation_id)
);
create index on erp.supplier_confirmation (site, order_id);

select erp.apply_scope();
