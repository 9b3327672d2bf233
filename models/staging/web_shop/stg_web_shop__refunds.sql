{#
    One row per exported row of web shop refunds; key: none, a refund comes again with each update.
    Amounts are positive in the source already. A refund found on a bank statement names neither
    order nor customer.
#}
with raw_refunds as (
    select * from {{ ref('web_shop_refunds') }}
),

final as (
    select
        'web_shop' as source_name,
        {{ clean_text('refund_no') }} as refund_id,
        {{ clean_text('order_no') }} as order_id,
        {{ clean_text('customer_no') }} as contact_id,
        {{ clean_text('email') }} as email,
        {{ null_of('string') }} as phone,
        {{ null_of('string') }} as country,
        {{ safe_timestamp('refunded_at') }} as refunded_at,
        {{ safe_decimal('amount') }} as refund_amount,
        {{ clean_text('currency') }} as currency,
        {{ safe_timestamp('updated_at') }} as updated_at,
        {{ raw_values(
            [
                'refund_no', 'order_no', 'customer_no', 'refunded_at', 'amount', 'currency',
                'updated_at', 'planted',
            ],
            personal=['email'],
        ) }} as raw_values
    from raw_refunds
)

select * from final
