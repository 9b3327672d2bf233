{#
    One row per customer, as_of_date and preferred time, weekday and season: why it is preferred, and
    what would move it. Key: customer_number, as_of_date, segmentation_id. Orders of the bucket that
    is named: the one in front where too few or a tie prefer none, else the one behind it, until it
    draws level. Where no order counts yet, what comes decides.
#}
{%- set habits = [
    ('time', ['night', 'morning', 'afternoon', 'evening']),
    ('weekday', ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday']),
    ('season', ['spring', 'summer', 'autumn', 'winter']),
] %}
{%- set min_orders = var('habit_min_orders') %}
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
        {%- for habit, names in habits %}
        {%- for name in names %}
        coalesce(order_habits.{{ name }}_order_count, 0) as {{ name }}_order_count,
        {%- endfor %}
        segments.preferred_{{ habit }},
        {%- endfor %}
        metrics.order_count
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
{%- for habit, names in habits %}

{{ habit }}_peaks as (
    select
        known.*,
        (
            {%- for name in names %}
            {{ '+ ' if not loop.first }}{{ name }}_order_count
            {%- endfor %}
        ) as counted_orders,
        greatest(
            {%- for name in names %}
            {{ name }}_order_count{{ ',' if not loop.last }}
            {%- endfor %}
        ) as first_orders
    from known
),

{{ habit }}_firsts as (
    select
        {{ habit }}_peaks.*,
        case
            {%- for name in names[:-1] %}
            when {{ name }}_order_count = first_orders then '{{ name }}'
            {%- endfor %}
            else '{{ names | last }}'
        end as first_name
    from {{ habit }}_peaks
),

{{ habit }}_seconds as (
    select
        {{ habit }}_firsts.*,
        greatest(
            {%- for name in names %}
            case when first_name <> '{{ name }}' then {{ name }}_order_count else 0 end
            {{- ',' if not loop.last }}
            {%- endfor %}
        ) as second_orders
    from {{ habit }}_firsts
),

{{ habit }}_places as (
    select
        {{ habit }}_seconds.*,
        case
            {%- for name in names %}
            when first_name <> '{{ name }}' and {{ name }}_order_count = second_orders
                then '{{ name }}'
            {%- endfor %}
        end as second_name
    from {{ habit }}_seconds
),

{{ habit }}s as (
    select
        customer_id,
        customer_number,
        as_of_date,
        'preferred_{{ habit }}' as segmentation_id,
        preferred_{{ habit }} as segment_id,
        {%- set facts = [('order_count', segmentation.text_of('order_count'))] %}
        {%- for name in names %}
        {%- do facts.append(
            (name ~ '_order_count', segmentation.text_of(name ~ '_order_count'))
        ) %}
        {%- endfor %}
        {{ segmentation.facts_object(facts) }} as facts,
        case
            when order_count = 0 then 'order_count 0'
            when counted_orders < {{ min_orders }}
                then
                    '{{ habit }}_order_count ' || {{ segmentation.text_of('counted_orders') }}
                    || ' < habit_min_orders {{ min_orders }}'
            else
                first_name || '_order_count ' || {{ segmentation.text_of('first_orders') }}
                || case when first_orders = second_orders then ' = ' else ' > ' end
                || second_name || '_order_count ' || {{ segmentation.text_of('second_orders') }}
        end as decided_by,
        case
            when order_count = 0 and {{ min_orders }} > 1 then 'unknown'
            when counted_orders = 0 then null
            when counted_orders < {{ min_orders }} or first_orders = second_orders then first_name
            else 'mixed'
        end as nearest_segment_id,
        'orders' as change_kind,
        {{ segmentation.decimal_of(
            'case when order_count = 0 then 1'
            ~ ' when counted_orders < ' ~ min_orders ~ ' then ' ~ min_orders ~ ' - counted_orders'
            ~ ' when first_orders = second_orders then 1'
            ~ ' else first_orders - second_orders end',
            18,
            2
        ) }} as change_quantity,
        {{ segmentation.null_of('decimal(18, 2)') }} as change_amount,
        {{ segmentation.null_of('date') }} as change_by,
        case
            when counted_orders = 0 then null
            when counted_orders < {{ min_orders }} or first_orders = second_orders then first_name
            else second_name
        end as change_detail
    from {{ habit }}_places
),
{%- endfor %}

final as (
    {%- for habit, names in habits %}
    {{ 'union all' if not loop.first }}
    select
        customer_id,
        customer_number,
        as_of_date,
        segmentation_id,
        {{ segmentation.explanation_columns().keys() | join(',\n        ') }}
    from {{ habit }}s
    {%- endfor %}
)

select * from final
