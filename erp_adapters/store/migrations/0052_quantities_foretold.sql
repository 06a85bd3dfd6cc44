-- Quantities are foretold in the same register: demand, yield, energy, remaining life. What a version says of one is a
-- multiple of what is usual there; `rule` stays the rule's chance that it crosses the line of its kind.

alter table app.predictor drop constraint predictor_kind_check;
alter table app.predictor add constraint predictor_kind_check
    check (kind in ('failure', 'supplier_lateness', 'demand', 'yield', 'energy', 'remaining_life'));

alter table app.foretold
    add column rule_value double precision,                  -- what the rule foretold
    add column usual      double precision check (usual > 0),
    add column actual     double precision;                  -- what came; NaN where nothing was there to tell it by
-- What came less what was foretold at a site, in order and thinned: an interval is told from it.
alter table app.predictor_record add column errors double precision[] not null default '{}';

do $$
begin
    if exists (select from pg_roles where rolname = 'plantwright_worker') then
        grant update (actual) on app.foretold to plantwright_worker;
    end if;
end
$$;
