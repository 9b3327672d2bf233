{#
    One row per customer and as_of_date: why it is in its activity segment, and what would move it.
    Key: customer_number, as_of_date, segmentation_id. Every order leads out of every segment but
    active, which only silence ends.
#}
{%- set silent_days = '(' ~ var('activity_active_days') ~ ' + 1)' %}
with customers as (
    select * from {{ ref('int_customers') }}
),

metrics as (
    select * from {{ ref('int_customer_metrics') }}
),

segments as (
    select * from {{ ref('int_activity_segments') }}
),

known as (
    select
        customers.customer_id,
        customers.customer_number,
        customers.as_of_date,
        metrics.last_order_date,
        metrics.order_count,
        metrics.recency_days,
        metrics.tenure_days,
        {{ segmentation.days_between('metrics.registered_date', 'customers.as_of_date') }}
            as registered_days,
        segments.segment_id
    from customers
    inner join metrics
        on
            customers.customer_number = metrics.customer_number
            and customers.as_of_date = metrics.as_of_date
    inner join segments
        on
            customers.customer_number = segments.customer_number
            and customers.as_of_date = segments.as_of_date
),

moved as (
    select
        customer_id,
        customer_number,
        as_of_date,
        order_count,
        recency_days,
        tenure_days,
        registered_days,
        segment_id,
        {{ segmentation.activity_rule(
            'order_count + 1', '1', 'coalesce(tenure_days, 0) + 1', 'registered_days + 1'
        ) }} as ordered_segment_id,
        {{ segmentation.activity_rule(
            'order_count',
            silent_days,
            'tenure_days - recency_days + ' ~ silent_days,
            'registered_days - recency_days + ' ~ silent_days,
        ) }} as waited_segment_id,
        {{ segmentation.add_days('last_order_date', silent_days) }} as waited_date
    from known
),

final as (
    select
        customer_id,
        customer_number,
        as_of_date,
        'activity' as segmentation_id,
        segment_id,
        {{ segmentation.facts_object([
            ('order_count', segmentation.text_of('order_count')),
            ('recency_days', segmentation.text_of('recency_days')),
            ('tenure_days', segmentation.text_of('tenure_days')),
            ('registered_days', segmentation.text_of('registered_days')),
        ]) }} as facts,
        case segment_id
            when 'prospect' then 'order_count 0'
            when 'new'
                then
                    'order_count 1, '
                    || case
                        when tenure_days <= {{ var('activity_new_days') }}
                            then 'tenure_days ' || {{ segmentation.text_of('tenure_days') }}
                        else 'registered_days ' || {{ segmentation.text_of('registered_days') }}
                    end
                    || ' <= activity_new_days {{ var("activity_new_days") }}'
            else
                'recency_days ' || {{ segmentation.text_of('recency_days') }}
                || case segment_id
                    when 'active' then ' <= activity_active_days {{ var("activity_active_days") }}'
                    when 'dormant' then ' > activity_active_days {{ var("activity_active_days") }}'
                    else ' > activity_lost_days {{ var("activity_lost_days") }}'
                end
        end as decided_by,
        case
            when ordered_segment_id <> segment_id then ordered_segment_id
            else waited_segment_id
        end as nearest_segment_id,
        case when ordered_segment_id <> segment_id then 'orders' else 'wait' end as change_kind,
        {{ segmentation.decimal_of(
            'case when ordered_segment_id <> segment_id then 1 else '
            ~ segmentation.days_between('as_of_date', 'waited_date') ~ ' end',
            18,
            2
        ) }} as change_quantity,
        {{ segmentation.null_of('decimal(18, 2)') }} as change_amount,
        case when ordered_segment_id = segment_id then waited_date end as change_by,
        {{ segmentation.null_of('string') }} as change_detail
    from moved
)

select * from final
