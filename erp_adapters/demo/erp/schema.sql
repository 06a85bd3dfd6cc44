-- A stand-in for an ERP, not one: it has an ERP's shapes, messages and transactions, so that writing to one can be
-- shown and proved where there is none. It belongs to a role of its own, which alone may look into it, and it is
-- spoken to over connections of its own: what it commits, it commits whatever becomes of the program.
-- Run again at each build of a demo home; master data is replaced, documents stay.

create table if not exists demo_erp.system (
    one               boolean          primary key default true check (one),
    rejects_duplicates boolean         not null default false,
    settle_seconds    double precision not null default 45,
    call_seconds      double precision not null default 10,
    token_minutes     double precision not null default 60
);
insert into demo_erp.system default values on conflict do nothing;

-- ── master data ─────────────────────────────────────────────────────────────────────────────────────────────────
create table if not exists demo_erp.plant (
    plant    text primary key,
    name     text not null,
    currency text not null,
    today    date not null                 -- the plant's posting day; null would mean the clock's
);
create table if not exists demo_erp.material (plant text, material text, base_unit text, primary key (plant, material));
create table if not exists demo_erp.unit (plant text, material text, unit text, primary key (plant, material, unit));
create table if not exists demo_erp.supplier (plant text, supplier text, primary key (plant, supplier));
create table if not exists demo_erp.cost_centre (plant text, cost_centre text, primary key (plant, cost_centre));
create table if not exists demo_erp.gl_account (plant text, gl_account text, primary key (plant, gl_account));
create table if not exists demo_erp.storage_location (plant text, location text, primary key (plant, location));
create table if not exists demo_erp.batch (plant text, material text, batch text, primary key (plant, batch, material));
create table if not exists demo_erp.period (
    plant text, period text, starts_on date not null, ends_on date not null, is_closed boolean not null,
    primary key (plant, period)
);
-- What is still to be made, with the dates that rescheduling changes: those of the day, and the times within them.
create table if not exists demo_erp.production_order (
    plant text, order_no text, start_date date, due_date date,
    starts_at timestamptz, ends_at timestamptz, work_centres text[] not null default '{}',
    doc_no text,                           -- of the last rescheduling
    primary key (plant, order_no)
);
-- What suppliers still owe, with the day that re-dating changes.
create table if not exists demo_erp.purchase_line (
    plant text, order_no text, line_no text, delivery_date date,
    doc_no text,                           -- of the last re-dating
    primary key (plant, order_no, line_no)
);

-- ── documents ───────────────────────────────────────────────────────────────────────────────────────────────────
create table if not exists demo_erp.number_range (doc_type text primary key, last_number bigint not null);
insert into demo_erp.number_range values ('PR', 10000000), ('ST', 40000000), ('QH', 20000000), ('RS', 60000000),
    ('TX', 70000000), ('RD', 65000000), ('PO', 45000000), ('GR', 50000000)
on conflict do nothing;

create table if not exists demo_erp.document (
    doc_no          text        primary key,
    doc_type        text        not null references demo_erp.number_range,
    plant           text        not null,
    supplying_plant text,
    requisitioner   text        not null,
    header_text     text        not null,
    marker          text        not null,   -- no unique key: most ERPs take the same reference twice
    is_guarded      boolean     not null,   -- written while the system rejected a second document with its marker
    delivery        uuid        not null,   -- of the call that brought it; one twice means that the network did
    posted_at       timestamptz not null,
    visible_at      timestamptz not null    -- before that, a search does not find it
);
create index if not exists document_marker on demo_erp.document (marker);
create unique index if not exists document_guard on demo_erp.document (doc_type, marker) where is_guarded;

create table if not exists demo_erp.document_item (
    doc_no             text not null references demo_erp.document,
    item_no            integer not null,
    material           text not null,
    quantity           numeric(20,6) not null,
    unit               text not null,
    delivery_date      date,
    supplier           text,
    net_price          numeric(20,6),
    currency           text,
    cost_centre        text,
    gl_account         text,
    supplying_material text,
    batch              text,
    storage_location   text,
    primary key (doc_no, item_no)
);
alter table demo_erp.document_item
    alter column material drop not null, alter column quantity drop not null, alter column unit drop not null,
    add column if not exists production_order text, add column if not exists start_date date,
    add column if not exists expected_start date, add column if not exists expected_due date,
    add column if not exists starts_at timestamptz, add column if not exists ends_at timestamptz,
    add column if not exists work_centres text[],
    add column if not exists text_about text, add column if not exists text_object text,
    add column if not exists text_period text, add column if not exists text_version integer,
    add column if not exists text_digest text, add column if not exists text_body text,
    add column if not exists released_by text,
    add column if not exists purchase_order text, add column if not exists purchase_line text;

