"""What the demo ERP posted, in the operational store, so that the next question sees it."""

from __future__ import annotations

from typing import LiteralString

import psycopg

from erp_adapters.demo.erp.filling import SYSTEM, erp_dsn, logged_on
from erp_adapters.store.failures import translated
from erp_adapters.store.ids import new_id

_POSTED = """
select d.plant, d.doc_no, i.item_no, i.material, i.quantity, i.unit, p.today, i.delivery_date,
       d.requisitioner, i.supplier
from demo_erp.document d join demo_erp.document_item i using (doc_no) join demo_erp.plant p using (plant)
where d.doc_type = 'PR' and d.visible_at <= clock_timestamp() order by 1, 2, 3
"""
_STAGE = """
create temp table posted (site text, document text, item integer, material text, quantity numeric, unit text,
                          requested_on date, needed_on date, requester text, supplier text) on commit drop
"""
_STORE = """
insert into erp.requisition (company, site, source_system, source_key, load_id, requisition_id, material_id,
                             quantity, unit, requested_on, needed_on, status, requester, supplier_id)
select t.company, p.site, %(system)s, 'document/' || p.document || '/' || p.item, %(load)s,
       p.document || '/' || p.item, m.material_id, p.quantity, p.unit, p.requested_on, p.needed_on, 'open',
       p.requester, s.supplier_id
from posted p
join erp.site t using (site)
join lateral (select min(material_id) as material_id from erp.material m
              where m.site = p.site and m.number = p.material) m on m.material_id is not null
left join lateral (select min(supplier_id) as supplier_id from erp.supplier s
                   where s.site = p.site and p.supplier in (s.number, s.supplier_id)) s on true
on conflict (site, requisition_id) do nothing
"""
_WITHDRAWN = """
select plant, doc_no from demo_erp.document where doc_type = 'PR'
and cancelled_visible_at <= clock_timestamp()
"""
_STAGE_WITHDRAWN = "create temp table withdrawn (site text, document text) on commit drop"
_STORE_WITHDRAWN = """
update erp.requisition r set status = 'cancelled'
from withdrawn w where r.source_system = %(system)s and r.site = w.site and r.status <> 'cancelled'
and split_part(r.requisition_id, '/', 1) = w.document
"""
_MOVED = """
select o.plant, o.order_no, o.start_date, o.due_date
from demo_erp.production_order o join demo_erp.document d using (doc_no)
where d.visible_at <= clock_timestamp() order by 1, 2
"""
_STAGE_MOVED = """
create temp table moved (site text, order_id text, start_on date, due_on date) on commit drop
"""
_STORE_MOVED = """
update erp.production_order o set start_on = m.start_on, due_on = m.due_on
from moved m where o.site = m.site and o.order_id = m.order_id
and (o.start_on, o.due_on) is distinct from (m.start_on, m.due_on)
"""
_ORDERED = """
select o.plant, o.order_no, i.item_no, o.supplier, o.ordered_on, i.requisition, i.requisition_item,
       i.material, i.quantity, i.unit, i.net_price, i.currency, i.due_on, r.receipt_no,
       r.quantity, r.received_on
from demo_erp.purchase_item i join demo_erp.purchase_order o using (order_no)
left join demo_erp.goods_receipt r using (order_no, item_no) order by 1, 2, 3, r.receipt_no
"""
_STAGE_ORDERED = """
create temp table ordered (
    site text, order_id text, item integer, supplier text, ordered_on date, requisition text,
    requisition_item integer, material text, quantity numeric, unit text, price numeric, currency text,
    due_on date, receipt text, came numeric, came_on date
) on commit drop
"""
_STORE_ORDERED: tuple[LiteralString, ...] = (
    """
    insert into erp.purchase_order as o (company, site, source_system, source_key, load_id, order_id,
                                         supplier_id, status, ordered_on, currency)
    select t.company, t.site, %(system)s, 'purchase_order/' || p.order_id, %(load)s, p.order_id,
           coalesce(s.supplier_id, p.supplier), p.status, p.ordered_on, p.currency
    from (select site, order_id, min(supplier) as supplier, min(ordered_on) as ordered_on,
                 min(currency) as currency,
                 case when bool_and(is_done) then 'complete' else 'approved' end as status
          from (select *, sum(coalesce(came, 0)) over (partition by site, order_id, item) >= quantity
                    as is_done
                from ordered) o group by site, order_id) p
    join erp.site t using (site)
    left join lateral (select min(supplier_id) as supplier_id from erp.supplier s
                       where s.site = p.site and p.supplier in (s.number, s.supplier_id)) s on true
    on conflict (site, order_id) do update set status = excluded.status
    where o.source_system = excluded.source_system and o.status <> excluded.status
    """,
    """
    insert into erp.purchase_line as l (company, site, source_system, source_key, load_id, line_id, order_id,
                                        material_id, due_on, ordered, received, received_on, unit, unit_price,
                                        line_total, currency, requisition_id)
    select t.company, t.site, %(system)s, 'purchase_item/' || p.order_id || '/' || p.item, %(load)s,
           p.order_id || '/' || p.item, p.order_id, m.material_id, min(p.due_on), min(p.quantity),
           coalesce(sum(p.came), 0), max(p.came_on), min(p.unit), min(p.price), min(p.price * p.quantity),
           min(p.currency), min(p.requisition || '/' || p.requisition_item)
    from ordered p
    join erp.site t using (site)
    join lateral (select min(material_id) as material_id from erp.material m
                  where m.site = p.site and m.number = p.material) m on m.material_id is not null
    group by t.company, t.site, p.order_id, p.item, m.material_id
    on conflict (site, line_id) do update set received = excluded.received, received_on = excluded.received_on
    where l.source_system = excluded.source_system and l.received is distinct from excluded.received
    """,
    """
    insert into erp.goods_receipt (company, site, source_system, source_key, load_id, receipt_id, line_id,
                                   received_on, quantity)
    select t.company, t.site, %(system)s, 'goods_receipt/' || p.receipt, %(load)s, p.receipt,
           p.order_id || '/' || p.item, p.came_on, p.came
    from ordered p join erp.site t using (site) where p.receipt is not null
    on conflict (site, receipt_id) do nothing
    """,
    """
    update erp.requisition r set status = p.status
    from (select site, requisition || '/' || requisition_item as requisition_id,
                 case when sum(coalesce(came, 0)) >= min(quantity) then 'closed' else 'ordered' end as status
          from ordered group by 1, 2) p
    where r.source_system = %(system)s and (r.site, r.requisition_id) = (p.site, p.requisition_id)
    and r.status <> p.status
    """,
)

