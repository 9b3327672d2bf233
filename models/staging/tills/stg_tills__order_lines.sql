{#
    One row per exported row of receipt lines; key: none, a line comes again with each correction.
    Tills write the wall clock of their store, which the receipt number begins with. They have
    lines since their new software of 2025 only.
#}
with raw_lines as (
    select * from {{ ref('till_order_lines') }}
),

timed as (
    select
        raw_lines.*,
        {{ safe_timestamp('changed_at') }} as changed_local
    from raw_lines
),

final as (
    select
        'tills' as source_name,
        {{ clean_text('receipt_no') }} as order_id,
        {{ clean_text('position') }} as line_id,
        {{ null_of('string') }} as product_id,
        {{ clean_text('article') }} as product_name,
        {{ clean_text('department') }} as category,
        {{ safe_decimal('amount') }} as quantity,
        {{ safe_decimal('single_price') }} as unit_price,
        {{ safe_decimal('purchase_price') }} as unit_cost,
        {{ clean_text('currency') }} as currency,
        case
            when receipt_no like 'LDN1%' then {{ to_utc('changed_local', 'Europe/London') }}
            else {{ to_utc('changed_local', 'Asia/Shanghai') }}
        end as updated_at,
        {{ raw_values([
            'receipt_no', 'position', 'article', 'department', 'amount', 'single_price',
            'purchase_price', 'currency', 'changed_at', 'planted',
        ]) }} as raw_values
    from timed
)

select * from final
