-- What a meter takes tomorrow is foretold in the same register, beside what output takes over weeks.

alter table app.predictor drop constraint predictor_kind_check;
alter table app.predictor add constraint predictor_kind_check
    check (kind in ('failure', 'supplier_lateness', 'demand', 'yield', 'energy', 'energy_day', 'remaining_life'));
