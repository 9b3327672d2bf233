-- Where do the contacts come from who registered in the last half year and have not bought yet?
with customers as (
    select * from {{ ref('customers') }}
),

final as (
    select
        acquisition_channel,
        count(*) as prospects,
        sum(case when has_marketing_consent then 1 else 0 end) as may_be_contacted,
        min(registered_date) as earliest_registration,
        max(registered_date) as latest_registration
    from customers
    where
        order_count = 0
        and registered_date >= {{ dbt.dateadd('day', -180, 'as_of_date') }}
    group by acquisition_channel
)

select * from final
order by prospects desc, acquisition_channel
