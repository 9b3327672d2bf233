{#
    One row per as_of_date, segmentation and segment: how many customers, how many orders, how much
    revenue. Key: as_of_date, segmentation_id, segment_id. Empty segments are listed with zeros, so
    that a missing row never has to be guessed at; of an open segmentation only what has a label, as
    no day may depend on what another one holds. Shares are of all customers: those of audiences,
    which overlap, don't add up to 1.
#}
with segments as (
    select * from {{ ref('segments') }}
),

assignments as (
    select * from {{ ref('int_segment_assignments') }}
),

metrics as (
    select * from {{ ref('int_customer_metrics') }}
),

as_of_dates as (
    select * from {{ ref('int_as_of_dates') }}
),

measured as (
    select
        assignments.as_of_date,
        assignments.segmentation_id,
        assignments.segment_id,
        count(*) as customer_count,
        sum(metrics.order_count) as order_count,
        sum(metrics.net_revenue) as net_revenue,
        {{ segmentation.median('metrics.recency_days') }} as median_recency_days,
        {{ segmentation.median('metrics.order_count') }} as median_order_count,
        {{ segmentation.median('metrics.net_revenue') }} as median_net_revenue
    from assignments
    inner join metrics
        on
            assignments.customer_number = metrics.customer_number
            and assignments.as_of_date = metrics.as_of_date
    group by assignments.as_of_date, assignments.segmentation_id, assignments.segment_id
),

totals as (
    select
        as_of_date,
        count(*) as customer_count,
        sum(net_revenue) as net_revenue
    from metrics
    group by as_of_date
),

final as (
    select
        as_of_dates.as_of_date,
        segments.segmentation_id,
        segments.segment_id,
        segments.label_en,
        segments.label_zh,
        segments.segment_rank,
        cast(coalesce(measured.customer_count, 0) as integer) as customer_count,
        {{ segmentation.decimal_of(
            'coalesce('
            ~ segmentation.divide('measured.customer_count', 'totals.customer_count', 4)
            ~ ', 0)'
        ) }} as customer_share,
        cast(coalesce(measured.order_count, 0) as integer) as order_count,
        {{ segmentation.decimal_of('coalesce(measured.net_revenue, 0)') }} as net_revenue,
        {{ segmentation.decimal_of(
            'coalesce('
            ~ segmentation.divide(
                segmentation.decimal_of('measured.net_revenue * 100', 28, 0),
                segmentation.decimal_of('totals.net_revenue * 100', 28, 0),
                4
            )
            ~ ', 0)'
        ) }} as revenue_share,
        {{ segmentation.amount_per('measured.net_revenue', 'measured.order_count') }}
            as average_order_value,
        {{ segmentation.decimal_of('measured.median_recency_days', 18, 1) }} as median_recency_days,
        {{ segmentation.decimal_of('measured.median_order_count', 18, 1) }} as median_order_count,
        {{ segmentation.decimal_of('measured.median_net_revenue', 18, 2) }} as median_net_revenue
    from as_of_dates
    cross join segments
    left join measured
        on
            as_of_dates.as_of_date = measured.as_of_date
            and segments.segmentation_id = measured.segmentation_id
            and segments.segment_id = measured.segment_id
    left join totals
        on as_of_dates.as_of_date = totals.as_of_date
    where segments.is_labelled or measured.customer_count is not null
)

select * from final
