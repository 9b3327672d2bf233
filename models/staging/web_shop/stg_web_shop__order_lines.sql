{#
    One row per exported row of web shop order lines; key: none, a line comes again with each
    update. Prices are before the discount of the order. A cost that can't be read is unknown, like
    one that is missing.
#}
with raw_lines as (
    select * from {{ ref('web_shop_order_lines') }}
),

final as (
    select
        'web_shop' as source_name,
        {{ clean_text('order_no') }} as order_id,
        {{ clean_text('line_no') }} as line_id,
        {{ clean_text('sku') }} as product_id,
        {{ null_of('string') }} as product_name,
        {{ clean_text('category') }} as category,
        {{ safe_decimal('quantity') }} as quantity,
        {{ safe_decimal('price') }} as unit_price,
        {{ safe_decimal('cost') }} as unit_cost,
        {{ clean_text('currency') }} as currency,
        {{ safe_timestamp('updated_at') }} as updated_at,
        {{ raw_values([
            'order_no', 'line_no', 'sku', 'category', 'quantity', 'price', 'cost', 'currency',
            'updated_at', 'planted',
        ]) }} as raw_values
    from raw_lines
)

select * from final