-- A document that is cancelled stays, under its number and its marker; so does one that somebody acted on.
alter table demo_erp.document
    add column if not exists acted_on text not null default '',
    add column if not exists cancelled_at timestamptz, add column if not exists cancelled_visible_at timestamptz;
create table if not exists demo_erp.cancelling (
    doc_no text not null references demo_erp.document, delivery uuid not null, at timestamptz not null
);

-- ── what goes wrong on purpose, and who is signed in ────────────────────────────────────────────────────────────
create table if not exists demo_erp.fault (
    fault_id  bigint generated always as identity primary key,
    fault     text             not null,
    plant     text,                          -- null: whichever plant is next
    doc_type  text,
    seconds   double precision not null default 0,
    remaining integer          not null default 1
);
create table if not exists demo_erp.token (token uuid primary key, expires_at timestamptz not null);

-- ── the interface ───────────────────────────────────────────────────────────────────────────────────────────────
create or replace function demo_erp.log_on() returns uuid language plpgsql as $$
declare
    fresh constant uuid := gen_random_uuid();
begin
    delete from demo_erp.token where expires_at < clock_timestamp() - interval '1 hour';
    insert into demo_erp.token
    select fresh, clock_timestamp() + make_interval(secs => token_minutes * 60) from demo_erp.system;
    return fresh;
end
$$;

create or replace function demo_erp.check_token(given uuid) returns void language plpgsql as $$
begin
    if not exists (select from demo_erp.token where token = given and expires_at > clock_timestamp()) then
        raise exception '401: the token has expired' using errcode = 'DE401';
    end if;
end
$$;

create or replace function demo_erp.refuse(message text) returns void language plpgsql as $$
begin
    raise exception '%', message using errcode = 'DE400';
end
$$;

create or replace function demo_erp.check_item(doc_type text, header jsonb, item jsonb) returns void
language plpgsql as $$
declare
    at constant text := header ->> 'plant';
    what constant text := item ->> 'material';
    day constant date := item ->> 'delivery_date';
    today date;
    is_base boolean;
    shut text;
begin
    select plant.today into today from demo_erp.plant where plant = at;
    select unit.unit = m.base_unit or m.base_unit is null into is_base
    from demo_erp.material m, (select item ->> 'unit' as unit) unit where m.plant = at and m.material = what;
    if not found then
        perform demo_erp.refuse(format('M3 305: material %s does not exist in plant %s', what, at));
    end if;
    if not is_base and not exists (select from demo_erp.unit u where u.plant = at and u.material in ('', what)
                                   and u.unit = item ->> 'unit') then
        perform demo_erp.refuse(format('M3 070: unit of measure %s is not defined for material %s',
                                       item ->> 'unit', what));
    end if;
    if (item ->> 'quantity')::numeric <= 0 then
        perform demo_erp.refuse(format('ME 083: enter a quantity above zero for material %s', what));
    end if;
    if day < today then
        perform demo_erp.refuse(format('ME 082: delivery date %s lies in the past; today is %s', day, today));
    end if;
    if item ->> 'supplier' is not null
       and not exists (select from demo_erp.supplier s where s.plant = at and s.supplier = item ->> 'supplier') then
        perform demo_erp.refuse(format('ME 027: supplier %s has not been created for plant %s',
                                       item ->> 'supplier', at));
    end if;
    if item ->> 'cost_centre' is not null and not exists
       (select from demo_erp.cost_centre c where c.plant = at and c.cost_centre = item ->> 'cost_centre') then
        perform demo_erp.refuse(format('KI 265: cost centre %s does not exist in plant %s',
                                       item ->> 'cost_centre', at));
    end if;
    if item ->> 'gl_account' is not null and not exists
       (select from demo_erp.gl_account a where a.plant = at and a.gl_account = item ->> 'gl_account') then
        perform demo_erp.refuse(format('F5 104: account %s does not exist in plant %s', item ->> 'gl_account', at));
    end if;
    if item ->> 'currency' !~ '^[A-Z]{3}$' then
        perform demo_erp.refuse(format('E! 010: currency %s is not defined', item ->> 'currency'));
    end if;
    -- An assignment is posted in the period of its delivery; anything is in that of the posting day.
    select p.period into shut from demo_erp.period p
    where p.plant = at and p.is_closed
      and (today between p.starts_on and p.ends_on
           or item ->> 'cost_centre' is not null and day between p.starts_on and p.ends_on);
    if found then
        perform demo_erp.refuse(format('F5 201: posting period %s is closed in plant %s', shut, at));
    end if;
    if doc_type = 'ST' and not exists (select from demo_erp.material m where m.plant = header ->> 'supplying_plant'
                                       and m.material = item ->> 'supplying_material') then
        perform demo_erp.refuse(format('M3 305: material %s does not exist in plant %s',
                                       item ->> 'supplying_material', header ->> 'supplying_plant'));
    end if;
    if item ->> 'storage_location' is not null and not exists (select from demo_erp.storage_location l
        where l.plant = at and l.location = item ->> 'storage_location') then
        perform demo_erp.refuse(format('M7 001: storage location %s does not exist in plant %s',
                                       item ->> 'storage_location', at));
    end if;
    if item ->> 'batch' is not null and not exists (select from demo_erp.batch b
        where b.plant = at and b.material = what and b.batch = item ->> 'batch') then
        perform demo_erp.refuse(format('M7 042: batch %s of material %s does not exist in plant %s',
                                       item ->> 'batch', what, at));
    end if;
