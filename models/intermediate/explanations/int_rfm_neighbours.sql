{#
    One row per as_of_date with what surrounds every cell at that day's cut points: the segments of
    who ordered the day before by F and M, the least orders and amounts of each level, the days of
    silence at which R falls. Key: as_of_date.
#}
with cut_points as (
    select * from {{ ref('int_rfm_cut_points') }}
),

segment_map as (
    select * from {{ ref('rfm_segment_map') }}
    where preset = '{{ var("rfm_preset") }}'
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
            ' else floor(cut_value * 10000) + 1 end * ' ~ segmentation.decimal_of('0.0001', 5, 4)
        ) }} as least_amount
    from cut_points
),

levels as (
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
        1 + sum(case when metric = 'recency' and cut_value > 1 then 1 else 0 end) as r_score
    from least_values
    group by as_of_date
),

cells as (
    select
        {%- for frequency in range(1, 6) %}
        {%- for money in range(1, 6) %}
        max(
            case
                when f_score = {{ frequency }} and m_score = {{ money }} then segment_id
            end
        ) as segment_{{ frequency }}{{ money }},
        {%- endfor %}
        {%- endfor %}
        r_score
    from segment_map
    group by r_score
),

final as (
    select
        levels.as_of_date,
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
        cells.segment_{{ frequency }}{{ money }},
        {%- endfor %}
        {%- endfor %}
        levels.r_score
    from levels
    inner join cells
        on levels.r_score = cells.r_score
)

select * from final
