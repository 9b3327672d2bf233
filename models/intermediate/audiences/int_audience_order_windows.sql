{#
    One row per customer and as_of_date with orders: what the audiences count or add up of them, a
    column measure_n for each different question. Key: customer_number, as_of_date. One pass over
    the orders, however many audiences there are, and one over the lines, summed up to orders before
    they meet, only if some audience asks what is in them.
#}
{%- set plan = segmentation.audience_plan() %}
{%- set measures = plan.measures %}
{%- set offsets = (
    measures | selectattr('from_days_ago', 'defined') | map(attribute='from_days_ago') | list
    + measures | selectattr('to_days_ago', 'defined') | map(attribute='to_days_ago') | list
) | unique | sort %}
{%- set is_bounded = measures | rejectattr('from_days_ago', 'defined') | list | length == 0 %}
with orders as (
    select * from {{ ref('int_orders') }}
),

order_channels as (
    select * from {{ ref('int_order_channels') }}
),

as_of_dates as (
    select * from {{ ref('int_as_of_dates') }}
),

{% if plan.reads_lines -%}
order_lines as (
    select * from {{ ref('int_order_lines') }}
),

product_categories as (
    select * from {{ ref('int_product_categories') }}
),

categories as (
    select distinct
        category_number,
        category
    from product_categories
),

contents as (
    select
        {%- for content in plan.contents %}
        sum(
            case
                when {{ segmentation.audience_line_condition(content) }}
                    then order_lines.net_amount
            end
        ) as amount_{{ loop.index }},
        {%- endfor %}
        order_lines.profile_number,
        order_lines.order_id
    from order_lines
    left join categories
        on order_lines.category_number = categories.category_number
    where
        order_lines.is_valid
        and (
            {%- for content in plan.contents %}
            ({{ segmentation.audience_line_condition(content) }}){{ '' if loop.last else ' or' }}
            {%- endfor %}
        )
    group by order_lines.profile_number, order_lines.order_id
),

{% endif -%}
days as (
    select
        {%- for offset in offsets %}
        {{ segmentation.add_days('as_of_date', 0 - offset) }} as day_{{ offset }}_ago,
        {%- endfor %}
        as_of_date
    from as_of_dates
),

final as (
    select
        orders.customer_number,
        {%- for measure in measures %}
        {%- set condition = segmentation.audience_order_condition(measure) %}
        {%- if measure.measure == 'count' %}
        {{ segmentation.count_if(condition) }} as measure_{{ loop.index }},
        {%- else %}
        {{ segmentation.decimal_of(
            'sum(case when ' ~ condition ~ ' then '
            ~ segmentation.audience_measured(measure) ~ ' else 0 end)',
            28, 4
        ) }} as measure_{{ loop.index }},
        {%- endif %}
        {%- endfor %}
        days.as_of_date
    from orders
    inner join order_channels
        on orders.profile_number = order_channels.profile_number
    {%- if plan.reads_lines %}
    left join contents
        on
            orders.profile_number = contents.profile_number
            and orders.order_id = contents.order_id
    {%- endif %}
    cross join days
    where
        orders.is_valid
        and orders.customer_number is not null
        and orders.order_date < days.as_of_date
        {%- if not measures %}
        and 1 = 0
        {%- elif is_bounded %}
        and orders.order_date >= days.day_{{ measures | map(attribute='from_days_ago') | max }}_ago
        {%- endif %}
    group by orders.customer_number, days.as_of_date
)

select * from final