end
$$;

create or replace function demo_erp.check_text(header jsonb, item jsonb) returns void language plpgsql as $$
declare
    at constant text := header ->> 'plant';
    what constant text := item ->> 'text_object';
begin
    if item ->> 'text_about' = 'cost_centre'
       and not exists (select from demo_erp.cost_centre c where c.plant = at and c.cost_centre = what) then
        perform demo_erp.refuse(format('KI 265: cost centre %s does not exist in plant %s', what, at));
    elsif item ->> 'text_about' = 'plant' and what <> at then
        perform demo_erp.refuse(format('TD 600: text object %s does not belong to plant %s', what, at));
    end if;
    if coalesce(item ->> 'text_body', '') = '' then
        perform demo_erp.refuse(format('TD 603: the text for %s is empty', what));
    end if;
end
$$;

-- The order stays locked until the call's end: whoever comes second sees the dates of the first.
create or replace function demo_erp.check_rescheduling(header jsonb, item jsonb) returns void
language plpgsql as $$
declare
    at constant text := header ->> 'plant';
    what constant text := item ->> 'production_order';
    held demo_erp.production_order;
    today date;
begin
    select plant.today into today from demo_erp.plant where plant = at;
    select * into held from demo_erp.production_order o where o.plant = at and o.order_no = what for update;
    if not found then
        perform demo_erp.refuse(format('CO 017: order %s is not open in plant %s', what, at));
    end if;
    if (held.start_date, held.due_date) is distinct from
       ((item ->> 'expected_start')::date, (item ->> 'expected_due')::date) then
        perform demo_erp.refuse(format('CO 688: order %s was changed meanwhile: it starts on %s and is due on %s',
                                       what, held.start_date, held.due_date));
    end if;
    if (item ->> 'delivery_date')::date < (item ->> 'start_date')::date
       or (item ->> 'ends_at')::timestamptz < (item ->> 'starts_at')::timestamptz then
        perform demo_erp.refuse(format('CO 705: order %s would end before it starts', what));
    end if;
    -- What has begun keeps a start that is past.
    if (item ->> 'start_date')::date < today and (item ->> 'start_date')::date is distinct from held.start_date
       or (item ->> 'delivery_date')::date < today and (item ->> 'delivery_date')::date is distinct from held.due_date
    then
        perform demo_erp.refuse(format('CO 706: order %s would be moved into the past; today is %s', what, today));
    end if;
end
$$;

-- The dates of an order as a document leaves them; none where it has others by then than the document expects.
create or replace function demo_erp.reschedule(number text) returns void language sql as $$
    update demo_erp.production_order o
    set start_date = i.start_date, due_date = i.delivery_date, starts_at = i.starts_at, ends_at = i.ends_at,
        work_centres = coalesce(i.work_centres, '{}'), doc_no = i.doc_no
    from demo_erp.document_item i join demo_erp.document d using (doc_no)
    where i.doc_no = number and o.plant = d.plant and o.order_no = i.production_order
      and ((o.start_date, o.due_date) is not distinct from (i.expected_start, i.expected_due)
           or (o.start_date, o.due_date) is not distinct from (i.start_date, i.delivery_date))
