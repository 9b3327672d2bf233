{#
    One row per exported row of web shop orders; key: none, an order comes again with each update.
    Instants are UTC in the source already. The shop always writes a discount, so a blank one is
    unreadable, not zero.
#}
with raw_orders as (
    select * from {{ ref('web_shop_orders') }}
),

final as (
    select
        'web_shop' as source_name,
        {{ clean_text('order_no') }} as order_id,
        {{ clean_text('customer_no') }} as contact_id,
        {{ clean_text('email') }} as email,
        {{ clean_text('phone') }} as phone,
        {{ clean_text('ship_country') }} as country,
        {{ safe_timestamp('placed_at') }} as ordered_at,
        {{ clean_text('state') }} as status,
        coalesce({{ clean_text('test_mode') }} = 'true', false) as is_test,
        {{ safe_decimal('subtotal') }} as gross_amount,
        {{ safe_decimal('discount') }} as discount_amount,
        {{ clean_text('currency') }} as currency,
        {{ clean_text('storefront') }} as sales_channel,
        {{ clean_text('utm_source') }} as utm_source,
        {{ clean_text('utm_medium') }} as utm_medium,
        {{ clean_text('utm_campaign') }} as utm_campaign,
        {{ safe_timestamp('updated_at') }} as updated_at,
        {{ raw_values(
            [
                'order_no', 'customer_no', 'ship_country', 'placed_at', 'state', 'test_mode',
                'subtotal', 'discount', 'currency', 'storefront', 'utm_source', 'utm_medium',
                'utm_campaign', 'updated_at', 'planted',
            ],
            personal=['email', 'phone'],
        ) }} as raw_values
    from raw_orders
)

select * from final
