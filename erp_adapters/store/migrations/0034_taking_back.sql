-- Two more kinds of drafts: the text of a published explanation at the ERP's object, and taking back a document.

alter table app.proposal
    drop constraint proposal_kind_check,
    add constraint proposal_kind_check check (kind in (
        'purchase_requisition', 'stock_transfer', 'quality_hold', 'order_rescheduling', 'published_text',
        'cancellation'));
create index on app.proposal ((needs[1])) where kind in ('published_text', 'cancellation');

-- A text is put up in the name of who drafted the explanation, by who has published it in the same transaction: two
-- people stand behind it, and nobody can put one up that was not published. Everything else one puts up in one's own.
drop policy proposes on app.proposal;
create policy proposes on app.proposal for insert to plantwright_app
    with check (app.in_scope(array_append(other_sites, site)) and state = 'awaiting_confirmation'
                and (reason, document_number) = ('', '') and confirmed_at is null and escalated_at is null
                and case kind
                    when 'published_text' then exists (
                        select from app.publication p
                        where p.id::text = needs[1] and p.state = 'published' and p.requester = proposal.requester
                          and p.decided_by = nullif(current_setting('plantwright.subject', true), '')
                          and proposal.site = any (p.sites)
                          and (convert_from(proposal.canonical, 'UTF8')::jsonb -> 'draft')
                              @> jsonb_build_object('kind', 'published_text', 'publication', p.id::text,
                                                    'digest', p.digest, 'released_by', p.decided_by))
                    else requester = current_setting('plantwright.subject', true) end);
