{#
    One row per as_of_date, metric and cut number (1 to 4). Key: as_of_date, metric, cut_number.
    Fitted: type-7 quantiles (the default of R, numpy and spreadsheets) at 20, 40, 60 and 80 % of the
    buyers, in exact decimals. Preset rfm_r adds 1 and includes the bound. Fixed: from the seed.
#}
with rfm_values as (
    select * from {{ ref('int_rfm_values') }}
),

fixed_cut_points as (
    select * from {{ ref('rfm_fixed_cut_points') }}
),

as_of_dates as (
    select * from {{ ref('int_as_of_dates') }}
),

cut_numbers as (
    {%- for number in range(1, 5) %}
    select {{ number }} as cut_number
    {%- if not loop.last %} union all{% endif %}
    {%- endfor %}
),

populations as (
    select distinct
        as_of_date,
        metric,
        customers_in_all
    from rfm_values
),

{#- With n values the quantile p sits at position 1 + (n - 1) * p; in fifths, to stay exact. #}
positions as (
    select
        populations.as_of_date,
        populations.metric,
        cut_numbers.cut_number,
        cast(floor((populations.customers_in_all - 1) * cut_numbers.cut_number / 5.0) as bigint) + 1
            as lower_position,
        mod(cast((populations.customers_in_all - 1) * cut_numbers.cut_number as bigint), 5) as fifths
    from populations
    cross join cut_numbers
),

neighbours as (
    select
        positions.as_of_date,
        positions.metric,
        positions.cut_number,
        positions.fifths,
        min(
            case when rfm_values.customers_up_to >= positions.lower_position
                then rfm_values.metric_value end
        ) as lower_value,
        min(
            case when rfm_values.customers_up_to >= positions.lower_position + 1
                then rfm_values.metric_value end
        ) as upper_value
    from positions
    inner join rfm_values
        on
            positions.as_of_date = rfm_values.as_of_date
            and positions.metric = rfm_values.metric
    group by positions.as_of_date, positions.metric, positions.cut_number, positions.fifths
),

fitted as (
    select
        as_of_date,
        metric,
        cut_number,
        cast(
            lower_value + (coalesce(upper_value, lower_value) - lower_value) * fifths * 0.2
            {%- if var('rfm_preset') == 'rfm_r' %} + 1{% endif %} as numeric(18, 5)
        ) as cut_value
    from neighbours
),

fixed as (
    select
        as_of_dates.as_of_date,
        fixed_cut_points.metric,
        fixed_cut_points.cut_number,
        cast(fixed_cut_points.cut_value as numeric(18, 5)) as cut_value
    from fixed_cut_points
    cross join as_of_dates
),

chosen as (
    select * from {{ 'fixed' if var('rfm_cut_points') == 'fixed' else 'fitted' }}
),

final as (
    select
        as_of_date,
        metric,
        cut_number,
        cut_value,
        {{ 'metric <> \'recency\'' if var('rfm_preset') == 'rfm_r' else 'false' }} as is_inclusive
    from chosen
)

select * from final
