{#
    One row per buyer and as_of_date with its purchase rhythm in days. Key: customer_number,
    as_of_date. The own median gap where there are enough gaps, else the population's (the median of
    the own ones), never below the minimum. The median is read off the middle place or two, the gaps
    beside it with it, and how far gaps lie from it is the upper half less the lower: sorting once is
    far cheaper than the median of a million groups.
#}
with gaps as (
    select * from {{ ref('int_purchase_gaps') }}
),

as_of_dates as (
    select * from {{ ref('int_as_of_dates') }}
),

known_gaps as (
    select
        gaps.customer_number,
        as_of_dates.as_of_date,
        nullif(gaps.gap_days, 0) as gap_days,
        cast({{ segmentation.days_between(
            segmentation.date_literal('1900-01-01'), 'gaps.order_date'
        ) }} as bigint) * 100000 + coalesce(gaps.gap_days, 0) as day_and_gap
    from gaps
    cross join as_of_dates
    where gaps.order_date < as_of_dates.as_of_date
),

ranked_gaps as (
    select
        customer_number,
        as_of_date,
        gap_days,
        day_and_gap,
        row_number() over (
            partition by customer_number, as_of_date
            order by coalesce(gap_days, 1000000)
        ) as place,
        count(gap_days) over (
            partition by customer_number, as_of_date
            order by coalesce(gap_days, 1000000)
            rows between unbounded preceding and unbounded following
        ) as gap_count
    from known_gaps
),

halved as (
    select
        customer_number,
        as_of_date,
        max(gap_count) as gap_count,
        max(day_and_gap) as last_day_and_gap,
        sum(case when 2 * place between gap_count and gap_count + 2 then gap_days end)
            as middle_gap_days,
        max(case when 2 * place between gap_count - 1 and gap_count then gap_days end)
            as lower_gap_days,
        max(case when 2 * place between gap_count + 2 and gap_count + 3 then gap_days end)
            as upper_gap_days,
        sum(
            case
                when 2 * place > gap_count + 1 then gap_days
                when 2 * place < gap_count + 1 then -gap_days
                else 0
            end
        ) as deviation_days
    from ranked_gaps
    group by customer_number, as_of_date
),

own as (
    select
        customer_number,
        as_of_date,
        gap_count,
        last_day_and_gap,
        deviation_days,
        lower_gap_days,
        upper_gap_days,
        middle_gap_days * case when mod(gap_count, 2) = 0 then 1 else 2 end as twice_median,
        {{ segmentation.decimal_of(
            'middle_gap_days * case when mod(gap_count, 2) = 0 then 0.5 else 1 end', 18, 1
        ) }} as median_gap_days
    from halved
),

population as (
    select
        as_of_date,
        {{ segmentation.decimal_of(segmentation.median('median_gap_days'), 18, 1) }}
            as median_gap_days
    from own
    where gap_count >= {{ var('lifecycle_min_gaps') }}
    group by as_of_date
),

chosen as (
    select
        own.customer_number,
        own.as_of_date,
        own.gap_count + 1 as purchase_day_count,
        own.median_gap_days,
        own.lower_gap_days,
        own.upper_gap_days,
        case
            when own.gap_count >= {{ var('lifecycle_min_gaps') }}
                then {{ segmentation.divide(
                    'cast(2 * own.deviation_days as bigint)',
                    'cast(own.gap_count * own.twice_median as bigint)',
                    4
                ) }}
        end as gap_variation,
        cast(nullif(mod(own.last_day_and_gap, 100000), 0) as integer) as last_gap_days,
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
    left join population
        on own.as_of_date = population.as_of_date
),

final as (
    select
        customer_number,
        as_of_date,
        purchase_day_count,
        median_gap_days,
        lower_gap_days,
        upper_gap_days,
        {{ segmentation.decimal_of('gap_variation', 9, 4) }} as gap_variation,
        last_gap_days,
        rhythm_source,
        {{ segmentation.decimal_of(
            'case when rhythm_days < ' ~ var('lifecycle_min_rhythm_days')
            ~ ' then ' ~ var('lifecycle_min_rhythm_days') ~ ' else rhythm_days end',
            18,
            1
        ) }} as rhythm_days
    from chosen
)

select * from final
