{#
    One row per customer and as_of_date: why it is in its value tier, and what would move it. Key:
    customer_number, as_of_date, segmentation_id. The fewest orders, then the least money, that give
    the two grades of another tier, until what counts now leaves the 365 days.
#}
{%- set grades = ['low', 'mid', 'high'] %}
{%- set cent = segmentation.decimal_of('0.01', 3, 2) %}
with customers as (
    select * from {{ ref('int_customers') }}
),

value_tiers as (
    select * from {{ ref('int_value_tiers') }}
),

window_changes as (
    select * from {{ ref('int_window_changes') }}
),

tier_map as (
    select * from {{ ref('value_tier_map') }}
    where policy = '{{ var("value_tier_policy") }}'
),

tier_cells as (
    select
        {%- for frequency in grades %}
        {%- for spend in grades %}
        max(
            case
                when frequency_grade = '{{ frequency }}' and spend_grade = '{{ spend }}'
                    then segment_id
            end
        ) as {{ frequency }}_{{ spend }}_segment_id,
        {%- endfor %}
        {%- endfor %}
        {{ cent }} as amount_to_low,
        1 as orders_to_low
    from tier_map
),

known as (
    select
        customers.customer_id,
        customers.customer_number,
        customers.as_of_date,
        value_tiers.year_order_count,
        value_tiers.year_net_revenue,
        value_tiers.spend_grade,
        value_tiers.frequency_grade,
        value_tiers.segment_id
    from customers
    inner join value_tiers
        on
            customers.customer_number = value_tiers.customer_number
            and customers.as_of_date = value_tiers.as_of_date
),

silences as (
    select
        known.*,
        window_changes.window_date,
        window_changes.year_order_count as later_order_count,
        window_changes.year_net_revenue as later_net_revenue,
        case
            when window_changes.year_order_count = 0 then 'none'
            else silent_map.segment_id
        end as silent_segment_id
    from known
    inner join window_changes
        on
            known.customer_id = window_changes.customer_id
            and known.customer_number = window_changes.customer_number
            and known.as_of_date = window_changes.as_of_date
    left join tier_map as silent_map
        on
            {{ segmentation.frequency_grade('window_changes.year_order_count') }}
            = silent_map.frequency_grade
            and {{ segmentation.spend_grade(
                'window_changes.year_order_count', 'window_changes.year_net_revenue'
            ) }} = silent_map.spend_grade
),

tomorrows as (
    select
        silences.*,
        tier_cells.*,
        {%- for grade in ['mid', 'high'] %}
        case
            when {{ var('value_tier_' ~ grade ~ '_orders') }} > silences.later_order_count + 1
                then {{ var('value_tier_' ~ grade ~ '_orders') }} - silences.later_order_count
            else 1
        end as orders_to_{{ grade }},
        {%- endfor %}
        {{ segmentation.cents_up(
            segmentation.decimal_of(var('value_tier_mid_amount')) ~ ' - silences.later_net_revenue'
        ) }} as amount_to_mid,
        {{ segmentation.cents_up(
            segmentation.decimal_of(var('value_tier_high_amount')) ~ ' + '
            ~ segmentation.decimal_of('0.0001', 5, 4) ~ ' - silences.later_net_revenue'
        ) }} as amount_to_high
    from silences
    cross join tier_cells
    where silences.window_date = {{ segmentation.add_days('silences.as_of_date', 1) }}
),

found as (
    select
        tomorrows.*,
        case
            when silent_segment_id <> segment_id then null
            {%- for frequency in grades %}
            {%- for spend in grades %}
            when
                {{ frequency }}_{{ spend }}_segment_id <> segment_id
                {%- if frequency != 'high' %}
                {%- set next = grades[grades.index(frequency) + 1] %}
                and later_order_count + orders_to_{{ frequency }}
                < {{ var('value_tier_' ~ next ~ '_orders') }}
                {%- endif %}
                {%- if spend != 'high' %}
                {%- set next = grades[grades.index(spend) + 1] %}
                {%- set sign = '<=' if spend == 'mid' else '<' %}
                and later_net_revenue + amount_to_{{ spend }}
                {{ sign }} {{ segmentation.decimal_of(var('value_tier_' ~ next ~ '_amount')) }}
                and later_net_revenue + orders_to_{{ frequency }} * {{ cent }}
                {{ sign }} {{ segmentation.decimal_of(var('value_tier_' ~ next ~ '_amount')) }}
                {%- endif %}
                then '{{ frequency }} {{ spend }}'
            {%- endfor %}
            {%- endfor %}
        end as cell
    from tomorrows
),

needed as (
    select
        customer_id,
        customer_number,
        as_of_date,
        case cell
            {%- for frequency in grades %}
            {%- for spend in grades %}
            when '{{ frequency }} {{ spend }}' then {{ frequency }}_{{ spend }}_segment_id
            {%- endfor %}
            {%- endfor %}
        end as reached_segment_id,
        case
            {%- for frequency in grades %}
            when cell like '{{ frequency }} %' then orders_to_{{ frequency }}
            {%- endfor %}
        end as orders_needed,
        case
            {%- for spend in grades %}
            when cell like '% {{ spend }}' then amount_to_{{ spend }}
            {%- endfor %}
        end as amount_needed,
        coalesce(cell like frequency_grade || ' %', false) as is_frequency_kept
    from found
),

amounts as (
    select
        needed.*,
        case
            when amount_needed > orders_needed * {{ cent }} then amount_needed
            else orders_needed * {{ cent }}
        end as amount_paid
    from needed
),

moved as (
    select
        silences.*,
        amounts.reached_segment_id,
        amounts.orders_needed,
        amounts.amount_needed,
        amounts.amount_needed > amounts.orders_needed * {{ cent }} as is_amount_needed,
        amounts.is_frequency_kept,
        moved_map.segment_id as moved_segment_id
    from silences
    inner join amounts
        on
            silences.customer_id = amounts.customer_id
            and silences.customer_number = amounts.customer_number
            and silences.as_of_date = amounts.as_of_date
    left join tier_map as moved_map
        on
            {{ segmentation.frequency_grade('silences.later_order_count + amounts.orders_needed') }}
            = moved_map.frequency_grade
            and {{ segmentation.spend_grade(
                'silences.later_order_count + amounts.orders_needed',
                'silences.later_net_revenue + amounts.amount_paid'
            ) }} = moved_map.spend_grade
),

chosen as (
    select
        customer_id,
        customer_number,
        as_of_date,
        segment_id,
        year_order_count,
        year_net_revenue,
        spend_grade,
        frequency_grade,
        reached_segment_id,
        orders_needed,
        amount_needed,
        is_amount_needed,
        is_frequency_kept,
        min(case when moved_segment_id <> reached_segment_id then window_date end) as lapse_date,
        min(case when silent_segment_id <> segment_id then window_date end) as silence_date,
        min(
            case
                when silent_segment_id <> segment_id
                    then {{ segmentation.day_text('window_date') }} || ' ' || silent_segment_id
            end
        ) as silence_text
    from moved
    group by
        customer_id, customer_number, as_of_date, segment_id, year_order_count, year_net_revenue,
        spend_grade, frequency_grade, reached_segment_id, orders_needed, amount_needed,
        is_amount_needed, is_frequency_kept
),

kinds as (
    select
        chosen.*,
        case
            when orders_needed = 1 and is_frequency_kept and is_amount_needed then 'amount'
            when reached_segment_id is not null then 'orders'
            when silence_date is not null then 'wait'
        end as change_kind
    from chosen
),

final as (
    select
        customer_id,
        customer_number,
        as_of_date,
        'value_tier' as segmentation_id,
        segment_id,
        {{ segmentation.facts_object([
            ('year_order_count', segmentation.text_of('year_order_count')),
            ('year_net_revenue', segmentation.amount_text('year_net_revenue')),
            ('spend_grade', segmentation.json_text('spend_grade')),
            ('frequency_grade', segmentation.json_text('frequency_grade')),
        ]) }} as facts,
        case
            when year_order_count = 0 then 'year_order_count 0'
            else
                'year_net_revenue ' || {{ segmentation.amount_text('year_net_revenue') }}
                || case spend_grade
                    {%- for grade, sign, var_name in [
                        ('high', '>', 'value_tier_high_amount'),
                        ('mid', '>=', 'value_tier_mid_amount'),
                    ] %}
                    when '{{ grade }}' then ' {{ sign }} {{ var_name }} {{ var(var_name) }}'
                    {%- endfor %}
                    else ' < value_tier_mid_amount {{ var("value_tier_mid_amount") }}'
                end
                || ', year_order_count ' || {{ segmentation.text_of('year_order_count') }}
                || case frequency_grade
                    {%- for grade in ['high', 'mid'] %}
                    {%- set var_name = 'value_tier_' ~ grade ~ '_orders' %}
                    when '{{ grade }}' then ' >= {{ var_name }} {{ var(var_name) }}'
                    {%- endfor %}
                    else ' < value_tier_mid_orders {{ var("value_tier_mid_orders") }}'
                end
                || ', value_tier_policy {{ var("value_tier_policy") }}'
        end as decided_by,
        coalesce(reached_segment_id, substring(silence_text, 12)) as nearest_segment_id,
        change_kind,
        {{ segmentation.decimal_of(
            "case change_kind when 'amount' then amount_needed when 'orders' then orders_needed"
            ' else ' ~ segmentation.days_between('as_of_date', 'silence_date') ~ ' end',
            18,
            2
        ) }} as change_quantity,
        {{ segmentation.decimal_of(
            "case when change_kind = 'orders' and is_amount_needed then amount_needed end", 18, 2
        ) }} as change_amount,
        case
            when change_kind = 'wait' then silence_date
            else {{ segmentation.add_days('lapse_date', -2) }}
        end as change_by,
        {{ segmentation.null_of('string') }} as change_detail
    from kinds
)

select * from final
