{#
    One row per usable row of an order line that stands more than once in its source.
    Key: source_name, order_id, line_id, version_number; version 1 is the one that counts: the newest
    updated_at, then the source named first. Full copies are alike, so it doesn't matter which.
#}
with order_lines as (
    select * from {{ ref('int_input_order_lines') }}
),

order_line_rows as (
    select * from {{ ref('int_order_line_rows') }}
),

repeated_keys as (
    select
        trim(source_name) as source_name,
        trim(order_id) as order_id,
        trim(line_id) as line_id
    from order_lines
    where order_id is not null and line_id is not null
    group by trim(source_name), trim(order_id), trim(line_id)
    having count(*) > 1
),

numbered as (
    select
        order_line_rows.*,
        row_number() over (
            partition by
                order_line_rows.source_name, order_line_rows.order_id, order_line_rows.line_id
            order by
                {{ segmentation.updated_or_never('order_line_rows.updated_at') }} desc,
                order_line_rows.source_precedence,
                coalesce(order_line_rows.raw_values, '') desc,
                order_line_rows.line_amount desc,
                coalesce(order_line_rows.line_cost, -1) desc,
                coalesce(order_line_rows.category, '') desc,
                coalesce(order_line_rows.product_id, '') desc
        ) as version_number
    from order_line_rows
    inner join repeated_keys
        on
            order_line_rows.source_name = repeated_keys.source_name
            and order_line_rows.order_id = repeated_keys.order_id
            and order_line_rows.line_id = repeated_keys.line_id
    where order_line_rows.reject_reason is null
),

final as (
    select
        source_name,
        order_id,
        line_id,
        version_number,
        product_id,
        category,
        line_amount,
        line_cost,
        currency,
        profile_number,
        customer_number,
        ordered_at,
        order_date,
        is_valid,
        source_gross_amount,
        gross_amount,
        paid_amount,
        raw_values
    from numbered
)

select * from final
