{#
    One row per customer, as_of_date and category: the lines of valid orders known by then. Key:
    customer_number, as_of_date, category_number, which is NULL for lines without a category. The one
    pass over all lines; everything per customer is summed up from here.
#}
with order_lines as (
    select * from {{ ref('int_order_lines') }}
),

as_of_dates as (
    select * from {{ ref('int_as_of_dates') }}
),

final as (
    select
        order_lines.customer_number,
        as_of_dates.as_of_date,
        order_lines.category_number,
        count(*) as line_count,
        max(order_lines.ordered_at) as last_ordered_at,
        {{ segmentation.decimal_of('sum(order_lines.net_amount)', 28, 4) }} as net_amount,
        {{ segmentation.decimal_of(
            'sum(case when order_lines.cost_amount is not null then order_lines.net_amount else 0 end)',
            28, 4
        ) }} as costed_amount,
        {{ segmentation.decimal_of('sum(order_lines.cost_amount)', 28, 4) }} as cost_amount
    from order_lines
    cross join as_of_dates
    where
        order_lines.is_valid
        and order_lines.customer_number is not null
        and order_lines.order_date < as_of_dates.as_of_date
    group by
        order_lines.customer_number, as_of_dates.as_of_date, order_lines.category_number
)

select * from final
