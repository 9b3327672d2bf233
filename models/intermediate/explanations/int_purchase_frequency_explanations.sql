{#
    One row per customer and as_of_date: why it is in its purchase frequency, and what would move
    it. Key: customer_number, as_of_date, segmentation_id. An order adds a gap; the median with it is
    worked out anew, and the longest gap with which it stays in the same class.
#}
with customers as (
    select * from {{ ref('int_customers') }}
),

metrics as (
    select * from {{ ref('int_customer_metrics') }}
),

segments as (
    select * from {{ ref('int_habit_segments') }}
),

rhythms as (
    select * from {{ ref('int_purchase_rhythm') }}
),

known as (
    select
        customers.customer_id,
        customers.customer_number,
        customers.as_of_date,
        metrics.order_count,
        metrics.recency_days,
        metrics.last_order_date,
        segments.purchase_frequency,
        coalesce(rhythms.purchase_day_count, 0) as purchase_day_count,
        rhythms.median_gap_days,
        rhythms.upper_gap_days,
        case
            when metrics.recency_days < rhythms.lower_gap_days then rhythms.lower_gap_days
            when metrics.recency_days > rhythms.upper_gap_days then rhythms.upper_gap_days
            else metrics.recency_days
        end as middle_gap_days
    from customers
    inner join metrics
        on
            customers.customer_number = metrics.customer_number
            and customers.as_of_date = metrics.as_of_date
    inner join segments
        on
            customers.customer_number = segments.customer_number
            and customers.as_of_date = segments.as_of_date
    left join rhythms
        on
            customers.customer_number = rhythms.customer_number
            and customers.as_of_date = rhythms.as_of_date
),

gaps as (
    select
        known.*,
        case
            when mod(purchase_day_count, 2) = 1
                then {{ segmentation.decimal_of('middle_gap_days', 18, 1) }}
            else {{ segmentation.decimal_of('(median_gap_days + middle_gap_days) * 0.5', 18, 1) }}
        end as next_median_days
    from known
),

next_frequencies as (
    select
        gaps.*,
        case
            when order_count = 0 then 'one_time'
            when next_median_days <= {{ var('frequency_high_days') }} then 'high'
            when next_median_days <= {{ var('frequency_regular_days') }} then 'regular'
            else 'occasional'
        end as next_frequency
    from gaps
),

frequency_limits as (
    select
        next_frequencies.*,
        {%- for name, var_name in [
            ('high', 'frequency_high_days'), ('regular', 'frequency_regular_days'),
        ] %}
        case
            when mod(purchase_day_count, 2) = 1 then {{ var(var_name) }}
            else cast(floor(2 * {{ var(var_name) }} - median_gap_days) as integer)
        end as longest_{{ name }}_gap_days,
        {%- endfor %}
        next_frequency <> purchase_frequency as is_moved_by_an_order
    from next_frequencies
),

final as (
    select
        customer_id,
        customer_number,
        as_of_date,
        'purchase_frequency' as segmentation_id,
        purchase_frequency as segment_id,
        {{ segmentation.facts_object([
            ('order_count', segmentation.text_of('order_count')),
            ('purchase_day_count', segmentation.text_of('purchase_day_count')),
            ('recency_days', segmentation.text_of('recency_days')),
            ('median_gap_days', segmentation.decimal_text('median_gap_days', 1)),
        ]) }} as facts,
        case purchase_frequency
            when 'none' then 'order_count 0'
            when 'one_time' then 'purchase_day_count 1'
            else
                'median_gap_days ' || {{ segmentation.decimal_text('median_gap_days', 1) }}
                || case purchase_frequency
                    when 'high' then ' <= frequency_high_days {{ var("frequency_high_days") }}'
                    when 'regular' then ' > frequency_high_days {{ var("frequency_high_days") }}'
                    else ' > frequency_regular_days {{ var("frequency_regular_days") }}'
                end
        end as decided_by,
        case when is_moved_by_an_order then next_frequency end as nearest_segment_id,
        case when is_moved_by_an_order then 'orders' end as change_kind,
        {{ segmentation.decimal_of('case when is_moved_by_an_order then 1 end', 18, 2) }}
            as change_quantity,
        {{ segmentation.null_of('decimal(18, 2)') }} as change_amount,
        case
            when not is_moved_by_an_order then null
            {%- for name in ['high', 'regular'] %}
            when
                next_frequency = '{{ name }}'
                and longest_{{ name }}_gap_days
                < coalesce(upper_gap_days, longest_{{ name }}_gap_days + 1)
                then {{ segmentation.add_days('last_order_date', 'longest_' ~ name ~ '_gap_days') }}
            {%- endfor %}
        end as change_by,
        {{ segmentation.null_of('string') }} as change_detail
    from frequency_limits
)

select * from final
