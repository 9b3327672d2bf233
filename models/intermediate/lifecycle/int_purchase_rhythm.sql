{#
    One row per buyer and as_of_date with its purchase rhythm in days. Key: customer_id, as_of_date.
    The own median gap where there are enough gaps, else the population's (the median of the own
    ones), never below the minimum. rhythm_source says which.
#}
with gaps as (
    select * from {{ ref('int_purchase_gaps') }}
),

as_of_dates as (
    select * from {{ ref('int_as_of_dates') }}
),

own as (
    select
        gaps.customer_id,
        as_of_dates.as_of_date,
        count(*) as purchase_day_count,
        count(gaps.gap_days) as gap_count,
        max(gaps.order_date) as last_order_date,
        cast({{ segmentation.median('gaps.gap_days') }} as numeric(18, 1)) as median_gap_days
    from gaps
    cross join as_of_dates
    where gaps.order_date < as_of_dates.as_of_date
    group by gaps.customer_id, as_of_dates.as_of_date
),

population as (
    select
        as_of_date,
        cast({{ segmentation.median('median_gap_days') }} as numeric(18, 1)) as median_gap_days
    from own
    where gap_count >= {{ var('lifecycle_min_gaps') }}
    group by as_of_date
),

chosen as (
    select
        own.customer_id,
        own.as_of_date,
        own.purchase_day_count,
        own.median_gap_days,
        gaps.gap_days as last_gap_days,
        case
            when own.gap_count >= {{ var('lifecycle_min_gaps') }} then own.median_gap_days
            else coalesce(
                population.median_gap_days, {{ var('lifecycle_fallback_rhythm_days') }}
            )
        end as rhythm_days,
        case
            when own.gap_count >= {{ var('lifecycle_min_gaps') }} then 'own'
            when population.median_gap_days is not null then 'population'
            else 'default'
        end as rhythm_source
    from own
    inner join gaps
        on
            own.customer_id = gaps.customer_id
            and own.last_order_date = gaps.order_date
    left join population
        on own.as_of_date = population.as_of_date
),

final as (
    select
        customer_id,
        as_of_date,
        purchase_day_count,
        median_gap_days,
        last_gap_days,
        rhythm_source,
        cast(
            case
                when rhythm_days < {{ var('lifecycle_min_rhythm_days') }}
                    then {{ var('lifecycle_min_rhythm_days') }}
                else rhythm_days
            end as numeric(18, 1)
        ) as rhythm_days
    from chosen
)

select * from final
