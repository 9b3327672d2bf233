{#
    One row per customer and as_of_date with the risk of losing it. Key: customer_number, as_of_date.
    The reasons decide; low is said only of a customer whom at least one reason could have named, for
    the others there is too little to go by: unknown.
#}
with metrics as (
    select * from {{ ref('int_customer_metrics') }}
),

lifecycle as (
    select * from {{ ref('int_lifecycle_segments') }}
),

order_windows as (
    select * from {{ ref('int_order_windows') }}
),

reasons as (
    select * from {{ ref('int_churn_reasons') }}
),

reason_totals as (
    select
        customer_number,
        as_of_date,
        count(*) as reason_count,
        max(severity) as max_severity
    from reasons
    group by customer_number, as_of_date
),

final as (
    select
        metrics.customer_number,
        metrics.as_of_date,
        cast(coalesce(reason_totals.reason_count, 0) as integer) as churn_reason_count,
        {{ segmentation.churn_rule(
            'metrics.order_count',
            'reason_totals.reason_count',
            'reason_totals.max_severity',
            "lifecycle.rhythm_source = 'own'"
            ' or order_windows.previous_order_count >= ' ~ var('churn_min_previous_orders'),
        ) }} as segment_id
    from metrics
    left join lifecycle
        on
            metrics.customer_number = lifecycle.customer_number
            and metrics.as_of_date = lifecycle.as_of_date
    left join order_windows
        on
            metrics.customer_number = order_windows.customer_number
            and metrics.as_of_date = order_windows.as_of_date
    left join reason_totals
        on
            metrics.customer_number = reason_totals.customer_number
            and metrics.as_of_date = reason_totals.as_of_date
)

select * from final
