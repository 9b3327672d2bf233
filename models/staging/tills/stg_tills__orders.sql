{#
    One row per exported till receipt; key: none, a receipt comes again with each correction.
    Tills write the wall clock of their store, so the store decides the time zone. Whoever buys in
    a store came by the store: that is the receipt's touch, source `store`, medium `offline`.
#}
with raw_receipts as (
    select * from {{ ref('till_orders') }}
),

timed as (
    select
        raw_receipts.*,
        {{ safe_timestamp('local_time') }} as ordered_local,
        {{ safe_timestamp('changed_at') }} as changed_local
    from raw_receipts
),

final as (
    select
        'tills' as source_name,
        {{ clean_text('receipt_no') }} as order_id,
        {{ clean_text('member_no') }} as contact_id,
        {{ null_of('string') }} as email,
        {{ clean_text('phone') }} as phone,
        case store when 'LDN1' then 'GB' else 'CN' end as country,
        case store
            when 'LDN1' then {{ to_utc('ordered_local', 'Europe/London') }}
            else {{ to_utc('ordered_local', 'Asia/Shanghai') }}
        end as ordered_at,
        {{ clean_text('status') }} as status,
        coalesce({{ clean_text('training') }} = 'Y', false) as is_test,
        {{ safe_decimal('total') }} as gross_amount,
        -- a till prints no rebate line when there is none
        case
            when {{ clean_text('rebate') }} is null then {{ segmentation.decimal_of('0') }}
            else {{ safe_decimal('rebate') }}
        end as discount_amount,
        {{ clean_text('currency') }} as currency,
        'store' as sales_channel,
        'store' as utm_source,
        'offline' as utm_medium,
        {{ null_of('string') }} as utm_campaign,
        case store
            when 'LDN1' then {{ to_utc('changed_local', 'Europe/London') }}
            else {{ to_utc('changed_local', 'Asia/Shanghai') }}
        end as updated_at,
        {{ raw_values(
            [
                'receipt_no', 'store', 'local_time', 'member_no', 'status', 'training', 'total',
                'rebate', 'currency', 'changed_at', 'planted',
            ],
            personal=['phone'],
        ) }} as raw_values
    from timed
)

select * from final
