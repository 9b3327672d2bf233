{#
    One row per customer and as_of_date with the facts every segmentation starts from.
    Key: customer_number, as_of_date. Customers without a valid order are in it, with zero orders and
    no dates. Refunds may exceed orders: net revenue can be negative.
#}
with customers as (
    select * from {{ ref('int_customers') }}
),

channel_orders as (
    select * from {{ ref('int_customer_channel_orders') }}
),

refunds as (
    select * from {{ ref('int_customer_refunds') }}
),

order_totals as (
    select
        customer_number,
        as_of_date,
        sum(order_count) as order_count,
        sum(gross_amount) as gross_amount,
        sum(paid_amount) as paid_amount,
        min(first_ordered_at) as first_ordered_at,
        min(first_order_date) as first_order_date,
        max(last_order_date) as last_order_date
    from channel_orders
    group by customer_number, as_of_date
),

joined as (
    select
        customers.customer_number,
        customers.as_of_date,
        customers.first_seen_date,
        customers.registered_date,
        order_totals.first_ordered_at,
        order_totals.first_order_date,
        order_totals.last_order_date,
        cast(coalesce(order_totals.order_count, 0) as integer) as order_count,
        {{ segmentation.decimal_of('coalesce(order_totals.gross_amount, 0)') }} as gross_revenue,
        {{ segmentation.decimal_of('coalesce(order_totals.paid_amount, 0)') }} as paid_revenue,
        {{ segmentation.decimal_of('coalesce(refunds.refund_amount, 0)') }} as refund_amount
    from customers
    left join order_totals
        on
            customers.customer_number = order_totals.customer_number
            and customers.as_of_date = order_totals.as_of_date
    left join refunds
        on
            customers.customer_number = refunds.customer_number
            and customers.as_of_date = refunds.as_of_date
),

final as (
    select
        customer_number,
        as_of_date,
        first_seen_date,
        registered_date,
        first_ordered_at,
        first_order_date,
        last_order_date,
        cast({{ segmentation.days_between('last_order_date', 'as_of_date') }} as integer)
            as recency_days,
        cast({{ segmentation.days_between('first_order_date', 'as_of_date') }} as integer)
            as tenure_days,
        order_count,
        gross_revenue,
        {{ segmentation.decimal_of('gross_revenue - paid_revenue') }} as discount_amount,
        refund_amount,
        {{ segmentation.decimal_of('paid_revenue - refund_amount') }} as net_revenue,
        {{ segmentation.amount_per('paid_revenue - refund_amount', 'order_count') }}
            as average_order_value
    from joined
)

select * from final
