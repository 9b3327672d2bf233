-- How many raw rows could not be used, why, and how much money is on them?
with rejected_records as (
    select * from {{ ref('rejected_records') }}
),

final as (
    select
        entity,
        reason,
        source_name,
        currency,
        count(*) as rejected_rows,
        sum(amount) as amount
    from rejected_records
    group by entity, reason, source_name, currency
)

select * from final
order by entity, reason, source_name, currency
