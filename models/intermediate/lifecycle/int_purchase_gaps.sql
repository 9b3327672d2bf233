{#
    One row per valid order of a known customer, with the days since the order before it.
    Key: none; gap_days is NULL for the first order and 0 for a further one on the same day. It
    never depends on later orders, so it serves every as_of_date. Orders of one day are alike here, so
    the window needs no further key. A view: only the rhythm reads it.
#}
with orders as (
    select * from {{ ref('int_orders') }}
),

purchases as (
    select
        customer_number,
        order_date
    from orders
    where is_valid and customer_number is not null
),

preceded as (
    select
        customer_number,
        order_date,
        lag(order_date) over (partition by customer_number order by order_date) as previous_date
    from purchases
),

final as (
    select
        customer_number,
        order_date,
        cast({{ segmentation.days_between('previous_date', 'order_date') }} as integer) as gap_days
    from preceded
)

select * from final
