{#
    One row per customer and as_of_date with its lifecycle stage. Key: customer_number, as_of_date.
    Windows are multiples of the customer's own rhythm. The first line of the case that holds
    decides; the order is the definition.
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
        case
            when metrics.order_count = 0 then 'prospect'
            when
                metrics.recency_days
                > {{ segmentation.decimal_of(var('lifecycle_churned_ratio'), 9, 4) }}
                * rhythms.rhythm_days
                then 'churned'
            when
                metrics.recency_days
                > {{ segmentation.decimal_of(var('lifecycle_declining_ratio'), 9, 4) }}
                * rhythms.rhythm_days
                then 'declining'
            when rhythms.purchase_day_count = 1 then 'onboarding'
            when
                rhythms.last_gap_days
                > {{ segmentation.decimal_of(var('lifecycle_churned_ratio'), 9, 4) }}
                * rhythms.rhythm_days
                then 'reactivated'
            when
                metrics.order_count >= {{ var('lifecycle_loyal_orders') }}
                and metrics.tenure_days >= {{ var('lifecycle_loyal_days') }}
                then 'loyal'
            when metrics.order_count >= {{ var('lifecycle_mature_orders') }} then 'mature'
            else 'growing'
        end as segment_id
    from metrics
    left join rhythms
        on
            metrics.customer_number = rhythms.customer_number
            and metrics.as_of_date = rhythms.as_of_date
)

select * from final
