{#
    One row per customer and as_of_date with orders: what the audiences count or add up of them, a
    column measure_n for each different question. Key: customer_number, as_of_date. One pass over
    the orders, however many audiences there are, and only over the days that one of them asks for.
#}
{%- set measures = segmentation.audience_plan().measures %}
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
            ~ segmentation.audience_order_measures()[measure.measure].sql ~ ' else 0 end)',
            28, 4
        ) }} as measure_{{ loop.index }},
        {%- endif %}
        {%- endfor %}
        days.as_of_date
    from orders
    inner join order_channels
        on orders.profile_number = order_channels.profile_number
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
