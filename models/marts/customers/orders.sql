{#
    One row per accepted order known at as_of_date, valid or not, with its customer and what it is
    worth after discount and refunds. Key: order_key. customer_id is NULL for the unidentified;
    net_revenue is zero for orders that are not valid, so the column can be summed as it is. Of a
    customer's orders at the very same instant, the one with the least key is the new one.
#}
with orders as (
    select * from {{ ref('int_orders') }}
),

refunds as (
    select * from {{ ref('int_refunds') }}
),

customers as (
    select * from {{ ref('int_customers') }}
),

metrics as (
    select * from {{ ref('int_customer_metrics') }}
),

as_of_dates as (
    select * from {{ ref('int_as_of_dates') }}
    where is_current
),

known_orders as (
    select
        orders.*,
        as_of_dates.as_of_date
    from orders
    inner join as_of_dates
        on orders.order_date < as_of_dates.as_of_date
),

order_refunds as (
    select
        refunds.order_key,
        sum(refunds.refund_amount) as refund_amount
    from refunds
    inner join as_of_dates
        on refunds.refund_date < as_of_dates.as_of_date
    where refunds.is_counted and refunds.order_key is not null
    group by refunds.order_key
),

first_orders as (
    select min(known_orders.order_key) as order_key
    from known_orders
    inner join metrics
        on
            known_orders.customer_number = metrics.customer_number
            and known_orders.as_of_date = metrics.as_of_date
            and known_orders.ordered_at = metrics.first_ordered_at
    where known_orders.is_valid
    group by known_orders.customer_number
),

final as (
    select
        known_orders.order_key,
        known_orders.as_of_date,
        known_orders.source_name,
        known_orders.order_id,
        customers.customer_id,
        known_orders.ordered_at,
        known_orders.order_date,
        known_orders.status,
        known_orders.validity,
        known_orders.is_valid,
        case
            when not known_orders.is_valid then 'not_valid'
            when known_orders.customer_number is null then 'unidentified'
            when first_orders.order_key is not null then 'new'
            else 'repeat'
        end as order_type,
        known_orders.purchase_channel,
        known_orders.marketing_channel,
        known_orders.currency,
        known_orders.gross_amount,
        known_orders.discount_amount,
        cast(coalesce(order_refunds.refund_amount, 0) as numeric(18, 4)) as refund_amount,
        cast(
            case
                when known_orders.is_valid
                    then known_orders.paid_amount - coalesce(order_refunds.refund_amount, 0)
                else 0
            end as numeric(18, 4)
        ) as net_revenue
    from known_orders
    left join order_refunds
        on known_orders.order_key = order_refunds.order_key
    left join customers
        on
            known_orders.customer_number = customers.customer_number
            and known_orders.as_of_date = customers.as_of_date
    left join first_orders
        on known_orders.order_key = first_orders.order_key
)

select * from final
