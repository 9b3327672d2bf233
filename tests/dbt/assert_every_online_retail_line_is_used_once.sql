{#
    Every raw invoice line is in exactly one place: an order, a refund or the rejected rows. Fails
    with each line that is in none or in several. Orders take sale and free lines, refunds take
    cancellations; a repeat carries the number of an order but is not in it.
#}
with lines as (
    select * from {{ ref('stg_online_retail__lines') }}
),

orders as (
    select * from {{ ref('stg_online_retail__orders') }}
),

refunds as (
    select * from {{ ref('stg_online_retail__refunds') }}
),

rejected_rows as (
    select * from {{ ref('stg_online_retail__rejected_rows') }}
),

order_counts as (
    select
        order_id,
        count(*) as row_count
    from orders
    group by order_id
),

refund_counts as (
    select
        refund_id,
        count(*) as row_count
    from refunds
    group by refund_id
),

rejected_counts as (
    select
        record_key,
        count(*) as row_count
    from rejected_rows
    group by record_key
),

places as (
    select
        lines.record_key,
        lines.invoice,
        lines.line_kind,
        coalesce(rejected_counts.row_count, 0) as in_rejected_rows,
        case
            when lines.line_kind in ('sale', 'free') then coalesce(order_counts.row_count, 0)
            else 0
        end as in_orders,
        case
            when lines.line_kind = 'cancellation' then coalesce(refund_counts.row_count, 0)
            else 0
        end as in_refunds
    from lines
    left join order_counts on lines.invoice = order_counts.order_id
    left join refund_counts on lines.invoice = refund_counts.refund_id
    left join rejected_counts on lines.record_key = rejected_counts.record_key
),

final as (
    select
        record_key,
        invoice,
        line_kind,
        in_orders,
        in_refunds,
        in_rejected_rows
    from places
    where in_orders + in_refunds + in_rejected_rows <> 1
)

select * from final
