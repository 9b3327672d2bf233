{#
    One row per accepted order: whose it is, when, and its money in the reporting currency. Key:
    source_name of its profile and order_id. Kept narrow, as this is the long table: words are in
    int_order_profiles, channels in int_order_channels. Refunds have dates of their own.
#}
with orders as (
    select * from {{ ref('int_accepted_orders') }}
),

order_profiles as (
    select * from {{ ref('int_order_profiles') }}
),

contact_customers as (
    select * from {{ ref('int_identity_contacts') }}
),

guest_customers as (
    select * from {{ ref('int_identity_guests') }}
),

converted as (
    select
        source_name,
        order_id,
        contact_id,
        {{ segmentation.guest_detail('email') }} as guest_email,
        {{ segmentation.guest_detail('phone') }} as guest_phone,
        {{ segmentation.guest_detail('country') }} as guest_country,
        ordered_at,
        order_date,
        order_hour,
        currency,
        coalesce(status, '') as status_written,
        coalesce(is_test, false) as is_test,
        coalesce(sales_channel, '') as sales_channel,
        coalesce(utm_source, '') as utm_source,
        coalesce(utm_medium, '') as utm_medium,
        coalesce(utm_campaign, '') as utm_campaign,
        gross_amount as source_gross_amount,
        {{ segmentation.to_reporting_currency('gross_amount', 'currency', 'rate') }}
            as gross_amount,
        {{ segmentation.to_reporting_currency(
            'gross_amount - discount_amount', 'currency', 'rate'
        ) }} as paid_amount
    from orders
),

final as (
    select
        converted.order_id,
        order_profiles.profile_number,
        coalesce(contact_customers.customer_number, guest_customers.customer_number)
            as customer_number,
        converted.ordered_at,
        converted.order_date,
        converted.order_hour,
        order_profiles.validity = 'valid' and converted.paid_amount > 0 as is_valid,
        converted.source_gross_amount,
        converted.gross_amount,
        converted.paid_amount
    from converted
    inner join order_profiles
        on
            converted.source_name = order_profiles.source_name
            and converted.currency = order_profiles.currency
            and converted.status_written = order_profiles.status_written
            and converted.is_test = order_profiles.is_test
            and converted.sales_channel = order_profiles.sales_channel
            and converted.utm_source = order_profiles.utm_source
            and converted.utm_medium = order_profiles.utm_medium
            and converted.utm_campaign = order_profiles.utm_campaign
    left join contact_customers
        on
            converted.source_name = contact_customers.source_name
            and converted.contact_id = contact_customers.contact_id
    left join guest_customers
        on
            converted.guest_email = guest_customers.email
            and converted.guest_phone = guest_customers.phone
            and converted.guest_country = guest_customers.country
)

select * from final
