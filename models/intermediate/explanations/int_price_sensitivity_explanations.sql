{#
    One row per customer and as_of_date: why it is of its price sensitivity, and what would move it.
    Key: customer_number, as_of_date, segmentation_id. Said is how many orders are missing to be
    judged at all; from there on the discounts of orders to come decide, which nobody knows.
#}
{%- set min_orders = var('habit_min_orders') %}
{%- set share = "'discounted_order_count ' || "
    ~ segmentation.text_of('discounted_order_count') %}
{%- set orders = "' * order_count ' || " ~ segmentation.text_of('order_count') %}
{%- set depth = "'discount_amount ' || " ~ segmentation.amount_text('discount_amount') %}
{%- set gross = "' * gross_amount ' || " ~ segmentation.amount_text('gross_amount') %}
with customers as (
    select * from {{ ref('int_customers') }}
),

metrics as (
    select * from {{ ref('int_customer_metrics') }}
),

segments as (
    select * from {{ ref('int_habit_segments') }}
),

order_habits as (
    select * from {{ ref('int_order_habits') }}
),

known as (
    select
        customers.customer_id,
        customers.customer_number,
        customers.as_of_date,
        metrics.order_count,
        order_habits.discounted_order_count,
        order_habits.gross_amount,
        order_habits.discount_amount,
        segments.price_sensitivity,
        segments.discounted_order_share is not null as has_discounts
    from customers
    inner join metrics
        on
            customers.customer_number = metrics.customer_number
            and customers.as_of_date = metrics.as_of_date
    inner join segments
        on
            customers.customer_number = segments.customer_number
            and customers.as_of_date = segments.as_of_date
    left join order_habits
        on
            customers.customer_number = order_habits.customer_number
            and customers.as_of_date = order_habits.as_of_date
),

final as (
    select
        customer_id,
        customer_number,
        as_of_date,
        'price_sensitivity' as segmentation_id,
        price_sensitivity as segment_id,
        {{ segmentation.facts_object([
            ('order_count', segmentation.text_of('order_count')),
            ('discounted_order_count', segmentation.text_of('discounted_order_count')),
            ('gross_amount', segmentation.amount_text('gross_amount')),
            ('discount_amount', segmentation.amount_text('discount_amount')),
            ('has_discounts', 'case when order_count > 0 then '
                ~ segmentation.truth_text('has_discounts') ~ ' end'),
        ]) }} as facts,
        case
            when order_count = 0 then 'order_count 0'
            when order_count < {{ min_orders }}
                then
                    'order_count ' || {{ segmentation.text_of('order_count') }}
                    || ' < habit_min_orders {{ min_orders }}'
            when not has_discounts then 'has_discounts false'
            when price_sensitivity = 'high'
                then
                    {{ share }} || ' >= price_high_share {{ var("price_high_share") }}'
                    || {{ orders }} || ', '
                    || {{ depth }} || ' >= price_high_depth {{ var("price_high_depth") }}'
                    || {{ gross }}
            {%- for segment, level in [('low', 'low'), ('medium', 'high')] %}
            when
                price_sensitivity = '{{ segment }}'
                and discounted_order_count < order_count
                * {{ segmentation.decimal_of(var('price_' ~ level ~ '_share'), 9, 4) }}
                then
                    {{ share }}
                    || ' < price_{{ level }}_share {{ var("price_" ~ level ~ "_share") }}'
                    || {{ orders }}
            when price_sensitivity = '{{ segment }}'
                then
                    {{ depth }}
                    || ' < price_{{ level }}_depth {{ var("price_" ~ level ~ "_depth") }}'
                    || {{ gross }}
            {%- endfor %}
        end as decided_by,
        case
            when order_count = 0 and {{ min_orders }} > 1 then 'unknown'
        end as nearest_segment_id,
        case
            when order_count = 0 or (has_discounts and order_count < {{ min_orders }}) then 'orders'
        end as change_kind,
        {{ segmentation.decimal_of(
            'case when order_count = 0 then 1 when has_discounts and order_count < '
            ~ min_orders ~ ' then ' ~ min_orders ~ ' - order_count end',
            18,
            2
        ) }} as change_quantity,
        {{ segmentation.null_of('decimal(18, 2)') }} as change_amount,
        {{ segmentation.null_of('date') }} as change_by,
        {{ segmentation.null_of('string') }} as change_detail
    from known
)

select * from final
