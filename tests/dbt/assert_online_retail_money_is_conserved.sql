{#
    The money of every raw line is in the orders, the refunds (with the other sign) and the rejected
    rows, to the hundredth of a penny, invoice by invoice. Independent of line_kind: a line that is
    summed twice or left out shows here whatever it is called.
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

movements as (
    select
        invoice,
        line_amount as raw_amount,
        0 as used_amount
    from lines
    union all
    select
        order_id as invoice,
        0 as raw_amount,
        gross_amount as used_amount
    from orders
    union all
    select
        refund_id as invoice,
        0 as raw_amount,
        -refund_amount as used_amount
    from refunds
    union all
    select
        lines.invoice,
        0 as raw_amount,
        rejected_rows.amount as used_amount
    from rejected_rows
    inner join lines on rejected_rows.record_key = lines.record_key
),

final as (
    select
        invoice,
        sum(raw_amount) as raw_amount,
        sum(used_amount) as used_amount
    from movements
    group by invoice
    having coalesce(sum(raw_amount), 0) <> coalesce(sum(used_amount), 0)
)

select * from final
