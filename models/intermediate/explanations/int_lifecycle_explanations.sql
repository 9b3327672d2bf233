{#
    One row per customer and as_of_date: why it is in its lifecycle stage, and what would move it.
    Key: customer_number, as_of_date, segmentation_id. An order adds a gap, so the rhythm after it
    is worked out anew, and so is the longest gap that is no return from having churned
    (docs/decisions/explanations.md).
#}
{%- set churned_ratio = segmentation.decimal_of(var('lifecycle_churned_ratio'), 9, 4) %}
{%- set declining_ratio = segmentation.decimal_of(var('lifecycle_declining_ratio'), 9, 4) %}
{%- set min_rhythm_days = var('lifecycle_min_rhythm_days') %}
{%- set churned_units = 'cast(' ~ churned_ratio ~ ' * 10000 as bigint)' %}
{%- set least_return_days = segmentation.whole_quotient(
    churned_units ~ ' * ' ~ min_rhythm_days, '10000'
) %}
with customers as (
    select * from {{ ref('int_customers') }}
),

metrics as (
    select * from {{ ref('int_customer_metrics') }}
),

rhythms as (
    select * from {{ ref('int_purchase_rhythm') }}
),

stages as (
    select * from {{ ref('int_lifecycle_segments') }}
),

known as (
    select
        customers.customer_id,
        customers.customer_number,
        customers.as_of_date,
        metrics.first_order_date,
        metrics.last_order_date,
        metrics.order_count,
        metrics.recency_days,
        metrics.tenure_days,
        rhythms.purchase_day_count,
        rhythms.last_gap_days,
        rhythms.rhythm_days,
        rhythms.rhythm_source,
        rhythms.median_gap_days,
        rhythms.upper_gap_days,
        stages.segment_id,
        coalesce(rhythms.purchase_day_count >= {{ var('lifecycle_min_gaps') }}, false)
            as has_own_rhythm_next,
        mod(rhythms.purchase_day_count, 2) = 1 as has_middle_gap_next,
        case
            when metrics.recency_days < rhythms.lower_gap_days then rhythms.lower_gap_days
            when metrics.recency_days > rhythms.upper_gap_days then rhythms.upper_gap_days
            else metrics.recency_days
        end as middle_gap_days,
        {{ var('lifecycle_mature_orders') }} - metrics.order_count as orders_to_mature,
        {{ var('lifecycle_loyal_orders') }} - metrics.order_count as orders_to_loyal
    from customers
    inner join metrics
        on
            customers.customer_number = metrics.customer_number
            and customers.as_of_date = metrics.as_of_date
    inner join stages
        on
            customers.customer_number = stages.customer_number
            and customers.as_of_date = stages.as_of_date
    left join rhythms
        on
            customers.customer_number = rhythms.customer_number
            and customers.as_of_date = rhythms.as_of_date
),

next_medians as (
    select
        known.*,
        {%- for name, gap in [('next', 'middle_gap_days'), ('longest', 'upper_gap_days')] %}
        case
            when not has_own_rhythm_next then rhythm_days
            when has_middle_gap_next then {{ segmentation.decimal_of(gap, 18, 1) }}
            else {{ segmentation.decimal_of('(median_gap_days + ' ~ gap ~ ') * 0.5', 18, 1) }}
        end as {{ name }}_median_days,
        {%- endfor %}
        case
            when has_own_rhythm_next and not has_middle_gap_next and {{ churned_ratio }} < 2
                then {{ segmentation.whole_quotient(
                    'cast(median_gap_days as bigint) * ' ~ churned_units,
                    'nullif(20000 - ' ~ churned_units ~ ', 0)',
                ) }}
        end as slow_gap_days,
        cast(floor({{ declining_ratio }} * rhythm_days) as integer) + 1 as declining_days
    from known
),

next_rhythms as (
    select
        next_medians.*,
        {%- for name in ['next', 'longest'] %}
        case
            when {{ name }}_median_days < {{ min_rhythm_days }}
                then {{ segmentation.decimal_of(min_rhythm_days, 18, 1) }}
            else {{ name }}_median_days
        end as {{ name }}_rhythm_days,
        {%- endfor %}
        case
            when slow_gap_days < {{ least_return_days }} then {{ least_return_days }}
            else slow_gap_days
        end as rising_gap_days,
        {{ segmentation.add_days('last_order_date', 'declining_days') }} as declining_date,
        {{ segmentation.add_days('first_order_date', var('lifecycle_loyal_days')) }} as loyal_date
    from next_medians
),

windows as (
    select
        next_rhythms.*,
        case
            when rising_gap_days < coalesce(upper_gap_days, rising_gap_days + 1)
                then rising_gap_days
            else cast(floor({{ churned_ratio }} * longest_rhythm_days) as integer)
        end as longest_gap_days,
        case
            when
                segment_id = 'mature'
                and orders_to_loyal <= 0
                and loyal_date < declining_date
                then loyal_date
            else declining_date
        end as waited_date
    from next_rhythms
),

moved as (
    select
        windows.*,
        {%- for name, orders in [
            ('next', '1'), ('mature', 'orders_to_mature'), ('loyal', 'orders_to_loyal'),
        ] %}
        {{ segmentation.lifecycle_rule(
            'order_count + ' ~ orders,
            '1',
            'coalesce(tenure_days, 0) + 1',
            'coalesce(purchase_day_count, 0) + 1',
            'recency_days',
            'next_rhythm_days',
        ) }} as {{ name }}_segment_id,
        {%- endfor %}
        {{ segmentation.lifecycle_rule(
            'order_count',
            segmentation.days_between('last_order_date', 'waited_date'),
            segmentation.days_between('first_order_date', 'waited_date'),
            'purchase_day_count',
            'last_gap_days',
            'rhythm_days',
        ) }} as waited_segment_id,
        {{ segmentation.add_days('last_order_date', 'longest_gap_days') }} as last_near_date,
        {{ segmentation.add_days('loyal_date', '-2') }} as last_young_date
    from windows
),

chosen as (
    select
        moved.*,
        case
            when next_segment_id <> segment_id then 1
            when orders_to_mature > 1 and mature_segment_id <> segment_id then orders_to_mature
            when orders_to_loyal > 1 and loyal_segment_id <> segment_id then orders_to_loyal
        end as orders_needed,
        case
            when next_segment_id <> segment_id then next_segment_id
            when orders_to_mature > 1 and mature_segment_id <> segment_id then mature_segment_id
            when orders_to_loyal > 1 and loyal_segment_id <> segment_id then loyal_segment_id
            else waited_segment_id
        end as nearest_segment_id
    from moved
),

dated as (
    select
        chosen.*,
        case
            when orders_needed is null then waited_date
            when segment_id = 'prospect' or nearest_segment_id = 'reactivated' then null
            when
                nearest_segment_id = 'mature'
                and orders_needed >= orders_to_loyal
                and last_young_date < coalesce(last_near_date, loyal_date)
                then last_young_date
            else last_near_date
        end as change_by
    from chosen
),

final as (
    select
        customer_id,
        customer_number,
        as_of_date,
        'lifecycle' as segmentation_id,
        segment_id,
        {{ segmentation.facts_object([
            ('order_count', segmentation.text_of('order_count')),
            ('purchase_day_count', segmentation.text_of('coalesce(purchase_day_count, 0)')),
            ('recency_days', segmentation.text_of('recency_days')),
            ('tenure_days', segmentation.text_of('tenure_days')),
            ('last_gap_days', segmentation.text_of('last_gap_days')),
            ('rhythm_days', segmentation.decimal_text('rhythm_days', 1)),
            ('rhythm_source', segmentation.json_text('rhythm_source')),
        ]) }} as facts,
        case segment_id
            when 'prospect' then 'order_count 0'
            {%- for stage, fact, var_name in [
                ('churned', 'recency_days', 'lifecycle_churned_ratio'),
                ('declining', 'recency_days', 'lifecycle_declining_ratio'),
                ('reactivated', 'last_gap_days', 'lifecycle_churned_ratio'),
            ] %}
            when '{{ stage }}'
                then
                    '{{ fact }} ' || {{ segmentation.text_of(fact) }}
                    || ' > {{ var_name }} {{ var(var_name) }} * rhythm_days '
                    || {{ segmentation.decimal_text('rhythm_days', 1) }}
            {%- endfor %}
            when 'onboarding' then 'purchase_day_count 1'
            when 'loyal'
                then
                    'order_count ' || {{ segmentation.text_of('order_count') }}
                    || ' >= lifecycle_loyal_orders {{ var("lifecycle_loyal_orders") }}, '
                    || 'tenure_days '
                    || {{ segmentation.text_of('tenure_days') }}
                    || ' >= lifecycle_loyal_days {{ var("lifecycle_loyal_days") }}'
            else
                'order_count ' || {{ segmentation.text_of('order_count') }}
                || case segment_id when 'mature' then ' >= ' else ' < ' end
                || 'lifecycle_mature_orders {{ var("lifecycle_mature_orders") }}'
        end as decided_by,
        nearest_segment_id,
        case when orders_needed is null then 'wait' else 'orders' end as change_kind,
        {{ segmentation.decimal_of(
            'coalesce(orders_needed, '
            ~ segmentation.days_between('as_of_date', 'change_by') ~ ')',
            18,
            2
        ) }} as change_quantity,
        {{ segmentation.null_of('decimal(18, 2)') }} as change_amount,
        change_by,
        {{ segmentation.null_of('string') }} as change_detail
    from dated
)

select * from final
