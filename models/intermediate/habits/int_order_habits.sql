{#
    One row per buyer and as_of_date with how its valid orders spread over the clock, the week and
    the year, and what was discounted. Key: customer_number, as_of_date. One pass over the orders.
    Orders without a recorded time count everywhere but by the clock.
#}
{%- set spring, summer, autumn, winter = '3, 4, 5', '6, 7, 8', '9, 10, 11', '12, 1, 2' %}
{%- if var('southern_hemisphere') %}
    {%- set spring, summer, autumn, winter = autumn, winter, spring, summer %}
{%- endif %}
with orders as (
    select * from {{ ref('int_orders') }}
),

as_of_dates as (
    select * from {{ ref('int_as_of_dates') }}
),

placed as (
    select
        orders.customer_number,
        as_of_dates.as_of_date,
        orders.order_hour,
        mod(
            {{ segmentation.days_between(
                segmentation.date_literal('0001-01-01'), 'orders.order_date'
            ) }},
            7
        ) as days_since_monday,
        extract(month from orders.order_date) as order_month,
        orders.gross_amount,
        orders.paid_amount
    from orders
    cross join as_of_dates
    where
        orders.is_valid
        and orders.customer_number is not null
        and orders.order_date < as_of_dates.as_of_date
),

final as (
    select
        customer_number,
        as_of_date,
        cast(count(*) as integer) as order_count,
        {%- for part, first_hour, last_hour in [
            ('night', 0, 5), ('morning', 6, 11), ('afternoon', 12, 17), ('evening', 18, 23),
        ] %}
        cast(
            count(case when order_hour between {{ first_hour }} and {{ last_hour }} then 1 end)
            as integer
        ) as {{ part }}_order_count,
        {%- endfor %}
        {%- for weekday in [
            'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday',
        ] %}
        cast(
            count(case when days_since_monday = {{ loop.index0 }} then 1 end) as integer
        ) as {{ weekday }}_order_count,
        {%- endfor %}
        {%- for season, months in [
            ('spring', spring), ('summer', summer), ('autumn', autumn), ('winter', winter),
        ] %}
        cast(
            count(case when order_month in ({{ months }}) then 1 end) as integer
        ) as {{ season }}_order_count,
        {%- endfor %}
        cast(
            count(case when paid_amount < gross_amount then 1 end) as integer
        ) as discounted_order_count,
        {{ segmentation.decimal_of('sum(gross_amount)', 28, 4) }} as gross_amount,
        {{ segmentation.decimal_of('sum(gross_amount) - sum(paid_amount)', 28, 4) }}
            as discount_amount,
        {{ segmentation.decimal_of(
            'coalesce(sum(case when paid_amount < gross_amount then gross_amount end), 0)', 28, 4
        ) }} as discounted_gross_amount
    from placed
    group by customer_number, as_of_date
)

select * from final
