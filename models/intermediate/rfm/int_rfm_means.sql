{#
    One row per as_of_date and metric with the mean over the buyers. Key: as_of_date, metric.
    Preset rfm_8 compares with total_value and customer_count, which are exact; the mean is for
    people and rounded.
#}
with rfm_values as (
    select * from {{ ref('int_rfm_values') }}
),

added as (
    select
        as_of_date,
        metric,
        sum(customer_count) as customer_count,
        {{ segmentation.decimal_of(
            'sum('
            ~ segmentation.decimal_of('metric_value', 18, 4)
            ~ ' * '
            ~ segmentation.decimal_of('customer_count', 10, 0)
            ~ ')',
            28,
            4
        ) }} as total_value
    from rfm_values
    group by as_of_date, metric
),

final as (
    select
        as_of_date,
        metric,
        cast(customer_count as bigint) as customer_count,
        total_value,
        {{ segmentation.divide(
            segmentation.decimal_of('total_value * 10000', 28, 0),
            'cast(10000 * customer_count as bigint)',
            4
        ) }} as mean_value
    from added
)

select * from final
