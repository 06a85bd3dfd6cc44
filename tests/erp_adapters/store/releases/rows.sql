-- Rows as the release before left them: some of each kind that people would miss, or that nothing may change.
-- Written against its schema, so it stays as it is when the schema goes on.
insert into erp.site (site, source_system, source_key, load_id, name, country, time_zone, currency)
values ('KAS', 'demo', 'KAS', gen_random_uuid(), 'Kassel', 'DE', 'Europe/Berlin', 'EUR'),
       ('LEI', 'demo', 'LEI', gen_random_uuid(), 'Leipzig', 'DE', 'Europe/Berlin', 'EUR');
insert into erp.person (subject, name, roles, sites, companies, substitutes)
values ('planner', 'P', '{planner}', '{KAS}', '{10}', '{}'), ('buyer', 'B', '{buyer}', '{KAS,LEI}', '{10}', '{planner}');
insert into app.conversation (id, subject, title) values ('00000000-0000-7000-8000-0000000000c1', 'planner', 'scrap');
insert into app.answer (id, conversation, subject, question, answer)
values ('00000000-0000-7000-8000-0000000000a1', '00000000-0000-7000-8000-0000000000c1', 'planner', 'how much scrap?',
        '{"status": "answered"}');
insert into app.synonym (subject, word, means) values ('planner', 'Ausschuss', 'scrap');
insert into app.proposal (id, series, version, kind, site, requester, canonical, digest, marker, policy_hash,
    signatures_needed, requester_may, needs, needed_from, needed_to, business_date, created_at, expires_at, escalate_at, changed_at)
values ('00000000-0000-7000-8000-0000000000d1', '00000000-0000-7000-8000-0000000000d0', 1, 'purchase_requisition', 'KAS',
    'planner', '{}', 'sha256:' || encode(sha256('{}'), 'hex'), 'PW-1', 'h', 1, false, '{M-1}', '2026-12-01', '2026-12-01',
    '2026-11-29', now(), now() + interval '1 day', now() + interval '1 hour', now());
insert into app.signature (proposal, digest, subject, name, roles, policies, policy_hash, signed_at)
select id, digest, 'buyer', 'B', '{buyer}', '{p}', 'h', now() from app.proposal;
insert into app.proposal_step (proposal, at, actor, state, what)
values ('00000000-0000-7000-8000-0000000000d1', now(), 'planner', 'awaiting_confirmation', 'drafted');
update app.proposal set state = 'confirmed', confirmed_at = now();
insert into app.switch (target, name, is_off, changed_by, reason, changed_at) values ('site', 'LEI', true, 'buyer', 'stocktaking', now());
insert into app.session (hash, subject, kind, made_at, seen_at, expires_at)
values (sha256('s'), 'planner', 'browser', now(), now(), now() + interval '1 hour');