$$;

-- The line stays locked until the call's end, as the order does.
create or replace function demo_erp.check_redating(header jsonb, item jsonb) returns void language plpgsql as $$
declare
    at constant text := header ->> 'plant';
    what constant text := format('line %s of purchase order %s', item ->> 'purchase_line', item ->> 'purchase_order');
    held demo_erp.purchase_line;
    today date;
begin
    select plant.today into today from demo_erp.plant where plant = at;
    select * into held from demo_erp.purchase_line l
    where l.plant = at and l.order_no = item ->> 'purchase_order' and l.line_no = item ->> 'purchase_line' for update;
    if not found then
        perform demo_erp.refuse(format('06 254: %s is not open in plant %s', what, at));
    end if;
    if held.delivery_date is distinct from (item ->> 'expected_due')::date then
        perform demo_erp.refuse(format('06 688: %s was changed meanwhile: it is due on %s', what, held.delivery_date));
    end if;
    if (item ->> 'delivery_date')::date < today then
        perform demo_erp.refuse(format('06 039: %s would be due in the past; today is %s', what, today));
    end if;
end
$$;

-- The day of a line as a document leaves it; none where it has another by then than the document expects.
create or replace function demo_erp.redate(number text) returns void language sql as $$
    update demo_erp.purchase_line l set delivery_date = i.delivery_date, doc_no = i.doc_no
    from demo_erp.document_item i join demo_erp.document d using (doc_no)
    where i.doc_no = number and l.plant = d.plant and l.order_no = i.purchase_order and l.line_no = i.purchase_line
      and l.delivery_date in (i.expected_due, i.delivery_date)
$$;

-- What was posted before the orders were read anew from the store, once more, in its order.
create or replace function demo_erp.reschedule_again() returns void language plpgsql as $$
declare
    number text;
begin
    for number in select doc_no from demo_erp.document where doc_type = 'RS' order by posted_at, doc_no loop
        perform demo_erp.reschedule(number);
    end loop;
    for number in select doc_no from demo_erp.document where doc_type = 'RD' order by posted_at, doc_no loop
        perform demo_erp.redate(number);
    end loop;
end
$$;

create or replace function demo_erp.document_of(wanted text) returns jsonb language sql stable as $$
    select to_jsonb(d)
        || jsonb_build_object('is_cancelled', coalesce(d.cancelled_visible_at <= clock_timestamp(), false))
        || jsonb_build_object('items', coalesce(
        (select jsonb_agg(to_jsonb(i) || jsonb_build_object('quantity', i.quantity::text, 'net_price', i.net_price::text)
                          order by i.item_no)
         from demo_erp.document_item i where i.doc_no = d.doc_no), '[]'))
    from demo_erp.document d where d.doc_no = wanted
$$;

-- `mishap` is what befalls this call at the system's own side: seconds of work before it is taken up, seconds for
-- which a search does not find the document, and the number of items after which the system fails.
create or replace function demo_erp.create_document(token uuid, request jsonb, delivery uuid, mishap jsonb)
returns jsonb language plpgsql as $$
declare
    kind constant text := request ->> 'doc_type';
    keep constant integer := coalesce((mishap ->> 'items')::integer, 2147483647);
    number text;
    item jsonb;
    place integer := 0;
