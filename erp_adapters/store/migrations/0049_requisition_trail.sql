-- What became of a requisition: the order line that was made from it, by the requisition's own id (number and item),
-- and when a posted card was last looked at for news of its document.
alter table erp.purchase_line add column requisition_id text;
create index on erp.purchase_line (site, requisition_id) where requisition_id is not null;
alter table app.channel_card add column looked_at timestamptz;
create index on app.channel_card (looked_at nulls first) where state = 'executed';
create index on erp.requisition (site, split_part(requisition_id, '/', 1));
