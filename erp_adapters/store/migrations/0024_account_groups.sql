-- Groups that accounts belonged to at other times than now, where a chart of accounts was changed: without it,
-- an account that moved would look like cost that came or went.
create table erp.account_group (
    like erp.provenance including defaults,
    account_id text not null,
    parent_id  text,                      -- null: in none
    valid_from date not null,
    valid_to   date,
    primary key (site, account_id, valid_from)
);
select erp.apply_scope();
