{#
    One row per customer and as_of_date with its value tier. Key: customer_number, as_of_date. Spend
    and frequency of the last 365 days are graded apart; which tier a pair of grades is stands in the
    seed value_tier_map, one row for each of the nine cells of the policy.
#}
with customers as (
    select * from {{ ref('int_customers') }}
),

order_windows as (
    select * from {{ ref('int_order_windows') }}
),

tier_map as (
    select * from {{ ref('value_tier_map') }}
    where policy = '{{ var("value_tier_policy") }}'
),

measured as (
    select
        customers.customer_number,
        customers.as_of_date,
        coalesce(order_windows.year_order_count, 0) as year_order_count,
        {{ segmentation.decimal_of('coalesce(order_windows.year_net_revenue, 0)') }}
            as year_net_revenue
    from customers
    left join order_windows
        on
            customers.customer_number = order_windows.customer_number
            and customers.as_of_date = order_windows.as_of_date
),

graded as (
    select
        customer_number,
        as_of_date,
        year_order_count,
        year_net_revenue,
        {{ segmentation.spend_grade('year_order_count', 'year_net_revenue') }} as spend_grade,
        {{ segmentation.frequency_grade('year_order_count') }} as frequency_grade
    from measured
),

final as (
    select
        graded.customer_number,
        graded.as_of_date,
        graded.year_order_count,
        graded.year_net_revenue,
        graded.spend_grade,
        graded.frequency_grade,
        case
            when graded.spend_grade = 'none' then 'none'
            else tier_map.segment_id
        end as segment_id
    from graded
    left join tier_map
        on
            graded.spend_grade = tier_map.spend_grade
            and graded.frequency_grade = tier_map.frequency_grade
)

select * from final
