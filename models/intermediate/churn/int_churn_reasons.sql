{#
    One row per customer, as_of_date and reason to expect that the customer leaves. Key:
    customer_number, as_of_date, reason_id. Only who has a reason is here. Every reason is one select
    with the same columns, so that another is one more of them; one of severity 2 makes a high risk.
#}
{%- set share_left = segmentation.decimal_of(1, 5, 4) ~ ' - '
    ~ segmentation.decimal_of(var('churn_falling_share'), 5, 4) %}
with metrics as (
    select * from {{ ref('int_customer_metrics') }}
),

lifecycle as (
    select * from {{ ref('int_lifecycle_segments') }}
    where rhythm_source = 'own'
),

order_windows as (
    select * from {{ ref('int_order_windows') }}
    where previous_order_count >= {{ var('churn_min_previous_orders') }}
),

overdue as (
    select
        metrics.customer_number,
        metrics.as_of_date,
        'overdue' as reason_id,
        case when lifecycle.segment_id = 'churned' then 2 else 1 end as severity,
        metrics.recency_days as measured_value,
        lifecycle.rhythm_days as compared_value
    from metrics
    inner join lifecycle
        on
            metrics.customer_number = lifecycle.customer_number
            and metrics.as_of_date = lifecycle.as_of_date
    where
        metrics.recency_days
        > {{ segmentation.decimal_of(var('churn_overdue_ratio'), 9, 4) }} * lifecycle.rhythm_days
),

falling_frequency as (
    select
        customer_number,
        as_of_date,
        'falling_frequency' as reason_id,
        case when recent_order_count = 0 then 2 else 1 end as severity,
        recent_order_count as measured_value,
        previous_order_count as compared_value
    from order_windows
    where recent_order_count < ({{ share_left }}) * previous_order_count
),

falling_spend as (
    select
        customer_number,
        as_of_date,
        'falling_spend' as reason_id,
        case when recent_net_revenue <= 0 then 2 else 1 end as severity,
        recent_net_revenue as measured_value,
        previous_net_revenue as compared_value
    from order_windows
    where
        previous_net_revenue > 0
        and ({{ share_left }}) > 0
        and recent_net_revenue < ({{ share_left }}) * previous_net_revenue
),

final as (
    {%- for reason in ['overdue', 'falling_frequency', 'falling_spend'] %}
    select
        customer_number,
        as_of_date,
        reason_id,
        severity,
        {{ segmentation.decimal_of('measured_value') }} as measured_value,
        {{ segmentation.decimal_of('compared_value') }} as compared_value
    from {{ reason }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
)

select * from final
