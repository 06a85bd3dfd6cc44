"""What the demo ERP posted, in the operational store, so that the next question sees it."""

from __future__ import annotations

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
from redated r where l.site = r.site and l.order_id = r.order_id and l.line_id = r.line_id
and l.due_on is distinct from r.due_on
"""


def read_back(owner_dsn: str) -> int:
    """Take over what is posted and not in the store yet; how many lines and orders were new or changed.

    Each line of a requisition is an open requisition; an order or a line that was moved has its
    new dates; one that was taken back is cancelled.

    A document that an adapter of a real ERP would bring with its next load; the demo's comes at once.

    Raises:
        ConfigurationError: the home has no demo ERP.
        ErpUnavailable: the database does not answer.
    """
    with translated(), psycopg.connect(owner_dsn) as store, logged_on(erp_dsn(owner_dsn)) as erp:
        # Workers beside each other take over one after the other.
        store.execute("select pg_advisory_xact_lock(hashtextextended('demo ERP read back', 0))")
        store.execute(_STAGE_MOVED)
        with store.cursor().copy("copy moved from stdin") as copy:
            for row in erp.execute(_MOVED):
                copy.write_row(row)
        moved = store.execute(_STORE_MOVED).rowcount
        store.execute(_STAGE_REDATED)
        with store.cursor().copy("copy redated from stdin") as copy:
            for row in erp.execute(_REDATED):
                copy.write_row(row)
        moved += store.execute(_STORE_REDATED).rowcount
        store.execute(_STAGE)
        with store.cursor().copy("copy posted from stdin") as copy:
            for row in erp.execute(_POSTED):
                copy.write_row(row)
        new = store.execute(_STORE, {"system": SYSTEM, "load": new_id()}).rowcount
        store.execute(_STAGE_WITHDRAWN)
        with store.cursor().copy("copy withdrawn from stdin") as copy:
            for row in erp.execute(_WITHDRAWN):
                copy.write_row(row)
        return moved + new + store.execute(_STORE_WITHDRAWN, {"system": SYSTEM}).rowcount
