{#
    One row per as_of_date and segmentation by R, F and M with what surrounds every cell that day: the
    segments of who ordered the day before by F and M, where each level begins, the days of silence at
    which R falls. Key: as_of_date, segmentation_id. Under rfm_8 levels are two and begin at the means.
#}
{#- Known whatever the preset, so that unit tests find the input. #}
-- depends_on: {{ ref('int_rfm_means') }}
{%- set is_by_mean = var('rfm_preset') == 'rfm_8' %}
{%- set ten_thousandth = segmentation.decimal_of('0.0001', 5, 4) %}
with cut_points as (
    select * from {{ ref('int_rfm_cut_points') }}
),

cells as (
    select * from {{ ref('int_rfm_cells') }}
),

least_values as (
    select
        as_of_date,
        metric,
        cut_number,
        cut_value,
        cast(ceil(cut_value) as integer) as least_days,
        cast(
            case when is_inclusive then ceil(cut_value) else floor(cut_value) + 1 end as bigint
        ) as least_orders,
        {{ segmentation.decimal_of(
            'case when is_inclusive then ceil(cut_value * 10000)'
            ' else floor(cut_value * 10000) + 1 end * ' ~ ten_thousandth
        ) }} as least_amount
    from cut_points
),

score_levels as (
    select
        as_of_date,
        {%- for number in range(1, 5) %}
        max(case when metric = 'frequency' and cut_number = {{ number }} then least_orders end)
            as orders_from_{{ number + 1 }},
        {%- endfor %}
        {%- for number in range(1, 5) %}
        {{ segmentation.decimal_of(
            "max(case when metric = 'monetary' and cut_number = " ~ number
            ~ ' then least_amount end)'
        ) }} as amount_from_{{ number + 1 }},
        {%- endfor %}
        {%- for number in range(1, 5) %}
        max(case when metric = 'recency' and cut_number = {{ number }} then least_days end)
            as days_to_{{ 5 - number }},
        {%- endfor %}
        cast(1 + sum(case when metric = 'recency' and cut_value > 1 then 1 else 0 end) as bigint)
            as r_cell
    from least_values
    group by as_of_date
),
{% if is_by_mean %}
means as (
    select * from {{ ref('int_rfm_means') }}
),

{#- In units of 0.0001, rounded down: an exact value is above the mean just if it is above this. #}
mean_units as (
    select
        as_of_date,
        metric,
        cast(floor(total_value * 10000) as bigint) as total_units,
        customer_count
    from means
),

floors as (
    select
        as_of_date,
        metric,
        cast(
            (
                total_units - mod(mod(total_units, customer_count) + customer_count, customer_count)
            ) / customer_count as bigint
        ) as mean_units,
        mod(total_units, customer_count) = 0 as is_whole
    from mean_units
),

mean_levels as (
    select
        as_of_date,
        {{ segmentation.decimal_of(
            "max(case when metric = 'recency' then mean_units + "
            'case when is_whole then 0 else 1 end end) * ' ~ ten_thousandth
        ) }} as recency_mean,
        {%- for metric in ['frequency', 'monetary'] %}
        {{ segmentation.decimal_of(
            "max(case when metric = '" ~ metric ~ "' then mean_units end) * " ~ ten_thousandth
        ) }} as {{ metric }}_mean
        {{- ',' if not loop.last }}
        {%- endfor %}
    from floors
    group by as_of_date
),
{% endif %}
levels as (
    select
        'vip_level' as segmentation_id,
        score_levels.*,
        {{ segmentation.null_of('decimal(18, 4)') }} as recency_mean,
        {{ segmentation.null_of('decimal(18, 4)') }} as frequency_mean,
        {{ segmentation.null_of('decimal(18, 4)') }} as monetary_mean
    from score_levels
    union all
    {%- if is_by_mean %}
    select
        'rfm' as segmentation_id,
        as_of_date,
        cast(floor(frequency_mean) as bigint) + 1 as orders_from_2,
        {%- for level in range(3, 6) %}
        {{ segmentation.null_of('bigint') }} as orders_from_{{ level }},
        {%- endfor %}
        monetary_mean + {{ ten_thousandth }} as amount_from_2,
        {%- for level in range(3, 6) %}
        {{ segmentation.null_of('decimal(18, 4)') }} as amount_from_{{ level }},
        {%- endfor %}
        {%- for level in range(4, 1, -1) %}
        {{ segmentation.null_of('integer') }} as days_to_{{ level }},
        {%- endfor %}
        cast(ceil(recency_mean) as integer) as days_to_1,
        cast(case when recency_mean > 1 then 2 else 1 end as bigint) as r_cell,
        recency_mean,
        frequency_mean,
        monetary_mean
    from mean_levels
    {%- else %}
    select
        'rfm' as segmentation_id,
        score_levels.*,
        {{ segmentation.null_of('decimal(18, 4)') }} as recency_mean,
        {{ segmentation.null_of('decimal(18, 4)') }} as frequency_mean,
        {{ segmentation.null_of('decimal(18, 4)') }} as monetary_mean
    from score_levels
    {%- endif %}
),

segments as (
    select
        segmentation_id,
        {%- for frequency in range(1, 6) %}
        {%- for money in range(1, 6) %}
        max(
            case
                when f_cell = {{ frequency }} and m_cell = {{ money }} then segment_id
            end
        ) as segment_{{ frequency }}{{ money }},
        {%- endfor %}
        {%- endfor %}
        r_cell
    from cells
    group by segmentation_id, r_cell
),

final as (
    select
        levels.as_of_date,
        levels.segmentation_id,
        {%- for name in ['orders_from', 'amount_from'] %}
        {%- for level in range(2, 6) %}
        levels.{{ name }}_{{ level }},
        {%- endfor %}
        {%- endfor %}
        {%- for level in range(1, 5) %}
        levels.days_to_{{ level }},
        {%- endfor %}
        {%- for frequency in range(1, 6) %}
        {%- for money in range(1, 6) %}
        segments.segment_{{ frequency }}{{ money }},
        {%- endfor %}
        {%- endfor %}
        levels.r_cell,
        levels.recency_mean,
        levels.frequency_mean,
        levels.monetary_mean
    from levels
    inner join segments
        on
            levels.segmentation_id = segments.segmentation_id
            and levels.r_cell = segments.r_cell
)

select * from final