begin
    perform demo_erp.check_token(token);
    perform pg_sleep(coalesce((mishap ->> 'work_seconds')::double precision, 0));
    if not exists (select from demo_erp.plant where plant = request ->> 'plant') then
        perform demo_erp.refuse(format('M3 095: plant %s does not exist', request ->> 'plant'));
    end if;
    if kind = 'ST' and not exists (select from demo_erp.plant where plant = request ->> 'supplying_plant') then
        perform demo_erp.refuse(format('M3 095: plant %s does not exist', request ->> 'supplying_plant'));
    end if;
    if jsonb_array_length(request -> 'items') = 0 then
        perform demo_erp.refuse('ME 058: the document has no items');
    end if;
    for item in select * from jsonb_array_elements(request -> 'items') loop
        if kind = 'RS' then
            perform demo_erp.check_rescheduling(request, item);
        elsif kind = 'RD' then
            perform demo_erp.check_redating(request, item);
        elsif kind = 'TX' then
            perform demo_erp.check_text(request, item);
        else
            perform demo_erp.check_item(kind, request, item);
        end if;
    end loop;
    update demo_erp.number_range set last_number = last_number + 1 where doc_type = kind
    returning last_number::text into number;
    if not found then
        perform demo_erp.refuse(format('ME 001: document type %s is not defined', kind));
    end if;
    begin
        insert into demo_erp.document
        select number, kind, request ->> 'plant', request ->> 'supplying_plant', request ->> 'requisitioner',
               request ->> 'header_text', request ->> 'marker', rejects_duplicates, delivery, clock_timestamp(),
               clock_timestamp() + make_interval(secs => coalesce((mishap ->> 'hidden_seconds')::double precision, 0))
        from demo_erp.system;
    exception when unique_violation then
        raise exception 'ME 409: a document with the reference % exists', request ->> 'marker'
            using errcode = 'DE409';
    end;
    for item in select * from jsonb_array_elements(request -> 'items') loop
        exit when place >= keep;
        place := place + 1;
        insert into demo_erp.document_item values (
            number, place * 10, item ->> 'material', (item ->> 'quantity')::numeric, item ->> 'unit',
            (item ->> 'delivery_date')::date, item ->> 'supplier', (item ->> 'net_price')::numeric,
            item ->> 'currency', item ->> 'cost_centre', item ->> 'gl_account', item ->> 'supplying_material',
            item ->> 'batch', item ->> 'storage_location', item ->> 'production_order',
            (item ->> 'start_date')::date, (item ->> 'expected_start')::date, (item ->> 'expected_due')::date,
            (item ->> 'starts_at')::timestamptz, (item ->> 'ends_at')::timestamptz,
            (select array_agg(c) from jsonb_array_elements_text(item -> 'work_centres') c),
            item ->> 'text_about', item ->> 'text_object', item ->> 'text_period', (item ->> 'text_version')::integer,
            item ->> 'text_digest', item ->> 'text_body', item ->> 'released_by', item ->> 'purchase_order',
            item ->> 'purchase_line');
        if kind = 'RS' then
            perform demo_erp.reschedule(number);
        elsif kind = 'RD' then
            perform demo_erp.redate(number);
        end if;
    end loop;
    return demo_erp.document_of(number);
end
$$;

-- What is cancelled stays, and frees what it asked for; what somebody acted on is not cancelled any more. A second
-- call finds it cancelled and changes nothing.
create or replace function demo_erp.cancel_document(token uuid, request jsonb, delivery uuid, mishap jsonb)
returns jsonb language plpgsql as $$
declare
    held demo_erp.document;
begin
    perform demo_erp.check_token(token);
    perform pg_sleep(coalesce((mishap ->> 'work_seconds')::double precision, 0));
    select * into held from demo_erp.document d
    where d.marker = request ->> 'marker' and d.doc_type = request ->> 'doc_type'
    order by posted_at, doc_no limit 1 for update;
    if not found then
        perform demo_erp.refuse(format('ME 006: no document has the reference %s', request ->> 'marker'));
    end if;
    if held.acted_on <> '' then
        perform demo_erp.refuse(format('ME 664: document %s cannot be cancelled: %s', held.doc_no, held.acted_on));
    end if;
    if held.cancelled_at is null then
        update demo_erp.document d set cancelled_at = clock_timestamp(), cancelled_visible_at = clock_timestamp()
            + make_interval(secs => coalesce((mishap ->> 'hidden_seconds')::double precision, 0))
        where d.doc_no = held.doc_no;
        insert into demo_erp.cancelling values (held.doc_no, delivery, clock_timestamp());
    end if;
    return demo_erp.document_of(held.doc_no) || '{"is_cancelled": true}';
end
$$;

-- Search as a planner's list does it: by an index that may lag behind what was posted.
create or replace function demo_erp.find_documents(token uuid, kind text, wanted text, at text) returns setof jsonb
language plpgsql as $$
begin
    perform demo_erp.check_token(token);
    return query
        select demo_erp.document_of(doc_no) from demo_erp.document
        where marker = wanted and doc_type = kind and (at is null or plant = at) and visible_at <= clock_timestamp()
        order by posted_at, doc_no;
end
$$;

