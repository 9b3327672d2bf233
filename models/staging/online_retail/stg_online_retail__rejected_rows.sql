{#
    One row per raw line that is part of no order and of no refund, key record_key, with the reason.
    Together with stg_online_retail__orders and stg_online_retail__refunds it holds every raw line
    exactly once.
#}
with lines as (
    select * from {{ ref('stg_online_retail__lines') }}
),

orders as (
    select * from {{ ref('stg_online_retail__orders') }}
),

unused_lines as (
    select
        lines.record_key,
        lines.line_kind,
        lines.line_amount,
        lines.raw_values
    from lines
    left join orders on lines.invoice = orders.order_id
    where
        lines.line_kind not in ('sale', 'free', 'cancellation')
        or (lines.line_kind = 'free' and orders.order_id is null)
),

final as (
    select
        'online_retail' as source_name,
        'order_lines' as entity,
        record_key,
        case line_kind
            when 'unreadable' then 'line_unreadable'
            when 'repeat' then 'invoice_repeated'
            when 'adjustment' then 'bad_debt_adjustment'
            when 'write_off' then 'stock_write_off'
            when 'free' then 'free_without_sale'
            else 'line_unclassified'
        end as reason,
        line_amount as amount,
        'GBP' as currency,
        raw_values
    from unused_lines
)

select * from final
