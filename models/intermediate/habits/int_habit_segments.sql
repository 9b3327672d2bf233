{#
    One row per customer and as_of_date with how it buys: when, at what price and how often.
    Key: customer_number, as_of_date. A time is preferred when it holds more orders than any other;
    a tie is mixed, so that neither names nor the order of rows decide, too few orders unknown.
#}
{%- set habits = [
    ('time', ['night', 'morning', 'afternoon', 'evening']),
    ('weekday', ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday']),
    ('season', ['spring', 'summer', 'autumn', 'winter']),
] %}
with customers as (
    select * from {{ ref('int_customers') }}
),

order_habits as (
    select * from {{ ref('int_order_habits') }}
),

rhythms as (
    select * from {{ ref('int_purchase_rhythm') }}
),

discounting as (
    select
        as_of_date,
        max(discounted_order_count) as most_discounted_orders
    from order_habits
    group by as_of_date
),

peaks as (
    select
        customer_number,
        as_of_date,
        order_count,
        {%- for habit, names in habits %}
        {%- for name in names %}
        {{ name }}_order_count,
        {%- endfor %}
        (
            {%- for name in names %}
            {{ '+ ' if not loop.first }}{{ name }}_order_count
            {%- endfor %}
        ) as {{ habit }}_order_count,
        greatest(
            {%- for name in names %}
            {{ name }}_order_count{{ ',' if not loop.last }}
            {%- endfor %}
        ) as most_{{ habit }}_orders,
        {%- endfor %}
        discounted_order_count,
        gross_amount,
        discount_amount
    from order_habits
),

preferences as (
    select
        customer_number,
        as_of_date,
        order_count,
        {%- for habit, names in habits %}
        {{ segmentation.divide('most_' ~ habit ~ '_orders', habit ~ '_order_count', 4) }}
            as preferred_{{ habit }}_share,
        case
            when {{ habit }}_order_count < {{ var('habit_min_orders') }} then 'unknown'
            when
                {%- for name in names %}
                {{ '+ ' if not loop.first -}}
                case when {{ name }}_order_count = most_{{ habit }}_orders then 1 else 0 end
                {%- endfor %}
                > 1
                then 'mixed'
            {%- for name in names[:-1] %}
            when {{ name }}_order_count = most_{{ habit }}_orders then '{{ name }}'
            {%- endfor %}
            else '{{ names | last }}'
        end as preferred_{{ habit }},
        {%- endfor %}
        discounted_order_count,
        gross_amount,
        discount_amount
    from peaks
),

joined as (
    select
        customers.customer_number,
        customers.as_of_date,
        preferences.order_count,
        {%- for habit, names in habits %}
        preferences.preferred_{{ habit }},
        preferences.preferred_{{ habit }}_share,
        {%- endfor %}
        preferences.discounted_order_count,
        preferences.gross_amount,
        preferences.discount_amount,
        coalesce(discounting.most_discounted_orders, 0) > 0 as has_discounts,
        rhythms.median_gap_days
    from customers
    left join preferences
        on
            customers.customer_number = preferences.customer_number
            and customers.as_of_date = preferences.as_of_date
    left join discounting
        on customers.as_of_date = discounting.as_of_date
    left join rhythms
        on
            customers.customer_number = rhythms.customer_number
            and customers.as_of_date = rhythms.as_of_date
),

final as (
    select
        customer_number,
        as_of_date,
        {%- for habit, names in habits %}
        coalesce(preferred_{{ habit }}, 'none') as preferred_{{ habit }},
        preferred_{{ habit }}_share,
        {%- endfor %}
        case
            when order_count is null then 'none'
            when order_count < {{ var('habit_min_orders') }} or not has_discounts then 'unknown'
            when
                discounted_order_count
                >= {{ segmentation.decimal_of(var('price_high_share'), 9, 4) }} * order_count
                and discount_amount
                >= {{ segmentation.decimal_of(var('price_high_depth'), 9, 4) }} * gross_amount
                then 'high'
            when
                discounted_order_count
                < {{ segmentation.decimal_of(var('price_low_share'), 9, 4) }} * order_count
                or discount_amount
                < {{ segmentation.decimal_of(var('price_low_depth'), 9, 4) }} * gross_amount
                then 'low'
            else 'medium'
        end as price_sensitivity,
        {{ segmentation.divide(
            'case when has_discounts then discounted_order_count end', 'order_count', 4
        ) }} as discounted_order_share,
        {{ segmentation.divide(
            segmentation.decimal_of(
                'case when has_discounts then discount_amount end * 10000', 28, 0
            ),
            segmentation.decimal_of('gross_amount * 10000', 28, 0),
            4
        ) }} as discount_depth,
        case
            when order_count is null then 'none'
            when median_gap_days is null then 'one_time'
            when median_gap_days <= {{ var('frequency_high_days') }} then 'high'
            when median_gap_days <= {{ var('frequency_regular_days') }} then 'regular'
            else 'occasional'
        end as purchase_frequency
    from joined
)

select * from final
