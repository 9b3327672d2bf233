/*
    R, F and M and the first and last channel of every contact, as one would write it in a notebook:
    the least that anyone could mean by RFM. No guests, refunds, currencies, repeated or unusable
    rows, no lifecycle, no channel rules. Variables: folder (where the files are), as_of_date.
*/
create or replace table yardstick_narrow as
with measured as (
    select
        contact_id as customer,
        count(*) as orders,
        sum(gross_amount - discount_amount) as paid,
        min(ordered_at)::date as first_date,
        max(ordered_at)::date as last_date,
        arg_min(utm_source, ordered_at) as first_source,
        arg_max(sales_channel, ordered_at) as last_channel
    from read_parquet(getvariable('folder') || '/orders.parquet')
    where
        contact_id is not null
        and status in ('completed', 'Shipped')
        and ordered_at < getvariable('as_of_date')
    group by contact_id
),

cut_points as (
    select
        quantile_cont(last_date - date '2000-01-01', [0.2, 0.4, 0.6, 0.8]) as r,
        quantile_cont(orders, [0.2, 0.4, 0.6, 0.8]) as f,
        quantile_cont(paid, [0.2, 0.4, 0.6, 0.8]) as m
    from measured
)

select
    customer,
    orders,
    paid,
    first_date,
    last_date,
    getvariable('as_of_date') - last_date as recency_days,
    first_source,
    last_channel,
    1 + len(list_filter(r, lambda cut: last_date - date '2000-01-01' > cut)) as r_score,
    1 + len(list_filter(f, lambda cut: orders > cut)) as f_score,
    1 + len(list_filter(m, lambda cut: paid > cut)) as m_score
from measured
cross join cut_points;
