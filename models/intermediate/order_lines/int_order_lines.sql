{#
    One row per accepted order line: whose it is, its category, and its money. Key: source_name of
    its profile, order_id, line_id. The order's discount is spread over its lines by share, and both
    price and cost are converted at the order's own rate. Kept narrow, as this is a long table.
#}
with order_line_rows as (
    select * from {{ ref('int_order_line_rows') }}
),

repeats as (
    select * from {{ ref('int_order_line_repeats') }}
),

product_categories as (
    select * from {{ ref('int_product_categories') }}
),

repeated_keys as (
    select
        source_name,
        order_id,
        line_id
    from repeats
    where version_number = 1
),

unrepeated as (
    select order_line_rows.*
    from order_line_rows
    left join repeated_keys
        on
            order_line_rows.source_name = repeated_keys.source_name
            and order_line_rows.order_id = repeated_keys.order_id
            and order_line_rows.line_id = repeated_keys.line_id
    where
        order_line_rows.reject_reason is null
        and repeated_keys.line_id is null
),

accepted as (
    select
        source_name,
        order_id,
        line_id,
        product_id,
        category,
        line_amount,
        line_cost,
        profile_number,
        customer_number,
        ordered_at,
        order_date,
        is_valid,
        source_gross_amount,
        gross_amount,
        paid_amount
    from unrepeated
    union all
    select
        source_name,
        order_id,
        line_id,
        product_id,
        category,
        line_amount,
        line_cost,
        profile_number,
        customer_number,
        ordered_at,
        order_date,
        is_valid,
        source_gross_amount,
        gross_amount,
        paid_amount
    from repeats
    where version_number = 1
),

final as (
    select
        accepted.profile_number,
        accepted.order_id,
        accepted.line_id,
        accepted.customer_number,
        accepted.ordered_at,
        accepted.order_date,
        accepted.is_valid,
        accepted.product_id,
        product_categories.category_number,
        accepted.line_amount as source_amount,
        {%- set net_amount = segmentation.scaled_amount(
            'accepted.line_amount', 'accepted.paid_amount', 'accepted.source_gross_amount'
        ) %}
        {{ segmentation.decimal_of('case when accepted.is_valid then ' ~ net_amount ~ ' else 0 end') }}
            as net_amount,
        {%- set cost_amount = segmentation.scaled_amount(
            'accepted.line_cost', 'accepted.gross_amount', 'accepted.source_gross_amount'
        ) %}
        {{ segmentation.decimal_of('case when accepted.is_valid then ' ~ cost_amount ~ ' end') }}
            as cost_amount
    from accepted
    left join product_categories
        on accepted.category = product_categories.category_written
)

select * from final
