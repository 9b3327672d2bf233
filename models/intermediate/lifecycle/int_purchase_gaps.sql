{#
    One row per customer and day with a valid order, with the days since the day before it.
    Key: customer_id, order_date. Several orders on one day are one purchase. gap_days is NULL on the
    first day; it never depends on later days, so it serves every as_of_date.
#}
with orders as (
    select * from {{ ref('int_orders') }}
),

purchase_days as (
    select
        customer_id,
        order_date
    from orders
    where is_valid and customer_id is not null
    group by customer_id, order_date
),

preceded as (
    select
        customer_id,
        order_date,
        lag(order_date) over (partition by customer_id order by order_date) as previous_date
    from purchase_days
),

final as (
    select
        customer_id,
        order_date,
        cast({{ segmentation.days_between('previous_date', 'order_date') }} as integer) as gap_days
    from preceded
)

select * from final
