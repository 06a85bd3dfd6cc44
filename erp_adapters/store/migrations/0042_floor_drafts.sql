-- Two more kinds of drafts, which go to a site's MES: a work order, and the hold or resumption of one.

alter table app.proposal
    drop constraint proposal_kind_check,
    add constraint proposal_kind_check check (kind in (
        'purchase_requisition', 'stock_transfer', 'quality_hold', 'order_rescheduling', 'published_text',
        'work_order', 'order_hold', 'cancellation'));

-- Stops of machines that a replanning was looked for because of: each once, whatever came of it.
create table app.replanning_offer (
    site           text        not null,
    work_centre_id text        not null,
    since          timestamptz not null,
    source         text        not null,
    subject        text        not null,                     -- in whose name
    offered_at     timestamptz not null default now(),
    proposal       uuid,                                     -- null where nothing was to be drafted
    why            text        not null default '',
    primary key (site, work_centre_id, since)
);
alter table app.replanning_offer enable row level security;
alter table app.replanning_offer force row level security;
create policy upkeep on app.replanning_offer to plantwright_owner using (true) with check (true);
create policy reads on app.replanning_offer for select to plantwright_app using (app.in_scope(array[site]));
create policy offers on app.replanning_offer for insert to plantwright_app
    with check (app.in_scope(array[site]) and subject = current_setting('plantwright.subject', true));
grant select, insert on app.replanning_offer to plantwright_app;
