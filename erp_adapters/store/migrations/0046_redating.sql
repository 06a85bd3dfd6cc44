-- One more kind of drafts: another delivery day for a line of a purchase order.

alter table app.proposal
    drop constraint proposal_kind_check,
    add constraint proposal_kind_check check (kind in (
        'purchase_requisition', 'stock_transfer', 'quality_hold', 'order_rescheduling', 'purchase_order_redating',
        'published_text', 'work_order', 'order_hold', 'cancellation'));
