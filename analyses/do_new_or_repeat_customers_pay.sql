-- What part of each month's revenue comes from first orders, and what part from repeat orders?
with orders as (
    select * from {{ ref('orders') }}
),

final as (
    select
        {{ segmentation.month_start('order_date') }} as order_month,
        sum(case when order_type = 'new' then 1 else 0 end) as new_orders,
        sum(case when order_type = 'repeat' then 1 else 0 end) as repeat_orders,
        sum(case when order_type = 'new' then net_revenue else 0 end) as new_revenue,
        sum(case when order_type = 'repeat' then net_revenue else 0 end) as repeat_revenue,
        sum(case when order_type = 'unidentified' then net_revenue else 0 end)
            as unidentified_revenue
    from orders
    where is_valid
    group by {{ segmentation.month_start('order_date') }}
)

select * from final
order by order_month
