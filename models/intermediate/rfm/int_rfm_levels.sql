{#
    One row per as_of_date, metric and level (score 1 to 5): its bounds and how many buyers are in
    it. Key: as_of_date, metric, level. Where many buyers share a value, cut points coincide and
    levels stay empty: that is shown here, not papered over.
#}
with cut_points as (
    select * from {{ ref('int_rfm_cut_points') }}
),

scores as (
    select * from {{ ref('int_rfm_scores') }}
),

levels as (
    {%- for level in range(1, 6) %}
    select {{ level }} as level
    {%- if not loop.last %} union all{% endif %}
    {%- endfor %}
),

measured as (
    select distinct
        as_of_date,
        metric
    from cut_points
),

score_counts as (
    {%- for metric, score in [
        ('recency', 'r_score'), ('frequency', 'f_score'), ('monetary', 'm_score'),
    ] %}
    select
        as_of_date,
        '{{ metric }}' as metric,
        {{ score }} as level,
        count(*) as customer_count
    from scores
    where {{ score }} is not null
    group by as_of_date, {{ score }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

final as (
    select
        measured.as_of_date,
        measured.metric,
        levels.level,
        lower_cuts.cut_value as lower_bound,
        upper_cuts.cut_value as upper_bound,
        coalesce(score_counts.customer_count, 0) as customer_count,
        coalesce(score_counts.customer_count, 0) = 0 as is_empty
    from measured
    cross join levels
    left join cut_points as lower_cuts
        on
            measured.as_of_date = lower_cuts.as_of_date
            and measured.metric = lower_cuts.metric
            and lower_cuts.cut_number
            = case when measured.metric = 'recency' then 5 - levels.level else levels.level - 1 end
    left join cut_points as upper_cuts
        on
            measured.as_of_date = upper_cuts.as_of_date
            and measured.metric = upper_cuts.metric
            and upper_cuts.cut_number
            = case when measured.metric = 'recency' then 6 - levels.level else levels.level end
    left join score_counts
        on
            measured.as_of_date = score_counts.as_of_date
            and measured.metric = score_counts.metric
            and levels.level = score_counts.level
)

select * from final
