{#
    One row per raw order line, judged: the accepted order it is part of and the first reason that
    makes it unusable, if any. Not unique yet. A line has no date of its own: it is known when its
    order is. A view: each reader computes only the columns it takes.
#}
with order_lines as (
    select * from {{ ref('int_input_order_lines') }}
),

orders as (
    select * from {{ ref('int_orders') }}
),

order_profiles as (
    select * from {{ ref('int_order_profiles') }}
),

named_orders as (
    select
        order_profiles.source_name,
        order_profiles.currency,
        orders.order_id,
        orders.profile_number,
        orders.customer_number,
        orders.ordered_at,
        orders.order_date,
        orders.is_valid,
        orders.source_gross_amount,
        orders.gross_amount,
        orders.paid_amount
    from orders
    inner join order_profiles
        on orders.profile_number = order_profiles.profile_number
),

measured as (
    select
        nullif(trim(source_name), '') as source_name,
        source_precedence,
        nullif(trim(order_id), '') as order_id,
        nullif(trim(line_id), '') as line_id,
        nullif(trim(product_id), '') as product_id,
        category,
        quantity,
        unit_price,
        unit_cost,
        {{ segmentation.line_amount('quantity', 'unit_price') }} as line_amount,
        {{ segmentation.line_amount('quantity', 'unit_cost') }} as line_cost,
        currency,
        updated_at,
        raw_values
    from order_lines
),

final as (
    select
        measured.source_name,
        measured.source_precedence,
        measured.order_id,
        measured.line_id,
        measured.product_id,
        measured.category,
        measured.line_amount,
        measured.line_cost,
        measured.currency,
        measured.updated_at,
        measured.raw_values,
        named_orders.profile_number,
        named_orders.customer_number,
        named_orders.ordered_at,
        named_orders.order_date,
        named_orders.is_valid,
        named_orders.source_gross_amount,
        named_orders.gross_amount,
        named_orders.paid_amount,
        case
            when measured.source_name is null then 'missing_source_name'
            when measured.order_id is null then 'missing_order_id'
            when measured.line_id is null then 'missing_line_id'
            when measured.quantity is null then 'quantity_unreadable'
            when measured.quantity <= 0 then 'quantity_not_positive'
            when measured.unit_price is null then 'price_unreadable'
            when measured.unit_price < 0 then 'price_negative'
            when measured.unit_cost < 0 then 'cost_negative'
            when measured.line_amount is null then 'amount_out_of_range'
            when measured.unit_cost is not null and measured.line_cost is null
                then 'amount_out_of_range'
            when named_orders.order_id is null then 'order_unknown'
            when measured.currency is null then 'currency_unknown'
            when measured.currency <> named_orders.currency then 'currency_differs'
        end as reject_reason
    from measured
    left join named_orders
        on
            measured.source_name = named_orders.source_name
            and measured.order_id = named_orders.order_id
)

select * from final
