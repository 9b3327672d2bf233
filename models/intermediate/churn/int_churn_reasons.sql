{#
    One row per customer, as_of_date and reason to expect that the customer leaves. Key:
    customer_number, as_of_date, reason_id. Only who has a reason is here. Every reason is one select
    with the same columns, so that another is one more of them; one of severity 2 makes a high risk.
#}
with metrics as (
    select * from {{ ref('int_customer_metrics') }}
),

lifecycle as (
    select * from {{ ref('int_lifecycle_segments') }}
    where rhythm_source = 'own'
),

order_windows as (
    select * from {{ ref('int_order_windows') }}
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

{% for measure in ['order_count', 'net_revenue'] -%}
{%- set reason = 'falling_frequency' if measure == 'order_count' else 'falling_spend' -%}
{%- set severity = segmentation.falling_severity(
    'recent_' ~ measure, 'previous_' ~ measure, 'previous_order_count'
) -%}
{{ reason }} as (
    select
        customer_number,
        as_of_date,
        '{{ reason }}' as reason_id,
        {{ severity }} as severity,
        recent_{{ measure }} as measured_value,
        previous_{{ measure }} as compared_value
    from order_windows
    where {{ severity }} > 0
),

{% endfor -%}
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