_REDATED = """
select l.plant, l.order_no, l.line_no, l.delivery_date
from demo_erp.purchase_line l join demo_erp.document d using (doc_no)
where d.visible_at <= clock_timestamp() order by 1, 2, 3
"""
_STAGE_REDATED = """
create temp table redated (site text, order_id text, line_id text, due_on date) on commit drop
"""
_STORE_REDATED = """
update erp.purchase_line l set due_on = r.due_on
from redated r where l.site = r.site and l.order_id = r.order_id
and l.line_id in (r.line_id, r.order_id || '-' || r.line_id, r.order_id || '/' || r.line_id)
and l.due_on is distinct from r.due_on
"""


_PARTS: tuple[tuple[LiteralString, LiteralString, LiteralString, tuple[LiteralString, ...]], ...] = (
    ("moved", _STAGE_MOVED, _MOVED, (_STORE_MOVED,)),
    ("posted", _STAGE, _POSTED, (_STORE,)),
    ("ordered", _STAGE_ORDERED, _ORDERED, _STORE_ORDERED),
    ("redated", _STAGE_REDATED, _REDATED, (_STORE_REDATED,)),
    ("withdrawn", _STAGE_WITHDRAWN, _WITHDRAWN, (_STORE_WITHDRAWN,)),
)
"""What is taken over, in this order: its name, where it is laid first, what is posted, what becomes of it."""


def read_back(owner_dsn: str) -> int:
    """Take over what is posted and not in the store yet; how many lines and orders were new or changed.

    Each line of a requisition is an open requisition; an order or a line that was moved has its
    new dates; one that was taken back is cancelled. What a buyer ordered of one is a purchase order whose
    lines say which requisition they were made from, with what came of it.

    A document that an adapter of a real ERP would bring with its next load; the demo's comes at once.

    Raises:
        ConfigurationError: the home has no demo ERP.
        ErpUnavailable: the database does not answer.
    """
    with translated(), psycopg.connect(owner_dsn) as store, logged_on(erp_dsn(owner_dsn)) as erp:
        # Workers beside each other take over one after the other.
        store.execute("select pg_advisory_xact_lock(hashtextextended('demo ERP read back', 0))")
        keys: dict[str, object] = {"system": SYSTEM, "load": new_id()}
        taken = 0
        for table, stage, posted, kept in _PARTS:
            store.execute(stage)
            with store.cursor().copy(f"copy {table} from stdin") as copy:
                for row in erp.execute(posted):
                    copy.write_row(row)
            taken += sum(store.execute(statement, keys).rowcount for statement in kept)
        return taken
