-- Models that foretell which purchase lines come late stand in the same register as those of failures.

alter table app.predictor drop constraint predictor_kind_check;
alter table app.predictor add constraint predictor_kind_check check (kind in ('failure', 'supplier_lateness'));
