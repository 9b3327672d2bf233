{#
    One row per customer and as_of_date with its lifecycle stage. Key: customer_number, as_of_date.
    Windows are multiples of the customer's own rhythm. The first line of the rule that holds
    decides; it is the macro lifecycle_rule, which the explanations apply too.
#}
with metrics as (
    select * from {{ ref('int_customer_metrics') }}
),

rhythms as (
    select * from {{ ref('int_purchase_rhythm') }}
),

final as (
    select
        metrics.customer_number,
        metrics.as_of_date,
        rhythms.rhythm_days,
        rhythms.rhythm_source,
        rhythms.last_gap_days,
        rhythms.median_gap_days,
        rhythms.gap_variation,
        {{ segmentation.add_days(
            'metrics.last_order_date',
            segmentation.whole_quotient('cast(rhythms.rhythm_days * 10 as bigint) + 9', '10')
        ) }} as next_order_expected_date,
        {{ segmentation.divide(
            'cast(metrics.recency_days * 10 as bigint)',
            'cast(rhythms.rhythm_days * 10 as bigint)',
            2
        ) }} as overdue_ratio,
        {{ segmentation.lifecycle_rule(
            'metrics.order_count',
            'metrics.recency_days',
            'metrics.tenure_days',
            'rhythms.purchase_day_count',
            'rhythms.last_gap_days',
            'rhythms.rhythm_days',
        ) }} as segment_id
    from metrics
    left join rhythms
        on
            metrics.customer_number = rhythms.customer_number
            and metrics.as_of_date = rhythms.as_of_date
)

select * from final
