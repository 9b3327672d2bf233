{#
    One row per customer and as_of_date with the orders and the net revenue of its last windows: 365
    days, churn_window_days, and as many days before those. Key: customer_number, as_of_date. Who has
    no order and no refund in any of them is left out. A refund counts on its own date.
#}
{%- set window_days = var('churn_window_days') | int %}
with orders as (
    select * from {{ ref('int_orders') }}
),

refunds as (
    select * from {{ ref('int_refunds') }}
),

as_of_dates as (
    select * from {{ ref('int_as_of_dates') }}
),

windows as (
    select
        as_of_date,
        {{ segmentation.add_days('as_of_date', -365) }} as year_start,
        {{ segmentation.add_days('as_of_date', -window_days) }} as recent_start,
        {{ segmentation.add_days('as_of_date', -2 * window_days) }} as previous_start,
        {{ segmentation.add_days('as_of_date', -([365, 2 * window_days] | max)) }}
            as first_day
    from as_of_dates
),

movements as (
    select
        customer_number,
        order_date as movement_date,
        1 as order_count,
        paid_amount as amount
    from orders
    where is_valid and customer_number is not null
    union all
    select
        customer_number,
        refund_date as movement_date,
        0 as order_count,
        -refund_amount as amount
    from refunds
    where is_counted and customer_number is not null
),

placed as (
    select
        movements.customer_number,
        windows.as_of_date,
        movements.order_count,
        movements.amount,
        movements.movement_date >= windows.year_start as is_in_year,
        movements.movement_date >= windows.recent_start as is_recent,
        movements.movement_date >= windows.previous_start
        and movements.movement_date < windows.recent_start as is_previous
    from movements
    cross join windows
    where
        movements.movement_date < windows.as_of_date
        and movements.movement_date >= windows.first_day
),

final as (
    select
        customer_number,
        as_of_date,
        cast(sum(case when is_in_year then order_count else 0 end) as integer) as year_order_count,
        {{ segmentation.decimal_of('sum(case when is_in_year then amount else 0 end)') }}
            as year_net_revenue,
        cast(sum(case when is_recent then order_count else 0 end) as integer) as recent_order_count,
        {{ segmentation.decimal_of('sum(case when is_recent then amount else 0 end)') }}
            as recent_net_revenue,
        cast(sum(case when is_previous then order_count else 0 end) as integer)
            as previous_order_count,
        {{ segmentation.decimal_of('sum(case when is_previous then amount else 0 end)') }}
            as previous_net_revenue
    from placed
    group by customer_number, as_of_date
)

select * from final
