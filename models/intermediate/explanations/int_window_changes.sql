{#
    One row per customer, as_of_date and later day on which something leaves one of the windows of
    int_order_windows, tomorrow included: what they hold from that day on when nothing more happens.
    Key: customer_number, as_of_date, window_date. An order counts in a window from so many days after
    it on, and so many days later no more.
#}
{%- set window_days = var('churn_window_days') | int %}
{%- set columns = [] %}
{%- for window in ['year', 'recent', 'previous'] %}
{%- for column in ['order_count', 'net_revenue'] %}
{%- do columns.append((window, column, window ~ '_' ~ column)) %}
{%- endfor %}
{%- endfor %}
with customers as (
    select * from {{ ref('int_customers') }}
),

orders as (
    select * from {{ ref('int_orders') }}
),

refunds as (
    select * from {{ ref('int_refunds') }}
),

movements as (
    select
        customer_number,
        order_date as movement_date,
        1 as order_count,
        paid_amount as net_revenue
    from orders
    where is_valid
    union all
    select
        customer_number,
        refund_date as movement_date,
        0 as order_count,
        -refund_amount as net_revenue
    from refunds
    where is_counted
),

known as (
    select
        customers.customer_id,
        customers.customer_number,
        customers.as_of_date,
        movements.movement_date,
        movements.order_count,
        movements.net_revenue
    from customers
    inner join movements
        on customers.customer_number = movements.customer_number
    where
        movements.movement_date < customers.as_of_date
        and movements.movement_date
        >= {{ segmentation.add_days('customers.as_of_date', -([365, 2 * window_days] | max)) }}
),

turns as (
    {%- for days, year, recent, previous in [
        (1, 1, 1, 0),
        (366, -1, 0, 0),
        (window_days + 1, 0, -1, 1),
        (2 * window_days + 1, 0, 0, -1),
    ] %}
    select
        {{ days }} as days_after,
        {{ year }} as year_sign,
        {{ recent }} as recent_sign,
        {{ previous }} as previous_sign
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

dated as (
    select
        known.customer_id,
        known.customer_number,
        known.as_of_date,
        {%- for window, column, name in columns %}
        turns.{{ window }}_sign * known.{{ column }} as {{ name }},
        {%- endfor %}
        {{ segmentation.add_days('known.movement_date', 'turns.days_after') }} as turn_date,
        {{ segmentation.add_days('known.as_of_date', 1) }} as first_date
    from known
    cross join turns
),

changes as (
    select
        customer_id,
        customer_number,
        as_of_date,
        {%- for window, column, name in columns %}
        {{ name }},
        {%- endfor %}
        case when turn_date > first_date then turn_date else first_date end as window_date
    from dated
    union all
    select
        customer_id,
        customer_number,
        as_of_date,
        {%- for window, column, name in columns %}
        0 as {{ name }},
        {%- endfor %}
        {{ segmentation.add_days('as_of_date', 1) }} as window_date
    from customers
),

days as (
    select
        customer_id,
        customer_number,
        as_of_date,
        {%- for window, column, name in columns %}
        sum({{ name }}) as {{ name }},
        {%- endfor %}
        window_date
    from changes
    group by customer_id, customer_number, as_of_date, window_date
),

summed as (
    select
        customer_id,
        customer_number,
        as_of_date,
        {%- for window, column, name in columns %}
        sum({{ name }}) over (
            partition by customer_id, customer_number, as_of_date
            order by window_date
            rows between unbounded preceding and current row
        ) as {{ name }},
        {%- endfor %}
        window_date
    from days
),

final as (
    select
        customer_id,
        customer_number,
        as_of_date,
        window_date,
        cast(year_order_count as integer) as year_order_count,
        {{ segmentation.decimal_of('year_net_revenue') }} as year_net_revenue,
        cast(recent_order_count as integer) as recent_order_count,
        {{ segmentation.decimal_of('recent_net_revenue') }} as recent_net_revenue,
        cast(previous_order_count as integer) as previous_order_count,
        {{ segmentation.decimal_of('previous_net_revenue') }} as previous_net_revenue
    from summed
)

select * from final
