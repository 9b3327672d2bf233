{#
    One row per as_of_date, metric and cut number (1 to 4). Key: as_of_date, metric, cut_number.
    Fitted: type-7 quantiles (the default of R, numpy and spreadsheets) at 20, 40, 60 and 80 % of the
    buyers, in exact decimals: with n values the quantile p sits at position 1 + (n - 1) * p, counted
    in fifths. Preset rfm_r adds 1 and includes the bound. Fixed: from the seed.
#}
{%- set is_fixed = var('rfm_cut_points') == 'fixed' %}
with {% if is_fixed -%}
as_of_dates as (
    select * from {{ ref('int_as_of_dates') }}
),

fixed_cut_points as (
    select * from {{ ref('rfm_fixed_cut_points') }}
),

chosen as (
    select
        as_of_dates.as_of_date,
        fixed_cut_points.metric,
        fixed_cut_points.cut_number,
        fixed_cut_points.cut_value
    from fixed_cut_points
    cross join as_of_dates
),
{%- else -%}
rfm_values as (
    select * from {{ ref('int_rfm_values') }}
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

positions as (
    select
        populations.as_of_date,
        populations.metric,
        cut_numbers.cut_number,
        cast((populations.customers_in_all - 1) * cut_numbers.cut_number as bigint) as fifths_in
    from populations
    cross join cut_numbers
),

located as (
    select
        as_of_date,
        metric,
        cut_number,
        {{ segmentation.whole_quotient('fifths_in', '5') }} + 1 as lower_position,
        mod(fifths_in, 5) as fifths
    from positions
),

neighbours as (
    select
        located.as_of_date,
        located.metric,
        located.cut_number,
        located.fifths,
        min(
            case
                when rfm_values.customers_up_to >= located.lower_position
                    then rfm_values.metric_value
            end
        ) as lower_value,
        min(
            case
                when rfm_values.customers_up_to >= located.lower_position + 1
                    then rfm_values.metric_value
            end
        ) as upper_value
    from located
    inner join rfm_values
        on
            located.as_of_date = rfm_values.as_of_date
            and located.metric = rfm_values.metric
    group by located.as_of_date, located.metric, located.cut_number, located.fifths
),

chosen as (
    select
        as_of_date,
        metric,
        cut_number,
        lower_value + (coalesce(upper_value, lower_value) - lower_value) * fifths
        * {{ segmentation.decimal_of('0.2', 2, 1) }}
        {%- if var('rfm_preset') == 'rfm_r' %} + 1{% endif %} as cut_value
    from neighbours
),
{%- endif %}

final as (
    select
        as_of_date,
        metric,
        cut_number,
        {{ segmentation.decimal_of('cut_value', 18, 5) }} as cut_value,
        {{ 'metric <> \'recency\'' if var('rfm_preset') == 'rfm_r' else 'false' }} as is_inclusive
    from chosen
)

select * from final