-- ── what people do in it: a buyer orders what was requisitioned, and goods come ──────────────────────────────────
create table if not exists demo_erp.purchase_order (
    order_no   text primary key,
    plant      text not null,
    supplier   text not null,
    ordered_on date not null
);
create table if not exists demo_erp.purchase_item (
    order_no        text not null references demo_erp.purchase_order,
    item_no         integer not null,
    requisition     text not null references demo_erp.document,
    requisition_item integer not null,
    material        text not null,
    quantity        numeric(20,6) not null,
    unit            text not null,
    net_price       numeric(20,6),
    currency        text,
    due_on          date,
    primary key (order_no, item_no)
);
create table if not exists demo_erp.goods_receipt (
    receipt_no  text primary key,
    order_no    text not null,
    item_no     integer not null,
    quantity    numeric(20,6) not null,
    received_on date not null,
    foreign key (order_no, item_no) references demo_erp.purchase_item
);
create index if not exists receipt_of on demo_erp.goods_receipt (order_no, item_no);

create or replace function demo_erp.next_number(kind text) returns text language sql as $$
    update demo_erp.number_range set last_number = last_number + 1 where doc_type = kind returning last_number::text
$$;

-- One order for each supplier that the items name; `of` is for those that name none. What is ordered is acted on, so
-- that the requisition is not cancelled any more.
create or replace function demo_erp.order_requisition(wanted text, of text) returns setof text
language plpgsql as $$
declare
    held demo_erp.document;
    seller text;
    number text;
begin
    select * into held from demo_erp.document where doc_no = wanted and doc_type = 'PR' for update;
    if not found then
        perform demo_erp.refuse(format('ME 006: there is no requisition %s', wanted));
    end if;
    if held.cancelled_at is not null then
        perform demo_erp.refuse(format('ME 664: requisition %s is cancelled', wanted));
    end if;
    if held.acted_on <> '' then
        perform demo_erp.refuse(format('ME 665: nothing of requisition %s is open: %s', wanted, held.acted_on));
    end if;
    for seller in select distinct coalesce(i.supplier, of, '') from demo_erp.document_item i
                  where i.doc_no = wanted order by 1 loop
        if not exists (select from demo_erp.supplier s where s.plant = held.plant and s.supplier = seller) then
            perform demo_erp.refuse(format('ME 027: name a supplier of plant %s for requisition %s', held.plant, wanted));
        end if;
        number := demo_erp.next_number('PO');
        insert into demo_erp.purchase_order
        select number, held.plant, seller, p.today from demo_erp.plant p where p.plant = held.plant;
        insert into demo_erp.purchase_item
        select number, 10 * row_number() over (order by i.item_no), i.doc_no, i.item_no, i.material, i.quantity, i.unit,
               i.net_price, i.currency, i.delivery_date
        from demo_erp.document_item i where i.doc_no = wanted and coalesce(i.supplier, of, '') = seller;
        insert into demo_erp.purchase_line
        select held.plant, number, i.item_no::text, i.due_on from demo_erp.purchase_item i
        where i.order_no = number and i.due_on is not null;
        update demo_erp.document set acted_on = concat_ws(', ', nullif(acted_on, ''), 'it is ordered as ' || number)
        where doc_no = wanted;
        return next number;
    end loop;
end
$$;

-- What comes of an order: so much of its first item that is open, or all that is open of each.
create or replace function demo_erp.receive(wanted text, amount numeric) returns setof text language plpgsql as $$
declare
    line record;
    number text;
begin
    if not exists (select from demo_erp.purchase_order where order_no = wanted) then
        perform demo_erp.refuse(format('ME 006: there is no purchase order %s', wanted));
    end if;
    if amount <= 0 then
        perform demo_erp.refuse('M7 022: enter a quantity above zero');
    end if;
    for line in select i.order_no, i.item_no, p.today, i.quantity - coalesce((select sum(r.quantity)
                    from demo_erp.goods_receipt r where (r.order_no, r.item_no) = (i.order_no, i.item_no)), 0) as open
                from demo_erp.purchase_item i join demo_erp.purchase_order o using (order_no)
                join demo_erp.plant p using (plant) where i.order_no = wanted order by i.item_no loop
        continue when line.open <= 0;
        if amount > line.open then
            perform demo_erp.refuse(format('M7 021: %s is more than is open on order %s', amount, wanted));
        end if;
        number := demo_erp.next_number('GR');
        insert into demo_erp.goods_receipt values
            (number, line.order_no, line.item_no, coalesce(amount, line.open), line.today);
        return next number;
        exit when amount is not null;
    end loop;
    if number is null then
        perform demo_erp.refuse(format('M7 018: nothing of purchase order %s is open', wanted));
    end if;
end
$$;
