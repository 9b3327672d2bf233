{#
    One row per accepted refund, in the reporting currency, on its own date. Key: refund_key.
    A refund that names an accepted order takes that order's customer and rate, so that a full
    refund nets to zero; it counts against revenue unless its order never counted.
#}
with refunds as (
    select * from {{ ref('int_refund_rows') }}
    where reject_reason is null
),

orders as (
    select * from {{ ref('int_orders') }}
),

order_profiles as (
    select * from {{ ref('int_order_profiles') }}
),

order_channels as (
    select * from {{ ref('int_order_channels') }}
),

rates as (
    select * from {{ ref('int_exchange_rates') }}
),

contact_customers as (
    select * from {{ ref('int_identity_contacts') }}
),

guest_customers as (
    select * from {{ ref('int_identity_guests') }}
),

looked_up as (
    select
        refunds.*,
        {{ segmentation.guest_detail('email') }} as guest_email,
        {{ segmentation.guest_detail('phone') }} as guest_phone,
        {{ segmentation.guest_detail('country') }} as guest_country
    from refunds
),

named_orders as (
    select
        looked_up.source_name,
        looked_up.refund_id,
        orders.order_id,
        orders.customer_number,
        orders.is_valid,
        order_profiles.currency,
        order_channels.purchase_channel,
        coalesce(rates.rate, 1) as rate
    from looked_up
    inner join orders
        on looked_up.order_id = orders.order_id
    inner join order_profiles
        on
            orders.profile_number = order_profiles.profile_number
            and looked_up.source_name = order_profiles.source_name
    inner join order_channels
        on orders.profile_number = order_channels.profile_number
    left join rates
        on
            order_profiles.currency = rates.currency
            and orders.order_date = rates.rate_date
),

final as (
    select
        looked_up.source_name || ':' || looked_up.refund_id as refund_key,
        looked_up.source_name,
        looked_up.refund_id,
        looked_up.source_name || ':' || named_orders.order_id as order_key,
        named_orders.purchase_channel,
        coalesce(
            named_orders.customer_number,
            contact_customers.customer_number,
            guest_customers.customer_number
        ) as customer_number,
        looked_up.refunded_at,
        looked_up.refund_date,
        looked_up.currency,
        looked_up.refund_amount as source_refund_amount,
        {{ segmentation.to_reporting_currency(
            'looked_up.refund_amount',
            'looked_up.currency',
            'case
                when named_orders.currency = looked_up.currency then named_orders.rate
                else looked_up.rate
            end'
        ) }} as refund_amount,
        coalesce(named_orders.is_valid, true) as is_counted
    from looked_up
    left join named_orders
        on
            looked_up.source_name = named_orders.source_name
            and looked_up.refund_id = named_orders.refund_id
    left join contact_customers
        on
            looked_up.source_name = contact_customers.source_name
            and looked_up.contact_id = contact_customers.contact_id
    left join guest_customers
        on
            looked_up.guest_email = guest_customers.email
            and looked_up.guest_phone = guest_customers.phone
            and looked_up.guest_country = guest_customers.country
)

select * from final
