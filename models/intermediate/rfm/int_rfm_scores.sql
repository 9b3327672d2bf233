{#
    One row per customer and as_of_date with R, F and M from 1 to 5, NULL without a valid order.
    Key: customer_number, as_of_date. A score is 1 plus the number of cut points below the value (for
    recency: above the days, as fewer are better), so equal values always score alike.
#}
with metrics as (
    select * from {{ ref('int_customer_metrics') }}
),

cut_points as (
    select * from {{ ref('int_rfm_cut_points') }}
),

cut_columns as (
    select
        as_of_date,
        {%- for metric in ['recency', 'frequency', 'monetary'] %}
        {%- for number in range(1, 5) %}
        max(case when metric = '{{ metric }}' and cut_number = {{ number }} then cut_value end)
            as {{ metric }}_cut_{{ number }},
        {%- endfor %}
        {%- endfor %}
        max(case when is_inclusive then 1 else 0 end) as includes_bound
    from cut_points
    group by as_of_date
),

scored as (
    select
        metrics.customer_number,
        metrics.as_of_date,
        1
        {%- for number in range(1, 5) %}
        + case when metrics.recency_days < cut_columns.recency_cut_{{ number }} then 1 else 0 end
        {%- endfor %} as r_score,
        {%- for metric, column, score in [
            ('frequency', 'order_count', 'f_score'), ('monetary', 'net_revenue', 'm_score'),
        ] %}
        1
        {%- for number in range(1, 5) %}
        + case
            when metrics.{{ column }} > cut_columns.{{ metric }}_cut_{{ number }} then 1
            when
                cut_columns.includes_bound = 1
                and metrics.{{ column }} = cut_columns.{{ metric }}_cut_{{ number }}
                then 1
            else 0
        end
        {%- endfor %} as {{ score }},
        {%- endfor %}
        metrics.order_count
    from metrics
    left join cut_columns
        on metrics.as_of_date = cut_columns.as_of_date
),

final as (
    select
        customer_number,
        as_of_date,
        case when order_count > 0 then r_score end as r_score,
        case when order_count > 0 then f_score end as f_score,
        case when order_count > 0 then m_score end as m_score
    from scored
)

select * from final
