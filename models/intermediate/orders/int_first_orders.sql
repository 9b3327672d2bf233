{#
    One row per buyer with its first valid order. Key: customer_number. Of orders at the very same
    instant, the one with the least key is the first. The same on every as_of_date that knows it.
#}
with orders as (
    select * from {{ ref('int_orders') }}
),

order_profiles as (
    select * from {{ ref('int_order_profiles') }}
),

channel_orders as (
    select * from {{ ref('int_customer_channel_orders') }}
),

first_moments as (
    select
        customer_number,
        min(first_ordered_at) as first_ordered_at
    from channel_orders
    group by customer_number
),

final as (
    select
        orders.customer_number,
        min(order_profiles.source_name || ':' || orders.order_id) as order_key
    from orders
    inner join first_moments
        on
            orders.customer_number = first_moments.customer_number
            and orders.ordered_at = first_moments.first_ordered_at
    inner join order_profiles
        on orders.profile_number = order_profiles.profile_number
    where orders.is_valid
    group by orders.customer_number
)

select * from final
