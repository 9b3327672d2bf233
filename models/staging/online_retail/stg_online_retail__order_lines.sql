{#
    One row per line of an invoice that sells something, key order_id + line_id: the lines that
    stg_online_retail__orders adds up. The publisher names neither category nor cost. A line is
    named by its place in the raw file, which is where its raw values are.
#}
with lines as (
    select * from {{ ref('stg_online_retail__lines') }}
),

orders as (
    select * from {{ ref('stg_online_retail__orders') }}
),

final as (
    select
        'online_retail' as source_name,
        lines.invoice as order_id,
        lines.record_key as line_id,
        lines.stock_code as product_id,
        lines.description as product_name,
        {{ segmentation.null_of('string') }} as category,
        lines.quantity,
        lines.unit_price,
        {{ segmentation.null_of('decimal(18, 4)') }} as unit_cost,
        'GBP' as currency,
        lines.invoiced_at as updated_at,
        {{ segmentation.null_of('string') }} as raw_values
    from lines
    inner join orders on lines.invoice = orders.order_id
    where lines.line_kind in ('sale', 'free')
)

select * from final
