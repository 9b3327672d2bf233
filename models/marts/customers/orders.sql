{#
    One row per accepted order known at as_of_date, valid or not, with its customer and what it is
    worth after discount and refunds. Key: order_key. customer_id is NULL for the unidentified;
    net_revenue is zero for orders that are not valid, so the column can be summed as it is.
#}
with orders as (
    select * from {{ ref('int_orders') }}
),

order_profiles as (
    select * from {{ ref('int_order_profiles') }}
),

order_channels as (
    select * from {{ ref('int_order_channels') }}
),

refunds as (
    select * from {{ ref('int_refunds') }}
),

customers as (
    select * from {{ ref('int_customers') }}
),

first_orders as (
    select * from {{ ref('int_first_orders') }}
),

as_of_dates as (
    select * from {{ ref('int_as_of_dates') }}
    where is_current
),

known_orders as (
    select
        order_profiles.source_name || ':' || orders.order_id as order_key,
        as_of_dates.as_of_date,
        order_profiles.source_name,
        orders.order_id,
        orders.customer_number,
        orders.ordered_at,
        orders.order_date,
        nullif(order_profiles.status, '') as status,
        case
            when order_profiles.validity = 'valid' and not orders.is_valid then 'zero_amount'
            else order_profiles.validity
        end as validity,
        orders.is_valid,
        order_channels.purchase_channel,
        order_channels.marketing_channel,
        order_profiles.currency,
        orders.gross_amount,
        orders.paid_amount
    from orders
    inner join order_profiles
        on orders.profile_number = order_profiles.profile_number
    inner join order_channels
        on orders.profile_number = order_channels.profile_number
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
            when known_orders.order_key = first_orders.order_key then 'new'
            else 'repeat'
        end as order_type,
        known_orders.purchase_channel,
        known_orders.marketing_channel,
        known_orders.currency,
        known_orders.gross_amount,
        {{ segmentation.decimal_of('known_orders.gross_amount - known_orders.paid_amount') }}
            as discount_amount,
        {{ segmentation.decimal_of('coalesce(order_refunds.refund_amount, 0)') }} as refund_amount,
        {{ segmentation.decimal_of(
            'case when known_orders.is_valid then known_orders.paid_amount'
            ' - coalesce(order_refunds.refund_amount, 0) else 0 end'
        ) }} as net_revenue
    from known_orders
    left join order_refunds
        on known_orders.order_key = order_refunds.order_key
    left join customers
        on
            known_orders.customer_number = customers.customer_number
            and known_orders.as_of_date = customers.as_of_date
    left join first_orders
        on known_orders.customer_number = first_orders.customer_number
)

select * from final
