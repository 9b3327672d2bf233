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

handles as (
    select * from {{ ref('int_identity_handles') }}
),

final as (
    select
        refunds.source_name || ':' || refunds.refund_id as refund_key,
        refunds.source_name,
        refunds.refund_id,
        orders.order_key,
        orders.purchase_channel,
        coalesce(orders.customer_number, handles.customer_number) as customer_number,
        refunds.refunded_at,
        refunds.refund_date,
        refunds.currency,
        refunds.refund_amount as source_refund_amount,
        {{ segmentation.to_reporting_currency(
            'refunds.refund_amount',
            'refunds.currency',
            'case when orders.currency = refunds.currency then orders.rate else refunds.rate end'
        ) }} as refund_amount,
        coalesce(orders.is_valid, true) as is_counted
    from refunds
    left join orders
        on
            refunds.source_name = orders.source_name
            and refunds.order_id = orders.order_id
    left join handles
        on refunds.party_handle = handles.party_handle
)

select * from final
