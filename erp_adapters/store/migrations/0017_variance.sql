-- Explanations of variances go from an order to what was issued for it and confirmed on it, and from days to receipts.
create index on erp.stock_movement (site, order_id) where kind = 'consumption';
create index on erp.stock_movement (site, moved_on) where kind in ('purchase', 'adjustment');
create index on erp.operation_confirmation (site, order_id);
create index on erp.production_order (site, end_on);
